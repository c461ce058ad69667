package redis_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/redistest"
)

// plainServer does not know base64. Its GET answers the key, and its MGET the keys.
func plainServer(asked *atomic.Int64) http.HandlerFunc {
	reply := func(args []string) string {
		var result any
		switch args[0] {
		case "ECHO":
			asked.Add(1)
			result = args[1]
		case "GET":
			result = args[1]
		case "MGET":
			result = args[1:]
		case "SET":
			result = "OK"
		case "INCR":
			result = 1
		}
		text, _ := json.Marshal(result)
		return `{"result":` + string(text) + `}`
	}
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			var args []string
			json.NewDecoder(r.Body).Decode(&args)
			io.WriteString(w, reply(args))
			return
		}
		var list [][]string
		json.NewDecoder(r.Body).Decode(&list)
		var replies []string
		for _, args := range list {
			replies = append(replies, reply(args))
		}
		io.WriteString(w, "["+strings.Join(replies, ",")+"]")
	}
}

func TestServerWithoutBase64IsNoticed(t *testing.T) {
	for _, auto := range []bool{false, true} {
		var asked atomic.Int64
		rdb := fake(t, plainServer(&asked), redis.WithAutoPipelining(auto))
		ctx := t.Context()
		get := func(key string) (string, error) { return redis.Cmd[string]("GET", key).Do(ctx, rdb) }
		for _, plain := range []string{"OK", "hello", "hello world", "", "abc!"} {
			got, err := get(plain)
			require.NoError(t, err)
			require.Equal(t, plain, got)
		}
		require.Zero(t, asked.Load(), "nothing was suspect")
		for range 3 {
			for _, word := range []string{"test", "user1234", "deadbeefdeadbeef", "aGVsbG8="} {
				_, err := get(word)
				require.ErrorIs(t, err, redis.ErrNoBase64, word)
				require.NotErrorIs(t, err, redis.ErrOutcomeUnknown)
				require.ErrorContains(t, err, "WithBase64(false)")
				e, ok := errors.AsType[*redis.DecodeError](err)
				require.True(t, ok)
				kept, err := redis.Decode[string](e.Reply())
				require.NoError(t, err)
				require.Equal(t, word, kept, "the reply is not lost")
			}
			got, err := get("hello world")
			require.NoError(t, err)
			require.Equal(t, "hello world", got)
			n, err := redis.Cmd[int]("INCR", "n").Do(ctx, rdb)
			require.NoError(t, err)
			require.Equal(t, 1, n)
		}
		require.EqualValues(t, 1, asked.Load(), "the server is asked once")

		rdb = fake(t, plainServer(&asked), redis.WithAutoPipelining(auto))
		_, err := redis.Cmd[[]string]("MGET", "hello world", "test").Do(ctx, rdb)
		require.ErrorIs(t, err, redis.ErrNoBase64)

		rdb = fake(t, plainServer(&asked), redis.WithAutoPipelining(auto))
		b := rdb.Pipeline()
		first, second, third := redis.Cmd[string]("SET", "k", "v").Queue(b), redis.Cmd[string]("GET", "test").Queue(b), redis.Cmd[string]("GET", "a b").Queue(b)
		require.ErrorIs(t, b.Exec(ctx), redis.ErrNoBase64)
		_, err = first.Result()
		require.NoError(t, err)
		_, err = second.Result()
		require.ErrorIs(t, err, redis.ErrNoBase64)
		got, err := third.Result()
		require.NoError(t, err)
		require.Equal(t, "a b", got)
	}
}

func TestManyAskForBase64Once(t *testing.T) {
	var asked atomic.Int64
	rdb := fake(t, plainServer(&asked))
	var wg sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		wg.Go(func() { _, errs[i] = redis.Cmd[string]("GET", "test").Do(t.Context(), rdb) })
	}
	wg.Wait()
	for _, err := range errs {
		require.ErrorIs(t, err, redis.ErrNoBase64)
	}
	require.EqualValues(t, 1, asked.Load())
}

// A server that knows base64 raises no alarm, whatever it stores.
func TestServerWithBase64RaisesNoAlarm(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx := t.Context()
		for _, value := range []string{"\xb5\xeb\x2d", "\xff", "test", "string.rep('\\255', 999)"} {
			rdb, r := recorded(s)
			for range 3 {
				got, err := redis.Eval[string](ctx, rdb, "return ARGV[1] ~= '' and loadstring('return '..ARGV[1])()", nil, fmt.Sprintf("'%s'", escapes(value)))
				require.NoError(t, err)
				require.Equal(t, value, got)
				pong, err := redis.Cmd[string]("PING").Do(ctx, rdb)
				require.NoError(t, err)
				require.Equal(t, "PONG", pong)
				kind, err := redis.Cmd[string]("TYPE", "missing").Do(ctx, rdb)
				require.NoError(t, err)
				require.Equal(t, "none", kind)
			}
			require.LessOrEqual(t, r.names()["ECHO"], 1)
		}
	})
}

// escapes writes each byte as Lua's \ddd.
func escapes(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		fmt.Fprintf(&b, `\%03d`, c)
	}
	return b.String()
}

// A server that will not say whether it knows base64 is asked once, and believed.
func TestServerThatRefusesToEcho(t *testing.T) {
	asked := 0
	binary := base64.StdEncoding.EncodeToString([]byte("\xff\xfe\xfd"))
	rdb := fake(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if strings.Contains(string(body), "ECHO") {
			asked++
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, `{"error":"NOPERM this user has no permissions to run the 'echo' command"}`)
			return
		}
		io.WriteString(w, `{"result":"`+binary+`"}`)
	})
	for range 3 {
		got, err := redis.Cmd[[]byte]("GET", "k").Do(t.Context(), rdb)
		require.NoError(t, err)
		require.Equal(t, "\xff\xfe\xfd", string(got))
	}
	require.Equal(t, 1, asked)
}

func TestWithoutBase64(t *testing.T) {
	var asked atomic.Int64
	for _, auto := range []bool{false, true} {
		var header []string
		rdb := fake(t, func(w http.ResponseWriter, r *http.Request) {
			header = append(header, r.Header["Upstash-Encoding"]...)
			plainServer(&asked)(w, r)
		}, redis.WithBase64(false), redis.WithAutoPipelining(auto))
		for _, word := range []string{"test", "aGVsbG8=", "OK", "", `a"b\`, "é\n"} {
			got, err := redis.Cmd[string]("GET", word).Do(t.Context(), rdb)
			require.NoError(t, err)
			require.Equal(t, word, got)
		}
		b := rdb.Pipeline()
		words := redis.Cmd[[]string]("MGET", "test", "user").Queue(b)
		require.NoError(t, b.Exec(t.Context()))
		got, err := words.Result()
		require.NoError(t, err)
		require.Equal(t, []string{"test", "user"}, got)
		require.Empty(t, header)
		require.Zero(t, asked.Load())
	}
	s := redistest.NewServer(t)
	rdb := s.Client(redis.WithBase64(false))
	got, err := redis.Eval[string](t.Context(), rdb, "return ARGV[1]", nil, "test")
	require.NoError(t, err)
	require.Equal(t, "test", got)
}
