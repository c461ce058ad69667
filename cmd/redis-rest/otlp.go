package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// traces are the spans of serve --otlp on their way to a collector.
type traces struct {
	provider  *sdktrace.TracerProvider
	collector string // its host
}

// newTraces connects to nothing yet.
func newTraces(ctx context.Context, log *slog.Logger) (*traces, error) {
	to, err := newCollector()
	if err != nil {
		return nil, fmt.Errorf("--otlp: %w", err)
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("OpenTelemetry", "reason", err.Error()) }))
	exporter, err := otlptrace.New(ctx, to)
	if err != nil {
		return nil, err
	}
	// No detector of processes: it would export the command line, which may have the token.
	about, err := resource.New(ctx, resource.WithAttributes(semconv.ServiceName("redis-rest"), semconv.ServiceVersion(version())), resource.WithTelemetrySDK(), resource.WithFromEnv()) // OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES
	if err != nil {
		return nil, err
	}
	return &traces{sdktrace.NewTracerProvider(sdktrace.WithBatcher(&tellingExporter{SpanExporter: exporter, log: log}), sdktrace.WithResource(about)), to.url.Host}, nil
}

// end sends what is left.
func (t *traces) end() {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	t.provider.Shutdown(ctx) // the exporter has told why if it failed
}

// A collector of OpenTelemetry gets spans by OTLP over HTTP, in protobuf. The library for that, otlptracehttp, comes with all
// of gRPC, which made this program a sixth larger.
type collector struct {
	url    *url.URL
	header http.Header
	gzip   bool
	client http.Client
}

// newCollector reads the variables OTEL_EXPORTER_OTLP_…, as OpenTelemetry's specification of the OTLP exporter has them. No error
// shows their values, which may be secret.
func newCollector() (*collector, error) {
	setting := func(name string) string {
		return cmp.Or(os.Getenv("OTEL_EXPORTER_OTLP_TRACES_"+name), os.Getenv("OTEL_EXPORTER_OTLP_"+name))
	}
	var err error
	c := &collector{header: http.Header{"Content-Type": {"application/x-protobuf"}}, client: http.Client{Timeout: 10 * time.Second}}
	// A redirect would take the headers, which may be secret, to another host.
	c.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if c.url, err = url.Parse(cmp.Or(setting("ENDPOINT"), "http://localhost:4318")); err != nil || c.url.Host == "" || c.url.Scheme != "http" && c.url.Scheme != "https" {
		return nil, errors.New("OTEL_EXPORTER_OTLP_ENDPOINT must be a URL such as http://localhost:4318")
	}
	if os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") == "" { // that one has the path already
		c.url = c.url.JoinPath("v1/traces")
	}
	if protocol := setting("PROTOCOL"); protocol != "" && protocol != "http/protobuf" {
		return nil, errors.New("OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf, for which a collector has port 4318")
	}
	switch compression := setting("COMPRESSION"); compression {
	case "", "none":
	case "gzip":
		c.gzip = true
		c.header.Set("Content-Encoding", "gzip")
	default:
		return nil, errors.New("OTEL_EXPORTER_OTLP_COMPRESSION must be gzip or none")
	}
	if timeout := setting("TIMEOUT"); timeout != "" {
		ms, err := strconv.Atoi(timeout)
		if err != nil || ms <= 0 {
			return nil, errors.New("OTEL_EXPORTER_OTLP_TIMEOUT must be a number of milliseconds above 0")
		}
		c.client.Timeout = time.Duration(ms) * time.Millisecond
	}
	for pair := range strings.SplitSeq(setting("HEADERS"), ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		name, value, ok := strings.Cut(pair, "=")
		if value, err = url.PathUnescape(strings.TrimSpace(value)); !ok || err != nil {
			return nil, errors.New("OTEL_EXPORTER_OTLP_HEADERS must be name=value,name=value, with values as in a URL")
		}
		c.header.Set(strings.TrimSpace(name), value)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	c.client.Transport = transport
	transport.TLSClientConfig = &tls.Config{}
	if path := setting("CERTIFICATE"); path != "" {
		pem, err := os.ReadFile(path)
		roots := x509.NewCertPool()
		if err != nil || !roots.AppendCertsFromPEM(pem) {
			return nil, errors.New("OTEL_EXPORTER_OTLP_CERTIFICATE must name a file of certificates in PEM")
		}
		transport.TLSClientConfig.RootCAs = roots
	}
	if cert, key := setting("CLIENT_CERTIFICATE"), setting("CLIENT_KEY"); cert != "" || key != "" {
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			return nil, errors.New("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and OTEL_EXPORTER_OTLP_CLIENT_KEY must name files in PEM that belong together")
		}
		transport.TLSClientConfig.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

func (c *collector) Start(context.Context) error { return nil }

func (c *collector) Stop(context.Context) error {
	c.client.CloseIdleConnections()
	return nil
}

// UploadTraces sends spans once. A TracesData has the same bytes as the request of the protocol.
func (c *collector) UploadTraces(ctx context.Context, spans []*tracepb.ResourceSpans) error {
	body, err := proto.Marshal(&tracepb.TracesData{ResourceSpans: spans})
	if err != nil {
		return err
	}
	if c.gzip {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		w.Write(body)
		w.Close()
		body = packed.Bytes()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url.String(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header = c.header.Clone()
	resp, err := c.client.Do(req)
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err // without the URL, which may have a password
		}
		return err
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection is used again
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("it answers %s", resp.Status)
	}
	return nil
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
