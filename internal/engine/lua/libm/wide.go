package libm

import "math"

// A wide number is the sum of two floats and has twice the digits of one. Each product is
// converted to float64, so that no compiler fuses it with a sum.
type wide struct{ hi, lo float64 }

// twoSum returns a+b exactly.
func twoSum(a, b float64) wide {
	sum := a + b
	part := sum - a
	return wide{sum, (a - (sum - part)) + (b - part)}
}

// quickSum is twoSum for a b that is not greater than a.
func quickSum(a, b float64) wide {
	sum := a + b
	return wide{sum, b - (sum - a)}
}

// product returns a*b exactly.
func product(a, b float64) wide {
	p := float64(a * b)
	return wide{p, math.FMA(a, b, -p)}
}

func (a wide) add(b wide) wide {
	s, t := twoSum(a.hi, b.hi), twoSum(a.lo, b.lo)
	s = quickSum(s.hi, s.lo+t.hi)
	return quickSum(s.hi, s.lo+t.lo)
}

func (a wide) mul(b wide) wide {
	p := product(a.hi, b.hi)
	return quickSum(p.hi, p.lo+float64(a.hi*b.lo)+float64(a.lo*b.hi))
}

func (a wide) div(b wide) wide {
	q := a.hi / b.hi
	rest := a.add(b.times(-q))
	return quickSum(q, rest.hi/b.hi)
}

// times multiplies by a single number.
func (a wide) times(f float64) wide {
	p := product(a.hi, f)
	return quickSum(p.hi, p.lo+float64(a.lo*f))
}

// scale multiplies by a power of two.
func (a wide) scale(f float64) wide { return wide{a.hi * f, a.lo * f} }

func (a wide) neg() wide { return wide{-a.hi, -a.lo} }

func (a wide) sqrt() wide {
	root := math.Sqrt(a.hi)
	rest := a.add(product(root, -root))
	return quickSum(root, rest.hi/(2*root))
}

// Constants in parts: each part continues the one before.
var (
	halfPi = [4]float64{0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54, -0x1.f1976b7ed8fbcp-110, 0x1.4cf98e804177dp-164}
	ln2    = [3]float64{0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56, 0x1.7b57a079a1934p-111}

	wideHalfPi = wide{halfPi[0], halfPi[1]}
)

// reciprocals[n] is 1/n, and factorials[n] is 1/n!.
var reciprocals, factorials = func() (r, f [30]wide) {
	f[0].hi = 1
	for n := 1; n < len(r); n++ {
		r[n] = wide{hi: 1}.div(wide{hi: float64(n)})
		f[n] = f[n-1].div(wide{hi: float64(n)})
	}
	return r, f
}()
