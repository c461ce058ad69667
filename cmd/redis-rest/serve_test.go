package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"math"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v3"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/restserver"
)

// A served program runs until the test ends it.
type served struct {
	url, token, reader string
	out, notes         *output
	ended              chan struct{}
	err                error // once it has ended
	cancel             func()
}

// end ends the program and returns its error.
func (s *served) end() error {
	s.cancel()
	<-s.ended
	return s.err
}

// An output may be read while it is written.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// start runs serve on a free port.
func start(t *testing.T, args ...string) *served {
	t.Helper()
	return startCommand(t, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
}

func startCommand(t *testing.T, args ...string) *served {
	t.Helper()
	s := &served{out: new(output), notes: new(output), ended: make(chan struct{})}
	p := program()
	p.Reader, p.Writer, p.ErrWriter = strings.NewReader(""), s.out, s.notes
	ctx, cancel := context.WithCancel(t.Context())
	s.cancel = cancel
	go func() {
		defer close(s.ended)
		s.err = p.Run(ctx, append([]string{"redis-rest"}, args...))
	}()
	t.Cleanup(func() { s.end() })
	return s
}

// waitFor waits until the program has said this.
func (s *served) waitFor(t *testing.T, text string) {
	t.Helper()
	require.Eventually(t, func() bool {
		select {
		case <-s.ended:
			return true
		default:
			return strings.Contains(s.notes.String(), text)
		}
	}, 30*time.Second, time.Millisecond)
	require.Contains(t, s.notes.String(), text, "%v", s.err)
}

func (s *served) ready(t *testing.T) { t.Helper(); s.waitFor(t, "read-only: ") }

// serveWith runs serve and reads what it prints.
func serveWith(t *testing.T, args ...string) *served {
	t.Helper()
	s := start(t, args...)
	s.ready(t)
	lines := strings.Split(s.out.String(), "\n")
	_, s.url, _ = strings.Cut(lines[0], "=")
	var set bool
	if _, s.token, set = strings.Cut(lines[1], "="); !set {
		s.token = lines[1] // a comment
	}
	if m := regexp.MustCompile(`READ_ONLY_TOKEN=(\w+)`).FindStringSubmatch(s.notes.String()); m != nil {
		s.reader = m[1]
	}
	return s
}

func TestServe(t *testing.T) {
	s := serveWith(t, "--log", "text")
	require.Contains(t, s.notes.String(), "memory")
	require.Contains(t, s.notes.String(), "data is lost when the server ends")
	rdb, err := redis.New(s.url, s.token)
	require.NoError(t, err)
	_, err = rdb.Do(t.Context(), "SET", "k", "s3cret")
	require.NoError(t, err)
	reader, err := redis.New(s.url, s.reader)
	require.NoError(t, err)
	v, err := redis.Cmd[string]("GET", "k").Do(t.Context(), reader)
	require.NoError(t, err)
	require.Equal(t, "s3cret", v)
	_, err = reader.Do(t.Context(), "SET", "k", "x")
	require.Equal(t, "NOPERM", redis.Code(err))
	resp, err := http.Get(s.url + "/health")
	require.NoError(t, err)
	resp.Body.Close()
	require.Equal(t, 200, resp.StatusCode)
	resp, err = http.Get(s.url + "/get/s3cret?_token=" + s.token)
	require.NoError(t, err)
	resp.Body.Close()
	require.NoError(t, s.end())
	log := s.notes.String()
	require.Contains(t, log, "commands=SET status=200")
	require.Contains(t, log, "commands=GET status=200")
	require.NotContains(t, log, "s3cret")
	require.NotContains(t, log, s.token)
}

func TestServeRESP(t *testing.T) {
	cert, key, roots := selfSigned(t)
	dir, err := os.MkdirTemp("", "r") // the path in t.TempDir may be too long for a socket
	require.NoError(t, err)
	defer os.RemoveAll(dir)
	for _, c := range []struct {
		args     []string
		password bool
	}{
		{[]string{"--resp", "127.0.0.1:0"}, false},
		{[]string{"--resp", "unix:" + filepath.Join(dir, "s"), "--enable-debug-command"}, false},
		{[]string{"--resp", "0.0.0.0:0", "--insecure"}, true},
		{[]string{"--resp", "0.0.0.0:0", "--tls-cert", cert, "--tls-key", key}, true},
	} {
		s := serveWith(t, c.args...)
		s.waitFor(t, "reach it at ")
		m := regexp.MustCompile(`clients of Redis reach it at (\S+)`).FindStringSubmatch(s.notes.String())
		require.NotNil(t, m, "%v", c.args)
		opts, err := goredis.ParseURL(m[1])
		require.NoError(t, err)
		opts.MaxRetries = -1
		if opts.TLSConfig != nil {
			opts.TLSConfig.RootCAs = roots
		}
		if c.password {
			client := goredis.NewClient(opts)
			require.ErrorContains(t, client.Set(t.Context(), "k", "v", 0).Err(), "NOAUTH", "%v", c.args)
			require.NoError(t, client.Close())
			wrong := *opts
			wrong.Password = "wrong"
			client = goredis.NewClient(&wrong)
			require.ErrorContains(t, client.Ping(t.Context()).Err(), "WRONGPASS", "%v", c.args)
			require.NoError(t, client.Close())
			opts.Password = s.token
		}
		client := goredis.NewClient(opts)
		require.NoError(t, client.Set(t.Context(), "k", "v", 0).Err(), "%v", c.args)
		rdb, err := redis.New(s.url, s.token, redis.WithRootCAs(roots))
		require.NoError(t, err)
		v, err := redis.Cmd[string]("GET", "k").Do(t.Context(), rdb)
		require.NoError(t, err)
		require.Equal(t, "v", v)
		err = client.Do(t.Context(), "DEBUG", "OBJECT", "k").Err()
		require.Equal(t, slices.Contains(c.args, "--enable-debug-command"), err == nil, "%v", err)
		waiting := make(chan error, 1)
		go func() { waiting <- client.BLPop(t.Context(), 0, "none").Err() }()
		require.NoError(t, s.end()) // it ends all connections
		require.Error(t, <-waiting)
		require.NoError(t, client.Close())
	}
}

func TestServeLogsKeys(t *testing.T) {
	s := serveWith(t, "--log", "json", "--log-keys")
	rdb, err := redis.New(s.url, s.token)
	require.NoError(t, err)
	_, err = rdb.Do(t.Context(), "SET", "a-key", "s3cret")
	require.NoError(t, err)
	require.NoError(t, s.end())
	require.Contains(t, s.notes.String(), `"keys":["a-key"]`)
	require.NotContains(t, s.notes.String(), "s3cret")
}

// What the user must know is told without a log of requests.
func TestServeTellsThatRedisIsAway(t *testing.T) {
	s := serveWith(t, "--redis", "redis://:s3cret@"+closedPort(t))
	s.waitFor(t, "Redis cannot be used")
	rdb, err := redis.New(s.url, s.token, redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, err)
	for range 3 {
		_, err = rdb.Do(t.Context(), "INCR", "n")
		require.ErrorIs(t, err, redis.ErrNotExecuted)
	}
	require.NoError(t, s.end())
	require.Equal(t, 1, strings.Count(s.notes.String(), "Redis cannot be used"))
	require.NotContains(t, s.notes.String(), "INCR")
	require.NotContains(t, s.notes.String(), "go-redis")
	require.NotContains(t, s.notes.String(), "s3cret")
}

// go-redis writes to the log too, in its form.
func TestServeLogsGoRedis(t *testing.T) {
	s := serveWith(t, "--log", "json", "--redis", "redis://"+closedPort(t))
	s.waitFor(t, `"msg":"go-redis","text":"redis: connection pool: `)
	require.NoError(t, s.end())
	for line := range strings.Lines(s.notes.String()) {
		require.True(t, strings.HasPrefix(line, "{") || strings.HasPrefix(line, "redis-rest: "), line)
	}
}

// If its private redis-server ends, so does the server, and says why.
func TestServeEndsWithRedisServer(t *testing.T) {
	need(t, "redis-server")
	s := serveWith(t, "--redis-server")
	process, err := os.FindProcess(redisProcess(t, s))
	require.NoError(t, err)
	require.NoError(t, process.Kill())
	select {
	case <-s.ended:
	case <-time.After(10 * time.Second):
		t.Fatal("it did not end")
	}
	require.Regexp(t, `^redis-server \S+ ended: `, s.err.Error())
}

// redisProcess returns the number of the process of Redis.
func redisProcess(t *testing.T, s *served) int {
	t.Helper()
	rdb, err := redis.New(s.url, s.token)
	require.NoError(t, err)
	info, err := redis.Cmd[string]("INFO", "server").Do(t.Context(), rdb)
	require.NoError(t, err)
	m := regexp.MustCompile(`process_id:(\d+)`).FindStringSubmatch(info)
	require.NotNil(t, m, info)
	id, err := strconv.Atoi(m[1])
	require.NoError(t, err)
	return id
}

func TestServeMetrics(t *testing.T) {
	s := serveWith(t, "--metrics", "127.0.0.1:0")
	s.waitFor(t, "/metrics\n")
	rdb, err := redis.New(s.url, s.token)
	require.NoError(t, err)
	_, err = rdb.Do(t.Context(), "PING")
	require.NoError(t, err)
	m := regexp.MustCompile(`metrics at (http://127\.0\.0\.1:\d+)(/metrics)`).FindStringSubmatch(s.notes.String())
	require.NotNil(t, m, s.notes)
	require.Eventually(t, func() bool { // a request is counted after its answer
		resp, err := http.Get(m[1] + m[2])
		require.NoError(t, err)
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return strings.Contains(string(body), `redis_rest_requests_total{kind="command",outcome="ok"} 1`+"\n")
	}, 10*time.Second, time.Millisecond)
	other, err := http.Get(m[1] + "/get/k")
	require.NoError(t, err)
	other.Body.Close()
	require.Equal(t, 404, other.StatusCode)
	_, _, err = run(t, "", "serve", "--listen", "127.0.0.1:0", "--metrics", strings.TrimPrefix(m[1], "http://"))
	require.ErrorContains(t, err, "choose another address with --metrics")
	require.NoError(t, s.end())
	_, err = http.Get(m[1] + m[2])
	require.Error(t, err)
}

func TestTokens(t *testing.T) {
	t.Setenv("REDIS_REST_TOKEN", "from-the-environment")
	s := serveWith(t, "--memory")
	require.Equal(t, "# UPSTASH_REDIS_REST_TOKEN is the value of REDIS_REST_TOKEN", s.token, "the token is not printed")
	rdb, err := redis.New(s.url, "from-the-environment")
	require.NoError(t, err)
	_, err = rdb.Do(t.Context(), "PING")
	require.NoError(t, err)

	file := write(t, "token", "  from-a-file\n")
	t.Setenv("REDIS_REST_TOKEN", "")
	s = serveWith(t, "--token-file", file, "--read-only-token", "reader")
	require.Equal(t, file, s.token)
	rdb, err = redis.New(s.url, "from-a-file")
	require.NoError(t, err)
	_, err = rdb.Do(t.Context(), "PING")
	require.NoError(t, err)
}

func TestServeTokensFile(t *testing.T) {
	file := write(t, "tokens.json", `{"tokens": [{"token": "s3cret-of-the-shop-1", "redis": "memory:shop"}, {"token": "s3cret-of-readers-1", "redis": "memory:shop", "readOnly": true}]}`)
	s := serveWith(t, "--tokens", file)
	own, err := redis.New(s.url, s.token)
	require.NoError(t, err)
	shop, err := redis.New(s.url, "s3cret-of-the-shop-1")
	require.NoError(t, err)
	reader, err := redis.New(s.url, "s3cret-of-readers-1")
	require.NoError(t, err)
	_, err = shop.Do(t.Context(), "SET", "k", "v")
	require.NoError(t, err)
	v, err := redis.Cmd[string]("GET", "k").Do(t.Context(), reader)
	require.NoError(t, err)
	require.Equal(t, "v", v)
	_, err = reader.Do(t.Context(), "SET", "k", "w")
	require.Equal(t, "NOPERM", redis.Code(err))
	n, err := redis.Cmd[int]("EXISTS", "k").Do(t.Context(), own)
	require.NoError(t, err)
	require.Zero(t, n, "the databases share nothing")
	require.NotContains(t, s.notes.String(), "s3cret")
}

func TestServeBadConditions(t *testing.T) {
	ask := func(t *testing.T, command []any, args ...string) (first, second error) {
		s := serveWith(t, args...)
		require.Equal(t, args[0] != "--like-hosted", strings.Contains(s.notes.String(), "on purpose"))
		rdb, err := redis.New(s.url, s.token, redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 1}), redis.WithTimeout(200*time.Millisecond))
		require.NoError(t, err)
		_, first = rdb.Do(t.Context(), command...)
		_, second = rdb.Do(t.Context(), command...)
		return first, second
	}
	status := func(err error) int {
		if e, ok := errors.AsType[*redis.Error](err); ok {
			return e.Status
		}
		return 0
	}
	incr := []any{"INCR", "n"}
	first, second := ask(t, incr, "--rps", "0.001")
	require.NoError(t, first)
	require.Equal(t, 429, status(second), "%v", second)
	require.ErrorIs(t, second, redis.ErrNotExecuted)
	first, second = ask(t, incr, "--quota", "1")
	require.NoError(t, first)
	require.Equal(t, 429, status(second), "%v", second)
	first, _ = ask(t, incr, "--latency", "1h")
	require.ErrorIs(t, first, context.DeadlineExceeded)
	first, _ = ask(t, incr, "--fail", "refused=100%")
	require.ErrorIs(t, first, redis.ErrNotExecuted)
	first, second = ask(t, incr, "--fail", "lost=0.5", "--fail", "502=0.5")
	require.ErrorIs(t, first, redis.ErrOutcomeUnknown)
	require.ErrorIs(t, second, redis.ErrOutcomeUnknown)
	first, _ = ask(t, []any{"CONFIG", "GET", "maxmemory"}, "--like-hosted")
	require.Error(t, first)
}

func TestServeRefuses(t *testing.T) {
	empty := write(t, "empty", "\n")
	spaced := write(t, "spaced", "s3cret s3cret\n")
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	for _, c := range []struct {
		args []string
		err  string
	}{
		{[]string{"--listen", "0.0.0.0:0"}, "reachable from other machines"},
		{[]string{"--listen", ":0"}, "reachable from other machines"},
		{[]string{"--listen", "nowhere:1"}, "reachable from other machines"},
		{[]string{"--listen", "nowhere"}, "such as nowhere:8079"},
		{[]string{"--listen", "80"}, "such as 127.0.0.1:80"},
		{[]string{"--listen", "127.0.0.1"}, "such as 127.0.0.1:8079"},
		{[]string{"--listen", "::1"}, "such as [::1]:8079"},
		{[]string{"--listen", "127.0.0.1:"}, "from 0 to 65535"},
		{[]string{"--listen", "127.0.0.1:70000"}, "from 0 to 65535"},
		{[]string{"--listen", "127.0.0.1:-1"}, "from 0 to 65535"},
		{[]string{"--listen", "http://127.0.0.1:80"}, "port"},
		{[]string{"--listen", ""}, "such as 127.0.0.1:8079"},
		{[]string{"--otlp-scripts"}, "needs --otlp"},
		{[]string{"--otlp", "--otlp-scripts", "--redis", "redis://localhost"}, "needs the embedded database"},
		{[]string{"--max-concurrent", "-1"}, "more than 0"},
		{[]string{"--max-concurrent", "0"}, "more than 0"},
		{[]string{"--max-concurrent", "many"}, "--max-concurrent"},
		{[]string{"--timeout", "-1s"}, "more than 0"},
		{[]string{"--timeout", "0"}, "more than 0"},
		{[]string{"--max-body", "-5"}, "a size such as 64KB"},
		{[]string{"--max-body", "0"}, "a size such as 64KB"},
		{[]string{"--max-body", "10 MB"}, "a size such as 64KB"},
		{[]string{"--max-memory", ""}, "a size such as 64KB"},
		{[]string{"--max-memory", "lots"}, "a size such as 64KB"},
		{[]string{"--max-memory", "9223372036854775807GB"}, "a size such as 64KB"},
		{[]string{"--redis", ""}, "a value of --redis is empty"},
		{[]string{"--redis", "redis://:s3cret@127.0.0.1:1,"}, "a value of --redis is empty"},
		{[]string{"--token", ""}, "--token is empty"},
		{[]string{"--token", "s3cret s3cret"}, "--token has a character that cannot be sent"},
		{[]string{"--token", "s3cret\n"}, "cannot be sent"},
		{[]string{"--token", "s3crét"}, "cannot be sent"},
		{[]string{"--token", "s3cret`id`"}, "--token would not be the same in a shell"},
		{[]string{"--token", "s3cret$HOME"}, "--token would not be the same in a shell"},
		{[]string{"--read-only-token", "s3cret'"}, "--read-only-token would not be the same"},
		{[]string{"--read-only-token", "s3cret s3cret"}, "cannot be sent"},
		{[]string{"--token-file", ""}, "it is empty"},
		{[]string{"--token-file", spaced}, "cannot be sent"},
		{[]string{"--tls-cert", ""}, "it is empty"},
		{[]string{"--env-file", ""}, "it is empty"},
		{[]string{"--log-keys"}, "--log-keys needs --log"},
		{[]string{"--latency", "-1s"}, "more than 0"},
		{[]string{"--rps", "0"}, "more than 0"},
		{[]string{"--rps", "NaN"}, "more than 0"},
		{[]string{"--quota", "-5"}, "more than 0"},
		{[]string{"--fail", "lost"}, "--fail: a failure is KIND=RATE"},
		{[]string{"--fail", "burnt=0.1"}, "the kinds are"},
		{[]string{"--fail", "lost=2"}, "from 0 to 1"},
		{[]string{"--fail", "lost=0.1", "--fail", "lost=0.2"}, "lost is there twice"},
		{[]string{"--fail", "lost=0.6", "--fail", "502=0.6"}, "all rates together must be at most 1"},
		{[]string{"--tokens", ""}, "it is empty"},
		{[]string{"--tokens", write(t, "tokens.json", `{"tokens": [{"token": "s3cret"}]}`)}, "tokens[0]: its token has less than 16 characters"},
		{[]string{"--metrics", "9090"}, "such as 127.0.0.1:9090"},
		{[]string{"--resp", "6379"}, "such as 127.0.0.1:6379"},
		{[]string{"--resp", "unix:"}, "it is empty"},
		{[]string{"--resp", "0.0.0.0:0"}, "reachable from other machines"},
		{[]string{"--resp", taken.Addr().String()}, "choose another address with --resp"},
		{[]string{"--resp", "127.0.0.1:0", "--redis", "redis://127.0.0.1:1"}, "--resp needs the embedded database"},
		{[]string{"--enable-debug-command"}, "--enable-debug-command needs --resp"},
		{[]string{"--env-file", t.TempDir()}, "is not a regular file"},
		{[]string{"--env-file", filepath.Join(t.TempDir(), "none", ".env")}, "none"},
		{[]string{"--lisen", "x"}, "there is no flag --lisen; did you mean --listen?"},
		{[]string{"--nothing-like-it=s3cret"}, "there is no flag --nothing-like-it (redis-rest serve --help"},
		{[]string{"--memory", "--redis-server"}, "exclude each other"},
		{[]string{"--memory", "--redis", "redis://127.0.0.1:1"}, "exclude each other"},
		{[]string{"--redis", "http://user:s3cret@x"}, "redis://"},
		{[]string{"--tls-cert", "x"}, "need each other"},
		{[]string{"--tls-cert", "x", "--tls-key", "y"}, "x"},
		{[]string{"--token", "a", "--token-file", empty}, "exclude each other"},
		{[]string{"--token-file", empty}, "is empty"},
		{[]string{"--token", "a", "--read-only-token", "a"}, "Token and ReadOnlyToken must differ"},
		{[]string{"--log", "loud"}, "none, text or json"},
		{[]string{"--timeout", "soon"}, "timeout"},
		{[]string{"now"}, "takes no arguments"},
		{[]string{"--redis-server", "redis://u:s3cret@127.0.0.1:1"}, "follows --redis"},
		{[]string{"--listen", taken.Addr().String()}, "choose another address with --listen"},
	} {
		out, _, err := run(t, "", append([]string{"serve", "--listen", "127.0.0.1:0"}, c.args...)...)
		require.ErrorContains(t, err, c.err, "%v", c.args)
		require.NotContains(t, err.Error(), "\n")
		require.Empty(t, out, "%v", c.args)
		require.NotContains(t, err.Error(), "s3cret")
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]int64{"1": 1, "1000": 1000, "64KB": 64 << 10, "10mb": 10 << 20, "1Gb": 1 << 30, "9223372036854775807": 1<<63 - 1, "8589934591GB": (1<<33 - 1) << 30} {
		got, err := sizeOf(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "0", "0KB", "-1", "+1", "1.5MB", "KB", "1TB", "1 KB", "0x10", "9223372036854775808", "8589934592GB"} {
		_, err := sizeOf(text)
		require.Error(t, err, text)
	}
	for flag, want := range map[string]int64{"max-body": restserver.DefaultMaxBodyBytes, "max-memory": restserver.DefaultMaxMemory} {
		for _, f := range serveCommand().Flags {
			if s, ok := f.(*cli.StringFlag); ok && s.Name == flag {
				got, err := sizeOf(s.Value)
				require.NoError(t, err)
				require.Equal(t, want, got, flag)
			}
		}
	}
}

// A request is limited by --max-body, and all together, and the data, by --max-memory.
func TestServeLimits(t *testing.T) {
	s := serveWith(t, "--max-body", "1KB", "--max-memory", "4MB", "--memory")
	defer debug.SetMemoryLimit(math.MaxInt64)
	rdb, err := redis.New(s.url, s.token, redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, err)
	_, err = rdb.Do(t.Context(), "SET", "k", strings.Repeat("x", 900))
	require.NoError(t, err)
	_, err = rdb.Do(t.Context(), "SET", "k", strings.Repeat("x", 2000))
	require.ErrorContains(t, err, "max request size exceeded")
	for range 20 {
		_, err = rdb.Do(t.Context(), "APPEND", "long", strings.Repeat("x", 900))
		require.NoError(t, err)
	}
	require.EqualValues(t, 7<<19+4<<20, debug.SetMemoryLimit(-1))
	_, err = redis.Eval[int](t.Context(), rdb, "return #redis.call('SET', 'big', ('x'):rep(3500000))", nil)
	require.NoError(t, err)
	_, err = rdb.Do(t.Context(), "GET", "big")
	e, ok := errors.AsType[*redis.Error](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, 507, e.Status)
	_, err = rdb.Do(t.Context(), "SET", "k", "v")
	require.Equal(t, "OOM", redis.Code(err))
}

func TestServeTLS(t *testing.T) {
	cert, key, roots := selfSigned(t)
	s := serveWith(t, "--tls-cert", cert, "--tls-key", key)
	require.True(t, strings.HasPrefix(s.url, "https://"), s.url)
	for protocol, http2 := range map[string]bool{"HTTP/2.0": true, "HTTP/1.1": false} {
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: http2}
		resp, err := (&http.Client{Transport: transport}).Get(s.url + "/health")
		require.NoError(t, err)
		resp.Body.Close()
		require.Equal(t, protocol, resp.Proto)
	}
	rdb, err := redis.New(s.url, s.token, redis.WithRootCAs(roots))
	require.NoError(t, err)
	_, err = rdb.Do(t.Context(), "PING")
	require.NoError(t, err)
}

// The certificate is read again when its files change. While they do not fit each other,
// the old one stays.
func TestServeReadsCertificateAgain(t *testing.T) {
	cert, key, roots := selfSigned(t)
	newCert, newKey, newRoots := selfSigned(t)
	s := serveWith(t, "--tls-cert", cert, "--tls-key", key)
	accepts := func(roots *x509.CertPool) bool {
		conn, err := tls.Dial("tcp", strings.TrimPrefix(s.url, "https://"), &tls.Config{RootCAs: roots})
		if err == nil {
			conn.Close()
		}
		return err == nil
	}
	replace := func(old, by string) {
		later := time.Now().Add(time.Hour) // file systems may count in seconds
		require.NoError(t, os.Chtimes(by, later, later))
		require.NoError(t, os.Rename(by, old))
	}
	require.True(t, accepts(roots))
	replace(cert, newCert)
	require.True(t, accepts(roots))
	require.False(t, accepts(newRoots))
	require.Contains(t, s.notes.String(), "the new certificate cannot be used, the old one stays")
	replace(key, newKey)
	require.True(t, accepts(newRoots))
	require.False(t, accepts(roots))
	require.Contains(t, s.notes.String(), "the certificate was read again")
}

// The server finishes running requests, ends streams and refuses new requests.
func TestServeEndsGracefully(t *testing.T) {
	s := serveWith(t)
	rdb, err := redis.New(s.url, s.token, redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, err)
	stream, err := rdb.Subscribe(t.Context(), "c")
	require.NoError(t, err)
	body, send := io.Pipe()
	req, err := http.NewRequest("POST", s.url+"/", body)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+s.token)
	answered := make(chan string, 1)
	go func() {
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			answered <- err.Error()
			return
		}
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body)
		answered <- string(text)
	}()
	io.WriteString(send, strings.Repeat(" ", 9<<20)+`["PI`) // more than socket buffers hold, so the server is still reading it
	ended := make(chan error, 1)
	go func() { ended <- s.end() }()
	for range stream.Messages() { // it ends with an error
	}
	require.Eventually(t, func() bool { _, err := rdb.Do(t.Context(), "PING"); return err != nil }, 5*time.Second, time.Millisecond)
	io.WriteString(send, `NG"]`)
	send.Close()
	require.Equal(t, `{"result":"PONG"}`, <-answered)
	require.NoError(t, <-ended)
}

func selfSigned(t *testing.T) (certFile, keyFile string, roots *x509.CertPool) {
	t.Helper()
	return signed(t, x509.Certificate{NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}})
}

// signed makes a certificate that signs itself.
func signed(t *testing.T, template x509.Certificate) (certFile, keyFile string, roots *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template.SerialNumber = big.NewInt(1)
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	roots = x509.NewCertPool()
	roots.AddCert(cert)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	return write(t, "cert.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))),
		write(t, "key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))), roots
}

// The console is where serve says, with the token only where that is shown anyway.
func TestServeConsole(t *testing.T) {
	page := func(url string) int {
		r, err := http.NewRequest("GET", url, nil)
		require.NoError(t, err)
		r.Header.Set("Accept", "text/html")
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		resp.Body.Close()
		return resp.StatusCode
	}
	s := serveWith(t)
	require.Eventually(t, func() bool { return strings.Contains(s.out.String(), "# console: "+s.url+"/#token="+s.token+"\n") }, 5*time.Second, time.Millisecond)
	require.NotContains(t, s.notes.String(), s.token)
	require.Equal(t, 200, page(s.url))

	s = serveWith(t, "--token-file", write(t, "token", "s3cret-of-the-user\n"))
	s.waitFor(t, "the console is at "+s.url+"/ and asks for the token")
	require.NotContains(t, s.out.String()+s.notes.String(), "s3cret-of-the-user")

	s = serveWith(t, "--no-console")
	require.Equal(t, 401, page(s.url))
	require.NoError(t, s.end())
	require.NotContains(t, s.out.String()+s.notes.String(), "console")
}
