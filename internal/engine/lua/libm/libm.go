// Package libm has the functions of C's math library, with the results that
// redis-server has on Linux.
//
// Go's math package differs from them in the last digits, and sometimes in earlier
// ones: its log10(1e15) is less than 15. The C library nearly always returns the number
// nearest to the true result. So do these functions: they compute with twice the
// digits.
package libm

import (
	"math"
)

// invalid is the result of an invalid operation: a negative NaN, as on amd64.
var invalid = math.Copysign(math.NaN(), -1)

// Exp returns e to the power of x.
func Exp(x float64) float64 {
	switch {
	case math.IsNaN(x):
		return x
	case x > 710:
		return math.Inf(1)
	case x < -746:
		return 0
	}
	return scaled(exp(wide{hi: x}))
}

// exp returns e to the power of x, as a number between 0.7 and 1.5 and the exponent of a
// power of two.
func exp(x wide) (wide, int) {
	k := math.RoundToEven(x.hi / math.Ln2)
	r := x
	for _, part := range ln2 {
		r = r.add(product(-k, part))
	}
	// The series computes exp(r/512) - 1. Squaring nine times gives exp(r) - 1.
	r = r.scale(1. / 512)
	p := factorials[9]
	for n := 8; n >= 1; n-- {
		p = p.mul(r).add(factorials[n])
	}
	p = p.mul(r)
	for range 9 {
		p = p.scale(2).add(p.mul(p))
	}
	return p.add(wide{hi: 1}), int(k)
}

// scaled returns a number times a power of two.
func scaled(m wide, exponent int) float64 {
	if exponent > -1000 {
		return math.Ldexp(m.hi, exponent)
	}
	// The result may have fewer digits than m, and must not be rounded twice. Adding a number whose
	// last digit is the result's last digit rounds once.
	anchor := math.Ldexp(1, -1022-exponent)
	s := twoSum(anchor, m.hi)
	if m.hi >= anchor {
		return math.Ldexp(m.hi, exponent)
	}
	return math.Ldexp(quickSum(s.hi, s.lo+m.lo).hi-anchor, exponent)
}

// Log returns the natural logarithm of x.
func Log(x float64) float64 {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 1):
		return x
	case x < 0:
		return invalid
	case x == 0:
		return math.Inf(-1)
	}
	return log(x).hi
}

// log returns the logarithm of a positive, finite number.
func log(x float64) wide {
	m, exponent := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m *= 2
		exponent--
	}
	l := logNearOne(m)
	for _, part := range ln2 {
		l = product(float64(exponent), part).add(l)
	}
	return l
}

func logNearOne(m float64) wide {
	if z := m - 1; math.Abs(z) < 1./(1<<12) {
		l := reciprocals[10].neg()
		for n := 9; n >= 1; n-- {
			l = l.times(z).add(reciprocals[n].scale(float64(2*(n&1) - 1)))
		}
		return l.times(z)
	}
	// One Newton step doubles the 53 correct digits.
	near := math.Log(m)
	p, exponent := exp(wide{hi: -near})
	d := p.scale(math.Ldexp(1, exponent)).times(m).add(wide{hi: -1})
	d = d.add(wide{hi: -d.hi * d.hi / 2})
	return d.add(wide{hi: near})
}

// Log10 returns the logarithm of x to the base 10. The C library computes it from Log.
func Log10(x float64) float64 {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 1):
		return x
	case x < 0:
		return math.NaN()
	case x == 0:
		return math.Inf(-1)
	}
	const (
		twoHigh = 0x1.34413509f6000p-2 // the logarithm of 2 in two parts
		twoLow  = 0x1.9fef311f12b36p-42
	)
	m, exponent := math.Frexp(x)
	if exponent > 0 {
		m *= 2
		exponent--
	}
	k := float64(exponent)
	return float64(float64(k*twoLow)+float64(1/math.Ln10*Log(m))) + float64(k*twoHigh)
}

// Pow returns x to the power of y.
func Pow(x, y float64) float64 {
	switch {
	case y == 0 || x == 1:
		return 1
	case math.IsNaN(x):
		return x
	case math.IsNaN(y):
		return y
	case x == 0 || math.IsInf(x, 0) || math.IsInf(y, 0):
		return math.Pow(x, y)
	case y == 1:
		return x
	case y == 2:
		return x * x
	case y == -1:
		return 1 / x
	case y == 0.5:
		if x > 0 {
			return math.Sqrt(x)
		}
	}
	negative := false
	if x < 0 {
		if y != math.Trunc(y) {
			return invalid
		}
		negative = math.Mod(y, 2) != 0
		x = -x
	}
	result := 0.0
	if l := log(x); l.hi*y > 710 {
		result = math.Inf(1)
	} else if l.hi*y > -746 {
		result = scaled(exp(l.times(y)))
	}
	if negative {
		return -result
	}
	return result
}

// Mod returns the remainder of x/y, with the sign of x.
func Mod(x, y float64) float64 {
	switch {
	case math.IsNaN(x):
		return x
	case math.IsNaN(y):
		return y
	case math.IsInf(x, 0) || y == 0:
		return invalid
	}
	return math.Mod(x, y)
}

// Sqrt returns the square root of x.
func Sqrt(x float64) float64 {
	if x < 0 {
		return invalid
	}
	return math.Sqrt(x)
}

// The C library computes the hyperbolic functions from Exp and expm1. Its formulas lose some
// digits, and these functions use the same formulas.

// Sinh returns the hyperbolic sine of x.
func Sinh(x float64) float64 {
	a, half := math.Abs(x), math.Copysign(0.5, x)
	switch {
	case math.IsNaN(x) || a < 1./(1<<28):
		return x
	case a < 1:
		t := math.Expm1(a)
		return half * (2*t - float64(t*t)/(t+1))
	case a < 22:
		t := math.Expm1(a)
		return half * (t + t/(t+1))
	}
	return grown(a, half)
}

// grown returns exp(a)·half, also if exp(a) alone would overflow.
func grown(a, half float64) float64 {
	if a < 709.75 {
		return half * Exp(a)
	}
	w := Exp(a / 2)
	return half * w * w
}

// Cosh returns the hyperbolic cosine of x.
func Cosh(x float64) float64 {
	a := math.Abs(x)
	switch {
	case math.IsNaN(x):
		return x
	case a < math.Ln2/2:
		t := math.Expm1(a)
		w := 1 + t
		return 1 + float64(t*t)/(w+w)
	case a < 22:
		t := Exp(a)
		return t/2 + 0.5/t
	}
	return grown(a, 0.5)
}

// Tanh returns the hyperbolic tangent of x.
func Tanh(x float64) float64 {
	a := math.Abs(x)
	switch {
	case math.IsNaN(x):
		return x
	case a < 1./(1<<55):
		return x
	case a < 1:
		t := math.Expm1(-2 * a)
		a = -t / (t + 2)
	case a < 22:
		a = 1 - 2/(math.Expm1(2*a)+2)
	default:
		a = 1
	}
	return math.Copysign(a, x)
}
