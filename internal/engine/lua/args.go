package lua

import (
	"fmt"

	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
)

// Arg returns the n-th argument (the first is 1), or nil if there are fewer.
func Arg(args []Value, n int) Value {
	if n <= len(args) {
		return args[n-1]
	}
	return nil
}

// ArgError raises an error about the n-th argument. The message names the function
// as the script called it.
func (s *State) ArgError(n int, message string) {
	name := "?"
	if th := s.th; th.depth > 0 {
		from := th.frames[th.depth-1].from
		if from.kind == "method" {
			if n--; n == 0 {
				s.Errorf("calling '%s' on bad self (%s)", from.name, message)
			}
		}
		if from.kind != "" {
			name = from.name
		}
	}
	s.Errorf("bad argument #%d to '%s' (%s)", n, name, message)
}

// TypeError raises the error that the n-th argument has the wrong type.
func (s *State) TypeError(args []Value, n int, want string) {
	got := "no value"
	if n <= len(args) {
		got = TypeName(args[n-1])
	}
	s.ArgError(n, want+" expected, got "+got)
}

// CheckNumber returns the n-th argument, which must be a number or the text of one.
func (s *State) CheckNumber(args []Value, n int) float64 {
	f, ok := ToNumber(Arg(args, n))
	if !ok {
		s.TypeError(args, n, "number")
	}
	return f
}

// OptNumber is CheckNumber for an argument that may be missing or nil.
func (s *State) OptNumber(args []Value, n int, otherwise float64) float64 {
	return optional(args, n, otherwise, s.CheckNumber)
}

// CheckInt is CheckNumber without the fraction. A number out of range becomes the lowest
// integer, as in C on amd64.
func (s *State) CheckInt(args []Value, n int) int64 { return ctext.Int64(s.CheckNumber(args, n)) }

// OptInt is CheckInt for an argument that may be missing or nil.
func (s *State) OptInt(args []Value, n int, otherwise int64) int64 {
	return optional(args, n, otherwise, s.CheckInt)
}

// CheckString returns the n-th argument, which must be a string or a number.
func (s *State) CheckString(args []Value, n int) string {
	text, ok := ToText(Arg(args, n))
	if !ok {
		s.TypeError(args, n, "string")
	}
	return text
}

// OptString is CheckString for an argument that may be missing or nil.
func (s *State) OptString(args []Value, n int, otherwise string) string {
	return optional(args, n, otherwise, s.CheckString)
}

// CheckTable returns the n-th argument, which must be a table.
func (s *State) CheckTable(args []Value, n int) *Table {
	t, ok := Arg(args, n).(*Table)
	if !ok {
		s.TypeError(args, n, "table")
	}
	return t
}

// CheckAny raises an error if the n-th argument is missing. It may be nil.
func (s *State) CheckAny(args []Value, n int) {
	if n > len(args) {
		s.ArgError(n, "value expected")
	}
}

// checkFunction returns the n-th argument, which must be a function.
func (s *State) checkFunction(args []Value, n int) *Function {
	f, ok := Arg(args, n).(*Function)
	if !ok {
		s.TypeError(args, n, "function")
	}
	return f
}

// RawSet sets t[k] = v without metamethods. It raises an error if k is nil or NaN, or if t is read-only.
func (s *State) RawSet(t *Table, k, v Value) {
	if t.ReadOnly {
		s.runtimeError("Attempt to modify a readonly table")
	}
	s.rawSet(t, k, v)
}

// ToString returns the text of any value, as tostring does.
func (s *State) ToString(v Value) Value {
	if handler := s.metamethod(v, "__tostring"); handler != nil {
		return first(s.Call(handler, v))
	}
	switch v := v.(type) {
	case nil:
		return "nil"
	case bool:
		if v {
			return "true"
		}
		return "false"
	case *Table:
		return address("table", v.id)
	case *Function:
		return address("function", v.id)
	case *Coroutine:
		return address("thread", v.id)
	case *Userdata:
		return "userdata: (nil)" // C's cjson.null is the null pointer
	}
	text, _ := ToText(v)
	return text
}

// address formats an id as C's %p does.
func address(what string, id uint64) string {
	return fmt.Sprintf("%s: 0x%012x", what, id<<4)
}

func optional[T any](args []Value, n int, otherwise T, check func(args []Value, n int) T) T {
	if Arg(args, n) == nil {
		return otherwise
	}
	return check(args, n)
}
