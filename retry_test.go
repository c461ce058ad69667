package redis_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/command"
	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
)

// A scripted round tripper answers each attempt with its turn. The last turn answers all
// further attempts.
type scripted struct {
	turns []turn
	mu    sync.Mutex
	times []time.Time // when each attempt was made
	sent  []string
}

type turn func(*http.Request) (*http.Response, error)

func (s *scripted) RoundTrip(r *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	n := len(s.times)
	s.times = append(s.times, time.Now())
	s.sent = append(s.sent, string(body))
	s.mu.Unlock()
	return s.turns[min(n, len(s.turns)-1)](r)
}

func (s *scripted) client(t *testing.T, opts ...redis.Option) *redis.Redis {
	rdb, err := redis.New("https://redis.example.com", secretToken, append(opts, redis.WithHTTPClient(&http.Client{Transport: s}))...)
	require.NoError(t, err)
	return rdb
}

func says(status int, body string, headers ...string) turn {
	return func(r *http.Request) (*http.Response, error) {
		h := http.Header{}
		for i := 0; i < len(headers); i += 2 {
			h.Set(headers[i], headers[i+1])
		}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1, Request: r}, nil
	}
}

var errWire = errors.New("connection reset")

// breaks loses the connection after the request was sent.
func breaks(*http.Request) (*http.Response, error) { return nil, errWire }

// unreachable cannot connect. It returns the error that the transport of net/http returns.
func unreachable(r *http.Request) (*http.Response, error) {
	httptrace.ContextClientTrace(r.Context()).GetConn("redis.example.com:443")
	return nil, errors.New("connection refused")
}

func hangs(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

var (
	one       = says(200, `{"result":1}`)
	missing   = says(400, `{"error":"NOSCRIPT No matching script. Please use EVAL."}`)
	busy      = `{"error":"BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE."}`
	write     = redis.Cmd[int]("INCR", "k")
	read      = redis.Cmd[int]("GET", "k")
	script    = redis.Cmd[int]("EVAL", "return 1", 0)
	allowed   = redis.Cmd[int]("INCR", "k").Idempotent()
	pureRead  = redis.NewScript[int]("return 1", redis.ReadOnly()).Cmd([]string{"k"})
	onceMore  = redis.NewScript[int]("return 1", redis.Idempotent()).Cmd([]string{"k"})
	everOnce  = redis.NewScript[int]("return 1").OnceCmd("id", []string{"k"})
	mayRepeat = map[string]redis.Command[int]{"a read": read, "idempotent": allowed, "a script that reads": pureRead, "an idempotent script": onceMore, "RunOnce": everOnce}
	mayNot    = map[string]redis.Command[int]{"a write": write, "a script": script, "a script by digest": redis.NewScript[int]("return 1").Cmd(nil), "a function": command.Fcall[int]("f", nil)}
)

// After each kind of failure this checks which commands are retried, and which error the
// caller gets for the others.
func TestRetry(t *testing.T) {
	type row struct {
		name  string
		fails turn
		safe  int  // the attempts of a command that may run twice
		other int  // the attempts of a command that may not run twice
		ran   bool // whether the error of a command that may not run twice is ErrOutcomeUnknown
	}
	rows := []row{
		{"no connection", unreachable, 3, 3, false},
		{"429", says(429, "slow down"), 3, 3, false},
		{"429 of Redis", says(429, `{"error":"ERR max daily request limit exceeded"}`), 3, 3, false},
		{"503 that says when", says(503, "", "Retry-After", "0"), 3, 3, false},
		{"BUSY", says(400, busy), 3, 3, false},
		{"BUSY by 503", says(503, busy), 3, 3, false},
		{"LOADING", says(400, `{"error":"LOADING Redis is loading the dataset in memory"}`), 3, 3, false},
		{"TRYAGAIN", says(400, `{"error":"TRYAGAIN Multiple keys request during rehashing of slot"}`), 3, 3, false},
		{"CLUSTERDOWN", says(400, `{"error":"CLUSTERDOWN The cluster is down"}`), 3, 3, false},
		{"connection lost", breaks, 3, 1, true},
		{"timeout", hangs, 3, 1, true},
		{"502", says(502, "<html>"), 3, 1, true},
		{"503", says(503, ""), 3, 1, true},
		{"503 that says nothing", says(503, "", "Retry-After", "soon"), 3, 1, true},
		{"504", says(504, `{"error":"ERR timeout"}`), 3, 1, true},
		{"cut short", func(r *http.Request) (*http.Response, error) {
			resp, _ := one(r)
			resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"res`), errReader{}))
			return resp, nil
		}, 3, 1, true},
		{"a portal's page", says(200, "<html>"), 1, 1, true},
		{"too large", says(200, `{"result":"`+strings.Repeat("x", 2000)+`"}`), 1, 1, false},
		{"too large a page", says(200, "<html>"+strings.Repeat("x", 2000)), 1, 1, true},
		{"too large a page of a gateway", says(502, "<html>"+strings.Repeat("x", 2000)), 3, 1, true},
		{"401", says(401, `{"error":"WRONGPASS"}`), 1, 1, false},
		{"an error", says(400, `{"error":"WRONGTYPE"}`), 1, 1, false},
		{"a redirect", says(302, "", "Location", "https://example.com"), 1, 1, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for name, c := range mayRepeat {
					s := &scripted{turns: []turn{row.fails}}
					_, err := c.Do(t.Context(), s.client(t, redis.WithMaxReplyBytes(1000)))
					require.Error(t, err, name)
					require.Len(t, s.times, row.safe, name)
					if c.String() == "GET" || c.String() == "EVALSHA_RO" {
						assert.NotErrorIs(t, err, redis.ErrOutcomeUnknown, name)
					} else {
						assert.Equal(t, row.ran, errors.Is(err, redis.ErrOutcomeUnknown), "%s: %v", name, err)
					}
					assert.Equal(t, 1, strings.Count(err.Error(), c.String()), "%v", err)
				}
				for name, c := range mayNot {
					s := &scripted{turns: []turn{row.fails}}
					_, err := c.Do(t.Context(), s.client(t, redis.WithMaxReplyBytes(1000)))
					require.Error(t, err, name)
					require.Len(t, s.times, row.other, name)
					assert.Equal(t, row.ran, errors.Is(err, redis.ErrOutcomeUnknown), "%s: %v", name, err)
				}
				if row.safe == 1 {
					return
				}
				// The last answer decides, and every attempt sends the same request.
				s := &scripted{turns: []turn{row.fails, row.fails, one}}
				n, err := allowed.Do(t.Context(), s.client(t))
				require.NoError(t, err)
				require.Equal(t, 1, n)
				require.Equal(t, s.sent[0], s.sent[2])
				require.NotEmpty(t, s.sent[0])
				if row.other > 1 {
					s := &scripted{turns: []turn{row.fails, one}}
					_, err := write.Do(t.Context(), s.client(t))
					require.NoError(t, err)
				}
				for most := 1; most <= 5; most++ {
					s := &scripted{turns: []turn{row.fails}}
					_, err := read.Do(t.Context(), s.client(t, redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: most})))
					require.Error(t, err)
					require.Len(t, s.times, most)
				}
			})
		})
	}
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// An error that a script returns is not a refusal by the server, whatever its text: the
// script ran.
func TestScriptErrorsAreNotRefusals(t *testing.T) {
	for _, message := range []string{
		"BUSY", "BUSY come back later", "LOADING", "TRYAGAIN", "CLUSTERDOWN", "ERR max requests per second exceeded",
		"BUSY Redis is busy running a script. script: 0123, on @user_script:7.",
		"ERR Error running script: @user_script:2: BUSY Redis is busy running a script.",
	} {
		body := fmt.Sprintf(`{"error":%q}`, message)
		for name, c := range mayNot {
			if name == "a write" {
				continue
			}
			s := &scripted{turns: []turn{says(400, body)}}
			_, err := c.Do(t.Context(), s.client(t))
			require.Error(t, err)
			require.Len(t, s.times, 1, "%s: %s", name, message)
		}
		s := &scripted{turns: []turn{says(200, "["+body+"]")}}
		b := s.client(t).Pipeline()
		script.Queue(b)
		require.Error(t, b.Exec(t.Context()))
		require.Len(t, s.times, 1, message)
	}
}

func TestRateLimits(t *testing.T) {
	for message, attempts := range map[string]int{
		"ERR max requests per second limit exceeded":                        3,
		"ERR max concurrent requests exceeded":                              3,
		"ERR max daily request limit exceeded. Limit: 10000, Usage: 10000.": 1,
		"ERR max request size exceeded":                                     1,
		"ERR max number of per second":                                      1,
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &scripted{turns: []turn{says(400, fmt.Sprintf(`{"error":%q}`, message))}}
			_, err := write.Do(t.Context(), s.client(t))
			require.Error(t, err)
			require.NotErrorIs(t, err, redis.ErrOutcomeUnknown)
			require.Len(t, s.times, attempts, message)
		})
	}
}

// If an earlier attempt may have run, the outcome is unknown even if the last attempt
// certainly did not run.
func TestAnEarlierAttemptMayHaveRun(t *testing.T) {
	for name, last := range map[string]turn{"no connection": unreachable, "429": says(429, ""), "BUSY": says(400, busy), "an error": says(400, `{"error":"WRONGTYPE x"}`)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &scripted{turns: []turn{breaks, last}}
				_, err := allowed.Do(t.Context(), s.client(t))
				require.ErrorIs(t, err, redis.ErrOutcomeUnknown)
				if name == "an error" {
					require.Equal(t, "WRONGTYPE", redis.Code(err))
				}
				s = &scripted{turns: []turn{breaks, last}}
				_, err = read.Do(t.Context(), s.client(t))
				require.Error(t, err)
				require.NotErrorIs(t, err, redis.ErrOutcomeUnknown)
			})
		})
	}
	// A script is sent by digest first, then by source. The attempts by digest count too.
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{turns: []turn{breaks, missing, unreachable}}
		_, err := onceMore.Do(t.Context(), s.client(t))
		require.ErrorIs(t, err, redis.ErrOutcomeUnknown)
		require.Len(t, s.times, 5)

		s = &scripted{turns: []turn{breaks, missing, breaks, one}}
		_, err = onceMore.Do(t.Context(), s.client(t))
		require.NoError(t, err)
	})
}

func TestBatchesAreRetriedAsAWhole(t *testing.T) {
	for name, row := range map[string]struct {
		fails    turn
		queue    []redis.Command[int]
		attempts int
		unknown  bool
	}{
		"reads":                      {breaks, []redis.Command[int]{read, pureRead, read}, 3, false},
		"reads and one write":        {breaks, []redis.Command[int]{read, write, read}, 1, true},
		"all may":                    {breaks, []redis.Command[int]{read, allowed, everOnce}, 3, true},
		"writes, no connection":      {unreachable, []redis.Command[int]{write, script}, 3, false},
		"writes, 429":                {says(429, ""), []redis.Command[int]{write, script}, 3, false},
		"refused as a whole":         {says(400, busy), []redis.Command[int]{write, script}, 3, false},
		"refused one by one":         {says(200, "["+busy+","+busy+"]"), []redis.Command[int]{write, script}, 3, false},
		"refused in part":            {says(200, `[{"result":1},`+busy+"]"), []redis.Command[int]{write, write}, 1, false},
		"too few replies":            {says(200, `[{"result":1}]`), []redis.Command[int]{write, write}, 1, true},
		"502":                        {says(502, ""), []redis.Command[int]{write, write}, 1, true},
		"502, reads":                 {says(502, ""), []redis.Command[int]{read, read}, 3, false},
		"502 in Redis' form, a read": {says(502, `{"error":"ERR x"}`), []redis.Command[int]{read}, 3, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for _, make := range []func(*redis.Redis) *redis.Batch{(*redis.Redis).Pipeline, (*redis.Redis).Multi} {
					s := &scripted{turns: []turn{row.fails}}
					b := make(s.client(t))
					var futures []*redis.Future[int]
					for _, c := range row.queue {
						futures = append(futures, c.Queue(b))
					}
					err := b.Exec(t.Context())
					require.Error(t, err)
					require.Len(t, s.times, row.attempts)
					require.Equal(t, row.unknown, errors.Is(err, redis.ErrOutcomeUnknown), "%v", err)
					for i, f := range futures {
						_, err := f.Result()
						if row.queue[i].String() == "GET" {
							require.NotErrorIs(t, err, redis.ErrOutcomeUnknown)
						}
					}
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{turns: []turn{breaks, says(200, `[{"result":1},{"error":"WRONGTYPE x"}]`)}}
		b := s.client(t).Pipeline()
		first, second := read.Queue(b), allowed.Queue(b)
		require.ErrorIs(t, b.Exec(t.Context()), redis.ErrOutcomeUnknown)
		n, err := first.Result()
		require.NoError(t, err)
		require.Equal(t, 1, n)
		_, err = second.Result()
		require.Equal(t, "WRONGTYPE", redis.Code(err))
		require.ErrorIs(t, err, redis.ErrOutcomeUnknown, "it may have run the first time")
	})
}

// A batch is retried only while every member may be retried. The member whose window ends
// first decides, at any position in the batch.
func TestBatchOfRunOnceWindows(t *testing.T) {
	within := func(window time.Duration) redis.Command[int] {
		return redis.NewScript[int]("return 1", redis.OnceWindow(window)).OnceCmd("id", []string{"k"})
	}
	waits := func(d time.Duration) redis.Command[int] {
		return redis.Cmd[int]("XREAD", "BLOCK", d.Milliseconds(), "STREAMS", "s", "0")
	}
	long, longer, short := within(time.Hour), within(2*time.Hour), within(5*time.Second) // a request may take 10 s
	for _, row := range []struct {
		queue    []redis.Command[int]
		attempts int
	}{
		{[]redis.Command[int]{long, longer}, 3},
		{[]redis.Command[int]{read, long, read}, 3},
		{[]redis.Command[int]{short, long, longer}, 1},
		{[]redis.Command[int]{long, short, longer}, 1},
		{[]redis.Command[int]{longer, long, short}, 1},
		{[]redis.Command[int]{read, short, allowed}, 1},
		{[]redis.Command[int]{long, waits(10 * time.Minute)}, 3},
		{[]redis.Command[int]{long, waits(2 * time.Hour)}, 1},
		{[]redis.Command[int]{long, waits(0)}, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &scripted{turns: []turn{breaks}}
			rdb := s.client(t, redis.WithTimeout(10*time.Second))
			for _, b := range []*redis.Batch{rdb.Pipeline(), redis.NewBatch(copies{rdb}, redis.Pipeline)} {
				s.times = nil
				for _, c := range row.queue {
					c.Queue(b)
				}
				require.Error(t, b.Exec(t.Context()))
				require.Len(t, s.times, row.attempts)
			}
		})
	}
}

// inOneRequest makes concurrent calls. It repeats them, each time with a new client from
// prepare, until the first request has all calls. It returns the errors by the keys of calls.
func inOneRequest(t *testing.T, prepare func(t *testing.T) (*redis.Redis, *scripted), calls map[string]redis.Command[int]) (*scripted, map[string]error) {
	t.Helper()
	for {
		var s *scripted
		errs := map[string]error{}
		synctest.Test(t, func(t *testing.T) {
			var rdb *redis.Redis
			rdb, s = prepare(t)
			var mu sync.Mutex
			var wg sync.WaitGroup
			start := make(chan struct{})
			for key, c := range calls {
				wg.Go(func() {
					<-start
					_, err := c.Do(t.Context(), rdb)
					mu.Lock()
					defer mu.Unlock()
					errs[key] = err
				})
			}
			synctest.Wait()
			close(start)
			wg.Wait()
		})
		if strings.Count(s.sent[0], "],[") == len(calls)-1 {
			return s, errs
		}
	}
}

// sentTimes returns how often a command was sent, alone or with others.
func (s *scripted) sentTimes(command string) int {
	n := 0
	for _, body := range s.sent {
		n += strings.Count(body, command)
	}
	return n
}

// each answers a command, alone or in a pipeline, with the answer whose key is in its text.
// A command without such a key gets the result 1.
func each(answers map[string]string) turn {
	return func(r *http.Request) (*http.Response, error) {
		body, _ := r.GetBody()
		data, _ := io.ReadAll(body)
		reply := func(command string) string {
			for part, answer := range answers {
				if strings.Contains(command, part) {
					return answer
				}
			}
			return `{"result":1}`
		}
		if r.URL.Path == "/pipeline" {
			var replies []string
			for command := range strings.SplitSeq(string(data), "],[") {
				replies = append(replies, reply(command))
			}
			return says(200, "["+strings.Join(replies, ",")+"]")(r)
		}
		text := reply(string(data))
		if strings.Contains(text, `"error"`) {
			return says(400, text)(r)
		}
		return says(200, text)(r)
	}
}

const (
	sentWrite      = `["INCR","w"]`
	sentRead       = `["GET","r"]`
	sentIdempotent = `["INCR","i"]`
)

// A call that shares a request is retried as if it were alone. It has the same number of
// attempts and returns the same error.
func TestSharedCallsAreRetriedAsIfAlone(t *testing.T) {
	tryAgain := `{"error":"TRYAGAIN Multiple keys request during rehashing of slot"}`
	none := each(nil)
	refused := each(map[string]string{`"w"`: tryAgain})
	for name, row := range map[string]struct {
		turns          []turn
		w, r, i        int // how often each is sent
		wOK, rOK, iOK  bool
		unknown, known []string
	}{
		"lost, then succeeds":      {[]turn{breaks, none}, 1, 2, 2, false, true, true, []string{"w"}, nil},
		"lost each time":           {[]turn{breaks}, 1, 3, 3, false, false, false, []string{"w", "i"}, []string{"r"}},
		"unauthorized":             {[]turn{says(401, "")}, 1, 1, 1, false, false, false, nil, []string{"w", "r", "i"}},
		"429, then succeeds":       {[]turn{says(429, ""), none}, 2, 2, 2, true, true, true, nil, nil},
		"unreachable":              {[]turn{unreachable, none}, 2, 2, 2, true, true, true, nil, nil},
		"502, then succeeds":       {[]turn{says(502, ""), none}, 1, 2, 2, false, true, true, []string{"w"}, nil},
		"one refused":              {[]turn{refused, none}, 2, 1, 1, true, true, true, nil, nil},
		"one refused each time":    {[]turn{refused}, 3, 1, 1, false, true, true, nil, []string{"w"}},
		"refused, then lost":       {[]turn{refused, breaks}, 2, 1, 1, false, true, true, []string{"w"}, nil},
		"one fails":                {[]turn{each(map[string]string{`"w"`: `{"error":"WRONGTYPE x"}`})}, 1, 1, 1, false, true, true, nil, []string{"w"}},
		"too large a request":      {[]turn{says(413, ""), none}, 2, 2, 2, true, true, true, nil, nil},
		"no endpoint for many":     {[]turn{says(404, "no such page"), none}, 2, 2, 2, true, true, true, nil, nil},
		"all refused in the whole": {[]turn{says(400, tryAgain), none}, 2, 2, 2, true, true, true, nil, nil},
		"not a list of replies":    {[]turn{says(200, `[{"result":1}]`), none}, 1, 1, 1, false, false, false, []string{"w", "i"}, []string{"r"}},
	} {
		t.Run(name, func(t *testing.T) {
			calls := map[string]redis.Command[int]{
				"w": redis.Cmd[int]("INCR", "w"), "r": redis.Cmd[int]("GET", "r"), "i": redis.Cmd[int]("INCR", "i").Idempotent(),
			}
			s, errs := inOneRequest(t, func(t *testing.T) (*redis.Redis, *scripted) {
				s := &scripted{turns: row.turns}
				return s.client(t, redis.WithAutoPipelining(true)), s
			}, calls)
			require.Equal(t, []int{row.w, row.r, row.i}, []int{s.sentTimes(sentWrite), s.sentTimes(sentRead), s.sentTimes(sentIdempotent)})
			require.Equal(t, []bool{row.wOK, row.rOK, row.iOK}, []bool{errs["w"] == nil, errs["r"] == nil, errs["i"] == nil}, "%v", errs)
			for _, key := range row.unknown {
				require.ErrorIs(t, errs[key], redis.ErrOutcomeUnknown, key)
			}
			for _, key := range row.known {
				require.Error(t, errs[key])
				require.NotErrorIs(t, errs[key], redis.ErrOutcomeUnknown, key)
			}
		})
	}
}

// A write whose answer was lost returns its error at once, while a read in the same request
// waits for its retry.
func TestCallerOfALostWriteDoesNotWaitForReads(t *testing.T) {
	for shared := false; !shared; {
		synctest.Test(t, func(t *testing.T) {
			s := &scripted{turns: []turn{breaks}}
			rdb := s.client(t, redis.WithAutoPipelining(true), redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 2, BaseDelay: 1000 * time.Hour, MaxDelay: 1000 * time.Hour}))
			var wg sync.WaitGroup
			start, began := make(chan struct{}), time.Now()
			var waited [2]time.Duration
			for i, c := range []redis.Command[int]{write, read} {
				wg.Go(func() {
					<-start
					c.Do(t.Context(), rdb)
					waited[i] = time.Since(began)
				})
			}
			synctest.Wait()
			close(start)
			wg.Wait()
			if shared = strings.Contains(s.sent[0], "],["); shared {
				require.Zero(t, waited[0], "the write's")
				require.Positive(t, waited[1], "the read's")
				require.Len(t, s.sent, 2)
			}
		})
	}
}

func TestRetryWaits(t *testing.T) {
	policy := redis.RetryPolicy{MaxAttempts: 6, BaseDelay: 100 * time.Millisecond, MaxDelay: time.Second}
	gaps := func(t *testing.T, fails turn, opts ...redis.Option) []time.Duration {
		s := &scripted{turns: []turn{fails}}
		_, err := read.Do(t.Context(), s.client(t, append(opts, redis.WithRetryPolicy(policy))...))
		require.Error(t, err)
		var d []time.Duration
		for i := 1; i < len(s.times); i++ {
			d = append(d, s.times[i].Sub(s.times[i-1]))
		}
		return d
	}
	synctest.Test(t, func(t *testing.T) {
		most := []time.Duration{100, 200, 400, 800, 1000} // ms
		var sum [5]time.Duration
		const rounds = 500
		for range rounds {
			for i, d := range gaps(t, breaks) {
				require.LessOrEqual(t, d, most[i]*time.Millisecond)
				sum[i] += d
			}
		}
		for i, s := range sum { // full jitter waits half of it on average
			mean := s / rounds
			assert.InDelta(t, float64(most[i]*time.Millisecond/2), float64(mean), float64(most[i]*time.Millisecond)/10)
		}
		for header, least := range map[string]time.Duration{
			"0": 0, "1": time.Second, "3600": time.Second, // capped
			time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat): 0,
			time.Now().Add(time.Hour).UTC().Format(http.TimeFormat):  time.Second,
		} {
			for i, d := range gaps(t, says(429, "", "Retry-After", header)) {
				require.GreaterOrEqual(t, d, least, header)
				require.LessOrEqual(t, d, least+most[i]*time.Millisecond, header)
			}
		}
	})
}

func TestDeadlinesAndWaits(t *testing.T) {
	slow := says(429, "", "Retry-After", "2")
	synctest.Test(t, func(t *testing.T) {
		// A wait that would pass the deadline does not start. The last error of an attempt
		// is returned.
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		s := &scripted{turns: []turn{slow}}
		start := time.Now()
		_, err := write.Do(ctx, s.client(t))
		require.Zero(t, time.Since(start))
		require.Len(t, s.times, 1)
		e, ok := errors.AsType[*redis.HTTPError](err)
		require.True(t, ok, "%v", err)
		require.Equal(t, 429, e.Status)
		require.NotErrorIs(t, err, context.DeadlineExceeded)

		// A context that ends during the wait ends it.
		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		s = &scripted{turns: []turn{slow}}
		start = time.Now()
		_, err = write.Do(ctx, s.client(t))
		require.Equal(t, time.Second, time.Since(start))
		require.ErrorIs(t, err, context.Canceled)
		require.NotErrorIs(t, err, redis.ErrOutcomeUnknown, "it never ran")
		_, ok = errors.AsType[*redis.HTTPError](err)
		require.True(t, ok, "%v tells what it waited for", err)

		ctx, cancel = context.WithCancel(t.Context())
		s = &scripted{turns: []turn{func(*http.Request) (*http.Response, error) { cancel(); return nil, errWire }}}
		_, err = allowed.Do(ctx, s.client(t))
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, redis.ErrOutcomeUnknown)
		require.Len(t, s.times, 1)

		// The timeout limits each attempt. The deadline of the context limits all attempts
		// together.
		s = &scripted{turns: []turn{hangs, hangs, one}}
		start = time.Now()
		_, err = read.Do(t.Context(), s.client(t, redis.WithTimeout(time.Second)))
		require.NoError(t, err)
		require.GreaterOrEqual(t, time.Since(start), 2*time.Second)

		ctx, cancel = context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		s = &scripted{turns: []turn{hangs}}
		start = time.Now()
		_, err = read.Do(ctx, s.client(t, redis.WithTimeout(time.Second)))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.LessOrEqual(t, time.Since(start), 1500*time.Millisecond)
	})
}

// Idempotent also works through a Doer that passes the command on. It does not apply to
// commands that the Doer itself sends with the same context.
func TestIdempotentThroughAnotherDoer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{turns: []turn{breaks}}
		rdb := s.client(t)
		through := doerFunc(func(ctx context.Context, args ...any) (redis.Reply, error) {
			_, err := rdb.Do(ctx, "INCR", "calls")
			require.ErrorIs(t, err, redis.ErrOutcomeUnknown)
			require.Len(t, s.times, 1)
			return rdb.Do(ctx, args...)
		})
		_, err := allowed.Do(t.Context(), through)
		require.Error(t, err)
		require.Len(t, s.times, 1+3)
	})
}

// Wrappers that stand between a command and the client, as others write them. Each puts a
// prefix in front of the keys.
var wrappers = map[string]func(redis.Doer) redis.Doer{
	"copies": func(inner redis.Doer) redis.Doer {
		return doerFunc(func(ctx context.Context, args ...any) (redis.Reply, error) {
			return inner.Do(ctx, withPrefix(slices.Clone(args))...)
		})
	},
	"writes in place": func(inner redis.Doer) redis.Doer {
		return doerFunc(func(ctx context.Context, args ...any) (redis.Reply, error) {
			return inner.Do(ctx, withPrefix(args)...)
		})
	},
	"makes a command": func(inner redis.Doer) redis.Doer {
		return doerFunc(func(ctx context.Context, args ...any) (redis.Reply, error) {
			return redis.Cmd[redis.Reply](withPrefix(slices.Clone(args))...).Do(ctx, inner)
		})
	},
	"has more arguments": func(inner redis.Doer) redis.Doer {
		return doerFunc(func(ctx context.Context, args ...any) (redis.Reply, error) {
			args = withPrefix(append(make([]any, 0, 20), args...))
			return inner.Do(ctx, append(args, "more")...)
		})
	},
	"wraps errors": func(inner redis.Doer) redis.Doer {
		return doerFunc(func(ctx context.Context, args ...any) (redis.Reply, error) {
			reply, err := inner.Do(ctx, withPrefix(slices.Clone(args))...)
			if err != nil {
				err = fmt.Errorf("tenant: %w", err)
			}
			return reply, err
		})
	},
}

func withPrefix(args []any) []any {
	at := 1
	if strings.HasPrefix(args[0].(string), "EVAL") {
		at = 3
	}
	args[at] = fmt.Sprint("tenant:", args[at])
	return args
}

// What may be sent again may be so behind any wrapper, and no wrapper changes the
// command.
func TestWrappersKeepWhatMayRunTwice(t *testing.T) {
	for wrapper, wrap := range wrappers {
		for c, row := range map[string]struct {
			command redis.Command[int]
			first   turn
			sent    int
			last    string
		}{
			"idempotent":        {redis.Cmd[int]("INCR", "k").Idempotent(), breaks, 3, `["INCR","tenant:k"`},
			"not":               {redis.Cmd[int]("INCR", "k"), breaks, 1, `["INCR","tenant:k"`},
			"idempotent script": {onceMore, breaks, 3, `"1","tenant:k"`},
			"read":              {redis.Cmd[int]("GET", "k"), breaks, 3, `["GET","tenant:k"`},
			"read-only script":  {pureRead, breaks, 3, `"1","tenant:k"`},
			"RunOnce":           {redis.NewScript[int]("return 1").OnceCmd("id", []string{"k"}), breaks, 3, `"2","tenant:k"`},
			"missing script":    {redis.NewScript[int]("return 1").Cmd([]string{"k"}), missing, 2, `["EVAL","return 1","1","tenant:k"`},
			"missing RunOnce":   {redis.NewScript[int]("return 1").OnceCmd("id", []string{"k"}), missing, 4, `["EVAL",`},
		} {
			t.Run(wrapper+"/"+c, func(t *testing.T) {
				for range 2 { // the command is the same the second time
					synctest.Test(t, func(t *testing.T) {
						s := &scripted{turns: []turn{row.first, breaks}}
						_, err := row.command.Do(t.Context(), wrap(s.client(t)))
						require.Error(t, err)
						require.Len(t, s.sent, row.sent)
						require.Contains(t, s.sent[row.sent-1], row.last)
						require.NotContains(t, s.sent[row.sent-1], "tenant:tenant:")
					})
				}
			})
		}
	}
}

// The name of a command may be given as another type than string.
func TestNamesThatAreNoStrings(t *testing.T) {
	type name string
	for _, incr := range []any{[]byte("INCR"), name("INCR")} {
		for _, wrap := range []func(redis.Doer) redis.Doer{wrappers["copies"], func(d redis.Doer) redis.Doer { return d }} {
			synctest.Test(t, func(t *testing.T) {
				s := &scripted{turns: []turn{breaks}}
				redis.Cmd[int](incr, "k").Idempotent().Do(t.Context(), wrap(s.client(t)))
				require.Len(t, s.sent, 3)
			})
		}
	}
}

type doerFunc func(ctx context.Context, args ...any) (redis.Reply, error)

func (f doerFunc) Do(ctx context.Context, args ...any) (redis.Reply, error) { return f(ctx, args...) }

func TestRequestLimit(t *testing.T) {
	s := &scripted{turns: []turn{one}}
	for _, auto := range [][]redis.Option{nil, {redis.WithAutoPipelining(true)}} {
		rdb := s.client(t, append(auto, redis.WithMaxRequestBytes(100))...)
		_, err := rdb.Do(t.Context(), "SET", "k", strings.Repeat("x", 100))
		require.ErrorIs(t, err, redis.ErrRequestTooLarge)
		require.NotErrorIs(t, err, redis.ErrOutcomeUnknown)
		require.ErrorContains(t, err, "SET")
		require.NotContains(t, err.Error(), "xxx")
		b := rdb.Multi()
		for range 20 {
			write.Queue(b)
		}
		require.ErrorIs(t, b.Exec(t.Context()), redis.ErrRequestTooLarge)
		require.Empty(t, s.times, "something was sent")
	}
	_, err := s.client(t, redis.WithMaxRequestBytes(20)).Do(t.Context(), "SET", "k", "12345")
	require.NoError(t, err, s.sent)
	require.Len(t, s.sent[0], 19)
}

func TestMaxAttemptsOfTheEnvironment(t *testing.T) {
	t.Setenv("UPSTASH_REDIS_REST_URL", "https://redis.example.com")
	t.Setenv("UPSTASH_REDIS_REST_TOKEN", secretToken)
	t.Setenv("UPSTASH_REDIS_REST_MAX_ATTEMPTS", "5")
	for most, opts := range map[int][]redis.Option{
		5: {redis.WithRetryPolicy(redis.RetryPolicy{BaseDelay: 1})},
		2: {redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 2, BaseDelay: 1})},
	} {
		s := &scripted{turns: []turn{breaks}}
		rdb, err := redis.FromEnv(append(opts, redis.WithHTTPClient(&http.Client{Transport: s}))...)
		require.NoError(t, err)
		_, err = read.Do(t.Context(), rdb)
		require.ErrorIs(t, err, errWire)
		require.Len(t, s.times, most)
	}
}

func TestHooks(t *testing.T) {
	var log []string
	var outcomes []redis.AttemptOutcome
	note := func(name string) redis.Option {
		return redis.WithHook(redis.Hook{Attempt: func(ctx context.Context, a redis.AttemptInfo) (context.Context, func(redis.AttemptOutcome)) {
			log = append(log, fmt.Sprintf("%s %s %v #%d %d", name, a.Kind, a.Commands, a.Number, a.Bytes))
			return nil, func(o redis.AttemptOutcome) {
				log = append(log, fmt.Sprintf("%s %d %d %v", name, o.Status, o.Bytes, o.Err))
				outcomes = append(outcomes, o)
			}
		}})
	}
	panics := redis.WithHook(redis.Hook{Attempt: func(_ context.Context, a redis.AttemptInfo) (context.Context, func(redis.AttemptOutcome)) {
		if a.Number == 1 {
			panic("in the hook")
		}
		return nil, func(redis.AttemptOutcome) { panic("after it") }
	}})
	nothing := redis.WithHook(redis.Hook{Attempt: func(context.Context, redis.AttemptInfo) (context.Context, func(redis.AttemptOutcome)) {
		return nil, nil
	}})
	synctest.Test(t, func(t *testing.T) {
		slow := func(r *http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			return says(400, `{"error":"WRONGTYPE x"}`)(r)
		}
		s := &scripted{turns: []turn{breaks, one, slow, says(200, `[{"result":1},{"error":"ERR x"}]`), says(502, "oops")}}
		rdb := s.client(t, note("a"), panics, nothing, note("b"))
		_, err := read.Do(t.Context(), rdb)
		require.NoError(t, err)
		_, err = redis.Cmd[int]("SET", "k", secretArgument).Do(t.Context(), rdb)
		require.Error(t, err)
		b := rdb.Multi()
		write.Queue(b)
		script.Queue(b)
		require.Error(t, b.Exec(t.Context()))
		_, err = write.Do(t.Context(), rdb)
		require.Error(t, err)
		_, err = rdb.Subscribe(t.Context(), secretArgument)
		require.Error(t, err)
	})
	assert.Equal(t, []string{
		"a command [GET] #1 11", "b command [GET] #1 11", "b 0 0 connection reset", "a 0 0 connection reset",
		"a command [GET] #2 11", "b command [GET] #2 11", "b 200 12 <nil>", "a 200 12 <nil>",
		"a command [SET] #1 29", "b command [SET] #1 29", "b 400 23 redis: SET: WRONGTYPE x", "a 400 23 redis: SET: WRONGTYPE x",
		"a transaction [INCR EVAL] #1 38", "b transaction [INCR EVAL] #1 38", "b 200 32 <nil>", "a 200 32 <nil>",
		"a command [INCR] #1 12", "b command [INCR] #1 12", "b 502 4 " + badGateway("INCR", true), "a 502 4 " + badGateway("INCR", true),
		"a subscription [SUBSCRIBE] #1 2", "b subscription [SUBSCRIBE] #1 2", "b 502 0 not an event stream", "a 502 0 not an event stream",
	}, log)
	require.GreaterOrEqual(t, outcomes[4].Duration, time.Second)
	require.NotContains(t, fmt.Sprint(log), secretArgument)
	require.NotContains(t, fmt.Sprint(log), secretToken)
}

func badGateway(command string, unknown bool) string {
	text := "redis: " + command + ": not a reply of Redis over REST but HTTP 502 Bad Gateway with a body of type text/plain"
	if unknown {
		text += " (outcome unknown: the command may have run)"
	}
	return text
}

func TestInvalidSyncToken(t *testing.T) {
	var sent []string
	s := &scripted{turns: []turn{func(r *http.Request) (*http.Response, error) {
		sent = append(sent, r.Header.Get("Upstash-Sync-Token"))
		return says(200, `{"result":1}`, "Upstash-Sync-Token", []string{"good", "evil\r\nX: 1", "a b", "é", "\x00", strings.Repeat("x", 2000)}[min(len(sent)-1, 5)])(r)
	}}}
	rdb := s.client(t)
	for range 7 {
		_, err := write.Do(t.Context(), rdb)
		require.NoError(t, err)
	}
	require.Equal(t, []string{"", "good", "good", "good", "good", "good", "good"}, sent)
}

// The table of commands that only read agrees with Redis. exceptions has the reason for each
// difference.
func TestReadOnlyTableAgreesWithRedis(t *testing.T) {
	rdb := onRedis(t).Client()
	exceptions := map[string]string{
		"ping": "touches no key", "echo": "touches no key", "time": "touches no key",
		"script|exists": "touches no key", "script|load": "touches no key",
		"getex": "reads where it has no option", "sort": "reads where it has no option",
		"bitfield": "reads where it has no option", "georadius": "reads where it has no option", "georadiusbymember": "reads where it has no option",
	}
	commands, err := redis.Cmd[[]redis.Reply]("COMMAND").Do(t.Context(), rdb)
	require.NoError(t, err)
	require.Greater(t, len(commands), 200)
	checked := 0
	var check func(reply redis.Reply)
	check = func(reply redis.Reply) {
		fields, err := redis.Decode[[]redis.Reply](reply)
		require.NoError(t, err)
		name, err := redis.Decode[string](fields[0])
		require.NoError(t, err)
		flags, err := redis.Decode[[]string](fields[2])
		require.NoError(t, err)
		if _, ok := exceptions[name]; !ok {
			args := []any{}
			for word := range strings.SplitSeq(name, "|") {
				args = append(args, word)
			}
			assert.Equal(t, slices.Contains(flags, "readonly"), commandtable.OnlyReads(args), name)
			checked++
		}
		if len(fields) > 9 {
			subcommands, err := redis.Decode[[]redis.Reply](fields[9])
			require.NoError(t, err)
			for _, sub := range subcommands {
				check(sub)
			}
		}
	}
	for _, c := range commands {
		check(c)
	}
	require.Greater(t, checked, 300)
}

// RunOnce is retried only while its record certainly exists.
func TestRunOnceIsNotRetriedAfterItsWindow(t *testing.T) {
	short := redis.NewScript[int]("return 1", redis.OnceWindow(3*time.Second)).OnceCmd("id", []string{"k"})
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{turns: []turn{hangs}}
		_, err := short.Do(t.Context(), s.client(t, redis.WithTimeout(time.Second)))
		require.ErrorIs(t, err, redis.ErrOutcomeUnknown)
		require.Len(t, s.times, 2, "the third could arrive too late")

		s = &scripted{turns: []turn{unreachable}}
		_, err = short.Do(t.Context(), s.client(t, redis.WithTimeout(time.Second), redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 9, BaseDelay: 10 * time.Second, MaxDelay: 10 * time.Second})))
		require.NotErrorIs(t, err, redis.ErrOutcomeUnknown)
		require.Len(t, s.times, 9, "nothing ran yet, so nothing expires")

		s = &scripted{turns: []turn{hangs, hangs, missing}}
		b := s.client(t, redis.WithTimeout(time.Second)).Pipeline()
		short.Queue(b)
		read.Queue(b)
		require.ErrorIs(t, b.Exec(t.Context()), redis.ErrOutcomeUnknown)
		require.Len(t, s.times, 2)
	})
}

// The name of a command can be a []byte or a named string type. The command can still be a
// script.
func TestScriptCommandNotGivenAsString(t *testing.T) {
	type name string
	for _, eval := range []any{[]byte("EVAL"), name("eval")} {
		s := &scripted{turns: []turn{says(400, `{"error":"BUSY try later"}`)}}
		_, err := s.client(t).Do(t.Context(), eval, "return redis.error_reply('BUSY try later')", 0)
		require.Equal(t, "BUSY", redis.Code(err))
		require.Len(t, s.times, 1)
	}
}

// An error that a script raises is not ErrNoScript, even if its code is NOSCRIPT.
func TestNoScriptRaisedByScript(t *testing.T) {
	s := &scripted{turns: []turn{says(400, `{"error":"NOSCRIPT No matching script script: 0123, on @user_script:2."}`)}}
	_, err := redis.NewScript[int]("x").Run(t.Context(), s.client(t), nil)
	require.Equal(t, "NOSCRIPT", redis.Code(err))
	require.NotErrorIs(t, err, redis.ErrNoScript)
	require.Len(t, s.times, 1)
}

// If a member of a pipeline may have run in the first attempt, its outcome is unknown,
// whatever the answer to its source is.
func TestMissingScriptAfterALostAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := `{"error":"NOSCRIPT No matching script. Please use EVAL."}`
		s := &scripted{turns: []turn{breaks, says(200, `[{"result":1},`+gone+`]`), says(200, `[{"error":"ERR x"}]`)}}
		b := s.client(t).Pipeline()
		first, second := onceMore.Queue(b), onceMore.Queue(b)
		require.Error(t, b.Exec(t.Context()))
		_, err := first.Result()
		require.NoError(t, err)
		_, err = second.Result()
		require.ErrorIs(t, err, redis.ErrOutcomeUnknown)
		require.Equal(t, "ERR", redis.Code(err))
		call, ok := err.(*redis.CallError)
		require.True(t, ok)
		require.Contains(t, call.Command, "EVAL")
		e, _ := errors.AsType[*redis.Error](err)
		require.Equal(t, 1, e.Index)
	})
}

// A hook gets the number of the attempt, also when a call from a shared request is retried.
func TestSharedAttemptsAreCounted(t *testing.T) {
	var mu sync.Mutex
	var attempts map[int]int
	s, _ := inOneRequest(t, func(t *testing.T) (*redis.Redis, *scripted) {
		s := &scripted{turns: []turn{says(429, ""), breaks}}
		attempts = map[int]int{}
		return s.client(t, redis.WithAutoPipelining(true), redis.WithHook(redis.Hook{Attempt: func(_ context.Context, a redis.AttemptInfo) (context.Context, func(redis.AttemptOutcome)) {
			mu.Lock()
			defer mu.Unlock()
			attempts[a.Number] += len(a.Commands)
			return nil, nil
		}})), s
	}, map[string]redis.Command[int]{"w": write, "r": read})
	require.Equal(t, map[int]int{1: 2, 2: 2, 3: 1}, attempts)
	require.Equal(t, 2, s.sentTimes(`"INCR"`))
	require.Equal(t, 3, s.sentTimes(`"GET"`))
}

func TestCancelledWhileAllAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := &scripted{turns: []turn{says(200, "["+busy+"]", "Retry-After", "5")}}
		b := s.client(t).Pipeline()
		write.Queue(b)
		time.AfterFunc(time.Second, cancel)
		err := b.Exec(ctx)
		require.ErrorIs(t, err, context.Canceled)
		require.NotContains(t, err.Error(), "%!")
		require.Equal(t, "BUSY", redis.Code(err))
	})
}
