package redisotel_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	redis "github.com/redis-rest/redis-rest-go"
	redisotel "github.com/redis-rest/redis-rest-go/otel"
	"github.com/redis-rest/redis-rest-go/redistest"
)

const secret = "secret-argument"

// A recorder keeps spans and metrics in memory.
type recorder struct {
	spans    *tracetest.InMemoryExporter
	provider *sdktrace.TracerProvider
	reader   *sdkmetric.ManualReader
	opts     []redisotel.Option
}

func newRecorder(t *testing.T) *recorder {
	r := &recorder{spans: tracetest.NewInMemoryExporter(), reader: sdkmetric.NewManualReader()}
	r.provider = sdktrace.NewTracerProvider(sdktrace.WithSyncer(r.spans))
	t.Cleanup(func() { r.provider.Shutdown(context.Background()) })
	r.opts = []redisotel.Option{
		redisotel.WithTracerProvider(r.provider),
		redisotel.WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(r.reader))),
		redisotel.WithPropagator(propagation.TraceContext{}),
	}
	return r
}

func (r *recorder) hook(more ...redisotel.Option) redis.Option {
	return redis.WithHook(redisotel.Hook(append(r.opts, more...)...))
}

// root runs f below a span, and returns that span and the others, in the order in which they ended.
func (r *recorder) root(t *testing.T, f func(ctx context.Context)) (root trace.SpanContext, spans tracetest.SpanStubs) {
	t.Helper()
	r.spans.Reset()
	ctx, span := r.provider.Tracer("test").Start(t.Context(), "caller")
	f(ctx)
	span.End()
	all := r.spans.GetSpans()
	return span.SpanContext(), all[:len(all)-1]
}

func attributes(s tracetest.SpanStub) map[string]any {
	m := map[string]any{}
	for _, a := range s.Attributes {
		m[string(a.Key)] = a.Value.AsInterface()
	}
	return m
}

func TestSpans(t *testing.T) {
	r := newRecorder(t)
	s := redistest.NewServer(t)
	rdb := s.Client(r.hook())
	host, port, _ := strings.Cut(strings.TrimPrefix(s.URL, "http://"), ":")
	script := redis.NewScript[int]("local n = redis.call('INCR', KEYS[1])\nif n > 1 then return redis.error_reply('LIMIT reached') end\nreturn n", redis.Named("limit.lua"))

	root, spans := r.root(t, func(ctx context.Context) {
		_, err := redis.Cmd[string]("SET", "k", secret).Do(ctx, rdb)
		require.NoError(t, err)
	})
	require.Len(t, spans, 2)
	attempt, call := spans[0], spans[1]
	require.Equal(t, root.SpanID(), call.Parent.SpanID())
	require.Equal(t, call.SpanContext.SpanID(), attempt.Parent.SpanID())
	require.Equal(t, "SET "+host+":"+port, call.Name)
	require.Equal(t, trace.SpanKindClient, call.SpanKind)
	require.Equal(t, map[string]any{"db.system.name": "redis", "db.operation.name": "SET", "server.address": host, "server.port": attributes(call)["server.port"]}, attributes(call))
	require.Equal(t, port, fmt.Sprint(attributes(call)["server.port"]))
	require.Equal(t, "POST", attempt.Name)
	require.EqualValues(t, 200, attributes(attempt)["http.response.status_code"])

	// A cold script is one successful call of two attempts.
	_, spans = r.root(t, func(ctx context.Context) {
		_, err := script.Run(ctx, rdb, []string{"n"})
		require.NoError(t, err)
	})
	require.Len(t, spans, 3)
	call = spans[2]
	require.Equal(t, "EVALSHA limit.lua", call.Name)
	require.Equal(t, "limit.lua", attributes(call)["db.stored_procedure.name"])
	require.Equal(t, true, attributes(call)["redis.script_missed"])
	require.EqualValues(t, 2, attributes(call)["redis.attempts"])
	require.Equal(t, codes.Unset, call.Status.Code)

	_, spans = r.root(t, func(ctx context.Context) {
		_, err := script.Run(ctx, rdb, []string{"n"})
		require.Error(t, err)
	})
	call = spans[1]
	require.Equal(t, codes.Error, call.Status.Code)
	require.Equal(t, "LIMIT", attributes(call)["db.response.status_code"])
	require.Equal(t, "LIMIT", attributes(call)["error.type"])
	require.Equal(t, "failed", attributes(call)["redis.outcome"])

	_, spans = r.root(t, func(ctx context.Context) {
		_, err := redis.Cmd[string]("GET", "none").Do(ctx, rdb)
		require.ErrorIs(t, err, redis.ErrNil)
	})
	require.Equal(t, codes.Unset, spans[1].Status.Code)

	_, spans = r.root(t, func(ctx context.Context) {
		_, err := redis.Cmd[string]("SET", "k", time.Second).Do(ctx, rdb)
		require.Error(t, err)
	})
	require.Len(t, spans, 1)
	require.Equal(t, "not_executed", attributes(spans[0])["redis.outcome"])

	for want, queue := range map[string]func(b *redis.Batch){
		"PIPELINE INCR": func(b *redis.Batch) { redis.Cmd[int]("INCR", "a").Queue(b); redis.Cmd[int]("INCR", "b").Queue(b) },
		"PIPELINE":      func(b *redis.Batch) { redis.Cmd[int]("INCR", "a").Queue(b); redis.Cmd[int]("DECR", "b").Queue(b) },
	} {
		root, spans = r.root(t, func(ctx context.Context) {
			b := rdb.Pipeline()
			queue(b)
			require.NoError(t, b.Exec(ctx))
		})
		require.Len(t, spans, 2)
		require.Equal(t, root.SpanID(), spans[1].Parent.SpanID())
		require.Equal(t, want, attributes(spans[1])["db.operation.name"])
		require.EqualValues(t, 2, attributes(spans[1])["db.operation.batch.size"])
	}
	require.NotContains(t, fmt.Sprintf("%+v", r.spans.GetSpans()), secret)
}

// With otelhttp in the client and in the server, a trace goes through all of them, and each call has one span below
// the caller's.
func TestWithOtelhttp(t *testing.T) {
	r := newRecorder(t)
	s := redistest.NewServer(t)
	proxy := otelhttp.NewHandler(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		out, _ := http.NewRequestWithContext(req.Context(), req.Method, s.URL+req.URL.Path, req.Body)
		out.Header = req.Header
		resp, err := http.DefaultTransport.RoundTrip(out)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer resp.Body.Close()
		for name, values := range resp.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(resp.StatusCode)
		io.Copy(w, resp.Body)
	}), "server", otelhttp.WithTracerProvider(r.provider), otelhttp.WithPropagators(propagation.TraceContext{}))
	front := httptest.NewServer(proxy)
	t.Cleanup(front.Close)
	inside := redis.WithRoundTripper(func(rt http.RoundTripper) http.RoundTripper {
		return otelhttp.NewTransport(rt, otelhttp.WithTracerProvider(r.provider), otelhttp.WithPropagators(propagation.TraceContext{}))
	})
	for _, c := range []struct {
		name string
		opts []redis.Option
		down []string // the spans from the call to the server
	}{
		{"own attempts", []redis.Option{r.hook()}, []string{"POST", "server"}},
		{"those of otelhttp", []redis.Option{r.hook(redisotel.WithoutAttempts()), inside}, []string{"HTTP POST", "server"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, auto := range []bool{false, true} {
				rdb, err := redis.New(front.URL, s.Token, append(c.opts, redis.WithAutoPipelining(auto))...)
				require.NoError(t, err)
				const callers = 20
				root, spans := r.root(t, func(ctx context.Context) {
					var all sync.WaitGroup
					for range callers {
						all.Go(func() {
							_, err := redis.Cmd[int]("INCR", "n").Do(ctx, rdb)
							assert.NoError(t, err)
						})
					}
					all.Wait()
					b := rdb.Multi()
					redis.Cmd[int]("INCR", "n").Queue(b)
					redis.Cmd[int]("INCR", "n").Queue(b)
					assert.NoError(t, b.Exec(ctx))
				})
				calls, parents := 0, map[trace.SpanID]tracetest.SpanStub{}
				for _, span := range spans {
					parents[span.SpanContext.SpanID()] = span
					if span.Parent.SpanID() == root.SpanID() {
						calls++
						require.Contains(t, span.Name, "INCR")
					}
				}
				require.Equal(t, callers+1, calls)
				for _, span := range spans {
					require.Equal(t, root.TraceID(), span.SpanContext.TraceID())
					if span.Name != "server" {
						continue
					}
					for i := len(c.down) - 1; i >= 0; i-- {
						require.Equal(t, c.down[i], span.Name)
						span = parents[span.Parent.SpanID()]
					}
					require.Equal(t, root.SpanID(), span.Parent.SpanID(), span.Name)
				}
			}
		})
	}
}

// The span of a shared attempt has a link to each call that it carries.
func TestLinks(t *testing.T) {
	r := newRecorder(t)
	rdb := redistest.NewServer(t).Client(r.hook(), redis.WithAutoPipelining(true))
	for shared := false; !shared; {
		_, spans := r.root(t, func(ctx context.Context) {
			var all sync.WaitGroup
			for range 20 {
				all.Go(func() {
					_, err := redis.Cmd[int]("INCR", "n").Do(ctx, rdb)
					assert.NoError(t, err)
				})
			}
			all.Wait()
		})
		carried := map[trace.SpanID]int{}
		calls := 0
		for _, span := range spans {
			if strings.HasPrefix(span.Name, "INCR") {
				calls++
				continue
			}
			shared = shared || len(span.Links) > 1
			for _, link := range span.Links {
				carried[link.SpanContext.SpanID()]++
			}
			if len(span.Links) == 0 {
				carried[span.Parent.SpanID()]++
			}
		}
		require.Equal(t, 20, calls)
		require.Len(t, carried, calls)
		for _, n := range carried {
			require.Equal(t, 1, n)
		}
	}
}

func TestDuration(t *testing.T) {
	r := newRecorder(t)
	rdb := redistest.NewServer(t).Client(r.hook())
	for range 3 {
		_, err := rdb.Do(t.Context(), "SET", "k", secret)
		require.NoError(t, err)
	}
	_, err := rdb.Do(t.Context(), "INCR", "k")
	require.Error(t, err)
	var all metricdata.ResourceMetrics
	require.NoError(t, r.reader.Collect(t.Context(), &all))
	m := all.ScopeMetrics[0].Metrics[0]
	require.Equal(t, "db.client.operation.duration", m.Name)
	require.Equal(t, "s", m.Unit)
	counts := map[string]uint64{}
	for _, p := range m.Data.(metricdata.Histogram[float64]).DataPoints {
		operation, _ := p.Attributes.Value("db.operation.name")
		kind, _ := p.Attributes.Value("error.type")
		counts[operation.AsString()+" "+kind.AsString()] = p.Count
		require.Positive(t, p.Sum)
	}
	require.Equal(t, map[string]uint64{"SET ": 3, "INCR ERR": 1}, counts)
	require.NotContains(t, fmt.Sprintf("%+v", all), secret)
}

// What leaves the process over OTLP has the spans and no secret.
func TestOTLP(t *testing.T) {
	var mu sync.Mutex
	var bodies [][]byte
	sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := io.Reader(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" {
			body, _ = gzip.NewReader(r.Body)
		}
		text, err := io.ReadAll(body)
		assert.NoError(t, err)
		mu.Lock()
		bodies = append(bodies, text)
		mu.Unlock()
	}))
	t.Cleanup(sink.Close)
	exporter, err := otlptracehttp.New(t.Context(), otlptracehttp.WithEndpointURL(sink.URL+"/v1/traces"))
	require.NoError(t, err)
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter))
	s := redistest.NewServer(t)
	rdb := s.Client(redis.WithHook(redisotel.Hook(redisotel.WithTracerProvider(provider))))
	_, err = rdb.Do(t.Context(), "SET", "k", secret)
	require.NoError(t, err)
	_, err = redis.Eval[int](t.Context(), rdb, "return redis.call('INCR', KEYS[1])", []string{"k"}, secret)
	require.Error(t, err)
	require.NoError(t, provider.Shutdown(t.Context()))
	names := map[string]int{}
	for _, body := range bodies {
		require.NotContains(t, string(body), secret)
		require.NotContains(t, string(body), s.Token)
		var sent collector.ExportTraceServiceRequest
		require.NoError(t, proto.Unmarshal(body, &sent))
		for _, resource := range sent.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				for _, span := range scope.Spans {
					names[strings.Fields(span.Name)[0]]++
				}
			}
		}
	}
	require.Equal(t, map[string]int{"SET": 1, "EVAL": 1, "POST": 2}, names)
}

func ExampleHook() {
	exporter := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"result":7}`)
	}))
	defer server.Close()
	rdb, err := redis.New(server.URL, "token", redis.WithHook(redisotel.Hook(redisotel.WithTracerProvider(provider))))
	if err != nil {
		panic(err)
	}
	if _, err := redis.Cmd[int]("INCR", "visits").Do(context.Background(), rdb); err != nil {
		panic(err)
	}
	for _, span := range exporter.GetSpans() {
		name, _, _ := strings.Cut(span.Name, " ")
		fmt.Println(name)
	}
	// Output:
	// POST
	// INCR
}

// The transport is instrumented already, so the hook records calls only.
func ExampleWithoutAttempts() {
	inside := func(rt http.RoundTripper) http.RoundTripper { return otelhttp.NewTransport(rt) }
	rdb, err := redis.FromEnv(redis.WithRoundTripper(inside), redis.WithHook(redisotel.Hook(redisotel.WithoutAttempts())))
	fmt.Println(rdb != nil || err != nil)
	// Output: true
}

func ExampleWithTracerProvider() {
	fmt.Println(redisotel.Hook(redisotel.WithTracerProvider(sdktrace.NewTracerProvider())).Call != nil)
	// Output: true
}

func ExampleWithMeterProvider() {
	fmt.Println(redisotel.Hook(redisotel.WithMeterProvider(sdkmetric.NewMeterProvider())).Call != nil)
	// Output: true
}

func ExampleWithPropagator() {
	fmt.Println(redisotel.Hook(redisotel.WithPropagator(propagation.TraceContext{})).Attempt != nil)
	// Output: true
}

// An option is for Hook.
func ExampleOption() {
	opts := []redisotel.Option{redisotel.WithoutAttempts()}
	fmt.Println(redisotel.Hook(opts...).Attempt == nil)
	// Output: true
}
