package debug_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
	"github.com/redis-rest/redis-rest-go/internal/workbench/debug"
)

func newDB(t *testing.T, seed ...string) *keyspace.DB {
	db := keyspace.New()
	t.Cleanup(func() { db.Close() })
	for _, line := range seed {
		do(t, db, strings.Fields(line)...)
	}
	return db
}

func do(t *testing.T, db *keyspace.DB, words ...string) string {
	reply := string(db.Do(t.Context(), words))
	require.NotEqual(t, "-", reply[:1], reply)
	return reply
}

// start begins to debug a script with the key k and the argument a.
func start(t *testing.T, db *keyspace.DB, source string) *debug.Session {
	s, err := debug.Start(t.Context(), db, []string{"EVAL", strings.TrimPrefix(source, "\n"), "1", "k", "a"})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

// moves makes moves, and returns the lines where they stop.
func moves(t *testing.T, s *debug.Session, list ...debug.Move) string {
	var lines []string
	for _, m := range list {
		stop, err := s.Go(t.Context(), m)
		require.NoError(t, err)
		require.False(t, stop.Diverged)
		if stop.Reason == debug.Ended {
			lines = append(lines, "end")
		} else {
			lines = append(lines, strconv.Itoa(stop.Line))
		}
	}
	return strings.Join(lines, " ")
}

// locals returns the variables of the innermost function.
func locals(s *debug.Session) string {
	var list []string
	for _, v := range s.Stack(s.Thread())[0].Locals() {
		list = append(list, v.Name+"="+debug.Text(v.Value, 100))
	}
	return strings.Join(list, " ")
}

const steps = `
local function double(n)
  local twice = n * 2
  return twice
end
local a = double(1)
local b = double(a)
redis.call('SET', KEYS[1], b)
redis.call('INCR', KEYS[1])
return redis.call('GET', KEYS[1])`

func TestSteps(t *testing.T) {
	t.Parallel()
	const into, over, out, end = debug.Into, debug.Over, debug.Out, debug.Continue
	const backInto, backOver, backOut, begin = debug.BackInto, debug.BackOver, debug.BackOut, debug.BackContinue
	for _, c := range []struct {
		moves []debug.Move
		want  string
	}{
		{[]debug.Move{into, into, into, into, into, into}, "5 2 3 6 2 3"},
		{[]debug.Move{over, over, over, over, over, over, over}, "5 6 7 8 9 end end"},
		{[]debug.Move{into, into, out, into, over, over, over}, "5 2 6 2 3 7 8"},
		{[]debug.Move{out}, "end"},
		{[]debug.Move{end, backOver, backOver, backOver, backOver, backOver, backOver, backOver}, "end 9 8 7 6 5 1 1"},
		{[]debug.Move{end, begin, over, backInto, backInto}, "end 1 5 1 1"},
		{[]debug.Move{over, over, over, backInto, backOut, backOver, into, into}, "5 6 7 3 6 5 2 3"},
	} {
		s := start(t, newDB(t), steps)
		require.Equal(t, 1, s.Now().Line)
		require.Equal(t, c.want, moves(t, s, c.moves...), "%v", c.moves)
	}
}

// A function that has ended with a tail call, or whose caller calls another one at once, is not stepped into by stepping over its end.
func TestStepsOverTheEnd(t *testing.T) {
	t.Parallel()
	s := start(t, newDB(t), "local function g(n)\n  return n\nend\nlocal function f(n)\n  return g(n)\nend\nlocal x = f(1)\nlocal y = g(f(2))\nreturn x + y")
	require.Equal(t, "4 7 5 8 5 9", moves(t, s, debug.Over, debug.Over, debug.Into, debug.Over, debug.Into, debug.Over))
	require.Equal(t, "2 2", moves(t, s, debug.BackInto, debug.BackInto))
	require.Equal(t, "9", moves(t, s, debug.Out)[:1])
}

// Variables and keys are what they were at each event, however one gets there.
func TestEveryEventForwardsAndBackwards(t *testing.T) {
	t.Parallel()
	const source = `
math.randomseed(redis.call('TIME')[2])
local seen = {}
for i = 1, 4 do
  redis.call('SADD', KEYS[1], math.random(1000), redis.call('TIME')[2])
  seen[i] = redis.call('SPOP', KEYS[1]) .. (redis.call('RANDOMKEY') or '')
  redis.call('XADD', 'x', '*', 'f', redis.call('SRANDMEMBER', KEYS[1]) or 'none')
end
local ok = pcall(error, 'x')
local co = coroutine.wrap(function(n) n = n + 1 coroutine.yield(n) local z = 0 end)
local y = co(1)
co()
return seen`
	s := start(t, newDB(t, "RPUSH other a b"), source)
	var forwards []string
	state := func() string {
		stop := s.Now()
		text := fmt.Sprint(stop.Event, stop.Reason == debug.Ended, stop.Line, stop.Error)
		if stop.Call != nil {
			text += fmt.Sprintf("%q %q", stop.Call.Words, stop.Call.Reply)
		}
		for _, key := range []string{"SMEMBERS k", "XRANGE x - +"} {
			reply, err := s.Command(t.Context(), strings.Fields(key), false)
			require.NoError(t, err)
			text += string(reply)
		}
		if stop.Reason != debug.Ended {
			text += locals(s)
		}
		return text
	}
	for i := 1; ; i++ {
		stop, err := s.To(t.Context(), i)
		require.NoError(t, err)
		forwards = append(forwards, state())
		if stop.Reason == debug.Ended {
			break
		}
		require.Equal(t, i, stop.Event)
	}
	require.Equal(t, byte('*'), s.Now().Reply[0], "%s", s.Now().Reply)
	require.Greater(t, len(forwards), 45)
	for i := len(forwards) - 1; i >= 1; i-- {
		stop, err := s.To(t.Context(), i)
		require.NoError(t, err)
		require.False(t, stop.Diverged)
		require.Equal(t, forwards[i-1], state())
	}
	stop, err := s.Go(t.Context(), debug.ToEnd)
	require.NoError(t, err)
	require.Equal(t, forwards[len(forwards)-1], state())
	require.Equal(t, byte('*'), stop.Reply[0])
}

func TestBreakpoints(t *testing.T) {
	t.Parallel()
	const source = `
local sum = 0
local function add(n)

  -- nothing
  sum = sum + n
end
for i = 1, 6 do add(i) end
redis.call('SET', KEYS[1], sum)
local got = redis.call('GET', KEYS[1])
redis.call('DEL', KEYS[1])
local ok = pcall(function() error('caught') end)
redis.breakpoint()
redis.debug('sum', sum, {1, x = 'y'})
return redis.call('INCR')`
	s := start(t, newDB(t), source)
	var said []string
	s.Output = func(kind debug.OutputKind, text string) { said = append(said, fmt.Sprint(int(kind), " ", text)) }
	for _, c := range []struct {
		b    debug.Breakpoint
		want string // the lines and events of all stops, with sum
	}{
		{debug.Breakpoint{Line: 3}, "5:0 5:1 5:3 5:6 5:10 5:15 13:21 end"},
		{debug.Breakpoint{Line: 5, Condition: "n % 2 == 0"}, "5:1 5:6 5:15 13:21 end"},
		{debug.Breakpoint{Function: "add", Hits: ">4"}, "5:10 5:15 13:21 end"},
		{debug.Breakpoint{Line: 5, Hits: "%3"}, "5:3 5:15 13:21 end"},
		{debug.Breakpoint{Line: 5, Hits: "2"}, "5:1 13:21 end"},
		{debug.Breakpoint{Line: 5, Log: "n={n} of {ARGV[1]}", Hits: "<3"}, "13:21 end"},
		{debug.Breakpoint{Key: "k*"}, "8:21 10:21 13:21 end"},
		{debug.Breakpoint{Key: "k", Access: debug.Read}, "9:21 13:21 end"},
		{debug.Breakpoint{Key: "k", Access: debug.ReadOrWrite, Condition: "redis.call('EXISTS', KEYS[1]) == 1"}, "8:21 9:21 13:21 end"},
		{debug.Breakpoint{Line: 5, Condition: "n.x.y"}, "5:0 5:1 5:3 5:6 5:10 5:15 13:21 end"},
		{debug.Breakpoint{Line: 5, Condition: "redis.call('SET', KEYS[1], 1)", Hits: "1"}, "5:0 13:21 end"},
	} {
		_, err := s.Restart(t.Context())
		require.NoError(t, err)
		b := c.b
		b.ID = 7
		for _, problem := range s.SetBreakpoints([]*debug.Breakpoint{&b}) {
			require.NoError(t, problem)
		}
		if b.Function == "" && b.Key == "" {
			require.Equal(t, 5, b.Line, "it moves to the next line with code")
		}
		said = nil
		var stops []string
		for {
			stop, err := s.Go(t.Context(), debug.Continue)
			require.NoError(t, err)
			if stop.Reason == debug.Ended {
				stops = append(stops, "end")
				break
			}
			v, err := s.Look(t.Context(), debug.FrameID{Thread: s.Thread()}, "sum")
			require.NoError(t, err)
			stops = append(stops, fmt.Sprint(stop.Line, ":", v))
			if stop.Line < 13 {
				require.Equal(t, []int{7}, stop.Hits)
				require.Equal(t, strings.Contains(b.Condition, "n.x") || strings.Contains(b.Condition, "SET"), stop.Error != "", stop.Error)
			} else {
				require.Equal(t, debug.CodeBreak, stop.Reason)
			}
		}
		require.Equal(t, c.want, strings.Join(stops, " "), "%+v", c.b)
		require.Contains(t, said, `0 "sum", 21, {1, x = "y"}`)
		if b.Log != "" {
			require.Equal(t, []string{"2 n=1 of a", "2 n=2 of a"}, said[:2])
		}
		// Backwards, the same stops come in the other order.
		for i := len(stops) - 2; i >= 0; i-- {
			stop, err := s.Go(t.Context(), debug.BackContinue)
			require.NoError(t, err)
			v, err := s.Look(t.Context(), debug.FrameID{Thread: s.Thread()}, "sum")
			require.NoError(t, err)
			require.Equal(t, stops[i], fmt.Sprint(stop.Line, ":", v))
		}
		require.Equal(t, "1", moves(t, s, debug.BackContinue))
	}
	for _, c := range []struct {
		b    debug.Breakpoint
		want string
	}{
		{debug.Breakpoint{Line: 15}, "no code is at or after line 15"},
		{debug.Breakpoint{Line: 5, Condition: "n ="}, "is not an expression"},
		{debug.Breakpoint{Line: 5, Condition: "1) or (2"}, ""}, // odd, and an expression
		{debug.Breakpoint{Line: 5, Hits: "often"}, "number of hits"},
		{debug.Breakpoint{Line: 5, Log: "{"}, "not the text of a log point"},
		{debug.Breakpoint{Function: "none"}, `no function "none"`},
	} {
		problem := s.SetBreakpoints([]*debug.Breakpoint{&c.b})[0]
		if c.want == "" {
			require.NoError(t, problem)
		} else {
			require.ErrorContains(t, problem, c.want)
		}
	}
}

func TestErrorStops(t *testing.T) {
	t.Parallel()
	const source = "local ok = pcall(error, 'first')\nlocal co = coroutine.create(function() local x = nil + 1 end)\ncoroutine.resume(co)\nlocal f = function() redis.call('LPUSH', KEYS[1]) end\nf()"
	for _, c := range []struct {
		at   debug.ErrorStops
		want string
	}{
		{debug.ErrorStops{}, "end"},
		{debug.ErrorStops{Caught: true}, "first|user_script:2: attempt to perform arithmetic on a nil value|end"},
		{debug.ErrorStops{Uncaught: true}, "ERR Wrong number of args calling Redis command from script|end"},
	} {
		s := start(t, newDB(t), source)
		s.StopAtErrors(c.at)
		var list []string
		for {
			stop, err := s.Go(t.Context(), debug.Continue)
			require.NoError(t, err)
			if stop.Reason == debug.Ended {
				require.Contains(t, string(stop.Reply), "-ERR Wrong number")
				break
			}
			require.Equal(t, debug.Raised, stop.Reason)
			list = append(list, stop.Error)
		}
		require.Equal(t, c.want, strings.Join(append(list, "end"), "|"))
	}
}

// A change by hand belongs to its event: going back undoes it, going forward repeats it, and a new change drops those after it.
func TestChangesByHand(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	s := start(t, db, "local a = 1\nlocal b = a + 1\nlocal c = b + 1\nredis.call('SET', KEYS[1], c)\nreturn {a, b, c}")
	get := func() string { return locals(s) }
	require.Equal(t, "2 3", moves(t, s, debug.Over, debug.Over))
	_, err := s.Eval(t.Context(), debug.FrameID{}, "b = 10")
	require.NoError(t, err)
	require.Equal(t, "a=1 b=10", get())
	require.Equal(t, "4", moves(t, s, debug.Over))
	require.Equal(t, "a=1 b=10 c=11", get())
	_, err = s.Command(t.Context(), []string{"SET", "other", "x"}, true)
	require.NoError(t, err)
	require.Equal(t, "3", moves(t, s, debug.BackOver))
	require.Equal(t, "a=1 b=10", get(), "the change is at this event")
	require.Equal(t, "2", moves(t, s, debug.BackOver))
	require.Equal(t, "a=1", get())
	require.Equal(t, 0, s.Changed())
	require.Equal(t, "3 4 5", moves(t, s, debug.Over, debug.Over, debug.Over))
	require.Equal(t, "a=1 b=10 c=11", get(), "it is repeated")
	require.Equal(t, 2, s.Changed())
	reply, err := s.Command(t.Context(), []string{"MGET", "k", "other"}, false)
	require.NoError(t, err)
	require.Equal(t, "*2\r\n$2\r\n11\r\n$1\r\nx\r\n", string(reply))
	_, err = s.Command(t.Context(), []string{"SET", "other", "y"}, false)
	require.NoError(t, err)
	reply, err = s.Command(t.Context(), []string{"GET", "other"}, false)
	require.NoError(t, err)
	require.Equal(t, "$1\r\nx\r\n", string(reply), "a look cannot write")

	require.Equal(t, "4 3 2", moves(t, s, debug.BackOver, debug.BackOver, debug.BackOver))
	_, err = s.Eval(t.Context(), debug.FrameID{}, "a = 5")
	require.NoError(t, err)
	require.Equal(t, "3 4", moves(t, s, debug.Over, debug.Over))
	require.Equal(t, "a=5 b=6 c=7", get(), "the later changes are dropped")
	require.Equal(t, "end", moves(t, s, debug.Continue))
	require.Equal(t, "*3\r\n:5\r\n:6\r\n:7\r\n", string(s.Now().Reply))
	_, err = s.Eval(t.Context(), debug.FrameID{}, "a = 5")
	require.ErrorContains(t, err, "has ended")

	require.Equal(t, "*0\r\n", do(t, db, "KEYS", "*"), "the database is as it was")
	reply, err = s.Commit(t.Context(), db)
	require.NoError(t, err)
	require.Equal(t, "*3\r\n:5\r\n:6\r\n:7\r\n", string(reply))
	require.Equal(t, "$1\r\n7\r\n", do(t, db, "GET", "k"))
	stop, err := s.Restart(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, stop.Line)
	require.Equal(t, "2 3 4 5", moves(t, s, debug.Over, debug.Over, debug.Over, debug.Over))
	require.Equal(t, "a=1 b=2 c=3", get())
}

func TestLastWrite(t *testing.T) {
	t.Parallel()
	s := start(t, newDB(t, "SET k 0"), "redis.call('SET', KEYS[1], 1)\nredis.call('SET', 'o', 1)\nredis.call('INCR', KEYS[1])\nredis.pcall('LPUSH', KEYS[1], 1)\nredis.call('GET', KEYS[1])\nreturn 1")
	require.Equal(t, "end", moves(t, s, debug.Continue))
	for _, want := range []string{"INCR", "SET"} {
		stop, err := s.LastWrite(t.Context(), "k")
		require.NoError(t, err)
		require.Equal(t, want, stop.Call.Words[0])
		require.Equal(t, debug.DataBreak, stop.Reason)
	}
	stop, err := s.LastWrite(t.Context(), "k")
	require.NoError(t, err)
	require.Equal(t, debug.NotReached, stop.Reason)
	require.Equal(t, 1, stop.Line)
	require.Equal(t, "2", moves(t, s, debug.Over), "it goes on from there")
	require.Equal(t, []string{"k"}, s.Touched())
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	for _, source := range []string{
		"local n = 0\nwhile true do\n  n = n + 1\nend",
		"local n = 0\nn = n + 1\nwhile true do end",
		"redis.call('SET', 'x', 1)\nwhile true do end",
		"local n = 0\nlocal f = loadstring('while true do local x = 1 end')\nf()",
	} {
		s := start(t, newDB(t), source)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		stop, err := s.Go(ctx, debug.Continue)
		cancel()
		require.NoError(t, err, source)
		require.Equal(t, debug.Interrupt, stop.Reason)
		require.NotZero(t, stop.Line)
		_, err = s.Look(t.Context(), debug.FrameID{}, "KEYS[1]")
		require.NoError(t, err)
		before, err := s.Go(t.Context(), debug.BackInto)
		require.NoError(t, err)
		require.Equal(t, debug.StepBack, before.Reason)
		require.Less(t, before.Event, stop.Event)
	}
	s := start(t, newDB(t), "local n = 1\nn = 2\nreturn n")
	require.Equal(t, "2", moves(t, s, debug.Over))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := s.Eval(ctx, debug.FrameID{}, "while true do end")
	require.ErrorContains(t, err, "interrupted")
	require.Equal(t, 2, s.Now().Line)
	require.Equal(t, "3 end", moves(t, s, debug.Over, debug.Over))
}

// A run that was interrupted goes on until it is interrupted again.
func TestInterruptOnce(t *testing.T) {
	t.Parallel()
	s := start(t, newDB(t), "local n = 0\nwhile true do n = n + 1 end")
	for range 1000 {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Microsecond, cancel)
		stop, err := s.Go(ctx, debug.Continue)
		require.NoError(t, err)
		require.Equal(t, debug.Interrupt, stop.Reason)
		require.Error(t, ctx.Err(), "nobody has interrupted it")
	}
}

// Functions of libraries are debugged as scripts are, with redis.breakpoint, coroutines and upvalues.
func TestFunctionsAndCoroutines(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	const library = `#!lua name=l
local calls = 0
local function each(keys)
  for i, key in ipairs(keys) do
    coroutine.yield(i)
  end
end
redis.register_function('f', function(keys, args)
  calls = calls + 1
  local co = coroutine.create(each)
  local ok, i = coroutine.resume(co, keys)
  redis.breakpoint()
  ok, i = coroutine.resume(co)
  return i
end)`
	do(t, db, "FUNCTION", "LOAD", library)
	s, err := debug.Start(t.Context(), db, []string{"FCALL", "f", "2", "a", "b"})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	require.Equal(t, library, s.About().Source)
	require.Equal(t, 9, s.Now().Line)
	require.Equal(t, "10 11 4 5 12 13 5 14 end", moves(t, s, debug.Over, debug.Over, debug.Into, debug.Over, debug.Over, debug.Continue, debug.Into, debug.Over, debug.Over))
	require.Equal(t, "14 13", moves(t, s, debug.BackOver, debug.BackContinue))
	require.Equal(t, "keys={\"a\", \"b\"} args={} co=coroutine (suspended) ok=true i=1", locals(s))
	require.Equal(t, []debug.Thread{{ID: 0, Status: "running"}, {ID: 1, Status: "suspended"}}, s.Threads())
	inside := s.Stack(1)
	require.Equal(t, 5, inside[0].Line())
	require.Equal(t, "b", must(s.Look(t.Context(), inside[0].ID, "keys[i + 1]")))
	require.Equal(t, "5", moves(t, s, debug.Into))
	require.Equal(t, 1, s.Thread())
	_, err = s.Eval(t.Context(), debug.FrameID{Thread: 1}, "key = 'changed'")
	require.NoError(t, err)
	require.Contains(t, locals(s), "key=\"changed\"")
	require.Equal(t, "13 5", moves(t, s, debug.BackOut, debug.Into))
	require.Contains(t, locals(s), "key=\"changed\"", "it is repeated in the coroutine")
	v, err := s.Look(t.Context(), debug.FrameID{}, "calls")
	require.NoError(t, err)
	require.Equal(t, 1.0, v)
}

func must(v any, err error) any {
	if err != nil {
		return err
	}
	return v
}

func TestStartFails(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{"return 1 +": "Error compiling script", "#!lua flags=x\nreturn 1": "Unexpected flag"} {
		_, err := debug.Start(t.Context(), newDB(t), []string{"EVAL", source, "0"})
		require.ErrorContains(t, err, want)
	}
	s, err := debug.Start(t.Context(), newDB(t), []string{"EVAL", "", "0"})
	require.NoError(t, err, "it has no statement")
	defer s.Close()
	assert.Equal(t, debug.Ended, s.Now().Reason)
}
