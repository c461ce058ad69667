package restserver

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/engine/script"
	"github.com/redis-rest/redis-rest-go/internal/protocol/digest"
	workbench "github.com/redis-rest/redis-rest-go/internal/workbench/trace"
)

const tracerName = "github.com/redis-rest/redis-rest-go/restserver"

// traceRequest begins the span of a request, below that of the client. /health and /ready have none.
func (s *Server) traceRequest(r *http.Request, o *observed) (ctx context.Context, end func()) {
	ctx = r.Context()
	if s.tracer == nil || o.Kind == "" {
		return ctx, func() {}
	}
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(r.Header))
	method, name, route := r.Method, r.Method, routeOf(r.URL.Path)
	if !slices.Contains([]string{"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"}, method) {
		method, name = "_OTHER", "HTTP" // it may be anything
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	ctx, span := s.tracer.Start(ctx, name+" "+route, trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
		semconv.HTTPRequestMethodKey.String(method), semconv.HTTPRoute(route), semconv.URLScheme(scheme)))
	return ctx, func() {
		if o.Status > 0 {
			span.SetAttributes(semconv.HTTPResponseStatusCode(o.Status))
		}
		if o.Status >= http.StatusInternalServerError {
			span.SetAttributes(semconv.ErrorTypeKey.String(strconv.Itoa(o.Status)))
			span.SetStatus(codes.Error, o.reason)
		}
		span.End()
	}
}

// routeOf returns a path without the arguments in it.
func routeOf(path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch first = strings.ToLower(first); first {
	case "", "pipeline", "multi-exec", "monitor":
		return "/" + first
	case "subscribe":
		return "/subscribe/{channel}"
	case "psubscribe":
		return "/psubscribe/{pattern}"
	}
	return "/{command}"
}

// traceCommands begins the span of commands that go to the database, as those of package redisotel are made. kind is the
// name of several commands.
func (c *call) traceCommands(ctx context.Context, kind string, cmds []*command) (_ context.Context, end func(replies [][]byte, err error)) {
	if c.tracer == nil {
		return ctx, func([][]byte, error) {}
	}
	operation, script := cmds[0].shownName(), cmds[0].scriptName()
	for _, other := range cmds[1:] {
		if other.shownName() != cmds[0].shownName() {
			operation = ""
		}
		if other.scriptName() != script {
			script = ""
		}
	}
	attrs := []attribute.KeyValue{semconv.DBSystemNameRedis}
	if len(cmds) > 1 {
		operation = strings.TrimSpace(kind + " " + operation)
		attrs = append(attrs, semconv.DBOperationBatchSize(len(cmds)))
	}
	attrs = append(attrs, semconv.DBOperationName(operation))
	if script != "" {
		attrs = append(attrs, semconv.DBStoredProcedureName(script))
	}
	spanKind := trace.SpanKindClient
	switch db := c.db.(type) {
	case inMemory:
		spanKind = trace.SpanKindInternal // as the conventions have it for databases in the process
	case single:
		opts := db.client.Options()
		attrs = append(attrs, semconv.DBNamespace(strconv.Itoa(opts.DB)))
		if host, port, err := net.SplitHostPort(opts.Addr); err == nil {
			n, _ := strconv.Atoi(port)
			attrs = append(attrs, semconv.ServerAddress(host), semconv.ServerPort(n))
		}
	}
	name := operation
	if script != "" {
		name += " " + script
	}
	ctx, span := c.tracer.Start(ctx, name, trace.WithSpanKind(spanKind), trace.WithAttributes(attrs...))
	return ctx, func(replies [][]byte, err error) {
		failed := ""
		for _, reply := range replies {
			if len(reply) > 0 && reply[0] == '-' {
				failed = errorCode(string(reply[1:]))
				span.SetAttributes(semconv.DBResponseStatusCode(failed))
				break
			}
		}
		if err != nil {
			status, message := failure(err)
			failed = strconv.Itoa(status)
			if code := errorCode(message); code != "ERR" {
				failed = code
			}
		}
		if failed != "" {
			span.SetAttributes(semconv.ErrorTypeKey.String(failed))
			span.SetStatus(codes.Error, failed)
		}
		span.End()
	}
}

// scriptName returns the digest of the command's script, or the name of its function.
func (c *command) scriptName() string {
	switch {
	case !c.runsScript() || len(c.args) < 2:
		return ""
	case c.digest != "":
		return c.digest
	case strings.HasPrefix(c.name, "EVALSHA"):
		if isDigest(c.args[1]) {
			return strings.ToLower(c.args[1])
		}
	case strings.HasPrefix(c.name, "EVAL"):
		return digest.Of(c.args[1])
	case isFunctionName(c.args[1]):
		return strings.Clone(c.args[1])
	}
	return ""
}

// isDigest and isFunctionName keep out of spans what is not such a name: it may be anything.
func isDigest(s string) bool {
	return len(s) == 40 && strings.Trim(strings.ToLower(s), "0123456789abcdef") == ""
}

func isFunctionName(s string) bool {
	return len(s) <= 64 && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// Attributes for which there is no convention.
const scriptCallSeconds = attribute.Key("redis.script.call.duration") // in seconds

// scriptEvents adds the calls of Redis by scripts to the spans of their commands.
type scriptEvents struct{ span trace.Span }

func (e *scriptEvents) Begin(r script.Run) { e.span = trace.SpanFromContext(r.Context) }

func (e *scriptEvents) End([]byte) {}

func (e *scriptEvents) Called(s *lua.State, c script.Call) {
	if !e.span.IsRecording() {
		return
	}
	name := "unknown"
	if len(c.Words) > 0 {
		name = (&command{args: c.Words}).shownName()
	}
	attrs := []attribute.KeyValue{semconv.DBOperationName(name), scriptCallSeconds.Float64(c.Time.Seconds())}
	if line := workbench.LineOf(s); line > 0 {
		attrs = append(attrs, semconv.CodeLineNumber(line))
	}
	if len(c.Reply) > 0 && c.Reply[0] == '-' {
		attrs = append(attrs, semconv.DBResponseStatusCode(errorCode(string(c.Reply[1:]))))
	}
	e.span.AddEvent("redis.call", trace.WithTimestamp(time.Now().Add(-c.Time)), trace.WithAttributes(attrs...))
}
