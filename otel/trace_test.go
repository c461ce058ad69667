package redisotel_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/internal/testkit/svg"
	redisotel "github.com/redis-rest/redis-rest-go/otel"
	"github.com/redis-rest/redis-rest-go/redistest"
	"github.com/redis-rest/redis-rest-go/restserver"
)

var update = flag.Bool("update", false, "draw the pictures of docs/observability.md")

// otelhttp is outside, around the handlers of a service, and inside, around the transport of its client. Each call has one span, whose
// parent is the span of the request that made it: alone, as a batch, and while requests of many handlers share a request to Redis.
func TestOtelhttpOutsideAndInside(t *testing.T) {
	for _, auto := range []bool{false, true} {
		t.Run(fmt.Sprintf("auto-pipelining %v", auto), func(t *testing.T) {
			r := newRecorder(t)
			inside := redis.WithRoundTripper(func(rt http.RoundTripper) http.RoundTripper {
				return otelhttp.NewTransport(rt, otelhttp.WithTracerProvider(r.provider), otelhttp.WithPropagators(propagation.TraceContext{}))
			})
			rdb := redistest.NewServer(t).Client(inside, redis.WithAutoPipelining(auto), r.hook(redisotel.WithoutAttempts()))
			mux := http.NewServeMux()
			mux.HandleFunc("/alone", func(_ http.ResponseWriter, req *http.Request) {
				_, err := redis.Cmd[int]("INCR", "n").Do(req.Context(), rdb)
				assert.NoError(t, err)
			})
			mux.HandleFunc("/batch", func(_ http.ResponseWriter, req *http.Request) {
				b := rdb.Pipeline()
				redis.Cmd[int]("INCR", "n").Queue(b)
				redis.Cmd[int]("DECR", "n").Queue(b)
				assert.NoError(t, b.Exec(req.Context()))
			})
			app := httptest.NewServer(otelhttp.NewHandler(mux, "app", otelhttp.WithTracerProvider(r.provider)))
			t.Cleanup(app.Close)
			const each = 20
			var all sync.WaitGroup
			for range each {
				for _, path := range []string{"/alone", "/batch"} {
					all.Go(func() {
						resp, err := http.Get(app.URL + path)
						if assert.NoError(t, err) {
							resp.Body.Close()
						}
					})
				}
			}
			all.Wait()
			app.Close() // waits for the ends of the handlers' spans
			handlers, calls := map[trace.SpanID]int{}, map[trace.SpanID]trace.SpanID{}
			spans := r.spans.GetSpans()
			for _, span := range spans {
				if span.SpanKind == trace.SpanKindServer {
					handlers[span.SpanContext.SpanID()] = 0
				}
			}
			sent := 0
			for _, span := range spans {
				if strings.HasPrefix(span.Name, "INCR") || strings.HasPrefix(span.Name, "PIPELINE") {
					require.Contains(t, handlers, span.Parent.SpanID())
					handlers[span.Parent.SpanID()]++
					calls[span.SpanContext.SpanID()] = span.Parent.SpanID()
				}
			}
			for _, span := range spans {
				if strings.HasPrefix(span.Name, "HTTP") {
					sent++
					require.Contains(t, calls, span.Parent.SpanID(), "an attempt is below a call")
				}
			}
			require.Len(t, handlers, 2*each)
			for _, n := range handlers {
				require.Equal(t, 1, n)
			}
			require.LessOrEqual(t, sent, 2*each)
			require.Len(t, spans, len(handlers)+len(calls)+sent)
		})
	}
}

func TestQueryText(t *testing.T) {
	r := newRecorder(t)
	rdb := redistest.NewServer(t).Client(r.hook(redisotel.WithQueryText(func(words []string) string {
		if words[0] == "PING" {
			return ""
		}
		return words[0] + strings.Repeat(" ?", len(words)-1)
	})))
	text := func(f func(ctx context.Context)) any {
		_, spans := r.root(t, f)
		require.NotContains(t, fmt.Sprintf("%+v", spans), secret)
		return attributes(spans[len(spans)-1])["db.query.text"]
	}
	require.Equal(t, "SET ? ?", text(func(ctx context.Context) { rdb.Do(ctx, "SET", "k", secret) }))
	require.Nil(t, text(func(ctx context.Context) { rdb.Do(ctx, "PING") }))
	require.Equal(t, "EVAL ? ? ? ?", text(func(ctx context.Context) { redis.Eval[int](ctx, rdb, "return 1", []string{"k"}, secret) }))
	require.Equal(t, strings.TrimSuffix(strings.Repeat("GET ?; ", 20), "; "), text(func(ctx context.Context) {
		b := rdb.Pipeline()
		for range 30 {
			redis.Cmd[any]("GET", secret).Queue(b)
		}
		b.Exec(ctx)
	}))
}

// texts calls visit for each text that can be reached from v, in fields that are not exported too.
func texts(v reflect.Value, seen map[any]bool, visit func(string)) {
	switch v.Kind() {
	case reflect.String:
		visit(v.String())
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return
		}
		if v.Kind() == reflect.Pointer {
			at := [2]any{v.Pointer(), v.Type()}
			if seen[at] {
				return
			}
			seen[at] = true
		}
		texts(v.Elem(), seen, visit)
	case reflect.Struct:
		for i := range v.NumField() {
			texts(v.Field(i), seen, visit)
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 && v.Kind() == reflect.Slice {
			visit(string(v.Bytes()))
			return
		}
		for i := range v.Len() {
			texts(v.Index(i), seen, visit)
		}
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			texts(entries.Key(), seen, visit)
			texts(entries.Value(), seen, visit)
		}
	}
}

// Whatever happens, nothing that is exported has an argument or a token: spans and logs of both sides, and metrics.
func TestNothingExportedIsSecret(t *testing.T) {
	r := newRecorder(t)
	var mu sync.Mutex
	var logs bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(writerFunc(func(p []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return logs.Write(p)
	}), nil))
	const token = "secret-token-of-the-test"
	s, err := restserver.Start(restserver.Config{Token: token, TracerProvider: r.provider, TraceScripts: true, Log: logger})
	require.NoError(t, err)
	t.Cleanup(func() { s.Close() })
	script := redis.NewScript[int]("local v = redis.call('SET', KEYS[1], ARGV[1])\nredis.pcall('LPUSH', KEYS[1], ARGV[1])\nreturn redis.call('INCR', KEYS[1])", redis.Named("limit.lua"))
	use := func(ctx context.Context, rdb *redis.Redis) {
		redis.Cmd[string]("SET", secret, secret).Do(ctx, rdb)
		redis.Cmd[string]("NOSUCH", secret).Do(ctx, rdb)
		redis.Cmd[int]("GET", secret).Do(ctx, rdb)
		redis.Cmd[int]("INCR", secret).Do(ctx, rdb)
		redis.Cmd[int]("SET", secret, time.Second, []string{secret}).Do(ctx, rdb)
		redis.Cmd[any]("EVALSHA", secret, "0").Do(ctx, rdb)
		redis.Cmd[any]("FCALL", secret, "0").Do(ctx, rdb)
		rdb.Do(ctx, "EVAL", "return redis.error_reply(ARGV[1])", 0, "ERR "+secret)
		rdb.Do(ctx, "EVAL", "error('"+secret+"')", 0)
		rdb.Do(ctx, "EVAL", secret+" is no Lua", 0)
		script.Run(ctx, rdb, []string{secret}, secret)
		for _, b := range []*redis.Batch{rdb.Pipeline(), rdb.Multi()} {
			redis.Cmd[any]("SET", secret, secret).Queue(b)
			redis.Cmd[any]("SET", secret, secret, secret).Queue(b)
			script.Cmd([]string{secret}, secret).Queue(b)
			b.Exec(ctx)
		}
		ended, end := context.WithCancel(ctx)
		if sub, err := rdb.Subscribe(ended, secret); err == nil {
			sub.Close()
		}
		end()
	}
	client := func(url, token string) *redis.Redis {
		rdb, err := redis.New(url, token, r.hook(), redis.WithHook(redis.LogHook(logger, time.Nanosecond)), redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 2, BaseDelay: time.Millisecond}))
		require.NoError(t, err)
		return rdb
	}
	r.root(t, func(ctx context.Context) {
		use(ctx, client(s.URL, token))
		use(ctx, client(s.URL, secret+"-as-the-token"))
		use(ctx, client("http://127.0.0.1:1/"+secret, token))
		r, err := http.NewRequestWithContext(ctx, "GET", s.URL+"/set/"+secret+"/"+secret+"?"+secret+"="+secret+"&_token="+token, nil)
		require.NoError(t, err)
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		resp.Body.Close()
	})
	require.NoError(t, s.Close())
	var metrics metricdata.ResourceMetrics
	require.NoError(t, r.reader.Collect(t.Context(), &metrics))
	spans := r.spans.GetSpans()
	require.Greater(t, len(spans), 80)
	lines := logs.String()
	require.Greater(t, strings.Count(lines, "\n"), 60)
	visited := 0
	texts(reflect.ValueOf([]any{spans, metrics, lines}), map[any]bool{}, func(text string) {
		visited++
		for _, s := range []string{secret, token} {
			for _, form := range []string{s, base64.StdEncoding.EncodeToString([]byte(s)), hex.EncodeToString([]byte(s))} {
				require.NotContains(t, strings.ToLower(text), strings.ToLower(form))
			}
		}
	})
	require.Greater(t, visited, 1000)
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// The walk finds a secret wherever it is.
func TestWalkFindsSecrets(t *testing.T) {
	r := newRecorder(t)
	rdb := redistest.NewServer(t).Client(r.hook(redisotel.WithQueryText(func(words []string) string { return strings.Join(words, " ") })))
	_, spans := r.root(t, func(ctx context.Context) { rdb.Do(ctx, "SET", "k", secret) })
	found := false
	texts(reflect.ValueOf(spans), map[any]bool{}, func(text string) { found = found || strings.Contains(text, secret) })
	require.True(t, found)
}

// A trace goes from the caller through the client and the server to the database. The picture of a cold script is one of its spans.
func TestPictures(t *testing.T) {
	r := newRecorder(t)
	s, err := restserver.Start(restserver.Config{TracerProvider: r.provider, TraceScripts: true})
	require.NoError(t, err)
	t.Cleanup(func() { s.Close() })
	rdb, err := redis.New(s.URL, s.Token, r.hook())
	require.NoError(t, err)
	source, err := os.ReadFile("../examples/quickstart/ratelimit.lua")
	require.NoError(t, err)
	script := redis.NewScript[int](string(source), redis.Named("limit.lua"))
	rdb.Do(t.Context(), "PING") // connects
	r.spans.Reset()
	ctx, root := r.provider.Tracer("test").Start(t.Context(), "your handler")
	_, err = script.Run(ctx, rdb, []string{"visits:ada"}, 10, 60)
	require.NoError(t, err)
	root.End()
	draw(t, "../docs/trace.svg", "One call of a script that the server does not hold: EVALSHA, then EVAL", r.ended(t, 8))

	// Handlers whose calls share a request.
	rdb, err = redis.New(s.URL, s.Token, r.hook(), redis.WithAutoPipelining(true))
	require.NoError(t, err)
	for {
		r.spans.Reset()
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				ctx, root := r.provider.Tracer("test").Start(t.Context(), "a handler")
				_, err := redis.Cmd[int]("INCR", "n").Do(ctx, rdb)
				assert.NoError(t, err)
				root.End()
			})
		}
		all.Wait()
		if shared := r.ended(t, 9); len(shared) == 9 {
			draw(t, "../docs/shared.svg", "Three calls in one request: its span is below the first, with links to all", shared)
			return
		}
	}
}

// ended returns the spans once they have ended: those of the server end after the answer. There may be more than n.
func (r *recorder) ended(t *testing.T, n int) (spans tracetest.SpanStubs) {
	require.Eventually(t, func() bool {
		spans = r.spans.GetSpans()
		known := map[trace.SpanID]bool{}
		for _, span := range spans {
			known[span.SpanContext.SpanID()] = true
		}
		return len(spans) >= n && !slices.ContainsFunc(spans, func(s tracetest.SpanStub) bool {
			return s.Parent.IsValid() && !known[s.Parent.SpanID()]
		})
	}, 5*time.Second, time.Millisecond)
	return spans
}

// draw compares the names in a picture, and how the spans are nested, with the file, or writes the file with -update. Times differ from run to run.
func draw(t *testing.T, file, title string, spans tracetest.SpanStubs) {
	t.Helper()
	slices.SortStableFunc(spans, func(a, b tracetest.SpanStub) int { return a.StartTime.Compare(b.StartTime) })
	begin := spans[0].StartTime
	at := func(when time.Time) float64 { return when.Sub(begin).Seconds() }
	var rows []svg.Span
	var add func(parent trace.SpanID, depth int)
	add = func(parent trace.SpanID, depth int) {
		for _, span := range spans {
			if span.Parent.SpanID() != parent {
				continue
			}
			name := regexp.MustCompile(` 127\.0\.0\.1:\d+`).ReplaceAllString(span.Name, "")
			name = regexp.MustCompile(`([0-9a-f]{6})[0-9a-f]{34}`).ReplaceAllString(name, "$1…")
			if code := attributes(span)["db.response.status_code"]; code != nil {
				name += fmt.Sprintf(" (%v)", code)
			}
			if n := len(span.Links); n > 0 {
				name += fmt.Sprintf(" (%d links)", n)
			}
			row := svg.Span{Name: name, Depth: depth, Kind: -1, Begin: at(span.StartTime), End: at(span.EndTime)}
			switch scope := span.InstrumentationScope.Name; {
			case strings.HasSuffix(scope, "/restserver"):
				row.Kind = 2
			case strings.HasSuffix(scope, "/otel"):
				row.Kind = 0
			}
			rows = append(rows, row)
			for _, event := range span.Events {
				values := attributes(tracetest.SpanStub{Attributes: event.Attributes})
				end := at(event.Time) + values["redis.script.call.duration"].(float64)
				rows = append(rows, svg.Span{Name: fmt.Sprintf("line %v: %v", values["code.line.number"], values["db.operation.name"]), Depth: depth + 1, Kind: 1, Begin: at(event.Time), End: end})
			}
			add(span.SpanContext.SpanID(), depth+1)
		}
	}
	add(trace.SpanID{}, 0)
	drawn := svg.Timeline(title, rows, func(seconds float64) string { return fmt.Sprintf("%.0f µs", seconds*1e6) })
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(drawn), 0o644))
	}
	have, err := os.ReadFile(file)
	require.NoError(t, err, "go test -run TestPictures . -update draws it")
	require.Equal(t, names(drawn), names(string(have)), "%s is not what the spans are; go test -run TestPictures . -update draws it", file)
	page, err := os.ReadFile("../docs/observability.md")
	require.NoError(t, err)
	require.Contains(t, string(page), "("+strings.TrimPrefix(file, "../docs/")+")")
}

// names returns the texts of a picture that are no times, and where they begin.
func names(picture string) (list []string) {
	for _, m := range regexp.MustCompile(`<text x="([^"]*)"[^>]*lengthAdjust="spacingAndGlyphs">([^<]*)<`).FindAllStringSubmatch(picture, -1) {
		list = append(list, m[1]+" "+m[2])
	}
	return list
}

// What a hook costs: the time of a call over the loopback interface with each kind of hook, as a ratio to one without. The calls alternate, so that whatever
// else the machine does affects all alike.
func BenchmarkHook(b *testing.B) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, `{"result":7}`) }))
	defer s.Close()
	sampled := sdktrace.NewTracerProvider(sdktrace.WithBatcher(tracetest.NewNoopExporter()))
	defer sampled.Shutdown(context.Background())
	unsampled := sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample()))
	with := func(p trace.TracerProvider, more ...redisotel.Option) redis.Hook {
		return redisotel.Hook(append(more, redisotel.WithTracerProvider(p), redisotel.WithPropagator(propagation.TraceContext{}))...)
	}
	call := func(context.Context, redis.CallInfo) (context.Context, func(redis.CallOutcome)) { return nil, nil }
	attempt := func(context.Context, redis.AttemptInfo) (context.Context, func(redis.AttemptOutcome)) {
		return nil, nil
	}
	kinds := []struct {
		name  string
		hooks []redis.Hook
		call  func()
		times []time.Duration
	}{
		{name: "none"},
		{name: "empty-call", hooks: []redis.Hook{{Call: call}}},
		{name: "empty-call-and-attempt", hooks: []redis.Hook{{Call: call, Attempt: attempt}}},
		{name: "log", hooks: []redis.Hook{redis.LogHook(slog.New(slog.NewJSONHandler(io.Discard, nil)), 0)}},
		{name: "otel-not-sampled", hooks: []redis.Hook{with(unsampled)}},
		{name: "otel-calls", hooks: []redis.Hook{with(sampled, redisotel.WithoutAttempts())}},
		{name: "otel-calls-and-attempts", hooks: []redis.Hook{with(sampled)}},
	}
	for i := range kinds {
		var opts []redis.Option
		for _, h := range kinds[i].hooks {
			opts = append(opts, redis.WithHook(h))
		}
		rdb, err := redis.New(s.URL, "token", opts...)
		if err != nil {
			b.Fatal(err)
		}
		incr := redis.Cmd[int]("INCR", "n")
		kinds[i].call = func() {
			if _, err := incr.Do(b.Context(), rdb); err != nil {
				b.Fatal(err)
			}
		}
		kinds[i].call() // connects
	}
	for b.Loop() {
		for _, i := range rand.Perm(len(kinds)) { // what ran before has an influence
			begun := time.Now()
			kinds[i].call()
			kinds[i].times = append(kinds[i].times, time.Since(begun))
		}
	}
	b.StopTimer()
	median := func(i int) float64 {
		slices.Sort(kinds[i].times)
		return float64(kinds[i].times[len(kinds[i].times)/2])
	}
	allocations := func(i int) float64 { return testing.AllocsPerRun(100, kinds[i].call) }
	without, alone := median(0), allocations(0)
	for i, k := range kinds[1:] {
		b.ReportMetric(median(i+1)/without, k.name+"-ratio")
		b.ReportMetric(allocations(i+1)-alone, k.name+"-more-allocs")
	}
}

func ExampleWithQueryText() {
	exporter := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
	nameAndKey := redisotel.WithQueryText(func(words []string) string {
		if len(words) < 2 || words[0] != "GET" && words[0] != "SET" {
			return ""
		}
		return strings.Join(words[:2], " ") // without the value
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, `{"result":"OK"}`) }))
	defer server.Close()
	rdb, err := redis.New(server.URL, "token", redis.WithHook(redisotel.Hook(nameAndKey, redisotel.WithTracerProvider(provider), redisotel.WithoutAttempts())))
	if err != nil {
		panic(err)
	}
	if _, err := redis.Cmd[string]("SET", "color", "green").Do(context.Background(), rdb); err != nil {
		panic(err)
	}
	fmt.Println(attributes(exporter.GetSpans()[0])["db.query.text"])
	// Output: SET color
}
