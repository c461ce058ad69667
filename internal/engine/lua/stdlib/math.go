package stdlib

import (
	"math"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/engine/lua/libm"
)

const radiansPerDegree = math.Pi / 180

func openMath(s *lua.State, random *Random) {
	library := register(s, "math", []entry{
		{"abs", unary(math.Abs)},
		{"acos", unary(libm.Acos)},
		{"asin", unary(libm.Asin)},
		{"atan2", binary(libm.Atan2)},
		{"atan", unary(libm.Atan)},
		{"ceil", unary(math.Ceil)},
		{"cosh", unary(libm.Cosh)},
		{"cos", unary(libm.Cos)},
		{"deg", unary(func(x float64) float64 { return x / radiansPerDegree })},
		{"exp", unary(libm.Exp)},
		{"floor", unary(math.Floor)},
		{"fmod", binary(libm.Mod)},
		{"frexp", frexp},
		{"ldexp", ldexp},
		{"log10", unary(libm.Log10)},
		{"log", unary(libm.Log)},
		{"max", maximum},
		{"min", minimum},
		{"modf", modf},
		{"pow", binary(libm.Pow)},
		{"rad", unary(func(x float64) float64 { return x * radiansPerDegree })},
		{"random", random.random},
		{"randomseed", random.randomseed},
		{"sinh", unary(libm.Sinh)},
		{"sin", unary(libm.Sin)},
		{"sqrt", unary(libm.Sqrt)},
		{"tanh", unary(libm.Tanh)},
		{"tan", unary(libm.Tan)},
	})
	library.SetString("pi", math.Pi)
	library.SetString("huge", math.Inf(1))
	library.SetString("mod", library.GetString("fmod")) // its old name
}

func unary(f func(float64) float64) lua.GoFunc {
	return func(s *lua.State, args []lua.Value) []lua.Value {
		return s.Return(lua.Number(f(s.CheckNumber(args, 1))))
	}
}

// binary checks the second argument first, as the compiled C code does.
func binary(f func(x, y float64) float64) lua.GoFunc {
	return func(s *lua.State, args []lua.Value) []lua.Value {
		y := s.CheckNumber(args, 2)
		return s.Return(lua.Number(f(s.CheckNumber(args, 1), y)))
	}
}

func frexp(s *lua.State, args []lua.Value) []lua.Value {
	fraction, exponent := math.Frexp(s.CheckNumber(args, 1))
	return []lua.Value{lua.Number(fraction), number(exponent)}
}

func ldexp(s *lua.State, args []lua.Value) []lua.Value {
	exponent := checkInt(s, args, 2)
	return s.Return(lua.Number(math.Ldexp(s.CheckNumber(args, 1), exponent)))
}

func modf(s *lua.State, args []lua.Value) []lua.Value {
	f := s.CheckNumber(args, 1)
	whole := math.Trunc(f)
	fraction := math.Copysign(f-whole, f)
	if math.IsInf(f, 0) {
		fraction = math.Copysign(0, f)
	}
	return []lua.Value{lua.Number(whole), lua.Number(fraction)}
}

// maximum and minimum keep the first number unless a later one is greater or less. NaN is
// neither.

func maximum(s *lua.State, args []lua.Value) []lua.Value {
	most := s.CheckNumber(args, 1)
	for n := 2; n <= len(args); n++ {
		if f := s.CheckNumber(args, n); f > most {
			most = f
		}
	}
	return s.Return(lua.Number(most))
}

func minimum(s *lua.State, args []lua.Value) []lua.Value {
	least := s.CheckNumber(args, 1)
	for n := 2; n <= len(args); n++ {
		if f := s.CheckNumber(args, n); f < least {
			least = f
		}
	}
	return s.Return(lua.Number(least))
}
