// Package redisotel sends traces and metrics of redis-rest-go to OpenTelemetry, by the semantic conventions for
// databases and for Redis, version 1.43.0.
//
// Each call is one span: a command, a batch, or a subscription until it is active. Each attempt is an HTTP client
// span below it. An attempt that calls share (redis.WithAutoPipelining) is below the first of them, and has links to
// all. The W3C headers of the attempt's span go to the server, as the propagator says.
//
// No span and no metric has a reply or the token, nor an argument unless WithQueryText lets it through.
package redisotel

import (
	"cmp"
	"context"
	"errors"
	"net"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/semconv/v1.43.0/dbconv"
	"go.opentelemetry.io/otel/trace"

	redis "github.com/redis-rest/redis-rest-go"
)

const name = "github.com/redis-rest/redis-rest-go/otel"

// Attributes for which there is no convention.
const (
	// OutcomeKey says of a call that failed whether it ran: failed, not_executed or unknown.
	OutcomeKey = attribute.Key("redis.outcome")
	// ScriptMissedKey says that the server did not hold the script, so its source was sent.
	ScriptMissedKey = attribute.Key("redis.script_missed")
	// AttemptsKey is the number of attempts of a call that needed more than one.
	AttemptsKey = attribute.Key("redis.attempts")
)

// An Option changes what [Hook] does.
type Option interface{ apply(*hook) }

type option func(*hook)

func (o option) apply(h *hook) { o(h) }

// WithTracerProvider sets where spans go. The default is the global provider.
func WithTracerProvider(p trace.TracerProvider) Option {
	return option(func(h *hook) { h.tracers = p })
}

// WithMeterProvider sets where metrics go. The default is the global provider.
func WithMeterProvider(p metric.MeterProvider) Option {
	return option(func(h *hook) { h.meters = p })
}

// WithPropagator sets how a trace reaches the server. The default is the global propagator.
func WithPropagator(p propagation.TextMapPropagator) Option {
	return option(func(h *hook) { h.propagator = p })
}

// WithoutAttempts leaves out the spans and headers of attempts, for a client whose transport makes them already
// (otelhttp, by redis.WithRoundTripper or redis.WithHTTPClient).
func WithoutAttempts() Option {
	return option(func(h *hook) { h.withoutAttempts = true })
}

// WithQueryText sets the attribute db.query.text of calls to what text makes of each command's words: its name and its arguments as they are
// sent. text must take out what is secret; for "" a command is left out. Of a batch the first 20 commands are asked for. Without this option no argument appears.
func WithQueryText(text func(words []string) string) Option {
	return option(func(h *hook) { h.queryText = text })
}

type hook struct {
	tracers         trace.TracerProvider
	meters          metric.MeterProvider
	propagator      propagation.TextMapPropagator
	withoutAttempts bool
	queryText       func(words []string) string // nil for none

	tracer   trace.Tracer
	duration dbconv.ClientOperationDuration // of calls
}

// Hook makes a hook for redis.WithHook. It records a span for each call, and the metric
// db.client.operation.duration. A null reply (redis.ErrNil) is no error.
func Hook(opts ...Option) redis.Hook {
	h := &hook{tracers: otel.GetTracerProvider(), meters: otel.GetMeterProvider(), propagator: otel.GetTextMapPropagator()}
	for _, opt := range opts {
		opt.apply(h)
	}
	h.tracer = h.tracers.Tracer(name, trace.WithSchemaURL(semconv.SchemaURL))
	var err error
	if h.duration, err = dbconv.NewClientOperationDuration(h.meters.Meter(name, metric.WithSchemaURL(semconv.SchemaURL))); err != nil {
		otel.Handle(err)
	}
	made := redis.Hook{Call: h.call}
	if !h.withoutAttempts {
		made.Attempt = h.attempt
	}
	return made
}

func (h *hook) call(ctx context.Context, c redis.CallInfo) (context.Context, func(redis.CallOutcome)) {
	operation, script := operationName(c), scriptName(c.Commands)
	attrs := append(hostOf(c.Host), semconv.DBOperationName(operation))
	if script != "" {
		attrs = append(attrs, semconv.DBStoredProcedureName(script))
	}
	own := append([]attribute.KeyValue{semconv.DBSystemNameRedis}, attrs...)
	if n := len(c.Commands); n > 1 {
		own = append(own, semconv.DBOperationBatchSize(n))
	}
	if text := h.textOf(c); text != "" {
		own = append(own, semconv.DBQueryText(text))
	}
	ctx, span := h.tracer.Start(ctx, operation+" "+cmp.Or(script, c.Host), trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(own...))
	return ctx, func(o redis.CallOutcome) {
		if o.ScriptMissed {
			span.SetAttributes(ScriptMissedKey.Bool(true))
		}
		if o.Attempts > 1 {
			span.SetAttributes(AttemptsKey.Int(o.Attempts))
		}
		if err := o.Err; err != nil && !isNull(err) {
			kind := semconv.ErrorTypeKey.String(errorType(err))
			if code := redis.Code(err); code != "" {
				attrs = append(attrs, semconv.DBResponseStatusCode(code))
				span.SetAttributes(semconv.DBResponseStatusCode(code))
			}
			attrs = append(attrs, kind)
			span.SetAttributes(kind, OutcomeKey.String(outcome(err)))
			span.SetStatus(codes.Error, kind.Value.AsString())
		}
		span.End()
		h.duration.Record(ctx, o.Duration.Seconds(), dbconv.SystemNameRedis, attrs...)
	}
}

func (h *hook) textOf(c redis.CallInfo) string {
	if h.queryText == nil {
		return ""
	}
	var texts []string
	for i := range min(len(c.Commands), 20) {
		if text := h.queryText(c.Words(i)); text != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, "; ")
}

// attempt starts a span of an HTTP client, and lets the propagator add its headers.
func (h *hook) attempt(ctx context.Context, a redis.AttemptInfo) (context.Context, func(redis.AttemptOutcome)) {
	attrs := []attribute.KeyValue{semconv.HTTPRequestMethodPost, semconv.HTTPRequestBodySize(a.Bytes)}
	if a.Number > 1 {
		attrs = append(attrs, semconv.HTTPRequestResendCount(a.Number-1))
	}
	var links []trace.Link
	for _, caller := range a.Callers {
		links = append(links, trace.LinkFromContext(caller))
	}
	ctx, span := h.tracer.Start(ctx, "POST", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attrs...), trace.WithLinks(links...))
	h.propagator.Inject(ctx, propagation.HeaderCarrier(a.Header))
	return ctx, func(o redis.AttemptOutcome) {
		if o.Status > 0 {
			span.SetAttributes(semconv.HTTPResponseStatusCode(o.Status), semconv.HTTPResponseBodySize(o.Bytes))
		}
		if o.Err != nil {
			kind := errorType(o.Err)
			if o.Status >= 400 {
				kind = strconv.Itoa(o.Status)
			}
			span.SetAttributes(semconv.ErrorTypeKey.String(kind))
			span.SetStatus(codes.Error, kind)
		}
		span.End()
	}
}

// operationName is the name of the command. For a batch it is PIPELINE or MULTI, with the name of the commands if
// they have the same.
func operationName(c redis.CallInfo) string {
	first := c.Commands[0].Name
	kind := map[string]string{"pipeline": "PIPELINE", "transaction": "MULTI"}[c.Kind]
	if kind == "" || len(c.Commands) == 1 {
		return first
	}
	for _, other := range c.Commands {
		if other.Name != first {
			return kind
		}
	}
	return kind + " " + first
}

// scriptName is the name or the digest of the script that all commands run, or "".
func scriptName(commands []redis.CommandInfo) string {
	of := func(c redis.CommandInfo) string { return cmp.Or(c.Script, c.Digest) }
	first := of(commands[0])
	for _, other := range commands {
		if of(other) != first {
			return ""
		}
	}
	return first
}

func hostOf(host string) []attribute.KeyValue {
	address, text, err := net.SplitHostPort(host)
	if err != nil {
		return []attribute.KeyValue{semconv.ServerAddress(strings.Trim(host, "[]"))}
	}
	attrs := []attribute.KeyValue{semconv.ServerAddress(address)}
	if port, err := strconv.Atoi(text); err == nil {
		attrs = append(attrs, semconv.ServerPort(port))
	}
	return attrs
}

// isNull reports whether a call failed only because its whole reply is null.
func isNull(err error) bool {
	return errors.Is(err, redis.ErrNil) && !errors.As(err, new(*redis.DecodeError)) && !errors.As(err, new(*redis.BatchError))
}

func outcome(err error) string {
	switch {
	case errors.Is(err, redis.ErrOutcomeUnknown):
		return "unknown"
	case errors.Is(err, redis.ErrNotExecuted):
		return "not_executed"
	}
	return "failed"
}

// errorType is the code of an error of Redis, or what kind of error another one is.
func errorType(err error) string {
	var network net.Error
	switch {
	case redis.Code(err) != "":
		return redis.Code(err)
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return "timeout"
	case errors.As(err, new(*redis.BatchError)):
		return "batch"
	case errors.As(err, new(*redis.DecodeError)):
		return "decode"
	case errors.As(err, new(*redis.HTTPError)):
		return "http"
	case errors.Is(err, redis.ErrNotExecuted):
		return "not_executed"
	}
	return "_OTHER"
}
