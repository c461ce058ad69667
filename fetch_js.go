package redis

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall/js"

	"github.com/redis-rest/redis-rest-go/internal/client/transport"
)

// useFetch makes the client's requests follow no redirect and end with their
// context. A client of net/http does neither here: fetch follows redirects itself, and
// reading a body does not end with the context.
func (c *config) useFetch() {
	if c.httpClient != nil && c.httpClient.Transport != nil {
		hc := *c.httpClient
		hc.Transport = fetch{hc.Transport}
		c.httpClient = &hc
		return
	}
	wrap := c.wrap
	c.wrap = func(rt http.RoundTripper) http.RoundTripper {
		rt = fetch{rt}
		if wrap != nil {
			rt = wrap(rt)
		}
		return rt
	}
}

type fetch struct{ http.RoundTripper }

// net/http does not use fetch under Node.js, which it detects in this way
// (net/http's roundtrip_js.go, go.dev/issue/57613).
var calledNode = js.Global().Get("process").Type() == js.TypeObject &&
	strings.HasPrefix(js.Global().Get("process").Get("argv0").String(), "node")

var errNode = errors.New("net/http has no network in a program whose argv[0] is node: start it as (exec -a js node …)")

func (f fetch) RoundTrip(r *http.Request) (*http.Response, error) {
	switch f.RoundTripper.(type) {
	case *http.Transport, *transport.HTTP2:
		if calledNode {
			return nil, errNode
		}
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

// A fetched body is closed when its context ends. This ends a read that waits.
type fetched struct {
	io.ReadCloser
	ctx  context.Context
	stop func() bool
}

func (b *fetched) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.ctx.Err() != nil { // a closed body reads as io.EOF
		return n, b.ctx.Err()
	}
	return n, err
}

func (b *fetched) Close() error {
	b.stop()
	return b.ReadCloser.Close()
}
