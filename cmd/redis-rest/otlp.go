package main

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/url"
	"os"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
)

// traces are the spans of serve --otlp on their way to a collector.
type traces struct {
	provider  *sdktrace.TracerProvider
	collector string // its host
}

// newTraces connects to nothing yet. The libraries read the variables OTEL_….
func newTraces(ctx context.Context, log *slog.Logger) (*traces, error) {
	setting := func(name string) string {
		return cmp.Or(os.Getenv("OTEL_EXPORTER_OTLP_TRACES_"+name), os.Getenv("OTEL_EXPORTER_OTLP_"+name))
	}
	var opts []otlptracehttp.Option
	address := setting("ENDPOINT")
	if address == "" { // the library's default is https
		address = "http://localhost:4318"
		opts = append(opts, otlptracehttp.WithEndpointURL(address+"/v1/traces"))
	}
	endpoint, err := url.Parse(address)
	if err != nil || endpoint.Host == "" || endpoint.Scheme != "http" && endpoint.Scheme != "https" { // it may hold a password, so it is not shown
		return nil, errors.New("--otlp: OTEL_EXPORTER_OTLP_ENDPOINT must be a URL such as http://localhost:4318")
	}
	if setting("PROTOCOL") == "grpc" {
		return nil, errors.New("--otlp: OTEL_EXPORTER_OTLP_PROTOCOL is grpc, but this program sends http/protobuf and http/json only, for which a collector has port 4318")
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("OpenTelemetry", "reason", err.Error()) }))
	exporter, err := otlptracehttp.New(ctx, opts...)
	if err != nil {
		return nil, err
	}
	// No detector of processes: it would export the command line, which may have the token.
	about, err := resource.New(ctx, resource.WithAttributes(semconv.ServiceName("redis-rest"), semconv.ServiceVersion(version())), resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil {
		return nil, err
	}
	return &traces{sdktrace.NewTracerProvider(sdktrace.WithBatcher(&tellingExporter{SpanExporter: exporter, log: log}), sdktrace.WithResource(about)), endpoint.Host}, nil
}

// end sends what is left.
func (t *traces) end() {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	t.provider.Shutdown(ctx) // the exporter has told why if it failed
}

// A tellingExporter tells once that the collector is away, and once that it is back.
type tellingExporter struct {
	sdktrace.SpanExporter
	log  *slog.Logger
	away atomic.Bool
}

func (e *tellingExporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := e.SpanExporter.ExportSpans(ctx, spans)
	switch was := e.away.Swap(err != nil); {
	case err != nil && !was:
		e.log.Warn("traces cannot be sent to the collector and are lost", "reason", err.Error())
	case err == nil && was:
		e.log.Warn("traces are sent to the collector again")
	}
	return nil
}
