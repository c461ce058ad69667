package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/restserver"
)

// debugged runs commands of the debugger, and returns what it writes without the prompts.
func debugged(t *testing.T, commands string, args ...string) string {
	t.Helper()
	out, notes, err := run(t, strings.ReplaceAll(commands, "; ", "\n"), append([]string{"debug"}, args...)...)
	require.NoError(t, err)
	require.Empty(t, notes)
	return strings.ReplaceAll(out, debugPrompt, "> ")
}

func TestDebug(t *testing.T) {
	const purchase = "../../examples/quickstart/purchase.lua"
	seed := write(t, "seed.txt", "SET stock 5\nSET balance 100\n")
	require.Equal(t, `* Stopped at 9, stop reason = entry
-> 9   local quantity = tonumber(ARGV[1])
> break 12
Breakpoint 1: line 12
  #12    return {err = 'insufficient_stock'}
> break 16
Line 16 has no code: the breakpoint is at line 17.
Breakpoint 2: line 17
  #17  redis.call('DECRBY', KEYS[1], quantity)
> c
* Stopped at 17, stop reason = break point
->#17  redis.call('DECRBY', KEYS[1], quantity)
> n
<redis> DECRBY stock 2
<reply> 3
* Stopped at 18, stop reason = step over
-> 18  redis.call('DECRBY', KEYS[2], cost)
> 
<redis> DECRBY balance 60
<reply> 40
* Stopped at 19, stop reason = step over
-> 19  return {ok = 'success'}
> back continue
* Stopped at 17, stop reason = break point
->#17  redis.call('DECRBY', KEYS[1], quantity)
> eval cost = 1
<retval> nil
> print
<value> quantity = 2
<value> cost = 1
> b 0
All breakpoints removed.
> b key balance
Breakpoint 3: a call that writes balance
> c
* Stopped at 18, stop reason = data breakpoint
<redis> DECRBY balance 1
<reply> 99
-> 18  redis.call('DECRBY', KEYS[2], cost)
> redis GET stock
<redis> GET stock
<reply> "3"
> c
* The script has ended; back goes back, restart begins again
<retval> "success"
> print
<error> the script has ended; go back first
> written stock
* Stopped at 17, stop reason = data breakpoint
<redis> DECRBY stock 2
<reply> 3
-> 17  redis.call('DECRBY', KEYS[1], quantity)
> quit
(the changes were rolled back)
`, debugged(t, "break 12; break 16; c; n; ; back continue; eval cost = 1; print; b 0; b key balance; c; redis GET stock; c; print; written stock; quit", "--seed", seed, purchase, "stock", "balance", ",", "2", "30"))

	library := write(t, "l.lua", `#!lua name=l
local function inner(t)
  redis.debug('inner', t, ('x'):rep(5000), '\0\27[31m')
  error('no')
end
redis.register_function('f', function(keys, args)
  local ok = pcall(inner, {keys[1], n = args[1]})
  inner({})
end)`)
	out := debugged(t, "b function inner; log 4 t is {t.n}; c; trace; frame 1; print; print nothing; frame 5; errors all; c; maxlen 60; print ('y'):rep(100); c; c; c; whole; b; b 99; b x; b -4; b -4; xyz; eval; eval x y; redis; list a; goto 0; goto 3; back; back; back sideways; log; errors some; where; maxlen 0; print 'it''s'", "--function", "f", library, "k", ",", "v")
	for _, want := range []string{
		"* Stopped at 3, stop reason = break point\n-> 3     redis.debug('inner'",
		"> trace\n-> 0 inner, line 3\n   1 f, line 7\n",
		"> frame 1\n-> 1 f, line 7\n> print\n<value> keys = {\"k\"}\n<value> args = {\"v\"}\n<value> inner = function\n",
		"> print nothing\n<error> eval:1: Script attempted to access nonexistent global variable 'nothing'\n",
		"> frame 5\n<error> there is no function 5; trace shows them\n",
		"> c\n<debug> line 3: \"inner\", {\"k\", n = \"v\"}, \"xxx", "… (5000 bytes)", `"\000\027[31m"`, "<point> t is v\n* Stopped at 4, stop reason = error\n<error> user_function:4: no\n",
		"> print ('y'):rep(100)\n<value> \"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\"… (100 bytes)\n",
		"* The script has ended; back goes back, restart begins again\n<retval> (error) ERR user_function:4: no script: f, on @user_function:4.\n",
		"> b\nBreakpoint 1: function inner\nLog point 2: line 4: t is {t.n}\n", "> b 99\n<error> no code is at or after line 99\n", "> b x\n<error> \"x\" is not a number\n",
		"> b -4\nBreakpoint removed.\n> b -4\n<error> no breakpoint is at line 4\n", "> xyz\n<error> Unknown Lua debugger command",
		"> goto 3\n* Stopped at 4, stop reason = goto\n", "> back\n* Stopped at 7, stop reason = step back\n", "> back sideways\n<error> back takes step, out or continue\n",
		"> log\n<error> log needs a line and a text: log 5 n is {n}\n", "> where\nEvent 1.\n", "> print 'it''s'\n<error> eval:1:",
	} {
		require.Contains(t, out, want)
	}
	require.NotContains(t, out, "\x1b")

	for _, c := range [][]string{
		{"the file of the script is missing"}, {"must be in a file", "-"}, {"--keep needs --data", "--keep", purchase}, {"none.lua", filepath.Join(t.TempDir(), "none.lua")},
		{"Error compiling script", write(t, "x.lua", "return 1 +")}, {"Function not found", "--function", "g", library}, {"--data: ", "--data", filepath.Join(t.TempDir(), "none"), purchase},
	} {
		_, _, err := run(t, "", append([]string{"debug"}, c[1:]...)...)
		require.ErrorContains(t, err, c[0])
	}
}

// What is changed by hand and by the script is kept in the file, if the script has ended.
func TestDebugKeeps(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data")
	script := write(t, "s.lua", "local n = 1\nredis.call('SET', KEYS[1], n)\nreturn n")
	get := func() *string {
		server, err := restserver.Start(restserver.Config{DataFile: path})
		require.NoError(t, err)
		defer func() { require.NoError(t, server.Close()) }()
		rdb, err := redis.New(server.URL, server.Token)
		require.NoError(t, err)
		v, err := redis.Cmd[*string]("GET", "k").Do(t.Context(), rdb)
		require.NoError(t, err)
		return v
	}
	require.Nil(t, get())
	require.Contains(t, debugged(t, "n; n", "--data", path, "--keep", script, "k"), "(nothing was kept: the script had not ended)\n")
	require.Contains(t, debugged(t, "c", "--data", path, script, "k"), "(the changes were rolled back)\n")
	require.Nil(t, get())
	require.Contains(t, debugged(t, "n; eval n = 5; c", "--data", path, "--keep", script, "k"), "(the changes are kept in "+path+")\n")
	require.Equal(t, "5", *get())
}

// A script that changes on disk is noticed, and restart runs the new text with the same breakpoints.
func TestDebugRestarts(t *testing.T) {
	script := write(t, "s.lua", "local n = 1\nreturn n")
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	defer reader.Close()
	var out output
	done := make(chan error, 1)
	go func() {
		p := program()
		p.Reader, p.Writer, p.ErrWriter = reader, &out, &out
		done <- p.Run(t.Context(), []string{"redis-rest", "debug", script})
	}()
	type step struct{ command, want string }
	for i, c := range []step{{"b 2", "Breakpoint 1"}, {"n", "Stopped at 2"}, {"print", "* s.lua has changed on disk; restart runs the new text"}, {"restart", "-> 1   local m = 2"}, {"c", "->#2   m = 3"}, {"restart", "<error> ERR Error compiling script"}, {"c", "has ended"}} {
		switch i {
		case 2:
			require.NoError(t, os.WriteFile(script, []byte("local m = 2\nm = 3\nreturn m"), 0o600))
		case 5:
			require.NoError(t, os.WriteFile(script, []byte("local"), 0o600))
		}
		_, err := writer.WriteString(c.command + "\n")
		require.NoError(t, err)
		require.Eventually(t, func() bool { return strings.Contains(out.String(), c.want) }, 10*time.Second, time.Millisecond, "%s: %s", c.command, &out)
	}
	require.NoError(t, writer.Close())
	require.NoError(t, <-done)
}

// serve --debug-port says where editors attach, and refuses what would let others in.
func TestServeDebugPort(t *testing.T) {
	s := serveWith(t, "--debug-port", "127.0.0.1:0")
	require.Eventually(t, func() bool { return strings.Contains(s.notes.String(), "redis-rest: editors attach at 127.0.0.1:") }, 10*time.Second, time.Millisecond)
	for want, args := range map[string][]string{
		"on this machine only": {"--debug-port", "0.0.0.0:4711"}, "needs the embedded database": {"--debug-port", "127.0.0.1:0", "--redis", "redis://127.0.0.1:1"},
	} {
		_, _, err := run(t, "", append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
		require.ErrorContains(t, err, want)
	}
}
