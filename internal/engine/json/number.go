package json

import (
	"math"
	"math/big"
)

// calculate returns a + b or a * b. Integers give an exact integer; one that has more than 64 bits is an error.
func calculate(a *Node, operator byte, b *Node) (*Node, error) {
	if a.kind == Int && b.kind == Int { // as below, in less time
		x, y := a.Int(), b.Int()
		sum, product := x+y, x*y
		switch {
		case operator == '+' && (sum > x) == (y > 0):
			return newInt(sum), nil
		case operator == '*' && (x == 0 || product/x == y && (x != -1 || y != math.MinInt64)):
			return newInt(product), nil
		}
	}
	if a.kind != Float && b.kind != Float {
		x, y := integer(a), integer(b)
		if operator == '+' {
			x.Add(x, y)
		} else {
			x.Mul(x, y)
		}
		switch {
		case x.IsInt64():
			return newInt(x.Int64()), nil
		case x.IsUint64():
			return &Node{kind: Uint, bits: x.Uint64()}, nil
		}
		return nil, ErrOverflow
	}
	f := a.Float() * b.Float()
	if operator == '+' {
		f = a.Float() + b.Float()
	}
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return nil, ErrNotANumber
	}
	return newFloat(f), nil
}

func integer(n *Node) *big.Int {
	if n.kind == Int {
		return big.NewInt(n.Int())
	}
	return new(big.Int).SetUint64(n.bits)
}
