package libm

import (
	"math"
	"math/big"
	"sync"
)

// Sin returns the sine of x.
func Sin(x float64) float64 {
	if x == 0 || math.IsNaN(x) {
		return x
	}
	return circular(x, 0)
}

// Cos returns the cosine of x.
func Cos(x float64) float64 {
	if math.IsNaN(x) {
		return x
	}
	return circular(x, 1)
}

// circular returns the sine of x plus that many quarters of a circle.
func circular(x float64, quarters int) float64 {
	if math.IsInf(x, 0) {
		return invalid
	}
	n, r := reduce(x)
	sin, cos := sincos(r)
	switch (n + quarters) & 3 {
	case 0:
		return sin.hi
	case 1:
		return cos.hi
	case 2:
		return -sin.hi
	default:
		return -cos.hi
	}
}

// Tan returns the tangent of x.
func Tan(x float64) float64 {
	if x == 0 || math.IsNaN(x) {
		return x
	}
	if math.IsInf(x, 0) {
		return invalid
	}
	n, r := reduce(x)
	sin, cos := sincos(r)
	if n&1 != 0 {
		return -cos.div(sin).hi
	}
	return sin.div(cos).hi
}

// reduce subtracts quarters of a circle from x until at most an eighth is left.
// It returns the number of quarters; only its last two bits are correct.
func reduce(x float64) (quarters int, rest wide) {
	if math.Abs(x) <= math.Pi/4 {
		return 0, wide{hi: x}
	}
	if math.Abs(x) < 1<<27 {
		n := math.RoundToEven(x / (math.Pi / 2))
		r := wide{hi: x}
		for _, part := range halfPi {
			r = r.add(product(-n, part))
		}
		return int(n), r
	}
	n, r := reduceLarge(math.Abs(x))
	if x < 0 {
		return -n, r.neg()
	}
	return n, r
}

// digits is the number of binary digits of pi that reduceLarge needs: the integer digits of the
// largest number, plus the digits that the number closest to a multiple of pi
// needs.
const digits = 1024 + 256

// scaledHalfPi is pi/2 times a power of two, by Machin's formula.
var scaledHalfPi = sync.OnceValue(func() *big.Int {
	const guard = 32
	arctan := func(reciprocal int64) *big.Int { // of 1/reciprocal
		term := new(big.Int).Lsh(big.NewInt(1), digits+guard)
		term.Quo(term, big.NewInt(reciprocal))
		sum, square := new(big.Int), big.NewInt(reciprocal*reciprocal)
		for k := int64(1); term.Sign() != 0; k += 2 {
			sum.Add(sum, new(big.Int).Quo(term, big.NewInt(k)))
			term.Quo(term, square).Neg(term)
		}
		return sum
	}
	fifth := arctan(5)
	pi4 := fifth.Lsh(fifth, 2).Sub(fifth, arctan(239))
	return pi4.Rsh(pi4, guard-1)
})

func reduceLarge(x float64) (quarters int, rest wide) {
	mantissa, exponent := math.Frexp(x)
	scaled := big.NewInt(int64(mantissa * (1 << 53)))
	scaled.Lsh(scaled, uint(exponent-53+digits))
	quarter := scaledHalfPi()
	n, r := new(big.Int).QuoRem(scaled, quarter, new(big.Int))
	if new(big.Int).Lsh(r, 1).Cmp(quarter) > 0 {
		r.Sub(r, quarter)
		n.Add(n, big.NewInt(1))
	}
	f := new(big.Float).SetMantExp(new(big.Float).SetInt(r), -digits)
	hi, _ := f.Float64()
	lo, _ := f.Sub(f, big.NewFloat(hi)).Float64()
	return int(new(big.Int).And(n, big.NewInt(3)).Int64()), wide{hi, lo}
}

// sincos returns the sine and the cosine of at most an eighth of a circle.
func sincos(x wide) (sin, cos wide) {
	square := x.mul(x).neg()
	sin, cos = factorials[27], factorials[26]
	for n := 25; n >= 1; n -= 2 {
		sin = sin.mul(square).add(factorials[n])
		cos = cos.mul(square).add(factorials[n-1])
	}
	return sin.mul(x), cos
}

// sincosOf is sincos for any number that is not large.
func sincosOf(x float64) (sin, cos wide) {
	n, r := reduce(x)
	sin, cos = sincos(r)
	switch n & 3 {
	case 1:
		return cos, sin.neg()
	case 2:
		return sin.neg(), cos.neg()
	case 3:
		return cos.neg(), sin
	}
	return sin, cos
}

// Atan returns the angle whose tangent is x.
func Atan(x float64) float64 {
	switch {
	case x == 0 || math.IsNaN(x):
		return x
	case math.IsInf(x, 0):
		return math.Copysign(math.Pi/2, x)
	}
	return Atan2(x, 1)
}

// Atan2 returns the angle of the point (x, y).
func Atan2(y, x float64) float64 {
	switch {
	case math.IsNaN(x):
		return x
	case math.IsNaN(y):
		return y
	case x == 0 || y == 0 || math.IsInf(x, 0) || math.IsInf(y, 0):
		return math.Atan2(y, x)
	}
	near := math.Atan2(y, x)
	if math.Abs(near) < 0x1p-1000 {
		return near
	}
	// Turning the point back by near leaves a small angle, which is the correction. The
	// scaled coordinates are neither too large nor too small.
	_, exponent := math.Frexp(max(math.Abs(x), math.Abs(y)))
	x, y = math.Ldexp(x, -exponent), math.Ldexp(y, -exponent)
	sin, cos := sincosOf(near)
	left := cos.times(y).add(sin.times(-x))
	along := cos.times(x).add(sin.times(y))
	return near + left.hi/along.hi
}

// Asin returns the angle whose sine is x.
func Asin(x float64) float64 {
	switch a := math.Abs(x); {
	case x == 0 || math.IsNaN(x):
		return x
	case a > 1:
		return math.NaN()
	case a > 0.5:
		return math.Copysign(wideHalfPi.add(complement(a).scale(-1)).hi, x)
	}
	return asin(wide{hi: x}).hi
}

// Acos returns the angle whose cosine is x.
func Acos(x float64) float64 {
	switch {
	case math.IsNaN(x):
		return x
	case math.Abs(x) > 1:
		return math.NaN()
	case x > 0.5:
		return complement(x).hi
	case x < -0.5:
		return wideHalfPi.scale(2).add(complement(-x).neg()).hi
	}
	return wideHalfPi.add(asin(wide{hi: x}).neg()).hi
}

// complement returns the angle whose cosine is x, which is at least a half. It is twice the
// angle whose sine is the root of (1-x)/2.
func complement(x float64) wide {
	if x == 1 {
		return wide{}
	}
	return asin(wide{hi: (1 - x) / 2}.sqrt()).scale(2)
}

// asin returns the angle whose sine is x, which is at most three quarters.
func asin(x wide) wide {
	near := math.Asin(x.hi)
	sin, cos := sincosOf(near)
	d := x.add(sin.neg()).div(cos)
	return d.add(wide{hi: d.hi * d.hi / 2 * near}).add(wide{hi: near})
}
