package rest

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/http/httptrace"
	"slices"
	"sync"
	"time"
)

// An Attempt is a request that is about to be sent.
type Attempt struct {
	Names   []string // of the commands
	Path    string
	Number  int               // from 1
	Bytes   int               // of the body
	Reason  error             // of the attempt before; nil for the first
	Header  http.Header       // to be sent too
	Callers []context.Context // of the calls that share the request; nil if there is one
}

// An Outcome is how an attempt ended.
type Outcome struct {
	Duration time.Duration
	Status   int  // 0 where no answer came
	Bytes    int  // of the answer's body
	Reused   bool // the connection had been used before

	DNS, Connect, TLS time.Duration
	FirstByte         time.Duration

	Err error // nil if it succeeded
}

// A Hook is called before each attempt. It may return another context for the request. The
// function that it returns is called after it.
type Hook func(context.Context, Attempt) (context.Context, func(Outcome))

// CallHooks calls n hooks in order, each with the context of the one before. It returns the last
// context, and a function that calls in reverse order what they returned. A panic in a hook is
// recovered, so it cannot fail the request.
func CallHooks[O any](ctx context.Context, n int, hook func(ctx context.Context, i int) (context.Context, func(O))) (context.Context, func(O)) {
	var ends []func(O)
	for i := range n {
		recoverPanic(func() {
			below, end := hook(ctx, i)
			if below != nil {
				ctx = below
			}
			if end != nil {
				ends = append(ends, end)
			}
		})
	}
	return ctx, func(o O) {
		for _, end := range slices.Backward(ends) {
			recoverPanic(func() { end(o) })
		}
	}
}

func recoverPanic(f func()) {
	defer func() { _ = recover() }()
	f()
}

// callHooks calls the hooks of an attempt. The context it returns is that of the request.
func (c *Client) callHooks(ctx context.Context, r *Request, n int, reason error) (context.Context, func(Outcome)) {
	if len(c.hooks) == 0 {
		return ctx, func(Outcome) {}
	}
	a := Attempt{Names: r.Names(), Path: r.Path, Number: n, Bytes: len(r.Body), Reason: reason, Header: http.Header{}, Callers: r.Callers}
	ctx, end := CallHooks(ctx, len(c.hooks), func(ctx context.Context, i int) (context.Context, func(Outcome)) { return c.hooks[i](ctx, a) })
	if len(a.Header) > 0 {
		ctx = context.WithValue(ctx, headerKey{}, a.Header)
	}
	w := &watch{begun: time.Now()}
	ctx = httptrace.WithClientTrace(ctx, w.trace())
	return ctx, func(o Outcome) { end(w.outcome(o)) }
}

// headerKey is the key of the headers that hooks add to a request.
type headerKey struct{}

// A watch measures the parts of an attempt.
type watch struct {
	begun time.Time

	mu                sync.Mutex // a dialler may try several addresses at the same time
	o                 Outcome
	dns, connect, tls time.Time // when each began
}

func (w *watch) trace() *httptrace.ClientTrace {
	begin := func(t *time.Time) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if t.IsZero() {
			*t = time.Now()
		}
	}
	end := func(t *time.Time, d *time.Duration) {
		w.mu.Lock()
		defer w.mu.Unlock()
		*d = time.Since(*t)
	}
	return &httptrace.ClientTrace{
		DNSStart:          func(httptrace.DNSStartInfo) { begin(&w.dns) },
		DNSDone:           func(httptrace.DNSDoneInfo) { end(&w.dns, &w.o.DNS) },
		ConnectStart:      func(string, string) { begin(&w.connect) },
		ConnectDone:       func(string, string, error) { end(&w.connect, &w.o.Connect) },
		TLSHandshakeStart: func() { begin(&w.tls) },
		TLSHandshakeDone:  func(tls.ConnectionState, error) { end(&w.tls, &w.o.TLS) },
		GotConn: func(i httptrace.GotConnInfo) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.o.Reused = i.Reused
		},
		GotFirstResponseByte: func() { end(&w.begun, &w.o.FirstByte) },
	}
}

// outcome adds the times to an outcome.
func (w *watch) outcome(o Outcome) Outcome {
	w.mu.Lock()
	defer w.mu.Unlock()
	o.Duration, o.Reused = time.Since(w.begun), w.o.Reused
	o.DNS, o.Connect, o.TLS, o.FirstByte = w.o.DNS, w.o.Connect, w.o.TLS, w.o.FirstByte
	return o
}
