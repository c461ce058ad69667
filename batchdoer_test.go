package redis_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/redistest"
)

// tenant is a wrapper that puts a prefix in front of keys, and writes in place.
type tenant struct{ redis.BatchDoer }

func (d tenant) Do(ctx context.Context, args ...any) (redis.Reply, error) {
	return d.BatchDoer.Do(ctx, withPrefix(args)...)
}

func (d tenant) DoBatch(ctx context.Context, kind redis.BatchKind, commands [][]any) []redis.BatchResult {
	for _, args := range commands {
		withPrefix(args)
	}
	return d.BatchDoer.DoBatch(ctx, kind, commands)
}

func TestWrappedBatches(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx := t.Context()
		rdb, bodies := sentBatches(t, s)
		for _, kind := range []redis.BatchKind{redis.Pipeline, redis.Transaction} {
			*bodies = nil
			script := redis.NewScript[int]("return redis.call('INCR', KEYS[1]) -- " + string(kind))
			incr := redis.Cmd[int]("INCR", "n:"+string(kind))
			b := redis.NewBatch(tenant{rdb}, kind)
			first, second := script.Cmd([]string{"n:" + string(kind)}).Queue(b), script.Cmd([]string{"n:" + string(kind)}).Queue(b)
			once, again := script.OnceCmd(string(kind), []string{"{o}:" + string(kind)}).Queue(b), incr.Queue(b)
			wrong := redis.Cmd[int]("LLEN", "n:"+string(kind)).Queue(b)
			null := redis.Cmd[*string]("GET", "none").Queue(b)
			bytes := redis.Cmd[string]("SET", "\x00é", 1.5).Queue(b)
			err := b.Exec(ctx)
			e, ok := errors.AsType[*redis.BatchError](err)
			require.True(t, ok)
			require.Len(t, e.Errors, 1)
			require.Equal(t, []int{1, 2, 1, 3}, []int{result(t, first), result(t, second), result(t, once), result(t, again)})
			_, err = wrong.Result()
			require.Equal(t, "WRONGTYPE", redis.Code(err))
			re, _ := errors.AsType[*redis.Error](err)
			require.Equal(t, 4, re.Index)
			require.Nil(t, result(t, null))
			require.Equal(t, "OK", result(t, bytes))
			require.Len(t, *bodies, 1, "one request")
			require.Contains(t, (*bodies)[0], `"tenant:n:`)
			require.NotContains(t, (*bodies)[0], `tenant:tenant:`)
			n, err := incr.Do(ctx, tenant{rdb})
			require.NoError(t, err)
			require.Equal(t, 4, n)
		}
	})
}

// A member of a wrapped batch may run twice exactly if it may do so in a batch of the client.
func TestWrappedBatchesAreSentAgain(t *testing.T) {
	once := redis.NewScript[int]("return 1").OnceCmd("id", []string{"k"})
	for name, row := range map[string]struct {
		commands []redis.Command[int]
		sent     int
	}{
		"idempotent and reads": {[]redis.Command[int]{allowed, read, once, allowed}, 3},
		"a write":              {[]redis.Command[int]{allowed, read, write}, 1},
	} {
		for _, wrapped := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				s := &scripted{turns: []turn{breaks}}
				var d redis.BatchDoer = s.client(t)
				if wrapped {
					d = tenant{tenant{d}}
				}
				b := redis.NewBatch(d, redis.Pipeline)
				for _, c := range row.commands {
					c.Queue(b)
				}
				require.ErrorIs(t, b.Exec(t.Context()), redis.ErrOutcomeUnknown, name)
				require.Len(t, s.sent, row.sent, name)
			})
		}
	}
}

// A wrapper and the key prefix change the hash slots of keys. The source of a script is sent
// for the slots that the server sees.
func TestSourcesOfWrappedBatches(t *testing.T) {
	s := redistest.NewServer(t)
	rdb, bodies := sentBatches(t, s, redis.WithKeyPrefix("app:"))
	for name, d := range map[string]redis.BatchDoer{"client": rdb, "wrapped": copies{rdb}, "with another prefix": tenant{rdb}} {
		for _, kind := range []redis.BatchKind{redis.Pipeline, redis.Transaction} {
			*bodies = nil
			once := redis.NewScript[int]("return redis.call('INCR', KEYS[1]) -- " + name)
			reads := redis.NewScript[int]("return #KEYS -- "+name, redis.ReadOnly())
			b := redis.NewBatch(d, kind)
			for _, key := range []string{"foo", "k3931", "foo", "k3931", "{t}a", "{t}b"} { // foo and k3931 have one slot without prefix
				once.Cmd([]string{key}).Queue(b)
			}
			for _, key := range []string{"k3931", "foo", "k3931"} {
				reads.Cmd([]string{key}).Queue(b)
			}
			require.NoError(t, b.Exec(t.Context()), name)
			require.Len(t, *bodies, 1)
			require.Equal(t, [2]int{3, 3}, sourcesAndDigests((*bodies)[0]), "%s: %s", name, (*bodies)[0])
			require.Equal(t, []int{2, 1}, []int{strings.Count((*bodies)[0], `"EVAL_RO"`), strings.Count((*bodies)[0], `"EVALSHA_RO"`)})
			require.NotContains(t, (*bodies)[0], `"app:app:`)
		}
	}

	rdb, bodies = sentBatches(t, s)
	reads := redis.NewScript[int]("return 7")
	results := rdb.DoBatch(t.Context(), redis.Pipeline, [][]any{
		{"EVALSHA", reads.SHA(), 1, "foo"}, {"EVAL", "return 7", 0}, {"eval", "return 7", "1", "foo"}, {"evalsha", reads.SHA(), 1, "k3931", "a"}, {"SCRIPT", "FLUSH"},
		{"EVALSHA", reads.SHA(), "1", "foo"}, {"EVALSHA"}, {"EVALSHA", reads.SHA(), "x", "foo"}, {"EVALSHA", "0", "0"},
	})
	require.ErrorIs(t, results[0].Err, redis.ErrNoScript)
	require.Equal(t, [2]int{3, 3}, sourcesAndDigests((*bodies)[0]), "a source again after the flush: %s", (*bodies)[0])
	require.Contains(t, (*bodies)[0], `"evalsha"`, "both keys have one slot")
	for _, i := range []int{1, 2, 3, 5} {
		got, err := redis.Decode[int](results[i].Reply)
		require.NoError(t, errors.Join(results[i].Err, err))
		require.Equal(t, 7, got)
	}
	for _, i := range []int{6, 7, 8} {
		require.Error(t, results[i].Err)
	}

	// Arguments count as they are sent.
	for want, commands := range map[[2]int][][]any{
		{1, 1}: {{"EVAL", "return 7", 1, "foo"}, {"EVALSHA", []byte(reads.SHA()), []byte("1"), []byte("k3931")}},
		{2, 0}: {{"EVAL", []byte("return 7"), json.Number("1"), "foo"}, {"EVALSHA", reads.SHA(), int64(1), "bar"}},
	} {
		*bodies = nil
		for _, r := range rdb.DoBatch(t.Context(), redis.Pipeline, commands) {
			require.NoError(t, r.Err)
		}
		require.Equal(t, want, sourcesAndDigests((*bodies)[0]), "%s", (*bodies)[0])
	}
}

// DoBatch prefixes keys and strips replies as other calls do.
func TestDoBatchWithAKeyPrefix(t *testing.T) {
	s := redistest.NewServer(t)
	rdb := s.Client(redis.WithKeyPrefix("app:"))
	for _, d := range []redis.BatchDoer{rdb, copies{rdb}} {
		results := d.DoBatch(t.Context(), redis.Pipeline, [][]any{
			{"SET", "a", 1}, {"KEYS", "*"}, {"SCAN", 0}, {"FLUSHALL"}, {"GET", "a"},
		})
		require.Len(t, results, 5)
		for _, r := range results { // one is refused, so nothing is sent
			require.ErrorIs(t, r.Err, redis.ErrNotExecuted)
		}
		results = d.DoBatch(t.Context(), redis.Transaction, [][]any{{"SET", "a", 1}, {"KEYS", "*"}, {"SCAN", 0}, {"LPUSH", "l", "x"}, {"LMPOP", 1, "l", "LEFT"}})
		var texts []string
		for _, r := range results {
			require.NoError(t, r.Err)
			texts = append(texts, r.Reply.String())
		}
		require.Equal(t, []string{`"OK"`, `["a"]`, `["0",["a"]]`, `1`, `["l",["x"]]`}, texts)
	}
	keys, err := redis.Cmd[[]string]("KEYS", "*").Do(t.Context(), s.Client())
	require.NoError(t, err)
	require.Equal(t, []string{"app:a"}, keys)
}

// copies hands on copies.
type copies struct{ redis.BatchDoer }

func (d copies) Do(ctx context.Context, args ...any) (redis.Reply, error) {
	return d.BatchDoer.Do(ctx, slices.Clone(args)...)
}

func (d copies) DoBatch(ctx context.Context, kind redis.BatchKind, commands [][]any) []redis.BatchResult {
	var own [][]any
	for _, args := range commands {
		own = append(own, slices.Clone(args))
	}
	return d.BatchDoer.DoBatch(ctx, kind, own)
}

// fakeBatches answers batches without a server.
type fakeBatches struct {
	redis.Doer
	results []redis.BatchResult
}

func (f fakeBatches) DoBatch(context.Context, redis.BatchKind, [][]any) []redis.BatchResult {
	return slices.Clone(f.results)
}

func TestFakeBatches(t *testing.T) {
	one, err := redis.ParseReply("1")
	require.NoError(t, err)
	mine := errors.New("mine")
	run := func(d redis.BatchDoer, kind redis.BatchKind) (int, error, error) {
		b := redis.NewBatch(d, kind)
		first, second := redis.Cmd[int]("INCR", "a").Queue(b), redis.Cmd[int]("INCR", "b").Queue(b)
		b.Exec(t.Context())
		n, err := first.Result()
		_, err2 := second.Result()
		return n, err, err2
	}
	n, err, err2 := run(fakeBatches{results: []redis.BatchResult{{Reply: one}, {Err: mine}}}, redis.Transaction)
	require.Equal(t, 1, n)
	require.NoError(t, err)
	require.ErrorIs(t, err2, mine)
	_, err, err2 = run(fakeBatches{results: []redis.BatchResult{{Reply: one}}}, redis.Pipeline)
	require.ErrorContains(t, err, "returned 1 results for 2 commands")
	require.ErrorIs(t, err2, redis.ErrOutcomeUnknown)
	for _, row := range []struct {
		d    redis.BatchDoer
		kind redis.BatchKind
		want string
	}{
		{nil, redis.Pipeline, "the BatchDoer is nil"},
		{fakeBatches{}, "batch", "neither a Pipeline nor a Transaction"},
		{&redis.Redis{}, redis.Pipeline, "not made by New or FromEnv"},
		{(*redis.Redis)(nil), redis.Pipeline, "not made by New or FromEnv"},
	} {
		_, err, err2 := run(row.d, row.kind)
		require.ErrorIs(t, err, redis.ErrNotExecuted)
		require.ErrorContains(t, err2, row.want)
	}
	require.Empty(t, redistest.New(t).DoBatch(t.Context(), redis.Pipeline, nil))
}
