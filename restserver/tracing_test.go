package restserver_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/redis-rest/redis-rest-go/internal/protocol/digest"
	"github.com/redis-rest/redis-rest-go/restserver"
)

// The trace and the span of the client, as its header has them.
const (
	clientTrace = "0af7651916cd43dd8448eb211c80319c"
	clientSpan  = "b7ad6b7169203331"
)

// A traced server keeps its spans.
type traced struct {
	*restserver.Server
	spans *tracetest.InMemoryExporter
}

func startTraced(t *testing.T, c restserver.Config) traced {
	spans := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	t.Cleanup(func() { provider.Shutdown(t.Context()) })
	c.TracerProvider = provider
	return traced{start(t, c), spans}
}

// send sends a request of a traced client, and returns the span of the request and the others.
func (s traced) send(t *testing.T, method, path, body string) (request tracetest.SpanStub, below tracetest.SpanStubs) {
	t.Helper()
	s.spans.Reset()
	r, err := http.NewRequest(method, s.URL+path, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer "+s.Token)
	r.Header.Set("traceparent", "00-"+clientTrace+"-"+clientSpan+"-01")
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	resp.Body.Close()
	require.Eventually(t, func() bool { // it ends after the answer
		all := s.spans.GetSpans()
		return len(all) > 0 && all[len(all)-1].SpanKind == trace.SpanKindServer
	}, 5*time.Second, time.Millisecond)
	all := s.spans.GetSpans()
	request = all[len(all)-1]
	require.Equal(t, clientTrace, request.SpanContext.TraceID().String())
	require.Equal(t, clientSpan, request.Parent.SpanID().String())
	for _, span := range all[:len(all)-1] {
		require.Equal(t, request.SpanContext.SpanID(), span.Parent.SpanID())
		require.Equal(t, clientTrace, span.SpanContext.TraceID().String())
	}
	require.NotContains(t, fmt.Sprintf("%+v", all), "SECRET")
	return request, all[:len(all)-1]
}

func attributesOf(s tracetest.SpanStub) map[string]any {
	m := map[string]any{}
	for _, a := range s.Attributes {
		m[string(a.Key)] = a.Value.AsInterface()
	}
	return m
}

// A trace goes from the client through the server to the database, and has no argument.
func TestTraces(t *testing.T) {
	const source = "return redis.call('SET', KEYS[1], ARGV[1])"
	for _, backend := range []string{"memory", "redis-server"} {
		t.Run(backend, func(t *testing.T) {
			if backend == "redis-server" {
				needRedisServer(t)
			}
			s := startTraced(t, restserver.Config{Backend: backend})
			for _, c := range []struct {
				method, path, body string
				name               string         // of the request
				span               string         // of the commands
				attributes         map[string]any // of them
			}{
				{"POST", "/", command("SET", "SECRET-key", "SECRET"), "POST /", "SET", map[string]any{"db.operation.name": "SET"}},
				{"GET", "/get/SECRET-key?_token=SECRET", "", "GET /{command}", "GET", map[string]any{"db.operation.name": "GET"}},
				{"POST", "/", command("INCR", "SECRET-key"), "POST /", "INCR", map[string]any{"db.operation.name": "INCR", "db.response.status_code": "ERR", "error.type": "ERR"}},
				{"POST", "/", command("SECRET", "a"), "POST /", "unknown", map[string]any{"db.operation.name": "unknown", "db.response.status_code": "ERR", "error.type": "ERR"}},
				{"POST", "/pipeline", "[" + command("SET", "a", "SECRET") + "," + command("SET", "b", "SECRET") + "]", "POST /pipeline", "PIPELINE SET", map[string]any{"db.operation.name": "PIPELINE SET", "db.operation.batch.size": int64(2)}},
				{"POST", "/multi-exec", "[" + command("SET", "a", "1") + "," + command("GET", "SECRET") + "]", "POST /multi-exec", "MULTI", map[string]any{"db.operation.name": "MULTI", "db.operation.batch.size": int64(2)}},
				{"POST", "/multi-exec", "[" + command("SET", "a", "1") + "," + command("SET", "SECRET") + "]", "POST /multi-exec", "MULTI SET", map[string]any{"db.operation.name": "MULTI SET", "db.operation.batch.size": int64(2), "db.response.status_code": "ERR", "error.type": "ERR"}},
				{"POST", "/", command("EVAL", source, "1", "SECRET", "SECRET"), "POST /", "EVAL " + digest.Of(source), map[string]any{"db.operation.name": "EVAL", "db.stored_procedure.name": digest.Of(source)}},
				{"POST", "/", command("EVALSHA", digest.Of(source), "1", "SECRET", "SECRET"), "POST /", "EVALSHA " + digest.Of(source), map[string]any{"db.operation.name": "EVALSHA", "db.stored_procedure.name": digest.Of(source)}},
				{"POST", "/", command("EVALSHA", "SECRET digest", "0"), "POST /", "EVALSHA", map[string]any{"db.operation.name": "EVALSHA", "db.response.status_code": "NOSCRIPT", "error.type": "NOSCRIPT"}},
				{"POST", "/", command("FCALL", "visit_1", "0"), "POST /", "FCALL visit_1", map[string]any{"db.operation.name": "FCALL", "db.stored_procedure.name": "visit_1", "db.response.status_code": "ERR", "error.type": "ERR"}},
				{"POST", "/", command("FCALL", "SECRET function", "0"), "POST /", "FCALL", map[string]any{"db.operation.name": "FCALL", "db.response.status_code": "ERR", "error.type": "ERR"}},
			} {
				request, below := s.send(t, c.method, c.path, c.body)
				require.Equal(t, c.name, request.Name)
				method, route, _ := strings.Cut(c.name, " ")
				status := 200
				if c.attributes["error.type"] != nil {
					status = 400
				}
				require.Equal(t, map[string]any{"http.request.method": method, "http.route": route, "url.scheme": "http", "http.response.status_code": int64(status)}, attributesOf(request), c.body)
				require.Equal(t, codes.Unset, request.Status.Code, "the client made the mistake")
				require.Len(t, below, 1, c.body)
				require.Equal(t, c.span, below[0].Name)
				got := attributesOf(below[0])
				require.Equal(t, "redis", got["db.system.name"])
				delete(got, "db.system.name")
				if backend == "memory" {
					require.Equal(t, trace.SpanKindInternal, below[0].SpanKind)
				} else {
					require.Equal(t, trace.SpanKindClient, below[0].SpanKind)
					require.Equal(t, "0", got["db.namespace"])
					delete(got, "db.namespace")
				}
				require.Equal(t, c.attributes, got, c.body)
				require.Equal(t, c.attributes["error.type"] != nil, below[0].Status.Code == codes.Error, c.body)
			}
			_, below := s.send(t, "DELETE", "/SECRET", "")
			require.Empty(t, below, "nothing was sent to the database")
			request, _ := s.send(t, "SECRET", "/", "")
			require.Equal(t, "HTTP /", request.Name)
			require.Equal(t, "_OTHER", attributesOf(request)["http.request.method"])
			s.spans.Reset()
			resp, err := http.Get(s.URL + "/health")
			require.NoError(t, err)
			resp.Body.Close()
			require.Empty(t, s.spans.GetSpans())
		})
	}
}

// What cannot be reached is an error of the server.
func TestTracesOfFailures(t *testing.T) {
	s := startTraced(t, restserver.Config{Backend: "redis://user:SECRET@127.0.0.1:1/2"})
	request, below := s.send(t, "POST", "/", command("GET", "SECRET"))
	require.Equal(t, codes.Error, request.Status.Code)
	require.Equal(t, "503", attributesOf(request)["error.type"])
	require.Len(t, below, 1)
	require.Equal(t, map[string]any{"db.system.name": "redis", "db.operation.name": "GET", "db.namespace": "2", "server.address": "127.0.0.1", "server.port": int64(1), "error.type": "503"}, attributesOf(below[0]))
}

// The calls of a script are events on the span of its command.
func TestTracesOfScripts(t *testing.T) {
	s := startTraced(t, restserver.Config{Backend: "memory", TraceScripts: true})
	const source = "local n = redis.call('INCR', KEYS[1])\nredis.pcall('LPUSH', KEYS[1], ARGV[1])\nif n > 1 then\n  redis.pcall('SECRET', ARGV[1])\nend\nreturn n"
	for _, want := range [][]string{{"INCR 1 ", "LPUSH 2 WRONGTYPE"}, {"INCR 1 ", "LPUSH 2 WRONGTYPE", "unknown 4 ERR"}} {
		_, below := s.send(t, "POST", "/", command("EVAL", source, "1", "SECRET-key", "SECRET"))
		require.Len(t, below, 1)
		var got []string
		last := below[0].StartTime
		for _, event := range below[0].Events {
			require.Equal(t, "redis.call", event.Name)
			require.False(t, event.Time.Before(last))
			last = event.Time
			values := attributesOf(tracetest.SpanStub{Attributes: event.Attributes})
			code, _ := values["db.response.status_code"].(string)
			got = append(got, fmt.Sprintf("%s %d %s", values["db.operation.name"], values["code.line.number"], code))
			require.GreaterOrEqual(t, values["redis.script.call.duration"], 0.0)
		}
		require.Equal(t, want, got)
		require.False(t, below[0].EndTime.Before(last))
	}
	// Commands that no request sends have no span, and change nothing.
	require.NoError(t, s.FlushScripts(t.Context()))

	_, err := restserver.New(restserver.Config{Backend: "redis://127.0.0.1:1", TraceScripts: true})
	require.ErrorContains(t, err, "embedded database")
}
