package stdlib_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
)

// FuzzPattern calls the functions that take a pattern or a format with any input. They must
// end with a result or a Lua error, and their results must be consistent.
func FuzzPattern(f *testing.F) {
	f.Add("hello world", "(o)(.-)$", "%2-%1", 1.0)
	f.Add("THE (quick) fox", "%f[%a]%a+", "%0%%", -3.0)
	f.Add("((a)(b)", "%b()", "[%1]", 0.5)
	f.Add("a\x00b", "[^%z]*()", "%5.3d|%-q", 1e300)
	f.Add("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", strings.Repeat("a?", 30)+strings.Repeat("a", 30), "%99.99f%s", 2.0)
	f.Add("x", "[a-%", "%#-+ 09.9g", 1e15)
	f.Add(strings.Repeat("ab", 1<<15), "["+strings.Repeat("c", 1<<15)+"b]", strings.Repeat("%0", 20), 3.0)
	f.Add(strings.Repeat("1", 1<<16), strings.Repeat("1", 1<<16), "%s", -1.0)
	f.Fuzz(func(t *testing.T, subject, pattern, template string, n float64) {
		s := open()
		library := s.Globals.GetString("string").(*lua.Table)
		call := func(name string, args ...lua.Value) []lua.Value {
			s.Reset()
			// Some patterns would run practically forever.
			timer := time.AfterFunc(10*time.Millisecond, func() { s.Stop("stopped") })
			defer timer.Stop()
			began := time.Now()
			results, err := s.PCall(library.GetString(name), args...)
			require.Less(t, time.Since(began), 5*time.Second)
			if err != nil {
				require.NotEmpty(t, err.Error())
				return nil
			}
			return append([]lua.Value{}, results...)
		}
		found := call("find", subject, pattern, n)
		if len(found) >= 2 {
			start, end := found[0].(float64), found[1].(float64)
			require.GreaterOrEqual(t, start, 1.0)
			require.GreaterOrEqual(t, end, start-1)
			require.LessOrEqual(t, end, float64(len(subject)))
			if len(found) == 2 && strings.ContainsAny(pattern, "^$*+?.([%-") && !strings.Contains(pattern, "\x00") {
				matched := call("match", subject, pattern, n)
				require.Equal(t, call("sub", subject, start, end), matched)
			}
		}
		if replaced := call("gsub", subject, pattern, "%0"); replaced != nil {
			require.Equal(t, subject, replaced[0])
		}
		if replaced := call("gsub", subject, pattern, lua.NewFunction("none", func(*lua.State, []lua.Value) []lua.Value { return nil })); replaced != nil {
			require.Equal(t, subject, replaced[0])
		}
		call("gsub", subject, pattern, template, n)
		call("gsub", subject, pattern, library)
		if next := call("gmatch", subject, pattern); next != nil {
			library.ReadOnly = false
			library.SetString("next", next[0])
			for range 10 {
				call("next")
			}
		}
		call("format", template, n, subject, n, subject)
		call("format", template, subject, n)
		if quoted := call("format", "%q", subject); quoted != nil && !strings.Contains(subject, "\r") {
			chunk, err := s.Load("return "+quoted[0].(string), "=quoted")
			require.NoError(t, err)
			results, raised := s.PCall(chunk)
			require.Nil(t, raised)
			require.Equal(t, subject, results[0])
		}
	})
}
