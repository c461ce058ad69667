package lua

import "fmt"

// Arg is the n-th argument, from 1; nil where there is none.
func Arg(args []Value, n int) Value {
	if n <= len(args) {
		return args[n-1]
	}
	return nil
}

// ArgError raises what is wrong with the n-th argument. The function is named by
// how it was called.
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

// TypeError raises that the n-th argument is of the wrong type.
func (s *State) TypeError(args []Value, n int, want string) {
	got := "no value"
	if n <= len(args) {
		got = TypeName(args[n-1])
	}
	s.ArgError(n, want+" expected, got "+got)
}

// CheckNumber is the n-th argument, which must be a number or the text of one.
func (s *State) CheckNumber(args []Value, n int) float64 {
	f, ok := ToNumber(Arg(args, n))
	if !ok {
		s.TypeError(args, n, "number")
	}
	return f
}

// OptNumber is CheckNumber where the argument may be missing or nil.
func (s *State) OptNumber(args []Value, n int, otherwise float64) float64 {
	if Arg(args, n) == nil {
		return otherwise
	}
	return s.CheckNumber(args, n)
}

// CheckInt is CheckNumber without the fraction. What is out of range is the lowest
// integer, as it is in C on amd64.
func (s *State) CheckInt(args []Value, n int) int64 { return toInteger(s.CheckNumber(args, n)) }

// OptInt is CheckInt where the argument may be missing or nil.
func (s *State) OptInt(args []Value, n int, otherwise int64) int64 {
	if Arg(args, n) == nil {
		return otherwise
	}
	return s.CheckInt(args, n)
}

// CheckString is the n-th argument, which must be a string or a number.
func (s *State) CheckString(args []Value, n int) string {
	text, ok := ToText(Arg(args, n))
	if !ok {
		s.TypeError(args, n, "string")
	}
	return text
}

// OptString is CheckString where the argument may be missing or nil.
func (s *State) OptString(args []Value, n int, otherwise string) string {
	if Arg(args, n) == nil {
		return otherwise
	}
	return s.CheckString(args, n)
}

// CheckTable is the n-th argument, which must be a table.
func (s *State) CheckTable(args []Value, n int) *Table {
	t, ok := Arg(args, n).(*Table)
	if !ok {
		s.TypeError(args, n, "table")
	}
	return t
}

// CheckAny wants an n-th argument, nil for instance.
func (s *State) CheckAny(args []Value, n int) {
	if n > len(args) {
		s.ArgError(n, "value expected")
	}
}

// checkFunction is the n-th argument, which must be a function.
func (s *State) checkFunction(args []Value, n int) *Function {
	f, ok := Arg(args, n).(*Function)
	if !ok {
		s.TypeError(args, n, "function")
	}
	return f
}

// RawSet is Table.Set of a key that may be unfit, in a table that may be read-only.
func (s *State) RawSet(t *Table, k, v Value) {
	if t.ReadOnly {
		s.runtimeError("Attempt to modify a readonly table")
	}
	s.rawSet(t, k, v)
}

// ToString is the text of any value, as tostring has it.
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
		return address("userdata", v.id)
	}
	text, _ := ToText(v)
	return text
}

// address is what %p makes of it in C. The zero Userdata is C's NULL.
func address(what string, id uint64) string {
	if id == 0 {
		return what + ": (nil)"
	}
	return fmt.Sprintf("%s: 0x%012x", what, id<<4)
}
