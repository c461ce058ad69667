package redis_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/redistest"
)

func TestLineOfScriptError(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx, rdb := t.Context(), s.Client()
		_, err := redis.Cmd[string]("SET", "s", "text").Do(ctx, rdb)
		require.NoError(t, err)
		for name, c := range map[string]struct {
			line  int
			code  string
			shown string // the source line at the end of the message
		}{
			"runtime":             {3, "ERR", "return x.y"},
			"call":                {2, "WRONGTYPE", "local n = redis.call('LPUSH', 's', 'x')"},
			"error-string":        {1, "ERR", "error('boom')"},
			"error-table":         {3, "MYCODE", "error({err='MYCODE words'})"},
			"error-table-lower":   {1, "my_code", "error({err='my_code words'})"},
			"compile":             {2, "ERR", "local b = = 2"},
			"call-in-function":    {2, "WRONGTYPE", "return redis.call('LPUSH', 's', 'x')"},
			"runtime-in-function": {2, "ERR", "local n = t.a.b"},
			"error-at-caller":     {5, "ERR", "f()"},
			"undeclared-global":   {2, "ERR", "return nosuch"},
			"unknown-command":     {1, "ERR", "return redis.call('NO.SUCH')"},
			"pcall":               {0, "WRONGTYPE", ""},
			"returned":            {0, "insufficient_stock", ""},
		} {
			t.Run(name, func(t *testing.T) {
				source := testdata(t, "errors/"+name+".lua")
				script := redis.NewScript[string](source, redis.Named("limit.lua"))
				check := func(err error, where string) {
					t.Helper()
					e, ok := errors.AsType[*redis.Error](err)
					require.True(t, ok, "%v", err)
					assert.Equal(t, c.line, e.Line)
					assert.Equal(t, c.code, e.Code)
					assert.Equal(t, c.code, redis.Code(err))
					if c.line > 0 {
						assert.Contains(t, err.Error(), fmt.Sprintf(": %s:%d: %s ", where, c.line, c.code))
						assert.True(t, strings.HasSuffix(err.Error(), " | "+c.shown), err.Error())
						assert.NotContains(t, err.Error(), "user_script")
						assert.NotContains(t, err.Error(), script.SHA())
					} else {
						assert.NotContains(t, err.Error(), " | ")
					}
				}
				for range 2 { // first by source, then by digest
					_, err := script.Run(ctx, rdb, nil)
					check(err, "limit.lua")
				}
				_, err := redis.Eval[string](ctx, rdb, source, nil)
				check(err, "script")
				_, err = redis.Cmd[string]("eval", source, 0).Do(ctx, rdb)
				check(err, "script")
				for _, b := range []*redis.Batch{rdb.Pipeline(), rdb.Multi()} {
					first, second := script.Cmd(nil).Queue(b), script.Cmd(nil).Queue(b)
					require.Error(t, b.Exec(ctx))
					for i, f := range []*redis.Future[string]{first, second} {
						_, err := f.Result()
						check(err, "limit.lua")
						e, _ := errors.AsType[*redis.Error](err)
						assert.Equal(t, i, e.Index)
					}
				}
				if name == "compile" {
					check(script.Load(ctx, rdb), "limit.lua")
					return
				}
				sha, err := rdb.ScriptLoad(ctx, source)
				require.NoError(t, err)
				_, err = redis.EvalSha[string](ctx, rdb, sha, nil) // the client does not know the source
				e, ok := errors.AsType[*redis.Error](err)
				require.True(t, ok)
				assert.Equal(t, c.line, e.Line)
				assert.Equal(t, c.code, e.Code)
				assert.NotContains(t, err.Error(), " | ")
				if c.line > 0 {
					assert.Contains(t, err.Error(), fmt.Sprintf("redis: EVALSHA: script:%d: %s ", c.line, c.code))
				}
			})
		}
	})
}

// These are messages of a hosted server, as users have reported them.
func TestLineOfHostedScriptError(t *testing.T) {
	const source = "local n = 1\nlocal m = redis.call('SET', KEYS[1], 'x')\nreturn m"
	for message, want := range map[string]struct {
		code  string
		line  int
		shown string
	}{
		"ERR Error running script: @user_script:2: READONLY Write commands are not allowed\nstack traceback:\n\t[C]: in function 'call'": {
			"READONLY", 2, "redis: EVAL: script:2: READONLY Write commands are not allowed | local m = redis.call('SET', KEYS[1], 'x')"},
		"ERR Error running script (call to f_0123): @user_script:2: WRONGTYPE Operation\nstack traceback:\n\t…": {
			"WRONGTYPE", 2, "redis: EVAL: script:2: WRONGTYPE Operation | local m = redis.call('SET', KEYS[1], 'x')"},
		"ERR Error running script: @user_script:1: user_script:1: boom": {
			"ERR", 1, "redis: EVAL: script:1: ERR boom | local n = 1"},
		"ERR user_script:9: boom script: 0123, on @user_script:9.": { // the source has no such line
			"ERR", 9, "redis: EVAL: script:9: ERR boom"},
	} {
		rdb := fake(t, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(400)
			fmt.Fprintf(w, `{"error":%q}`, message)
		})
		_, err := redis.Eval[string](t.Context(), rdb, source, []string{"k"})
		e, ok := errors.AsType[*redis.Error](err)
		require.True(t, ok)
		assert.Equal(t, want.code, e.Code)
		assert.Equal(t, want.line, e.Line)
		assert.Equal(t, message, e.Message)
		assert.Equal(t, want.shown, err.Error())
	}
	// An error with an unknown outcome shows the line too.
	_, err := redis.Eval[string](t.Context(), fake(t, answer(502, `{"error":"ERR user_script:1: boom"}`)), source, nil)
	require.ErrorIs(t, err, redis.ErrOutcomeUnknown)
	require.ErrorContains(t, err, "script:1: ERR boom | local n = 1")
	// A very long line is shortened.
	long := "return " + strings.Repeat("é", 1000)
	_, err = redis.Eval[string](t.Context(), fake(t, answer(400, `{"error":"ERR user_script:1: boom"}`)), long, nil)
	require.Less(t, len(err.Error()), 250)
}

// An error that a Doer returns is not changed, since other callers may use it too.
func TestSharedErrorsAreNotChanged(t *testing.T) {
	shared := &redis.Error{Code: "ERR", Message: "ERR user_script:1: boom", Line: 1}
	d := fakeDoer(func(...any) (string, error) { return "", shared })
	_, err := redis.Eval[int](t.Context(), d, "return boom", nil)
	require.ErrorContains(t, err, "| return boom")
	require.NotContains(t, shared.Error(), "|")
}
