package stdlib_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
)

// raised returns the error of a script that must fail.
func raised(t *testing.T, s *lua.State, script string) string {
	t.Helper()
	f, err := s.Load(script, "@user_script")
	require.NoError(t, err, script)
	_, e := s.PCall(f)
	require.NotNil(t, e, script)
	return e.Error()
}

func TestMemory(t *testing.T) {
	assert.Equal(t, "15000000", eval(t, open(), "return #('x'):rep(1.5e7)"))
	for _, script := range []string{
		"return ('x'):rep(2^31 - 1)",
		"return ('x'):rep(1e10)",
		"return (('x'):rep(1e6)):rep(1e5)",
		"return (('x'):rep(1e6)):rep(2^31 - 1)",
		"local s = ('x'):rep(1e6) return (s:gsub('x', s))",
		"local s = ('x'):rep(1e6) return (s:gsub('x', {x = s}))",
		"local s = ('x'):rep(1e6) return (s:gsub('x', function() return s end))",
		"local s = ('x'):rep(1e4) return (s:gsub('(x+)', ('%1%0'):rep(1e5)))",
		"local s, t = ('x'):rep(1e6), {} for i = 1, 1e4 do t[i] = s end return table.concat(t)",
		"local t = {} for i = 1, 1e5 do t[i] = '' end return table.concat(t, ('x'):rep(1e5))",
		"local s = ('x'):rep(1e6) return (('%s'):rep(100)):format(" + strings.Repeat("s,", 99) + "s)",
		"local s = ('x'):rep(1e6) return (('%q'):rep(100)):format(" + strings.Repeat("s,", 99) + "s)",
		"local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1e6) end",
		"local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1e6):upper() end",
		"local t, s = {}, ('x'):rep(1e6) for i = 1, 1e9 do t[i] = s:reverse() end",
		"local t, s = {}, ('x'):rep(1e6) for i = 1, 1e9 do t[i] = s:sub(2) end",
		"local t, s = {}, ('x'):rep(1e6) for i = 1, 1e9 do t[i] = s:match('.(.*)') end",
		"local t = {} for i = 1, 1e9 do table.insert(t, i) end",
	} {
		s := open()
		s.MaxMemory = 5e6
		message := raised(t, s, script)
		assert.True(t, strings.HasSuffix(message, "not enough memory"), "%.200s: %s", script, message)
	}
}

// A substring does not keep the large string in memory.
func TestSubstringsAreCopies(t *testing.T) {
	s := open()
	s.MaxMemory = 10e6
	assert.Equal(t, "600", eval(t, s, `
		local t = {}
		for i = 1, 300 do
			local s = ('x'):rep(1e5)
			t[#t + 1] = s:sub(1, 2)
			t[#t + 1] = s:match('^(..)')
		end
		return #t`))
}

func TestDeepPattern(t *testing.T) {
	for pattern, want := range map[string]string{
		"('a?'):rep(150000)":                    "150000",
		"('a?'):rep(149999) .. ('a?'):rep(1e5)": "150000",
		"('()'):rep(33)":                        "too many captures",
		"('a-'):rep(1e6) .. '$'":                "pattern too complex",
		"('a*'):rep(1e6)":                       "pattern too complex",
		"('.'):rep(150000)":                     "150000",
		"('[' .. ('a'):rep(1e6) .. ']*')":       "150000",
	} {
		script := "local ok, result = pcall(function() local _, e = ('a'):rep(150000):find(" + pattern + ") return e end) return tostring(result)"
		assert.Equal(t, want, strings.TrimPrefix(eval(t, open(), script), "user_script:1: "), pattern)
	}
}

// Every long call can be stopped.
func TestStop(t *testing.T) {
	for _, script := range []string{
		"return ('a'):rep(30):find(('a?'):rep(30) .. ('a'):rep(30) .. 'b')",
		"return ('a'):rep(1e6):find('.-b')",
		"return ('a'):rep(1e6):match('.*b')",
		"return ('a'):rep(1e5):gsub('.-b', 'c')",
		"return ('('):rep(1e6):find('%b()')",
		"return ('a'):rep(1e7):find('[' .. ('b'):rep(1e6) .. ']')",
		"return (('a'):rep(1e6) .. 'b'):rep(2):find('(a*)b%1c')",
		"for w in ('a'):rep(1e6):gmatch('.-b') do end",
		"local s = ('a'):rep(1e7) while true do s:find('b', 1, true) end",
		"while true do ('%s'):format(1) end",
		"local f = ('%%'):rep(1e7) while true do f:format() end",
		"table.insert({}, -2^31, 1)",
		"local t = {} for i = 1, 1e6 do t[i] = i end while true do table.remove(t, 1) end",
		"local t = {} for i = 1, 1e6 do t[i] = i end while true do table.insert(t, 1, 0) end",
		"local t = {} for i = 1, 1e6 do t[i] = i end while true do table.concat(t) end",
		"local t = {} for i = 1, 1e5 do t[i] = 1 end while true do table.sort(t) end",
		"local t = {} for i = 1, 1e6 do t[i] = 1 end while true do table.sort(t, function() return false end) end",
		"local t = {} for i = 1, 1e6 do t[i] = 1 end while true do table.maxn(t) end",
		"local t = {} for i = 1, 1e6 do t[i] = 1 end while true do table.foreachi(t, function() end) end",
		"while true do math.random() end",
		"while true do pcall(string.rep) end",
	} {
		s := open()
		began := time.Now()
		timer := time.AfterFunc(20*time.Millisecond, func() { s.Stop("stopped") })
		message := raised(t, s, script)
		timer.Stop()
		assert.Equal(t, "stopped", message, script)
		assert.Less(t, time.Since(began), 5*time.Second, script)
	}
}
