package lua_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
)

func TestTableLength(t *testing.T) {
	list := lua.NewTable(0, 0)
	for i := 1; i <= 1000; i++ {
		list.SetInt(i, float64(i))
		require.Equal(t, i, list.Len())
	}
	for i := 1000; i > 0; i-- {
		list.SetInt(i, nil)
		require.Equal(t, i-1, list.Len())
	}
	far := lua.NewTable(0, 0)
	far.SetInt(1<<40, true)
	require.Zero(t, far.Len())
	require.Equal(t, true, far.GetInt(1<<40))
}

func TestTableKeys(t *testing.T) {
	object, f := lua.NewTable(0, 0), lua.NewFunction("f", nil)
	keys := []lua.Value{true, false, "", "x", "a longer key than any other key of this table", 0.0, 1.0, -1.0, 1.5, math.Inf(1), 1e300, math.MaxInt64 * 1.0, object, f, new(lua.Userdata)}
	table := lua.NewTable(0, 0)
	for i, k := range keys {
		table.Set(k, float64(i))
	}
	for i, k := range keys {
		require.Equal(t, float64(i), table.Get(k), "%v", k)
	}
	require.Nil(t, table.Get(nil))
	require.Nil(t, table.Get(math.NaN()))
	require.Equal(t, table.Get(0.0), table.Get(math.Copysign(0, -1)))
	_, _, ok := table.Next("no key")
	require.False(t, ok)
}

// A table behaves as a map. Next visits all keys, in whatever order they were set,
// even if values are removed during the walk.
func FuzzTable(f *testing.F) {
	f.Add([]byte{1, 1, 2, 1, 3, 1, 200, 1, 1, 0, 201, 1, 5, 1, 4, 1})
	f.Add([]byte{255, 1, 254, 1, 253, 1, 252, 1, 251, 1, 250, 1, 255, 0, 129, 1, 130, 2})
	f.Fuzz(func(t *testing.T, ops []byte) {
		table, model := lua.NewTable(0, 0), map[lua.Value]lua.Value{}
		for i := 0; i+1 < len(ops); i += 2 {
			k, v := keyOf(ops[i]), lua.Value(float64(ops[i+1]))
			if ops[i+1] == 0 {
				v = nil
				delete(model, k)
			} else {
				model[k] = v
			}
			table.Set(k, v)
			if got := table.Get(k); got != v {
				t.Fatalf("%v: %v, not %v", k, got, v)
			}
		}
		if n := table.Len(); n > 0 && table.GetInt(n) == nil || table.GetInt(n+1) != nil {
			t.Fatalf("%d is not a border", n)
		}
		seen := 0
		for k, v, ok := table.Next(nil); k != nil; k, v, ok = table.Next(k) {
			if !ok || model[k] != v {
				t.Fatalf("%v: %v, not %v", k, v, model[k])
			}
			seen++
			table.Set(k, nil)
		}
		if seen != len(model) {
			t.Fatalf("%d of %d", seen, len(model))
		}
	})
}

// keyOf makes integers, fractions and strings of a byte.
func keyOf(b byte) lua.Value {
	switch {
	case b < 128:
		return float64(b) - 8
	case b < 192:
		return float64(b) / 4
	default:
		return "key " + string(rune(b))
	}
}

func BenchmarkFib(b *testing.B) {
	s := lua.NewState()
	f, err := s.Load("local function fib(n) if n < 2 then return n end return fib(n-1) + fib(n-2) end return fib(20)", "@user_script")
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		s.Reset()
		if _, err := s.PCall(f); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoop(b *testing.B) {
	s := lua.NewState()
	f, err := s.Load("local t = {} for i = 1, 1000 do t[i] = i * 2 end local n = 0 for _, v in ipairs(t) do n = n + v end return n", "@user_script")
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		s.Reset()
		if _, err := s.PCall(f); err != nil {
			b.Fatal(err)
		}
	}
}
