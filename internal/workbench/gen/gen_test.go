package gen_test

import (
	"errors"
	"math"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/internal/testkit/realredis"
	"github.com/redis-rest/redis-rest-go/internal/workbench/gen"
	"github.com/redis-rest/redis-rest-go/internal/workbench/gen/testdata/shop"
	"github.com/redis-rest/redis-rest-go/redistest"
)

// The generated file is the golden one, which the tests below compile and run.
func TestGolden(t *testing.T) {
	code, err := gen.Package("testdata/shop")
	require.NoError(t, err)
	golden, err := os.ReadFile(filepath.Join("testdata/shop", gen.File))
	require.NoError(t, err)
	require.Equal(t, string(golden), string(code), "go run ./cmd/redis-rest gen internal/workbench/gen/testdata/shop writes it")
	for range 5 {
		again, err := gen.Package("testdata/shop")
		require.NoError(t, err)
		require.Equal(t, code, again)
	}
}

// onBoth runs a test on the embedded database and on redis-server.
func onBoth(t *testing.T, test func(t *testing.T, s *redistest.Server)) {
	t.Parallel()
	for _, backend := range []string{"memory", "redis-server"} {
		t.Run(backend, func(t *testing.T) {
			t.Parallel()
			if backend == "redis-server" {
				realredis.Need(t)
			}
			test(t, redistest.NewServer(t, redistest.Backend(backend)))
		})
	}
}

func run[T any](t *testing.T, s *redistest.Server, c redis.Command[T]) T {
	t.Helper()
	v, err := c.Do(t.Context(), s.Client())
	require.NoError(t, err)
	return v
}

func TestReplies(t *testing.T) {
	onBoth(t, func(t *testing.T, s *redistest.Server) {
		limited := run(t, s, shop.RateLimit("user:1", 2, time.Minute))
		require.True(t, limited.Allowed)
		require.EqualValues(t, 1, limited.Remaining)
		require.Greater(t, limited.Reset, 50*time.Second)
		run(t, s, shop.RateLimit("user:1", 2, time.Minute))
		require.False(t, run(t, s, shop.RateLimit("user:1", 2, time.Minute)).Allowed)

		members := []shop.AddScoresArg{{ID: "ada", Score: 1.5, Seen: time.Unix(7, 9)}, {ID: "bob", Score: 2, Seen: time.Unix(8, 0)}}
		require.EqualValues(t, 2, run(t, s, shop.AddScores("board", time.Minute, members...)))
		require.EqualValues(t, 0, run(t, s, shop.AddScores("board", time.Minute)))
		require.Equal(t, []shop.TopItem{
			{Member: "bob@8", Score: 2, Places: []shop.TopItemPlace{{From: 1, To: 2}}},
			{Member: "ada@7", Score: 1.5, Places: []shop.TopItemPlace{{From: 3, To: 4}}},
		}, run(t, s, shop.Top("board", 5)))
		require.Empty(t, run(t, s, shop.Top("none", 5)))

		require.Nil(t, run(t, s, shop.Find("user", "age")))
		run(t, s, redis.Cmd[any]("HSET", "user", "name", "Ada", "last seen", 1500))
		user := run(t, s, shop.Find("user", "age"))
		require.Equal(t, "Ada", user.Name)
		require.Nil(t, user.Age)
		require.Equal(t, time.UnixMilli(1500), user.LastSeen)
		run(t, s, redis.Cmd[any]("SET", "age", 36))
		require.EqualValues(t, 36, *run(t, s, shop.Find("user", "age")).Age)

		require.Equal(t, shop.Decision{Allowed: true, Wait: 1500 * time.Millisecond}, run(t, s, shop.Try("count", 1)))
		require.Equal(t, []shop.Decision{{Allowed: true, Why: &shop.Reason{Text: "count"}}, {Allowed: true, Why: &shop.Reason{Text: "other"}}}, run(t, s, shop.TryMany("count", "other")))
		require.WithinDuration(t, time.Now(), run(t, s, shop.Clock()), time.Minute)
		require.Nil(t, run(t, s, shop.Nothing("user")))
		require.Nil(t, run(t, s, shop.Find("user", "age")))
	})
}

func TestArguments(t *testing.T) {
	onBoth(t, func(t *testing.T, s *redistest.Server) {
		at := time.UnixMilli(1764396757123)
		order := shop.Order{ID: "o<1>", Items: []string{"tea"}}
		link := netip.MustParseAddr("::1")
		echo := func(wait time.Duration, tags []string) redis.Command[shop.EchoReply] {
			return shop.Echo("é", []byte("raw"), math.MinInt64, 0.1, true, wait, time.Millisecond, at, at, order, link, tags, nil)
		}
		got := run(t, s, echo(time.Hour, []string{"a", "b"}))
		require.Equal(t, shop.EchoReply{
			Text: "é", Raw: []byte("raw"), N: math.MinInt64, X: 0.1, Yes: true, Wait: time.Hour, Pause: time.Millisecond, At: at.Truncate(time.Second), Moment: at,
			Order: order, Link: &link, Tags: []string{"a", "b"}, Numbers: []int64{},
		}, got)
		require.Equal(t, []string{}, run(t, s, echo(0, nil)).Tags)

		_, err := echo(1500*time.Millisecond, nil).Do(t.Context(), s.Client())
		require.EqualError(t, err, "redis: EVALSHA: ARGV[6] (time.Duration): it is not a whole number of seconds")
		require.ErrorIs(t, err, redis.ErrNotExecuted)

		key, limit, pause := "k", int64(5), 2*time.Second
		require.Equal(t, []string{"2", "0", "a", "b"}, run(t, s, shop.MoveAll("a", "b", nil, nil, nil, nil)))
		require.Equal(t, []string{"3", "0", "a", "b", "k"}, run(t, s, shop.MoveAll("a", "b", &key, nil, nil, nil)))
		require.Equal(t, []string{"2", "1", "a", "b", "5"}, run(t, s, shop.MoveAll("a", "b", nil, &limit, nil, nil)))
		require.Equal(t, []string{"3", "3", "a", "b", "k", "5", "2000", "x"}, run(t, s, shop.MoveAll("a", "b", &key, &limit, &pause, []byte("x"))))
		_, err = shop.MoveAll("a", "b", nil, nil, &pause, nil).Do(t.Context(), s.Client())
		require.EqualError(t, err, "redis: EVALSHA: pause is given, and limit before it is not")
		require.ErrorIs(t, err, redis.ErrNotExecuted)

		require.EqualValues(t, 332, run(t, s, shop.Mixed("a", []string{"b", "c"}, "", "y")))
	})
}

func TestErrors(t *testing.T) {
	onBoth(t, func(t *testing.T, s *redistest.Server) {
		buy := func(quantity, price int64) error {
			_, err := shop.Purchase("{s}stock", "{s}balance", quantity, price).Do(t.Context(), s.Client())
			return err
		}
		require.ErrorIs(t, buy(1, 1), shop.ErrInsufficientStock)
		run(t, s, redis.Cmd[any]("MSET", "{s}stock", 3, "{s}balance", 10))
		require.ErrorIs(t, buy(2, 6), shop.ErrInsufficientBalance)
		require.ErrorIs(t, buy(0, 6), shop.ErrBadQuantity)
		require.NotErrorIs(t, buy(0, 6), shop.ErrInsufficientStock)
		require.NoError(t, buy(2, 5))
		require.EqualValues(t, 1, run(t, s, redis.Cmd[int64]("GET", "{s}stock")))
	})
}

func TestKinds(t *testing.T) {
	onBoth(t, func(t *testing.T, s *redistest.Server) {
		for range 3 {
			require.EqualValues(t, 2.5, *run(t, s, shop.ChargeOnce("order:1", "account", "x", 2.5)))
		}
		require.EqualValues(t, 5, *run(t, s, shop.Charge("account", "x", 2.5)))
		require.Nil(t, run(t, s, shop.Charge("account", "", 2.5)))
		ttl := run(t, s, redis.Cmd[int64]("TTL", "{account}:once:order:1"))
		require.Greater(t, ttl, int64(23*3600))

		require.Equal(t, "warehouse", run(t, s, shop.LoadWarehouse()))
		require.Equal(t, "warehouse", run(t, s, shop.LoadWarehouse()))
		require.Nil(t, run(t, s, shop.Count("tea")))
		require.EqualValues(t, 4, run(t, s, shop.PutIn("tea", 4)))
		require.EqualValues(t, 4, *run(t, s, shop.Count("tea")))
		require.Equal(t, 40*time.Millisecond, run(t, s, shop.WaitTime(40, nil)))
		_, err := shop.WaitTime(40, new(int64(1))).Do(t.Context(), s.Client())
		require.ErrorIs(t, err, shop.ErrNoTime)

		// All of them are members of batches.
		b := s.Client().Pipeline()
		limited, clock, count := shop.RateLimit("b", 5, time.Second).Queue(b), shop.Clock().Queue(b), shop.Count("tea").Queue(b)
		require.NoError(t, b.Exec(t.Context()))
		for _, err := range []error{errOf(limited.Result()), errOf(clock.Result()), errOf(count.Result())} {
			require.NoError(t, err)
		}
		names := map[string]bool{}
		for _, r := range s.Requests() {
			for _, c := range r.Commands {
				names[c[0]] = true
			}
		}
		require.True(t, names["FCALL_RO"])
	})
}

func errOf[T any](_ T, err error) error { return err }

// write writes files into a new folder and returns it.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "scripts")
	require.NoError(t, os.Mkdir(dir, 0o755))
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	return dir
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	script := func(text string) map[string]string { return map[string]string{"a.lua": text} }
	for _, c := range []struct {
		files map[string]string
		want  string // "" is no error
	}{
		{script("return 1"), "no .lua file has annotations"},
		{nil, "no .lua file has annotations"},
		{script("return 1 +"), "no .lua file has annotations"},
		{script("---@key k\nreturn 1 +"), "a.lua:2:1: Error compiling script (new function): user_script:2: unexpected symbol near '<eof>' (R01)"},
		{script("---@key k\n---@return any\nreturn KEYS[2]"), "KEYS[2] is not declared: write ---@key for each, in order (A02)"},
		{script("---@kye k\nreturn 1"), "a.lua:1:4: there is no annotation ---@kye: there are key, arg, return, error, name, readonly, idempotent and once (A01)"},
		{script("---@name Other\n---@return any\nreturn 1"), ""},
		{map[string]string{"1st.lua": "---@return any\nreturn 1"}, "1st.lua:1:4: \"1st\" begins no Go name: choose one with ---@name"},
		{map[string]string{"é.lua": "---@return any\nreturn 1"}, "the name of the file can have letters, digits"},
		{map[string]string{"a_b.lua": "---@return any\nreturn 1", "a-b.lua": "---@return any\nreturn 1"}, "a_b.lua:1:4: AB is declared in a-b.lua:1: choose another name with ---@name"},
		{map[string]string{"a.lua": "---@return any\nreturn 1", "x.go": "package scripts\n\nfunc A() {}\n"}, "a.lua:1:4: A is declared in x.go:3: choose another name with ---@name"},
		{map[string]string{"a.lua": "---@return {x: integer}\nreturn {1}", "x_test.go": "package scripts\n\ntype AReply int\n"}, "AReply is declared in x_test.go:3"},
		{map[string]string{"a.lua": "---@error x\n---@return any\nreturn 1", "x.go": "package scripts\n\nvar ErrX error\n"}, "ErrX is declared in x.go:3"},
		{map[string]string{"a.lua": "---@return any\nreturn 1", "x.go": "package scripts\n\nfunc (x T) A() {}\ntype T int\n"}, ""},
		{map[string]string{"a.lua": "---@return any\nreturn 1", "x.go": "package broken syntax"}, ""},
		{script("---@arg user_id string\n---@arg userID string\n---@return any\nreturn ARGV[1] .. ARGV[2]"), "a.lua:2:4: two names become userID in Go"},
		{script("---@return {user_id: string, ['user-id']: string}\nreturn 1"), "either all fields of a record are in brackets, or none"},
		{script("---@return {user_id: integer, userID: integer}\nreturn {1, 2}"), "a.lua:1:4: two fields become UserID in Go"},
		{map[string]string{"a.lua": "---@return R{x: integer}\nreturn {1}", "b.lua": "---@return R{x: string}\nreturn {'a'}"}, "b.lua:1:4: R has other fields in a.lua:1"},
		{map[string]string{"a.lua": "---@return R{x: integer}\nreturn {1}", "b.lua": "---@name R\n---@return any\nreturn 1"}, "b.lua:1:4: R is declared in a.lua:1"},
		{map[string]string{"a.lua": "---@return R{x: integer}?\nreturn {1}", "b.lua": "---@return table<string,R{x:integer,}>\nreturn {'a', {1}}"}, ""},
		{script("#!lua name=l\nredis.register_function('x', function() return 1 end)"), "no .lua file has annotations"},
		{script("#!lua flags=no-such\n---@return any\nreturn 1"), "R08"},
	} {
		_, err := gen.Package(write(t, c.files))
		if c.want == "" {
			assert.NoError(t, err, "%v", c.files)
			continue
		}
		if assert.Error(t, err, "%v", c.files) {
			assert.Contains(t, err.Error(), c.want, "%v", c.files)
		}
	}
	_, err := gen.Package(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	dir := write(t, script("---@key a\nreturn 1"))
	_, err = gen.Package(dir)
	problem, ok := errors.AsType[*gen.Problem](err)
	require.True(t, ok)
	require.Equal(t, &gen.Problem{File: filepath.Join(dir, "a.lua"), Line: 1, Column: 4, Message: "nothing reads KEYS[1], which is a (A03)"}, problem)
}

// The package has the name that its files say, or that of the folder.
func TestPackageName(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]map[string]string{
		"scripts": {}, "limits": {"x.go": "package limits\n"}, "main": {"x.go": "package main\n", "gen.go": "//go:build ignore\n\npackage other\n"}, "tests": {"x_test.go": "package tests\n"},
	} {
		files["a.lua"] = "---@return any\nreturn 1"
		code, err := gen.Package(write(t, files))
		require.NoError(t, err, name)
		require.Contains(t, string(code), "\npackage "+name+"\n")
	}
}

// Whatever the names are, the code compiles.
func TestHostileNames(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a package")
	}
	t.Parallel()
	var script strings.Builder
	names := strings.Fields("break case chan const continue default defer else fallthrough func go goto if import interface map package range return select struct switch type var " +
		"redis command time errors append any string byte bool int64 float64 nil argv arg args keys id len url aScript aSource A _x x__y")
	for _, name := range names {
		script.WriteString("---@arg " + name + " string\n")
	}
	script.WriteString("---@arg when? seconds\n---@arg then_? json:time.Time\n---@arg opt? json:any\n---@arg other? json:text/template.Template\n---@arg third? json:*html/template.Template\n---@key first\n---@once\n---@return {")
	for _, name := range names {
		script.WriteString(name + ": string, ")
	}
	script.WriteString("}\nlocal reply = {KEYS[1]} for i, v in ipairs(ARGV) do reply[i] = v end return reply\n")
	dir, err := os.MkdirTemp("testdata", "hostile")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.lua"), []byte(script.String()), 0o644))
	code, err := gen.Package(dir)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, gen.File), code, 0o644))
	out, err := exec.Command("go", "build", "./"+filepath.ToSlash(dir)).CombinedOutput()
	require.NoError(t, err, string(out))
}
