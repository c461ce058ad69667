package restserver

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics counts requests for Prometheus.
type metrics struct {
	handler        http.Handler
	requests       *prometheus.CounterVec
	seconds        *prometheus.HistogramVec
	received, sent prometheus.Counter
	commands       prometheus.Counter
	scripts        prometheus.Counter
}

// Metrics returns a handler that shows metrics in the format of Prometheus. It has no
// token, so serve it on an address that only the monitoring can reach. Requests are counted
// from the first call on.
//
//	redis_rest_requests_total{kind,outcome}  ok, error, refused (did not run), unknown (may have run), gone
//	redis_rest_request_seconds{kind}         histogram; not for subscriptions
//	redis_rest_commands_total, redis_rest_scripts_total
//	redis_rest_received_bytes_total, redis_rest_sent_bytes_total
//	redis_rest_connections, redis_rest_running_requests, redis_rest_streams
//	redis_rest_redis_connections             to Redis
//	redis_rest_buffered_bytes                memory of requests, as MaxMemory counts it
//	go_…, process_…                          memory and CPU of the process
func (s *Server) Metrics() http.Handler {
	if m := s.metrics.Load(); m != nil {
		return m.handler
	}
	s.metrics.CompareAndSwap(nil, s.newMetrics())
	return s.metrics.Load().handler
}

func (s *Server) newMetrics() *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "redis_rest_" + name, Help: help})
	}
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "redis_rest_" + name, Help: help}, value)
	}
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "redis_rest_requests_total", Help: "Answered requests."}, []string{"kind", "outcome"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "redis_rest_request_seconds", Help: "Time from a request's head to its answer.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 2.5, 14)}, []string{"kind"}),
		received: counter("received_bytes_total", "Bytes of the bodies of requests."),
		sent:     counter("sent_bytes_total", "Bytes of the bodies of answers."),
		commands: counter("commands_total", "Commands in requests."),
		scripts:  counter("scripts_total", "Calls of scripts and functions in requests."),
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(m.requests, m.seconds, m.received, m.sent, m.commands, m.scripts,
		gauge("connections", "Open connections of clients.", func() float64 { return float64(s.connections.Load()) }),
		gauge("running_requests", "Requests that are running.", func() float64 { return float64(len(s.running)) }),
		gauge("streams", "Open event streams.", func() float64 { return float64(len(s.streams)) }),
		gauge("redis_connections", "Connections to Redis.", func() float64 { return float64(s.main.db.connections()) }),
		gauge("buffered_bytes", "Memory of requests, as MaxMemory counts it.", func() float64 { return float64(s.budget.used.Load()) }),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.handler = promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	return m
}

func (m *metrics) count(o *observed) {
	kind := o.Kind
	if kind == "" {
		kind = "health"
	}
	m.requests.WithLabelValues(kind, o.outcome()).Inc()
	if kind != "subscription" {
		m.seconds.WithLabelValues(kind).Observe(float64(o.Duration) / float64(time.Second))
	}
	m.received.Add(float64(o.BytesIn))
	m.sent.Add(float64(o.BytesOut))
	m.commands.Add(float64(o.names.total))
	m.scripts.Add(float64(o.scripts))
}

// outcome returns what became of a request.
func (o *observed) outcome() string {
	switch o.Status {
	case http.StatusOK:
		if len(o.Errors) > 0 {
			return "error"
		}
		return "ok"
	case statusGone:
		return "gone"
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		return "unknown"
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		return "refused"
	}
	return "error"
}
