package libm_test

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua/libm"
)

// The true result is computed with this many binary digits, from the series that defines it.
const precision = 500

func number(f float64) *big.Float { return new(big.Float).SetPrec(precision).SetFloat64(f) }

func zero() *big.Float { return number(0) }

func add(a, b *big.Float) *big.Float { return zero().Add(a, b) }
func mul(a, b *big.Float) *big.Float { return zero().Mul(a, b) }
func quo(a, b *big.Float) *big.Float { return zero().Quo(a, b) }

func exp(x *big.Float) *big.Float {
	const halvings = 20
	small := zero().SetMantExp(x, -halvings)
	sum, term := number(1), number(1)
	for n := 1.0; n < 60; n++ {
		term = quo(mul(term, small), number(n))
		sum = add(sum, term)
	}
	for range halvings {
		sum = mul(sum, sum)
	}
	return sum
}

// log improves near, an approximate result.
func log(x *big.Float, near float64) *big.Float {
	d := add(mul(x, exp(number(-near))), number(-1))
	correction, power := zero(), number(-1)
	for n := 1.0; n < 8; n++ {
		power = zero().Neg(mul(power, d))
		correction = add(correction, quo(power, number(n)))
	}
	return add(number(near), correction)
}

func sincos(x *big.Float) (sin, cos *big.Float) {
	sums, term := [4]*big.Float{zero(), zero(), zero(), zero()}, number(1)
	for n := range 300 {
		sums[n%4] = add(sums[n%4], term)
		term = quo(mul(term, x), number(float64(n+1)))
	}
	return zero().Sub(sums[1], sums[3]), zero().Sub(sums[0], sums[2])
}

// requireNearest checks that no other number is nearer to the true result.
func requireNearest(t *testing.T, want *big.Float, got float64, what string, args ...any) {
	t.Helper()
	nearest, _ := want.Float64()
	require.Equal(t, nearest, got, what, fmt.Sprint(args...))
}

// requireInverse checks that f(got) is closest to x among all numbers. f must be increasing.
func requireInverse(t *testing.T, x, got float64, f func(*big.Float) *big.Float, what string) {
	t.Helper()
	half := func(to float64) *big.Float { return quo(add(number(got), number(math.Nextafter(got, to))), number(2)) }
	require.LessOrEqual(t, f(half(math.Inf(-1))).Cmp(number(x)), 0, "%s(%v) = %v", what, x, got)
	require.GreaterOrEqual(t, f(half(math.Inf(1))).Cmp(number(x)), 0, "%s(%v) = %v", what, x, got)
}

func TestNearest(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		x := (r.Float64() - 0.5) * math.Pow(10, r.Float64()*4-2)
		requireNearest(t, exp(number(x)), libm.Exp(x), "exp(%v)", x)
		requireNearest(t, exp(number(-7.3*math.Abs(x)-700)), libm.Exp(-7.3*math.Abs(x)-700), "exp of %v", x)

		sin, cos := sincos(number(x))
		requireNearest(t, sin, libm.Sin(x), "sin(%v)", x)
		requireNearest(t, cos, libm.Cos(x), "cos(%v)", x)
		requireNearest(t, quo(sin, cos), libm.Tan(x), "tan(%v)", x)

		requireInverse(t, x, libm.Atan(x), func(y *big.Float) *big.Float { sin, cos := sincos(y); return quo(sin, cos) }, "atan")
		y := r.Float64()*2 - 1
		requireInverse(t, y, libm.Asin(y), func(x *big.Float) *big.Float { sin, _ := sincos(x); return sin }, "asin")
		requireInverse(t, -y, libm.Acos(y), func(x *big.Float) *big.Float { _, cos := sincos(x); return zero().Neg(cos) }, "acos")

		positive := math.Abs(x)
		requireNearest(t, log(number(positive), math.Log(positive)), libm.Log(positive), "log(%v)", positive)
		near := 1 + y*math.Pow(2, -r.Float64()*40)
		requireNearest(t, log(number(near), math.Log(near)), libm.Log(near), "log(%v)", near)
		power := y * 100
		requireNearest(t, exp(mul(number(power), log(number(positive), math.Log(positive)))), libm.Pow(positive, power), "pow(%v)", positive, power)
	}
}

// The results were computed with 3000 binary digits.
func TestLargeAngles(t *testing.T) {
	for _, c := range []struct{ x, sin, cos, tan float64 }{
		{math.Pi, 1.2246467991473532e-16, -1, -1.2246467991473532e-16},
		{1<<27 + 1, 0.1310562791155129, 0.9913749299353887, 0.13219648304406315},
		{1e9, 0.5458434494486996, 0.8378871813639024, 0.6514522021451413},
		{1e22, -0.8522008497671888, 0.523214785395139, -1.6287782256068988},
		{-1e22, 0.8522008497671888, 0.523214785395139, 1.6287782256068988},
		{0x1p1000, -0.15920170308624243, 0.9872460775989135, -0.16125837995065806},
		{-1e300, 0.8178819121159085, -0.5753861119575491, -1.4214488238747245},
		{math.MaxFloat64, 0.004961954789184062, -0.9999876894265599, -0.004962015874444895},
		{6381956970095103 * 0x1p797, 1, -4.687165924254628e-19, -2.133485385753704e+18}, // the number closest to a multiple of pi/2
	} {
		assert.Equal(t, c.sin, libm.Sin(c.x), "sin(%v)", c.x)
		assert.Equal(t, c.cos, libm.Cos(c.x), "cos(%v)", c.x)
		assert.Equal(t, c.tan, libm.Tan(c.x), "tan(%v)", c.x)
	}
}

func TestSpecial(t *testing.T) {
	inf, nan, minus := math.Inf(1), math.NaN(), math.Copysign(math.NaN(), -1)
	zero := math.Copysign(0, -1)
	for name, c := range map[string]struct{ got, want float64 }{
		"exp(710)":        {libm.Exp(710), inf},
		"exp(709.5)":      {libm.Exp(709.5), 1.3549863193146328e+308},
		"exp(-745.1)":     {libm.Exp(-745.1), 5e-324},
		"exp(-745.2)":     {libm.Exp(-745.2), 0},
		"exp(-inf)":       {libm.Exp(-inf), 0},
		"exp(nan)":        {libm.Exp(nan), nan},
		"exp(-nan)":       {libm.Exp(minus), minus},
		"log(0)":          {libm.Log(zero), -inf},
		"log(-1)":         {libm.Log(-1), minus},
		"log(5e-324)":     {libm.Log(5e-324), -744.4400719213812},
		"log10(-1)":       {libm.Log10(-1), nan},
		"log10(1e15)":     {libm.Log10(1e15), 15},
		"log10(1e-15)":    {libm.Log10(1e-15), -15},
		"pow(10, 308)":    {libm.Pow(10, 308), 1e308},
		"pow(10, 309)":    {libm.Pow(10, 309), inf},
		"pow(10, -323)":   {libm.Pow(10, -323), 1e-323},
		"pow(10, -324)":   {libm.Pow(10, -324), 0},
		"pow(2, -1074)":   {libm.Pow(2, -1074), 5e-324},
		"pow(2, 1023)":    {libm.Pow(2, 1023), 0x1p1023},
		"pow(-2, 3)":      {libm.Pow(-2, 3), -8},
		"pow(-2, -1075)":  {libm.Pow(-2, -1075), zero},
		"pow(-8, 1/3)":    {libm.Pow(-8, 1./3), minus},
		"pow(nan, 0)":     {libm.Pow(nan, 0), 1},
		"pow(1, nan)":     {libm.Pow(1, nan), 1},
		"pow(-1, inf)":    {libm.Pow(-1, inf), 1},
		"pow(0, -1)":      {libm.Pow(zero, -1), -inf},
		"pow(-inf, .5)":   {libm.Pow(-inf, 0.5), inf},
		"pow(-0, .5)":     {libm.Pow(zero, 0.5), 0},
		"sin(inf)":        {libm.Sin(inf), minus},
		"sin(-0)":         {libm.Sin(zero), zero},
		"tan(-0)":         {libm.Tan(zero), zero},
		"asin(2)":         {libm.Asin(2), nan},
		"asin(-1)":        {libm.Asin(-1), -math.Pi / 2},
		"acos(-1)":        {libm.Acos(-1), math.Pi},
		"acos(1)":         {libm.Acos(1), 0},
		"atan(-inf)":      {libm.Atan(-inf), -math.Pi / 2},
		"atan2(-0, -1)":   {libm.Atan2(zero, -1), -math.Pi},
		"atan2(max, min)": {libm.Atan2(math.MaxFloat64, 5e-324), math.Pi / 2},
		"atan2(min, max)": {libm.Atan2(5e-324, math.MaxFloat64), 0},
		"fmod(1, 0)":      {libm.Mod(1, 0), minus},
		"fmod(-6, 3)":     {libm.Mod(-6, 3), zero},
		"sqrt(-1)":        {libm.Sqrt(-1), minus},
		"sinh(710)":       {libm.Sinh(710), 1.1169973830808557e+308},
		"sinh(-711)":      {libm.Sinh(-711), -inf},
		"cosh(-710)":      {libm.Cosh(-710), 1.1169973830808557e+308},
		"tanh(-30)":       {libm.Tanh(-30), -1},
	} {
		if math.IsNaN(c.want) {
			assert.True(t, math.IsNaN(c.got), name)
			assert.Equal(t, math.Signbit(c.want), math.Signbit(c.got), name)
			continue
		}
		assert.Equal(t, c.want, c.got, name)
		assert.Equal(t, math.Signbit(c.want), math.Signbit(c.got), name)
	}
}

// FuzzFunctions checks that no number makes a function panic or run forever.
func FuzzFunctions(f *testing.F) {
	f.Add(1.0, 2.0)
	f.Add(-1e300, 1e-300)
	f.Add(5e-324, 1e308)
	f.Fuzz(func(t *testing.T, x, y float64) {
		within := func(f func(float64) float64, low, high float64) {
			if v := f(x); !math.IsNaN(v) {
				require.GreaterOrEqual(t, v, low)
				require.LessOrEqual(t, v, high)
			}
		}
		inf := math.Inf(1)
		within(libm.Sin, -1, 1)
		within(libm.Cos, -1, 1)
		within(libm.Tan, -inf, inf)
		within(libm.Asin, -math.Pi/2, math.Pi/2)
		within(libm.Acos, 0, math.Pi)
		within(libm.Atan, -math.Pi/2, math.Pi/2)
		within(libm.Exp, 0, inf)
		within(libm.Log, -inf, inf)
		within(libm.Log10, -inf, inf)
		within(libm.Sinh, -inf, inf)
		within(libm.Cosh, 1, inf)
		within(libm.Tanh, -1, 1)
		within(libm.Sqrt, 0, inf)
		within(func(x float64) float64 { return libm.Mod(x, 3) }, -3, 3)
		within(func(x float64) float64 { return libm.Atan2(x, y) }, -math.Pi, math.Pi)
		within(func(x float64) float64 { return libm.Pow(x, y) }, -inf, inf)
		if power := math.Mod(y, 1000); !math.IsNaN(power) {
			require.InEpsilon(t, math.Exp2(power), libm.Pow(2, power), 1e-12)
		}
	})
}
