package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/internal/protocol/digest"
)

// A sink is a collector that keeps what it gets.
type sink struct {
	mu     sync.Mutex
	bodies [][]byte
	header http.Header
	path   string
}

func (s *sink) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		unpacked, _ := gzip.NewReader(bytes.NewReader(body))
		body, _ = io.ReadAll(unpacked)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bodies, s.header, s.path = append(s.bodies, body), r.Header, r.URL.Path
}

// spans returns the names of the spans, and the name of the service.
func (s *sink) spans(t *testing.T) (names []string, service string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, body := range s.bodies {
		var sent tracepb.TracesData
		require.NoError(t, proto.Unmarshal(body, &sent))
		for _, resource := range sent.ResourceSpans {
			for _, a := range resource.Resource.Attributes {
				if a.Key == "service.name" {
					service = a.Value.GetStringValue()
				}
			}
			for _, scope := range resource.ScopeSpans {
				for _, span := range scope.Spans {
					name := span.Name
					for _, event := range span.Events {
						name += " +" + event.Name
					}
					names = append(names, name)
				}
			}
		}
	}
	return names, service
}

// What the server has not sent yet is sent when it ends, with nothing secret in it.
func TestServeOTLP(t *testing.T) {
	var got sink
	at := httptest.NewServer(&got)
	defer at.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", at.URL)
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-key=s3cret-header")
	t.Setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "3600000")
	s := serveWith(t, "--otlp", "--otlp-scripts")
	s.waitFor(t, "traces go to "+strings.TrimPrefix(at.URL, "http://")+" (OTLP)")
	rdb, err := redis.New(s.url, s.token)
	require.NoError(t, err)
	const source = "return redis.call('INCRBY', KEYS[1], ARGV[1])"
	_, err = redis.Eval[int](t.Context(), rdb, source, []string{"s3cret-key"}, 777888999)
	require.NoError(t, err)
	_, err = redis.Cmd[string]("GET", "s3cret-key").Do(t.Context(), rdb)
	require.NoError(t, err)
	names, _ := got.spans(t)
	require.Empty(t, names)
	require.NoError(t, s.end())
	names, service := got.spans(t)
	require.Equal(t, "redis-rest", service)
	require.Equal(t, []string{"EVAL " + digest.Of(source) + " +redis.call", "POST /", "GET", "POST /"}, names)
	require.Equal(t, "/v1/traces", got.path)
	require.Equal(t, "s3cret-header", got.header.Get("X-Key"))
	for _, body := range got.bodies {
		for _, secret := range []string{"s3cret", "777888999", s.token, s.reader, "INCRBY'"} {
			assert.NotContains(t, string(body), secret)
		}
	}
	require.NotContains(t, s.notes.String(), "s3cret")

	got = sink{}
	t.Setenv("OTEL_SERVICE_NAME", "visits")
	t.Setenv("OTEL_TRACES_SAMPLER", "always_off")
	s = serveWith(t, "--otlp")
	rdb, err = redis.New(s.url, s.token)
	require.NoError(t, err)
	_, err = rdb.Do(t.Context(), "PING")
	require.NoError(t, err)
	require.NoError(t, s.end())
	names, _ = got.spans(t)
	require.Empty(t, names, "the sampler of the environment counts")
}

// A collector that is away, or that never answers, disturbs no request, and is told once.
func TestServeOTLPWithoutCollector(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer silent.Close()
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	gone.Close()
	t.Setenv("OTEL_BSP_EXPORT_TIMEOUT", "100")
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "10")
	for name, address := range map[string]string{"silent": silent.Addr().String(), "gone": gone.Addr().String()} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://user:s3cret@"+address)
			s := serveWith(t, "--otlp")
			rdb, err := redis.New(s.url, s.token)
			require.NoError(t, err)
			const told = "traces cannot be sent to the collector"
			require.Eventually(t, func() bool {
				_, err := rdb.Do(t.Context(), "INCR", "n")
				return assert.NoError(t, err) && strings.Contains(s.notes.String(), told)
			}, 10*time.Second, time.Millisecond)
			begun := time.Now()
			require.NoError(t, s.end())
			require.Less(t, time.Since(begun), 4*time.Second)
			require.Equal(t, 1, strings.Count(s.notes.String(), told))
			require.NotContains(t, s.notes.String(), "s3cret")
		})
	}
}

// The headers do not go where a collector redirects to.
func TestOTLPRedirect(t *testing.T) {
	var elsewhere sink
	other := httptest.NewServer(&elsewhere)
	defer other.Close()
	at := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer at.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", at.URL)
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-key=s3cret-header")
	c, err := newCollector()
	require.NoError(t, err)
	require.EqualError(t, c.UploadTraces(t.Context(), nil), "it answers 307 Temporary Redirect")
	require.Empty(t, elsewhere.bodies)
}

func TestServeOTLPRefuses(t *testing.T) {
	for variable, c := range map[string][2]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT":        {"s3cret@collector", "must be a URL such as http://localhost:4318"},
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": {"://s3cret", "must be a URL"},
		"OTEL_EXPORTER_OTLP_PROTOCOL":        {"grpc", "port 4318"},
		"OTEL_EXPORTER_OTLP_COMPRESSION":     {"s3cret", "gzip or none"},
		"OTEL_EXPORTER_OTLP_TIMEOUT":         {"10s3cret", "milliseconds"},
		"OTEL_EXPORTER_OTLP_HEADERS":         {"s3cret", "name=value"},
		"OTEL_EXPORTER_OTLP_CERTIFICATE":     {"/s3cret", "PEM"},
		"OTEL_EXPORTER_OTLP_CLIENT_KEY":      {"/s3cret", "PEM"},
	} {
		t.Run(variable, func(t *testing.T) {
			t.Setenv(variable, c[0])
			_, _, err := run(t, "", "serve", "--listen", "127.0.0.1:0", "--otlp")
			require.ErrorContains(t, err, c[1])
			require.NotContains(t, err.Error(), "s3cret")
		})
	}
}
