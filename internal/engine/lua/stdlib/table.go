package stdlib

import (
	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
)

func openTable(s *lua.State) {
	register(s, "table", []entry{
		{"concat", concat},
		{"foreach", foreach},
		{"foreachi", foreachi},
		{"getn", getn},
		{"maxn", maxn},
		{"insert", insert},
		{"remove", remove},
		{"setn", setn},
		{"sort", sort},
	})
}

// setInt is the raw assignment t[i] = v of a script.
func setInt(s *lua.State, t *lua.Table, i int, v lua.Value) {
	s.RawSet(t, number(i), v)
}

func concat(s *lua.State, args []lua.Value) []lua.Value {
	separator := s.OptString(args, 2, "")
	t := s.CheckTable(args, 1)
	i := optInt(s, args, 3, 1)
	last := optInt(s, args, 4, s.Len(t))
	var buffer [256]byte
	out := text{s: s, b: buffer[:0]}
	for ; i <= last; i++ {
		s.Step(1)
		v := t.GetInt(i)
		switch v := v.(type) {
		case string:
			out.add(v)
		case float64:
			out.add(lua.FormatNumber(v))
		default:
			s.Errorf("invalid value (%s) at index %d in table for 'concat'", lua.TypeName(v), i)
		}
		if i < last {
			out.add(separator)
		}
	}
	return s.Return(out.value())
}

func foreach(s *lua.State, args []lua.Value) []lua.Value {
	t := s.CheckTable(args, 1)
	f := checkFunction(s, args, 2)
	for key := lua.Value(nil); ; {
		s.Step(1)
		k, v, ok := s.Next(t, key)
		if !ok {
			s.Raise("invalid key to 'next'")
		}
		if k == nil {
			return nil
		}
		if result := first(s.Call(f, k, v)); result != nil {
			return s.Return(result)
		}
		key = k
	}
}

func foreachi(s *lua.State, args []lua.Value) []lua.Value {
	t := s.CheckTable(args, 1)
	n := s.Len(t)
	f := checkFunction(s, args, 2)
	for i := 1; i <= n; i++ {
		s.Step(1)
		if result := first(s.Call(f, number(i), t.GetInt(i))); result != nil {
			return s.Return(result)
		}
	}
	return nil
}

// first returns the first result of a call, or nil.
func first(results []lua.Value) lua.Value {
	if len(results) == 0 {
		return nil
	}
	return results[0]
}

func getn(s *lua.State, args []lua.Value) []lua.Value {
	return s.Return(number(s.Len(s.CheckTable(args, 1))))
}

func maxn(s *lua.State, args []lua.Value) []lua.Value {
	t := s.CheckTable(args, 1)
	most := 0.0
	for k, _, _ := s.Next(t, nil); k != nil; k, _, _ = s.Next(t, k) {
		s.Step(1)
		if n, ok := k.(float64); ok && n > most {
			most = n
		}
	}
	return s.Return(lua.Number(most))
}

func insert(s *lua.State, args []lua.Value) []lua.Value {
	t := s.CheckTable(args, 1)
	end := s.Len(t) + 1
	switch len(args) {
	case 2:
		setInt(s, t, end, args[1])
	case 3:
		at := checkInt(s, args, 2)
		for i := max(end, at); i > at; i-- {
			s.Step(1)
			setInt(s, t, i, t.GetInt(i-1))
		}
		setInt(s, t, at, args[2])
	default:
		s.Errorf("wrong number of arguments to 'insert'")
	}
	return nil
}

func remove(s *lua.State, args []lua.Value) []lua.Value {
	t := s.CheckTable(args, 1)
	end := s.Len(t)
	at := optInt(s, args, 2, end)
	if at < 1 || at > end {
		return nil
	}
	removed := t.GetInt(at)
	for i := at; i < end; i++ {
		s.Step(1)
		setInt(s, t, i, t.GetInt(i+1))
	}
	setInt(s, t, end, nil)
	return s.Return(removed)
}

func setn(s *lua.State, args []lua.Value) []lua.Value {
	s.CheckTable(args, 1)
	s.Errorf("'setn' is obsolete")
	return nil
}
