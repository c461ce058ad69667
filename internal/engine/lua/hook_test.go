package lua

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A recorder writes each event as a word. It calls at before a line.
type recorder struct {
	events []string
	at     func(s *State, line int)
}

func (r *recorder) Line(s *State, line int) {
	r.events = append(r.events, fmt.Sprint(line))
	if r.at != nil {
		r.at(s, line)
	}
}

func (r *recorder) Call(s *State) {
	r.events = append(r.events, "call:"+s.Stack(s.Running())[0].Name())
}

func (r *recorder) Return(_ *State, results []Value) {
	r.events = append(r.events, fmt.Sprint("return", results))
}

func (r *recorder) Error(_ *State, err *Error) {
	r.events = append(r.events, "error:"+err.Error())
}

// watch runs a script with a hook and returns the events.
func watch(t *testing.T, r *recorder, source string) string {
	t.Helper()
	s := NewState()
	f, err := s.Load(strings.TrimSpace(source), "=s")
	require.NoError(t, err)
	s.Watch(r)
	s.Reset()
	s.PCall(f)
	s.Reset()
	return strings.Join(r.events, " ")
}

func TestHook(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{"return 1", "call: 1 return[1]"},
		{"local a, b = 1,\n2\nif a == 2 then\nelseif b == 2 then\na = 3\nend", "call: 1 3 4 5 return[]"},
		{"for i = 1, 2 do\nlocal x\nend\nlocal n = 0\nrepeat\nn = n + 1\nuntil\nn == 2", "call: 1 2 2 4 5 6 7 6 7 return[]"},
		{"local function f(n)\nreturn n\nend\nlocal x = f(2)\nreturn f(x)", "call: 1 4 call:f 2 return[2] 5 return[] call: 2 return[2]"},
		{"local ok, e = pcall(function()\nerror('x', 0)\nend)\nreturn e", "call: 1 call: 2 error:x 4 return[x]"},
		{"local t = nil\nt.x = 1", "call: 1 2 error:s:2: attempt to index local 't' (a nil value)"},
		{"local co = coroutine.wrap(function()\ncoroutine.yield()\nreturn 1\nend)\nco()\nco()", "call: 1 5 call: 2 6 3 return[1] return[]"},
	} {
		require.Equal(t, c.want, watch(t, &recorder{}, c.source), c.source)
	}
}

// Code contains calls of a hook only while there is one, although it was compiled before.
func TestHookIsCompiledInWhileSomebodyWatches(t *testing.T) {
	s := NewState()
	run := func(f Value) {
		t.Helper()
		_, err := s.PCall(f)
		require.Nil(t, err)
	}
	chunk, err := s.Load("function f()\nlocal g = function()\nreturn 1\nend\ng()\nend f()", "=s")
	require.NoError(t, err)
	r := &recorder{}
	s.hook = r // but the code is compiled as if there was none
	run(chunk)
	f := s.Globals.GetString("f").(*Function)
	run(f)
	require.Empty(t, r.events)
	require.Equal(t, unwatched, f.proto.mode)
	s.Watch(r)
	run(f)
	require.Equal(t, "call: 2 5 call:g 3 return[1] return[]", strings.Join(r.events, " "))
	s.Watch(nil)
	s.hook = r
	run(f)
	require.Len(t, r.events, 7, "no event after the watch ended")
}

func show(vars []Variable) string {
	var words []string
	for _, v := range vars {
		text, ok := ToText(v.Value)
		if !ok {
			text = TypeName(v.Value)
		}
		words = append(words, v.Name+"="+text)
	}
	return strings.Join(words, " ")
}

func TestVariablesOfAFrame(t *testing.T) {
	seen := map[int]string{}
	r := &recorder{at: func(s *State, line int) {
		f := s.Stack(s.Running())[0]
		seen[line] = show(f.Locals()) + " | " + show(f.Upvalues())
	}}
	watch(t, r, `
local a, shared = 1, 2
local function f(p)
  shared = shared + p
  for i = 5, 5 do
    local a = 'inner'
    shared = shared + i
  end
  return a
end
do
  local gone
end
f(7)
repeat
  local x = 9
until x == 9
`)
	require.Equal(t, map[int]string{
		1: " | ", 2: "a=1 shared=2 | ",
		3: "p=7 | shared=2 a=1", 4: "p=7 | shared=9 a=1", 5: "p=7 i=5 | shared=9 a=1", 6: "p=7 i=5 a=inner | shared=9 a=1", 8: "p=7 | shared=14 a=1",
		10: "a=1 shared=2 f=function | ", 11: "a=1 shared=2 f=function | ", 13: "a=1 shared=2 f=function | ",
		14: "a=1 shared=14 f=function | ", 15: "a=1 shared=14 f=function | ", 16: "a=1 shared=14 f=function x=9 | ",
	}, seen)
}

// A debugger can evaluate an expression in the place where a script waits, and change variables there.
func TestEvalAndSetInAFrame(t *testing.T) {
	var got []string
	r := &recorder{}
	r.at = func(s *State, line int) {
		stack := s.Stack(s.Running())
		eval := func(f Frame, source string) {
			values, err := f.Eval(source)
			if err != nil {
				got = append(got, err.Error())
				return
			}
			var list []Variable
			for _, v := range values {
				list = append(list, Variable{source, v})
			}
			got = append(got, show(list))
		}
		switch line {
		case 3:
			eval(stack[0], "n + up")
			eval(stack[0], "(function() return 2 * n end)(), select('#', ...)")
			eval(stack[0], "n = n * 10 up = 5")
			eval(stack[0], "nope.x")
			eval(stack[0], "1 +")
			eval(stack[1], "other") // of the caller
			require.True(t, stack[1].Set("other", "changed"))
			require.False(t, stack[0].Set("other", 1.0), "f does not see it")
		case 8:
			eval(stack[0], "x, other")
		}
	}
	watch(t, r, `
local up = 1
local function f(n, ...)
  return n + up
end
local function g()
  local other = 'caller'
  local x = f(3, 'a', 'b')
  return x, other
end
g()
`)
	require.Equal(t, []string{
		"n + up=4", "(function() return 2 * n end)(), select('#', ...)=6 (function() return 2 * n end)(), select('#', ...)=2", "", "eval:1: attempt to index global 'nope' (a nil value)", "eval:1: unexpected symbol near '<eof>'",
		"other=caller", "x, other=35 x, other=changed",
	}, got)
	require.Equal(t, "call: 1 2 5 10 call:g 6 7 call:f 3 return[35] 8 return[35 changed] return[]", strings.Join(r.events, " "), "no event of what a debugger evaluates")
}

func TestStacksOfCoroutines(t *testing.T) {
	var got []string
	watch(t, &recorder{at: func(s *State, line int) {
		if line != 3 {
			return
		}
		for _, co := range append([]*Coroutine{nil}, s.Coroutines()...) {
			words := []string{"main:"}
			if co != nil {
				words[0] = co.Status() + ":"
			}
			for _, f := range s.Stack(co) {
				words = append(words, fmt.Sprintf("%s/%s:%d", f.Name(), f.Source(), f.Line()))
			}
			got = append(got, strings.Join(words, " "))
		}
		require.Equal(t, s.Coroutines()[1], s.Running())
	}}, `
local waits = coroutine.wrap(function() coroutine.yield() end)
local function inner()
  return 1
end
waits()
local co = coroutine.create(function()
  local x = inner()
end)
coroutine.resume(co)
`)
	require.Equal(t, []string{"main: resume/:0 /=s:9", "suspended: yield/:0 /=s:1", "running: inner/=s:3 /=s:7"}, got)
}
