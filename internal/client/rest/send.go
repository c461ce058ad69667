package rest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-resty/resty/v2"

	"github.com/redis-rest/redis-rest-go/internal/client/transport"
)

// sendOnce sends a request once, with the client's time limit.
func (c *Client) sendOnce(ctx context.Context, r *Request) (Response, error) {
	defer c.afterRequest()
	if r.NotReady != nil {
		return Response{}, r.NotReady
	}
	var limit time.Time
	timeout := c.timeout + min(r.Wait, math.MaxInt64-c.timeout)
	if deadline, ok := ctx.Deadline(); c.timeout > 0 && timeout < math.MaxInt64 && !(ok && time.Until(deadline) < timeout) {
		limit = time.Now().Add(timeout)
		if !c.heedsLimit {
			limited, cancel := context.WithDeadline(ctx, limit)
			defer cancel()
			ctx = limited
		}
	}
	raw, err := c.send(ctx, limit, c.calls, r.Path, r.Body)
	if err != nil {
		return Response{}, err
	}
	return c.response(ctx, raw, r.Members)
}

// Stream opens the event stream at path below the configured URL. It lasts until ctx
// ends. If the answer is not a stream, the stream is nil and the Response is the answer.
func (c *Client) Stream(ctx context.Context, path, name string) (io.ReadCloser, Response, error) {
	if ctx.Err() != nil {
		return nil, Response{}, &SendError{Err: Ended(ctx), Unsent: true}
	}
	r := &Request{Path: path, Body: []byte("[]"), Names: func() []string { return []string{name} }}
	ctx, done := c.callHooks(ctx, r, 1, nil)
	raw, err := c.send(ctx, time.Time{}, c.streams(), r.Path, r.Body)
	if err != nil {
		done(Outcome{Err: err})
		return nil, Response{}, err
	}
	kind, _, _ := strings.Cut(raw.Header.Get("Content-Type"), ";")
	if raw.StatusCode == http.StatusOK && strings.TrimSpace(kind) == "text/event-stream" {
		done(Outcome{Status: raw.StatusCode})
		return &streamBody{raw.Body, c}, Response{}, nil
	}
	defer c.afterRequest()
	resp, err := c.response(ctx, raw, 0)
	done(Outcome{Status: raw.StatusCode, Err: cmp.Or(err, errNoStream)})
	return nil, resp, err
}

// A streamBody is the body of an event stream.
type streamBody struct {
	io.ReadCloser
	client *Client
}

func (b *streamBody) Close() error {
	defer b.client.afterRequest()
	return b.ReadCloser.Close()
}

var errNoStream = errors.New("not an event stream")

// send posts body and returns the response with its own body unread. limit is when it has
// to end; zero for never. If the server refuses a token that came from a source, the source
// is asked once more and the request is sent again: the server did not run it.
func (c *Client) send(ctx context.Context, limit time.Time, template *resty.Request, path string, body []byte) (*http.Response, error) {
	target, err := c.url, error(nil)
	if path != "" {
		if target, err = url.Parse(c.url.String() + path); err != nil {
			return nil, &SendError{Err: stripURL(ctx, err), Unsent: true, Final: true}
		}
	}
	var bearer *token
	for renewed := false; ; renewed = true {
		if c.tokens != nil {
			if bearer, err = c.tokens.get(ctx, bearer); err != nil {
				return nil, &SendError{Err: err, Unsent: true, Final: true}
			}
		}
		t := &try{Call: transport.Call{Context: ctx, Limit: limit}, url: *target, bearer: bearer}
		var number uint64
		t.syncToken, number = c.syncToken.begin()
		if len(c.hooks) > 0 {
			t.header, _ = ctx.Value(headerKey{}).(http.Header)
		}
		resp, err := t.post(template, body)
		if err != nil {
			return nil, &SendError{Err: stripURL(ctx, err), Unsent: t.Outcome() == transport.NotBegun}
		}
		if resp.StatusCode != http.StatusUnauthorized || bearer == nil || renewed {
			c.syncToken.keep(resp.Header.Get(syncHeader), number)
			return resp, nil
		}
		io.CopyN(io.Discard, resp.Body, 4<<10) // so that the connection can be used again
		resp.Body.Close()
	}
}

// Ready waits until there is a token. As long as it has not returned, a request can be
// changed. The error is a *SendError.
func (c *Client) Ready(ctx context.Context) error {
	if c.tokens == nil {
		return nil
	}
	if c.timeout > 0 {
		limited, cancel := context.WithTimeout(ctx, c.timeout)
		defer cancel()
		ctx = limited
	}
	if _, err := c.tokens.get(ctx, nil); err != nil {
		return &SendError{Err: err, Unsent: true, Final: true}
	}
	return nil
}

// A try is one request that is being sent, and its context. It is one struct, so that it
// is one allocation.
type try struct {
	transport.Call
	url       url.URL
	syncToken string      // to be sent along
	bearer    *token      // to be sent along; nil if it is the same for all requests
	header    http.Header // of hooks, to be sent along
	body      bytes.Reader
}

type tryKey struct{}

func (t *try) Value(key any) any {
	if key == (tryKey{}) {
		return t
	}
	return t.Call.Value(key)
}

var requests = sync.Pool{New: func() any { return new(resty.Request) }}

// post posts body. The body must never be changed: net/http may read it even after
// the answer.
func (t *try) post(template *resty.Request, body []byte) (*http.Response, error) {
	t.body.Reset(body)
	r := requests.Get().(*resty.Request)
	*r = *template // it shares its headers with all requests; resty changes none of them
	resp, err := r.SetContext(t).SetBody(&t.body).Post("http://redis")
	*r = resty.Request{}
	requests.Put(r)
	if err != nil {
		return nil, err
	}
	return resp.RawResponse, nil
}

// A SendError says that a request got no answer, or only a part of one.
type SendError struct {
	Err    error
	Unsent bool // no byte of the request was written, so it was certainly not executed
	Final  bool // it is not sent again: its token's source failed

	// Answered says that the start of an answer came, and that it is that of a reply.
	Answered bool
	Reason   error // the error of the attempt that was to be made again when Err came, or nil
}

func (e *SendError) Error() string { return e.Err.Error() }

func (e *SendError) Unwrap() error { return e.Err }

// stripURL removes the URL from an error. If the context has ended, the error it returns
// is one of the context: net/http may have noticed the closed connection first.
func stripURL(ctx context.Context, err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if ended := Ended(ctx); ended != nil && !(errors.Is(err, ctx.Err()) && errors.Is(err, context.Cause(ctx))) {
		err = ended
	}
	return err
}
