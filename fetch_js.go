package redis

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall/js"

	"github.com/redis-rest/redis-rest-go/internal/client/rest"
)

// newTransport leaves out how to dial: with that, net/http would look for a
// network of its own here, and without it takes the host's fetch.
func newTransport() *http.Transport {
	t := rest.NewTransport()
	t.DialContext = nil
	return t
}

// overFetch has the client's requests follow no redirect, and end with their
// context. A client of net/http does neither here: fetch follows by itself, and who
// reads a body waits for it whatever the context says.
func overFetch(hc *http.Client) *http.Client {
	var c http.Client
	if hc != nil {
		c = *hc
	}
	if c.Transport == nil {
		c.Transport = newTransport()
	}
	c.Transport = fetch{c.Transport}
	return &c
}

type fetch struct{ http.RoundTripper }

// net/http uses no fetch under Node.js, which it knows by this (net/http's
// roundtrip_js.go, go.dev/issue/57613).
var calledNode = js.Global().Get("process").Type() == js.TypeObject &&
	strings.HasPrefix(js.Global().Get("process").Get("argv0").String(), "node")

var errNode = errors.New("net/http has no network in a program whose argv[0] is node: start it as (exec -a js node …)")

func (f fetch) RoundTrip(r *http.Request) (*http.Response, error) {
	if _, ok := f.RoundTripper.(*http.Transport); ok && calledNode {
		return nil, errNode
	}
	ctx := r.Context()
	r = r.Clone(ctx)
	r.Header.Set("js.fetch:redirect", "manual") // net/http knows it and does not send it
	resp, err := f.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body := resp.Body
	resp.Body = &fetched{body, ctx, context.AfterFunc(ctx, func() { body.Close() })}
	return resp, nil
}

// A fetched body is closed when its context ends, which ends a read that waits.
type fetched struct {
	io.ReadCloser
	ctx  context.Context
	stop func() bool
}

func (b *fetched) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.ctx.Err() != nil { // a body that was closed looks as if it were at its end
		return n, b.ctx.Err()
	}
	return n, err
}

func (b *fetched) Close() error {
	b.stop()
	return b.ReadCloser.Close()
}
