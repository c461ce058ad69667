package main

import (
	"context"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// flushTime is how long the answer to a call waits for its spans to be sent.
const flushTime = 500 * time.Millisecond

// newTraces returns a provider that sends spans to the collector of the environment. Without one it records nothing.
func newTraces(ctx context.Context) (*sdktrace.TracerProvider, error) {
	if os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" && os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") == "" {
		return sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample())), nil
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, err
	}
	return sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter)), nil
}

// traced makes a span for each call, below that of the caller, and sends all spans before the answer: as soon as Lambda has the answer it
// freezes the process, and it may never thaw it. A collector that is away delays an answer by flushTime and fails no call.
func traced(traces *sdktrace.TracerProvider, next function) function {
	tracer := traces.Tracer("visits", trace.WithSchemaURL(semconv.SchemaURL))
	return func(ctx context.Context, r request) (response, error) {
		within := propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier(r.Headers)) // Lambda writes their names in lower case
		within, span := tracer.Start(within, lambdacontext.FunctionName, trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(semconv.FaaSTriggerHTTP))
		if about, ok := lambdacontext.FromContext(ctx); ok {
			span.SetAttributes(semconv.FaaSInvocationID(about.AwsRequestID))
		}
		got, err := next(within, r)
		if err != nil {
			span.SetStatus(codes.Error, "the call failed")
		} else {
			span.SetAttributes(semconv.HTTPResponseStatusCode(got.StatusCode))
			if got.StatusCode >= http.StatusInternalServerError {
				span.SetStatus(codes.Error, "")
			}
		}
		span.End()
		limit, cancel := context.WithTimeout(ctx, flushTime)
		defer cancel()
		if lost := traces.ForceFlush(limit); lost != nil {
			log.Print("traces were not sent: ", lost)
		}
		return got, err
	}
}
