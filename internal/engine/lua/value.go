package lua

import (
	"math"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
)

// A Value is nil, a bool, a float64, a string of bytes, a *Table, a *Function, a
// *Coroutine or a *Userdata.
type Value = any

// A Userdata is a value that scripts can only pass on and compare, like cjson.null.
type Userdata struct {
	_ byte // values without a size may share their address
}

// A Function is a function of Lua or of Go.
type Function struct {
	id    uint64
	epoch uint32 // when it was last measured
	goFn  GoFunc
	name  string // of a Go function
	proto *proto
	cells []*cell
	keeps []Value // what a Go function holds
	env   *Table
}

// A GoFunc is a Go function that scripts can call. It must not keep args, which are
// valid only while it runs. Its results are read before any other function runs.
type GoFunc func(s *State, args []Value) []Value

// NewFunction makes a Lua function of a Go function. The name only helps readers of the Go
// code: an error names a function as the script called it.
func NewFunction(name string, f GoFunc) *Function {
	return &Function{id: nextID(), goFn: f, name: name}
}

// NewClosure is NewFunction for a Go function that holds values of the script.
func NewClosure(name string, f GoFunc, keeps ...Value) *Function {
	fn := NewFunction(name, f)
	fn.keeps = keeps
	return fn
}

// Go returns the Go function, or nil for a Lua function.
func (f *Function) Go() GoFunc { return f.goFn }

// IsGo reports whether it is a Go function, which Lua calls a "C function".
func (f *Function) IsGo() bool { return f.goFn != nil }

var ids atomic.Uint64

// nextID numbers the values that Lua identifies by their address.
func nextID() uint64 { return ids.Add(1) }

// TypeName is what type returns.
func TypeName(v Value) string {
	switch v.(type) {
	case nil:
		return "nil"
	case bool:
		return "boolean"
	case float64:
		return "number"
	case string:
		return "string"
	case *Table:
		return "table"
	case *Function:
		return "function"
	case *Coroutine:
		return "thread"
	default:
		return "userdata"
	}
}

// Truth returns false for nil and false, and true for every other value.
func Truth(v Value) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	}
	return true
}

// ToNumber returns the number that a value is or that its text contains.
func ToNumber(v Value) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case string:
		return ParseNumber(v)
	}
	return 0, false
}

// ToText returns the text of a string or a number.
func ToText(v Value) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case float64:
		return FormatNumber(v), true
	}
	return "", false
}

// small holds frequent numbers as values, which saves allocations.
var small = func() (values [1024]Value) {
	for i := range values {
		values[i] = float64(i)
	}
	return values
}()

// Number makes a Value of a number.
func Number(f float64) Value {
	if i := int(f); uint(i) < uint(len(small)) && float64(i) == f && (i != 0 || !math.Signbit(f)) {
		return small[i]
	}
	return f
}

// FormatNumber returns the text of a number, as C's %.14g.
func FormatNumber(f float64) string {
	if f == math.Trunc(f) && math.Abs(f) < 1e14 && (f != 0 || !math.Signbit(f)) {
		return strconv.FormatInt(int64(f), 10)
	}
	return ctext.FormatFloat(f, 'g', 14)
}

// ParseNumber reads the text of a number: what strtod accepts, or a hexadecimal
// integer. White space around it is allowed.
func ParseNumber(s string) (float64, bool) {
	s = strings.Trim(ctext.String(s), ctext.Space)
	f, rest, _ := ctext.ParseFloat(s)
	return f, s != "" && rest == ""
}
