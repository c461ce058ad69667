package redis_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/internal/testkit/growth"
	"github.com/redis-rest/redis-rest-go/redistest"
)

// inBoth runs a test with a pipeline and with a transaction, on each backend.
func inBoth(t *testing.T, test func(t *testing.T, s *redistest.Server, batch func(*redis.Redis) *redis.Batch)) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		t.Run("pipeline", func(t *testing.T) { test(t, s, (*redis.Redis).Pipeline) })
		_, err := s.Client().Do(t.Context(), "FLUSHALL")
		require.NoError(t, err)
		t.Run("transaction", func(t *testing.T) { test(t, s, (*redis.Redis).Multi) })
	})
}

func result[T any](t *testing.T, f *redis.Future[T]) T {
	t.Helper()
	v, err := f.Result()
	require.NoError(t, err)
	return v
}

func TestBatch(t *testing.T) {
	inBoth(t, func(t *testing.T, s *redistest.Server, batch func(*redis.Redis) *redis.Batch) {
		ctx := t.Context()
		rdb, r := recorded(s)
		b := batch(rdb)
		set := redis.Cmd[bool]("SET", "k", "\x00é").Queue(b)
		get := redis.Cmd[string]("GET", "k").Queue(b)
		bytes := redis.Cmd[[]byte]("GET", "k").Queue(b)
		missing := redis.Cmd[*string]("GET", "missing").Queue(b)
		list := redis.Cmd[[]string]("MGET", "k", "k").Queue(b)
		_, err := get.Result()
		require.ErrorIs(t, err, redis.ErrNotExecuted)
		require.ErrorContains(t, err, "GET")
		require.NoError(t, b.Exec(ctx))
		require.True(t, result(t, set))
		require.Equal(t, "\x00é", result(t, get))
		require.Equal(t, []byte("\x00é"), result(t, bytes))
		require.Nil(t, result(t, missing))
		require.Equal(t, []string{"\x00é", "\x00é"}, result(t, list))
		require.Len(t, r.urls, 1)

		require.ErrorIs(t, b.Exec(ctx), redis.ErrNotExecuted, "a second time")
		late := redis.Cmd[int]("INCR", "n").Queue(b)
		_, err = late.Result()
		require.ErrorIs(t, err, redis.ErrNotExecuted)
		require.Len(t, r.urls, 1)
		require.Equal(t, "\x00é", result(t, get), "the results stay")
	})
}

func TestEmptyBatch(t *testing.T) {
	rdb, r := recorded(redistest.NewServer(t))
	for _, b := range []*redis.Batch{rdb.Pipeline(), rdb.Multi()} {
		require.NoError(t, b.Exec(t.Context()))
		require.Error(t, b.Exec(t.Context()))
	}
	require.Empty(t, r.urls)
}

func TestBatchWithFailures(t *testing.T) {
	inBoth(t, func(t *testing.T, s *redistest.Server, batch func(*redis.Redis) *redis.Batch) {
		ctx, rdb := t.Context(), s.Client()
		b := batch(rdb)
		redis.Cmd[string]("SET", "k", "text").Queue(b)
		wrongtype := redis.Cmd[int]("LPUSH", "k", "x").Queue(b)
		misfit := redis.Cmd[int]("GET", "k").Queue(b)
		null := redis.Cmd[string]("GET", "missing").Queue(b)
		last := redis.Cmd[int]("INCR", "n").Queue(b)
		err := b.Exec(ctx)
		e, ok := errors.AsType[*redis.BatchError](err)
		require.True(t, ok)
		require.Equal(t, 5, e.Total)
		require.Len(t, e.Errors, 2, "null is no failure")
		require.Equal(t, []any{1, "LPUSH", 2, "GET"}, []any{e.Errors[0].Index, e.Errors[0].Command, e.Errors[1].Index, e.Errors[1].Command})
		require.Equal(t, "WRONGTYPE", redis.Code(err))
		require.ErrorContains(t, err, "2 of 5 commands failed, first [1] LPUSH: WRONGTYPE")
		require.ErrorContains(t, e.Errors[1], "[2] GET: want int")
		require.NotErrorIs(t, err, redis.ErrNil)

		_, err = wrongtype.Result()
		re, ok := errors.AsType[*redis.Error](err)
		require.True(t, ok)
		require.Equal(t, 1, re.Index)
		require.Equal(t, "LPUSH", re.Command)
		_, err = misfit.Result()
		_, ok = errors.AsType[*redis.DecodeError](err)
		require.True(t, ok)
		_, err = null.Result()
		require.ErrorIs(t, err, redis.ErrNil)
		require.Equal(t, 1, result(t, last))
	})
}

func TestBatchThatCannotBeSent(t *testing.T) {
	rdb, r := recorded(redistest.NewServer(t))
	for _, bad := range []redis.Command[int]{redis.Cmd[int]("SET", "k", nil), {}, redis.Cmd[int](), redis.Cmd[int]("")} {
		b := rdb.Pipeline()
		fine := redis.Cmd[int]("INCR", "n").Queue(b)
		wrong := bad.Queue(b)
		err := b.Exec(t.Context())
		e, ok := errors.AsType[*redis.BatchError](err)
		require.True(t, ok)
		require.Len(t, e.Errors, 2)
		_, err = fine.Result()
		require.ErrorIs(t, err, redis.ErrNotExecuted)
		_, err = wrong.Result()
		require.ErrorIs(t, err, redis.ErrNotExecuted)
	}
	require.Empty(t, r.urls)

	for _, rdb := range []*redis.Redis{nil, {}} {
		b := rdb.Multi()
		f := redis.Cmd[int]("INCR", "n").Queue(b)
		require.Error(t, b.Exec(t.Context()))
		_, err := f.Result()
		require.ErrorIs(t, err, redis.ErrNotExecuted)
	}
	_, err := redis.Cmd[int]("INCR", "n").Queue(nil).Result()
	require.ErrorIs(t, err, redis.ErrNotExecuted)
}

func TestDiscardedTransaction(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx, rdb := t.Context(), s.Client()
		for _, bad := range []redis.Command[int]{redis.Cmd[int]("NO.SUCH"), redis.Cmd[int]("GET"), redis.Cmd[int]("SELECT", 1)} {
			b := rdb.Multi()
			first := redis.Cmd[int]("INCR", "n").Queue(b)
			second := bad.Queue(b)
			err := b.Exec(ctx)
			e, ok := errors.AsType[*redis.BatchError](err)
			require.True(t, ok)
			require.Len(t, e.Errors, 2)
			for i, f := range []*redis.Future[int]{first, second} {
				_, err := f.Result()
				require.Equal(t, "EXECABORT", redis.Code(err))
				require.NotErrorIs(t, err, redis.ErrOutcomeUnknown)
				re, _ := errors.AsType[*redis.Error](err)
				require.Equal(t, i, re.Index)
			}
		}
		n, err := redis.Cmd[int]("EXISTS", "n").Do(ctx, rdb)
		require.NoError(t, err)
		require.Zero(t, n)
	})
}

func TestBatchAnswersThatAreNotReplies(t *testing.T) {
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		code    string
		unknown bool
	}{
		"too few":           {answer(200, `[{"result":1}]`), "", true},
		"too many":          {answer(200, `[{"result":1},{"result":2},{"result":3}]`), "", true},
		"none":              {answer(200, `[]`), "", true},
		"an object":         {answer(200, `{"result":1}`), "", true},
		"an error":          {answer(400, `{"error":"EXECABORT no"}`), "EXECABORT", false},
		"401":               {answer(401, `{"error":"WRONGPASS x"}`), "WRONGPASS", false},
		"a member is empty": {answer(200, `[{"result":1},{}]`), "", true},
		"a member is null":  {answer(200, `[{"result":1},null]`), "", true},
		"commas":            {answer(200, `[{"result":1} {"result":2}]`), "", true},
		"a comma more":      {answer(200, `[{"result":1},{"result":2},]`), "", true},
		"more behind":       {answer(200, `[{"result":1},{"result":2}] 1`), "", true},
		"cut short":         {answer(200, `[{"result":1},{"resu`), "", true},
		"a page":            {answer(502, `<html>`), "", true},
		"replies with 500":  {answer(500, `[{"result":1},{"result":2}]`), "", true},
	} {
		t.Run(name, func(t *testing.T) {
			for _, batch := range []func(*redis.Redis) *redis.Batch{(*redis.Redis).Pipeline, (*redis.Redis).Multi} {
				b := batch(fake(t, c.handler))
				futures := []*redis.Future[int]{redis.Cmd[int]("INCR", "a").Queue(b), redis.Cmd[int]("INCR", "b").Queue(b)}
				err := b.Exec(t.Context())
				e, ok := errors.AsType[*redis.BatchError](err)
				require.True(t, ok)
				require.Len(t, e.Errors, 2)
				for _, f := range futures {
					v, err := f.Result()
					require.Zero(t, v)
					require.Equal(t, c.code, redis.Code(err))
					require.Equal(t, c.unknown, errors.Is(err, redis.ErrOutcomeUnknown))
				}
			}
		})
	}
	stuckClient, arrived := stuck(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	b := stuckClient.Pipeline()
	redis.Cmd[int]("INCR", "a").Queue(b)
	err := b.Exec(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, redis.ErrOutcomeUnknown)
}

// failedBatch runs a batch of n commands on a server that answers every batch with status
// and body. It returns the futures, and the memory that Exec took.
func failedBatch(t *testing.T, n int, make func(*redis.Redis) *redis.Batch, status int, body string, queue func(*redis.Batch, int) *redis.Future[int]) (futures []*redis.Future[int], bytes uint64) {
	t.Helper()
	hc := &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{}, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body))}, nil
	})}
	rdb, err := redis.New("https://redis.example.com", secretToken, redis.WithHTTPClient(hc), redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, err)
	b := make(rdb)
	for i := range n {
		futures = append(futures, queue(b, i))
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err = b.Exec(t.Context())
	runtime.ReadMemStats(&after)
	e, ok := errors.AsType[*redis.BatchError](err)
	require.True(t, ok)
	require.Len(t, e.Errors, n)
	return futures, after.TotalAlloc - before.TotalAlloc
}

// One large answer to a whole batch is read once, not once for each member: 1,000
// members cost about as much as 10.
func TestLargeAnswerToManyMembers(t *testing.T) {
	const size = 1 << 20
	writes := func(b *redis.Batch, i int) *redis.Future[int] { return redis.Cmd[int]("INCR", i).Queue(b) }
	script := redis.NewScript[int](strings.Repeat("-- a line\n", size/10)+"return 1", redis.Named("long.lua"))
	scripts := func(b *redis.Batch, i int) *redis.Future[int] { return script.Cmd(nil, i).Queue(b) }
	page := strings.Repeat("<p>not a reply", size/14)
	for name, c := range map[string]struct {
		status int
		body   string
		queue  func(*redis.Batch, int) *redis.Future[int]
		code   string
		known  bool // whether the command ran
		shows  string
	}{
		"a page":                {502, page, writes, "", false, "502"},
		"a page with success":   {200, page, writes, "", false, "200"},
		"a page, refused":       {429, page, writes, "", true, "429"},
		"a single reply":        {200, `{"result":[` + strings.Repeat("[],", size/3) + `0]}`, writes, "", false, "200"},
		"too few replies":       {200, `[{"result":[` + strings.Repeat("[],", size/3) + `0]}]`, writes, "", false, "200"},
		"an error":              {400, `{"error":"EXECABORT ` + strings.Repeat("x", size) + `"}`, writes, "EXECABORT", true, "EXECABORT"},
		"an error of a gateway": {502, `{"error":"EXECABORT ` + strings.Repeat("x", size) + `"}`, writes, "EXECABORT", false, "EXECABORT"},
		"an error with a line":  {400, `{"error":"MINE ` + strings.Repeat("x", size) + ` script: 0123, on @user_script:100000."}`, scripts, "MINE", true, "long.lua:100000: MINE"},
		"a traceback":           {400, `{"error":"ERR Error running script (call to f_0123): @user_script:100000: MINE x\nstack traceback:` + strings.Repeat("x", size) + `"}`, scripts, "MINE", true, "long.lua:100000: MINE x | -- a line"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, make := range []func(*redis.Redis) *redis.Batch{(*redis.Redis).Pipeline, (*redis.Redis).Multi} {
				var fewBytes, manyBytes uint64
				var futures []*redis.Future[int]
				growth.AtMost(t, 20, func() {
					_, fewBytes = failedBatch(t, 10, make, c.status, c.body, c.queue)
				}, func() {
					futures, manyBytes = failedBatch(t, 1000, make, c.status, c.body, c.queue)
				}, "1,000 members against 10")
				assert.Less(t, manyBytes, fewBytes+1000*4<<10, "bytes")
				for i, f := range futures {
					v, err := f.Result()
					require.Zero(t, v)
					require.Equal(t, c.code, redis.Code(err))
					require.Equal(t, !c.known, errors.Is(err, redis.ErrOutcomeUnknown))
					if e, ok := errors.AsType[*redis.Error](err); ok {
						require.Equal(t, []any{i, c.status}, []any{e.Index, e.Status})
						require.Contains(t, []string{"INCR", "EVALSHA"}, e.Command)
						continue
					}
					e, ok := errors.AsType[*redis.HTTPError](err)
					require.True(t, ok)
					require.Equal(t, c.status, e.Status)
				}
				_, err := futures[999].Result()
				require.Contains(t, err.Error(), c.shows)
			}
		})
	}
}

func TestCommandInTwoBatches(t *testing.T) {
	inBoth(t, func(t *testing.T, s *redistest.Server, batch func(*redis.Redis) *redis.Batch) {
		ctx, rdb := t.Context(), s.Client()
		incr := redis.Cmd[int]("INCR", "n")
		script := redis.NewScript[int](countScript).Cmd([]string{"n"})
		a, b := batch(rdb), batch(rdb)
		fa, sa := incr.Queue(a), script.Queue(a)
		fb, sb := incr.Queue(b), script.Queue(b)
		require.NoError(t, a.Exec(ctx))
		_, err := fb.Result()
		require.ErrorIs(t, err, redis.ErrNotExecuted)
		require.NoError(t, b.Exec(ctx))
		require.Equal(t, []int{1, 2, 3, 4}, []int{result(t, fa), result(t, sa), result(t, fb), result(t, sb)})
		n, err := incr.Do(ctx, rdb)
		require.NoError(t, err)
		require.Equal(t, 5, n)
	})
}

func TestBatchFromManyGoroutines(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx, rdb := t.Context(), s.Client()
		b := rdb.Pipeline()
		futures := make([]*redis.Future[int], 64)
		var wg sync.WaitGroup
		for i := range futures {
			wg.Go(func() { futures[i] = redis.Cmd[int]("INCR", "n").Queue(b) })
		}
		wg.Wait()
		var ok atomic.Int32
		for range 8 {
			wg.Go(func() {
				if b.Exec(ctx) == nil {
					ok.Add(1)
				}
			})
		}
		wg.Wait()
		require.EqualValues(t, 1, ok.Load(), "executed once")
		seen := map[int]bool{}
		for _, f := range futures {
			seen[result(t, f)] = true
		}
		require.Len(t, seen, len(futures))
	})
}

func TestArgumentsAreTakenWhenQueued(t *testing.T) {
	s := redistest.NewServer(t)
	b := s.Client().Pipeline()
	value := []byte("before")
	f := redis.Cmd[string]("ECHO", value).Queue(b)
	copy(value, "after!")
	require.NoError(t, b.Exec(t.Context()))
	require.Equal(t, "before", result(t, f))
}

// sentBatches returns a client and the bodies of the requests that it sends.
func sentBatches(t *testing.T, s *redistest.Server, opts ...redis.Option) (*redis.Redis, *[]string) {
	t.Helper()
	var bodies []string
	hc := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		body, _ := r.GetBody()
		data, _ := io.ReadAll(body)
		bodies = append(bodies, r.URL.Path+" "+string(data))
		return http.DefaultTransport.RoundTrip(r)
	})}
	return s.Client(append(opts, redis.WithHTTPClient(hc))...), &bodies
}

func TestScriptsInBatches(t *testing.T) {
	inBoth(t, func(t *testing.T, s *redistest.Server, batch func(*redis.Redis) *redis.Batch) {
		ctx := t.Context()
		rdb, bodies := sentBatches(t, s)
		count := redis.NewScript[int](countScript)
		read := redis.NewScript[*int]("return redis.call('GET', KEYS[1])", redis.ReadOnly())
		for round := range 2 {
			require.NoError(t, rdb.ScriptFlush(ctx))
			*bodies = nil
			b := batch(rdb)
			before := read.Cmd([]string{"n"}).Queue(b)
			var counts []*redis.Future[int]
			for range 3 {
				counts = append(counts, count.Cmd([]string{"n"}).Queue(b))
			}
			plain := redis.Cmd[int]("INCR", "n").Queue(b)
			after := read.Cmd([]string{"n"}).Queue(b)
			require.NoError(t, b.Exec(ctx))
			start := round * 4
			if round == 0 {
				require.Nil(t, result(t, before))
			} else {
				require.Equal(t, start, *result(t, before))
			}
			for i, f := range counts {
				require.Equal(t, start+i+1, result(t, f))
			}
			require.Equal(t, start+4, result(t, plain))
			require.Equal(t, start+4, *result(t, after))
			require.Len(t, *bodies, 1, "one request")
			require.Equal(t, 1, strings.Count((*bodies)[0], `"EVAL"`))
			require.Equal(t, 2, strings.Count((*bodies)[0], `"EVALSHA"`))
			require.Equal(t, 1, strings.Count((*bodies)[0], `"EVAL_RO"`))
			require.Equal(t, 1, strings.Count((*bodies)[0], `"EVALSHA_RO"`))
		}
	})
}

func TestScriptAfterItsOwnFlush(t *testing.T) {
	inBoth(t, func(t *testing.T, s *redistest.Server, batch func(*redis.Redis) *redis.Batch) {
		count := redis.NewScript[int](countScript)
		b := batch(s.Client())
		first := count.Cmd([]string{"n"}).Queue(b)
		redis.Cmd[string]("script", "flush").Queue(b)
		second := count.Cmd([]string{"n"}).Queue(b)
		require.NoError(t, b.Exec(t.Context()))
		require.Equal(t, []int{1, 2}, []int{result(t, first), result(t, second)})
	})
}

func TestManyScriptsInABatch(t *testing.T) {
	inBoth(t, func(t *testing.T, s *redistest.Server, batch func(*redis.Redis) *redis.Batch) {
		b := batch(s.Client())
		var futures []*redis.Future[int]
		scripts := make([]*redis.Script[int], 600) // Redis 7.4 keeps 500 scripts that were sent with EVAL
		for i := range scripts {
			scripts[i] = redis.NewScript[int](fmt.Sprintf("return %d", i))
		}
		for range 2 {
			for _, script := range scripts {
				futures = append(futures, script.Cmd(nil).Queue(b))
			}
		}
		require.NoError(t, b.Exec(t.Context()))
		for i, f := range futures {
			require.Equal(t, i%len(scripts), result(t, f))
		}
	})
}

// Redis 7.4 keeps 500 of the scripts that were sent with EVAL. A batch relies on only 400,
// and sends a source again after that many.
func TestSourcesAreSentAgainAfterManyScripts(t *testing.T) {
	for others, sources := range map[int]int{399: 400, 400: 402} {
		rdb, bodies := sentBatches(t, redistest.NewServer(t))
		b := rdb.Pipeline()
		first := redis.NewScript[int]("return -1")
		first.Cmd(nil).Queue(b)
		for i := range others {
			redis.NewScript[int](fmt.Sprintf("return %d", i)).Cmd(nil).Queue(b)
		}
		first.Cmd(nil).Queue(b)
		require.NoError(t, b.Exec(t.Context()))
		require.Len(t, *bodies, 1)
		require.Equal(t, sources, strings.Count((*bodies)[0], `"EVAL"`), "%d others", others)
	}
}

func TestScriptThatDoesNotCompileInABatch(t *testing.T) {
	inBoth(t, func(t *testing.T, s *redistest.Server, batch func(*redis.Redis) *redis.Batch) {
		broken := redis.NewScript[int]("this does not compile", redis.Named("broken.lua"))
		b := batch(s.Client())
		redis.NewScript[int]("return 1").Cmd([]string{"my-noscript-key"}).Queue(b) // another error than the first member's
		redis.NewScript[int]("return {err = 'other'}").Cmd([]string{"my-noscript-key"}).Queue(b)
		var futures []*redis.Future[int]
		for range 3 {
			futures = append(futures, broken.Cmd([]string{"my-noscript-key"}).Queue(b))
		}
		err := b.Exec(t.Context())
		require.Error(t, err)
		require.NotErrorIs(t, err, redis.ErrNoScript, "no NOSCRIPT reaches a user")
		for i, f := range futures {
			_, err := f.Result()
			e, ok := errors.AsType[*redis.Error](err)
			require.True(t, ok)
			require.Equal(t, i+2, e.Index)
			require.NotEqual(t, "NOSCRIPT", e.Code)
			require.NotEqual(t, "other", e.Code)
		}
	})
}

func TestNoScriptReturnedByScriptInABatch(t *testing.T) {
	inBoth(t, func(t *testing.T, s *redistest.Server, batch func(*redis.Redis) *redis.Batch) {
		ctx := t.Context()
		rdb, bodies := sentBatches(t, s)
		own := redis.NewScript[int]("redis.call('INCR', KEYS[1]) return redis.error_reply('NOSCRIPT mine')")
		b := batch(rdb)
		for range 3 {
			own.Cmd([]string{"my-noscript-key"}).Queue(b)
		}
		require.Equal(t, "NOSCRIPT", redis.Code(b.Exec(ctx)))
		require.Len(t, *bodies, 1)
		n, err := redis.Cmd[int]("GET", "my-noscript-key").Do(ctx, rdb)
		require.NoError(t, err)
		require.Equal(t, 3, n)
	})
}

// On a cluster each node keeps its own scripts. A batch sends the source with the first
// use on each node, so that no member has to be sent again after the others.
func TestScriptsOnTheNodesOfACluster(t *testing.T) {
	onRedis(t)
	ctx, rdb := t.Context(), cluster(t, 3)
	const push = "return redis.call('RPUSH', KEYS[1], ARGV[1])"
	for name, make := range map[string]func(s *redis.Script[int], key string, v int) redis.Command[int]{
		"script": func(s *redis.Script[int], key string, v int) redis.Command[int] { return s.Cmd([]string{key}, v) },
		"RunOnce": func(s *redis.Script[int], key string, v int) redis.Command[int] {
			return s.OnceCmd(fmt.Sprint(v), []string{key}, v)
		},
	} {
		t.Run(name, func(t *testing.T) {
			script := redis.NewScript[int](push + " -- " + name)
			key := func(k int) string { return fmt.Sprintf("%s:%d", name, k) } // the keys are spread over all nodes
			const keys = 12
			b := rdb.Pipeline()
			for v := range 4 * keys {
				if (v+v/keys)%4 == 3 { // one in four uses of each key
					redis.Cmd[int]("RPUSH", key(v%keys), v).Queue(b)
				} else {
					make(script, key(v%keys), v).Queue(b)
				}
			}
			require.NoError(t, b.Exec(ctx))
			for k := range keys {
				order, err := redis.Cmd[[]int]("LRANGE", key(k), 0, -1).Do(ctx, rdb)
				require.NoError(t, err)
				require.Equal(t, []int{k, k + keys, k + 2*keys, k + 3*keys}, order)
			}
			tx := rdb.Multi()
			first, second := make(script, "{tx}1"+name, 1).Queue(tx), make(script, "{tx}2"+name, 2).Queue(tx)
			require.NoError(t, tx.Exec(ctx))
			require.Equal(t, []int{1, 1}, []int{result(t, first), result(t, second)})
		})
	}
}

// sourcesAndDigests counts the members of a batch that carry a script's source, and those
// that carry its digest.
func sourcesAndDigests(body string) [2]int {
	return [2]int{strings.Count(body, `"EVAL"`), strings.Count(body, `"EVALSHA"`)}
}

func TestSourceForEachSlot(t *testing.T) {
	inBoth(t, func(t *testing.T, s *redistest.Server, batch func(*redis.Redis) *redis.Batch) {
		ctx := t.Context()
		rdb, bodies := sentBatches(t, s)
		run := func(script *redis.Script[int], keys ...string) [2]int {
			t.Helper()
			*bodies = nil
			b := batch(rdb)
			for _, key := range keys {
				var ks []string
				if key != "" {
					ks = []string{key}
				}
				script.Cmd(ks).Queue(b)
			}
			require.NoError(t, b.Exec(ctx))
			require.Len(t, *bodies, 1)
			return sourcesAndDigests((*bodies)[0])
		}
		one := redis.NewScript[int]("return 1")
		require.Equal(t, [2]int{1, 2}, run(one, "a", "a", "a"))
		require.Equal(t, [2]int{1, 2}, run(one, "{tag}a", "{tag}b", "c{tag}"), "one slot")
		require.Equal(t, [2]int{1, 1}, run(one, "foo", "k3931"), "two keys with slot 12182")
		require.Equal(t, [2]int{2, 2}, run(one, "a", "b", "b", "a"))
		require.Equal(t, [2]int{2, 2}, run(one, "", "a", "", "a"), "without keys any node may run it")

		// The bytes of repeated sources are limited. The digest works here even if a source
		// is not repeated.
		var keys []string
		for i := range 50 {
			keys = append(keys, fmt.Sprint("k", i))
		}
		large := redis.NewScript[int]("return 1 --" + strings.Repeat("x", 100_000-11))
		require.Equal(t, [2]int{11, 39}, run(large, keys...), "1 MiB beside the first")
		rdb, bodies = sentBatches(t, s, redis.WithMaxRequestBytes(1_000_000))
		require.Equal(t, [2]int{3, 47}, run(large, keys...), "a quarter of the limit beside the first")
	})
}

// If another client flushes the scripts in the middle of a pipeline, only the members
// whose script is missing are sent again, after the others.
func TestMissingScriptInAPipeline(t *testing.T) {
	const missing = `{"error":"NOSCRIPT No matching script. Please use EVAL."}`
	var bodies []string
	rdb := fake(t, func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(data))
		if len(bodies) == 1 {
			io.WriteString(w, `[{"result":1},`+missing+`,{"result":"YQ=="},`+missing+`]`)
			return
		}
		io.WriteString(w, `[{"result":2},{"error":"ERR x"}]`)
	})
	count := redis.NewScript[int](countScript)
	b := rdb.Pipeline()
	first := count.Cmd([]string{"{k}1"}).Queue(b)
	second := count.Cmd([]string{"{k}2"}).Queue(b)
	other := redis.Cmd[string]("GET", "a").Queue(b)
	last := count.Cmd([]string{"{k}3"}).Queue(b)
	err := b.Exec(t.Context())
	e, ok := errors.AsType[*redis.BatchError](err)
	require.True(t, ok)
	require.Len(t, e.Errors, 1)
	require.Equal(t, 3, e.Errors[0].Index)
	require.Equal(t, 1, result(t, first))
	require.Equal(t, 2, result(t, second))
	require.Equal(t, "a", result(t, other))
	_, err = last.Result()
	require.Equal(t, "ERR", redis.Code(err))
	require.Len(t, bodies, 2)
	source := fmt.Sprintf(`["EVAL",%q,"1",`, countScript)
	require.Equal(t, "["+source+`"{k}2"],`+source+`"{k}3"]]`, bodies[1])

	// No member of a transaction is sent again.
	bodies = nil
	b = fake(t, func(w http.ResponseWriter, r *http.Request) {
		bodies = append(bodies, "")
		io.WriteString(w, `[{"error":"ERR does not compile"},`+missing+`]`)
	}).Multi()
	first, second = count.Cmd(nil).Queue(b), count.Cmd(nil).Queue(b)
	require.Error(t, b.Exec(t.Context()))
	for _, f := range []*redis.Future[int]{first, second} {
		_, err := f.Result()
		require.ErrorContains(t, err, "does not compile")
	}
	require.Len(t, bodies, 1)

	// An EVALSHA that the caller queued as a command is not sent again.
	bodies = nil
	b = fake(t, func(w http.ResponseWriter, r *http.Request) {
		bodies = append(bodies, "")
		io.WriteString(w, `[`+missing+`]`)
	}).Pipeline()
	redis.Cmd[int]("EVALSHA", count.SHA(), 0).Queue(b)
	require.ErrorIs(t, b.Exec(t.Context()), redis.ErrNoScript)
	require.Len(t, bodies, 1)
}

// TestBatchesUnderConstantFlush counts on the server which commands ran, while another
// client flushes the scripts all the time.
func TestBatchesUnderConstantFlush(t *testing.T) {
	s := redistest.NewServer(t)
	batches := 500
	switch {
	case testing.Short():
		batches = 100
	case os.Getenv("CI") != "":
		batches = 10_000
	}
	ctx := t.Context()
	var requests atomic.Int64
	rdb := s.Client(redis.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		requests.Add(1)
		return http.DefaultTransport.RoundTrip(r)
	})}))
	// Redis runs a command of another client between two commands of a pipeline only when
	// it has to read more of the pipeline. It reads 16 KiB at a time.
	padding := strings.Repeat("x", 12<<10)
	// Each run appends its number to a list. So the list also shows the order.
	const source = "redis.call('RPUSH', KEYS[1], ARGV[1]) return tonumber(ARGV[1])"
	script := redis.NewScript[int](source)
	stop := make(chan struct{})
	var flusher, runners sync.WaitGroup
	var flushes int
	flusher.Go(func() {
		for flushing := s.Client(); ; {
			select {
			case <-stop:
				return
			default:
			}
			b := flushing.Pipeline()
			for range 20 {
				redis.Cmd[string]("SCRIPT", "FLUSH", "SYNC").Queue(b)
			}
			assert.NoError(t, b.Exec(ctx))
			flushes += 20
		}
	})
	const members, goroutines = 4, 8
	var noscript atomic.Int64
	for kind, batch := range map[string]func(*redis.Redis) *redis.Batch{"p": (*redis.Redis).Pipeline, "t": (*redis.Redis).Multi} {
		for g := range goroutines {
			runners.Go(func() {
				for i := g; i < batches; i += goroutines {
					b := batch(rdb)
					var futures []*redis.Future[int]
					for m := range members {
						pad := ""
						if i%4 == 0 {
							pad = padding
						}
						futures = append(futures, script.Cmd([]string{fmt.Sprintf("%s%d", kind, i)}, m, pad).Queue(b))
					}
					if err := b.Exec(ctx); err != nil {
						if errors.Is(err, redis.ErrNoScript) {
							noscript.Add(1)
						}
						assert.NoError(t, err)
						return
					}
					for m, f := range futures {
						v, err := f.Result()
						assert.NoError(t, err)
						assert.Equal(t, m, v)
					}
				}
			})
		}
	}
	runners.Wait()
	close(stop)
	flusher.Wait()
	again := requests.Load() - 2*int64(batches)
	require.Zero(t, noscript.Load())
	lost, double, reordered := 0, 0, map[string]int{}
	for _, kind := range []string{"p", "t"} {
		for from := 0; from < batches; from += 500 {
			b := rdb.Pipeline()
			var lists []*redis.Future[[]int]
			for i := from; i < min(from+500, batches); i++ {
				lists = append(lists, redis.Cmd[[]int]("LRANGE", fmt.Sprintf("%s%d", kind, i), 0, -1).Queue(b))
			}
			require.NoError(t, b.Exec(ctx))
			for _, f := range lists {
				ran := result(t, f)
				times := map[int]int{}
				for _, m := range ran {
					times[m]++
				}
				if len(ran) == members && !slices.IsSorted(ran) {
					reordered[kind]++
				}
				for m := range members {
					switch {
					case times[m] == 0:
						lost++
					case times[m] > 1:
						double++
					}
				}
			}
		}
	}
	t.Logf("%d pipelines, %d transactions, %d flushes meanwhile: %d pipelines sent commands again, %d NOSCRIPT seen, %d lost, %d double, %d pipelines and %d transactions reordered",
		batches, batches, flushes, again, noscript.Load(), lost, double, reordered["p"], reordered["t"])
	require.Zero(t, lost)
	require.Zero(t, double)
	require.Zero(t, reordered["t"])
}

// The error of a batch names the command that is to blame, and no other.
func TestBatchBlamesTheRightCommand(t *testing.T) {
	threeIn := func(b *redis.Batch, middle redis.Command[int]) string {
		redis.Cmd[int]("INCR", "n").Queue(b)
		middle.Queue(b)
		redis.Cmd[int]("INCR", "n").Queue(b)
		err := b.Exec(t.Context())
		require.Error(t, err)
		return err.Error()
	}
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		for _, malformed := range []redis.Command[int]{redis.Cmd[int]("NO.SUCH"), redis.Cmd[int]("GET"), redis.Cmd[int]("SELECT", 1)} {
			text := threeIn(s.Client().Multi(), malformed)
			assert.Contains(t, text, "[1]")
			assert.NotContains(t, text, "[0]")
			assert.Contains(t, text, "EXECABORT")
		}
		wrongType := redis.Cmd[int]("INCR", "text")
		_, err := s.Client().Do(t.Context(), "SET", "text", "x")
		require.NoError(t, err)
		for _, b := range []*redis.Batch{s.Client().Pipeline(), s.Client().Multi()} {
			assert.Contains(t, threeIn(b, wrongType), "1 of 3 commands failed, first [1] INCR: ")
		}
		for _, b := range []*redis.Batch{s.Client().Pipeline(), s.Client().Multi()} {
			assert.Contains(t, threeIn(b, redis.Cmd[int]("SET", "k", nil)), "first [1] SET: argument 2")
		}
	})
	// A server that does not say which, and failures of the whole request.
	for text, handler := range map[string]http.HandlerFunc{
		"EXECABORT Transaction discarded because of previous errors.": answer(400, `{"error":"EXECABORT Transaction discarded because of previous errors."}`),
		"HTTP 502":  answer(502, "<html>"),
		"WRONGPASS": answer(401, `{"error":"WRONGPASS invalid or missing auth token"}`),
	} {
		said := threeIn(fake(t, handler).Multi(), redis.Cmd[int]("GET", "k"))
		assert.Contains(t, said, "3 of 3 commands failed: ")
		assert.NotContains(t, said, "INCR", "it is no command's own failure")
		assert.Contains(t, said, text)
		assert.NotContains(t, said, "[")
	}
}
