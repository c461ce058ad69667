// Package rest is the HTTP side of the client, and the only package that knows
// resty: it posts bytes and returns bytes.
//
// Of resty it uses the carrying alone. Its retry (which posts again after any
// failure), cookies, redirects, logger, JSON handling and body limit stay off.
package rest

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-resty/resty/v2"
)

// ErrTooLarge is the error of a reply that is over Config.MaxReplyBytes.
var ErrTooLarge = errors.New("reply too large")

// A Config says where to post and how. URL has no trailing slash.
type Config struct {
	URL           string
	Token         string
	UserAgent     string       // not empty
	HTTPClient    *http.Client // nil for one made for this purpose, with what the next two say
	HTTP2         bool
	RootCAs       *x509.CertPool // nil for the system's
	Timeout       time.Duration
	MaxReplyBytes int64
	Policy        Policy
	Hooks         []Hook
	// ReadYourWrites sends the last sync token received with each request, so that
	// a replica that answers has seen the writes before it.
	ReadYourWrites bool
	SyncToken      string // the first one to send

	Now func() time.Time // the wall clock; nil for time.Now
}

// A Client posts commands. It is safe for concurrent use.
type Client struct {
	calls    carrier
	url      string
	token    func() string // a closure, so that no reflection finds the token
	timeouts timeouts
	max      int64
	policy   Policy
	hooks    []Hook
	pool     *pool
	last     *atomic.Pointer[string] // the last sync token; nil where none is wanted
	streams  func() carrier          // for what has no end
}

// New makes a client. It opens no connection.
func New(c Config) *Client {
	hc := http.Client{}
	if c.HTTPClient != nil {
		hc = *c.HTTPClient
	}
	if hc.Transport == nil {
		t := NewTransport()
		t.Protocols.SetHTTP2(c.HTTP2)
		t.TLSClientConfig.RootCAs = c.RootCAs
		hc.Transport = t
	}
	if strings.HasPrefix(c.URL, "https:") && usesSystemRoots(hc.Transport) {
		// Loading them is most of what a first call over TLS computes, 3 to 13 ms. Here
		// that happens while the connection is made, and waits for nothing.
		go func() { x509.SystemCertPool() }()
	}
	hc.Jar = nil
	// The token goes to the address that was configured and nowhere else.
	hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

	headers := []string{"Accept", "application/json", "Upstash-Encoding", "base64"}
	if t, ok := hc.Transport.(*http.Transport); !ok || !t.DisableCompression {
		// The transport would say the same, at the price of a map for each request.
		headers = append(headers, "Accept-Encoding", "gzip")
	}
	token := c.Token
	client := &Client{
		calls: newCarrier(&hc, c, headers...),
		streams: sync.OnceValue(func() carrier {
			endless := hc
			endless.Timeout = 0
			return newCarrier(&endless, c, "Accept", "text/event-stream")
		}),
		url:      c.URL,
		token:    func() string { return token },
		timeouts: timeouts{after: c.Timeout, alone: time.Unix(bubblesEnd, 0)},
		max:      min(c.MaxReplyBytes, math.MaxInt64-1),
		policy:   c.Policy,
		hooks:    c.Hooks,
		pool:     newPool(&hc, c.Now),
	}
	if c.ReadYourWrites {
		client.last = new(atomic.Pointer[string])
		client.keepSyncToken(c.SyncToken)
	}
	return client
}

func usesSystemRoots(rt http.RoundTripper) bool {
	t, ok := rt.(*http.Transport)
	return ok && (t.TLSClientConfig == nil || t.TLSClientConfig.RootCAs == nil && !t.TLSClientConfig.InsecureSkipVerify)
}

// newCarrier makes what carries requests with these headers, in pairs: a request of
// resty, of which each that is posted is a copy. It is a closure, as it holds the
// token.
func newCarrier(hc *http.Client, c Config, headers ...string) carrier {
	r := resty.NewWithClient(hc).
		SetLogger(silent{}).
		SetDoNotParseResponse(true).
		SetPreRequestHook(func(_ *resty.Client, r *http.Request) error { prepare(r); return nil }).
		R()
	r.SetHeader("Authorization", "Bearer "+c.Token)
	r.SetHeader("Content-Type", "application/json") // a charset is refused by one server
	r.SetHeader("User-Agent", c.UserAgent)
	for pair := range slices.Chunk(headers, 2) {
		r.SetHeader(pair[0], pair[1])
	}
	return func() *resty.Request { return r }
}

type carrier func() *resty.Request

type silent struct{}

func (silent) Errorf(string, ...any) {}
func (silent) Warnf(string, ...any)  {}
func (silent) Debugf(string, ...any) {}

// A Response is an answer of any status, its body read to the end.
type Response struct {
	Status int
	Body   []byte
	Header http.Header
}

// A SendError is a request that brought no answer, or not all of it.
type SendError struct {
	Err    error
	Unsent bool // no byte of the request was written: certainly not executed
}

func (e *SendError) Error() string { return e.Err.Error() }
func (e *SendError) Unwrap() error { return e.Err }

// once sends a request, once.
func (c *Client) once(ctx context.Context, path string, body []byte) (Response, error) {
	if deadline, ok := ctx.Deadline(); c.timeouts.after > 0 && !(ok && time.Until(deadline) < c.timeouts.after) {
		limited := c.timeouts.begin(ctx)
		defer c.timeouts.end(limited)
		ctx = limited
	}
	raw, err := c.send(ctx, c.calls, path, body)
	if err != nil {
		return Response{}, err
	}
	return c.response(ctx, raw)
}

// Stream opens the event stream at path below the configured URL, which goes on
// until ctx ends. It is nil where the answer is no stream; that is the Response.
func (c *Client) Stream(ctx context.Context, path, name string) (io.ReadCloser, Response, error) {
	if err := ctx.Err(); err != nil {
		return nil, Response{}, &SendError{Err: err, Unsent: true}
	}
	r := &Request{Path: path, Body: []byte("[]"), Names: func() []string { return []string{name} }}
	done := c.begin(ctx, r, 1)
	raw, err := c.send(ctx, c.streams(), r.Path, r.Body)
	if err != nil {
		done(Outcome{Err: err})
		return nil, Response{}, err
	}
	kind, _, _ := strings.Cut(raw.Header.Get("Content-Type"), ";")
	if raw.StatusCode == http.StatusOK && strings.TrimSpace(kind) == "text/event-stream" {
		done(Outcome{Status: raw.StatusCode})
		return raw.Body, Response{}, nil
	}
	resp, err := c.response(ctx, raw)
	done(Outcome{Status: raw.StatusCode, Err: cmp.Or(err, errNoStream)})
	return nil, resp, err
}

var errNoStream = errors.New("not an event stream")

// send posts body and returns the response with its own body unread.
func (c *Client) send(ctx context.Context, carrier carrier, path string, body []byte) (*http.Response, error) {
	c.pool.wake()
	defer c.pool.used()
	for stale := 0; ; stale++ {
		t := &try{connection: connection{Context: ctx, syncToken: c.SyncToken()}}
		resp, err := t.post(carrier, c.url+path, body)
		if err == nil {
			c.keepSyncToken(resp.Header.Get(syncHeader))
			return resp, nil
		}
		// A round tripper that does not report (a fake, a browser's fetch) proves
		// nothing.
		unsent := t.missing()
		if ctx.Err() == nil && t.untouched() {
			if stale < maxStale {
				// Not an attempt: a connection that was kept had ended. net/http would take
				// another by itself if it always saw that first.
				c.pool.empty()
				continue
			}
			unsent = true
		}
		return nil, &SendError{Err: plain(ctx, err), Unsent: unsent}
	}
}

// A try is one request on its way, in one piece: it is allocated once.
type try struct {
	connection
	request resty.Request
	body    bytes.Reader // net/http sends what is in one of these in one write with the headers
}

// post posts body, which must never be changed: net/http may read it even after the
// answer.
func (t *try) post(carrier carrier, url string, body []byte) (*http.Response, error) {
	// Copied with what is shared by all: resty copies the headers into what it sends,
	// and changes none of them as long as those that it cares for are there.
	t.request = *carrier()
	t.body.Reset(body)
	resp, err := t.request.SetContext(t.traced()).SetBody(&t.body).Post(url)
	if err != nil {
		return nil, err
	}
	return resp.RawResponse, nil
}

// maxStale is how many connections that have ended one request puts up with.
const maxStale = 3

// response reads the body to its end.
func (c *Client) response(ctx context.Context, raw *http.Response) (Response, error) {
	defer raw.Body.Close()
	data, err := read(raw, c.max)
	if errors.Is(err, ErrTooLarge) {
		return Response{}, &SendError{Err: err}
	}
	if err != nil {
		return Response{}, &SendError{Err: plain(ctx, err)}
	}
	return Response{Status: raw.StatusCode, Body: data, Header: raw.Header}, nil
}

// Max is the limit of a reply, and of one event of a stream.
func (c *Client) Max() int64 { return c.max }

// Timeout is the limit of a request, 0 for none.
func (c *Client) Timeout() time.Duration { return c.timeouts.after }

const syncHeader = "Upstash-Sync-Token"

// SyncToken returns the token that the next request will send.
func (c *Client) SyncToken() string {
	if c.last != nil {
		if token := c.last.Load(); token != nil {
			return *token
		}
	}
	return ""
}

// keepSyncToken notes the token of a reply. A reply without one leaves the last,
// and what cannot be one is not sent back: one that no header may hold would
// fail every request from here on.
func (c *Client) keepSyncToken(token string) {
	if c.last == nil || token == "" || token == c.SyncToken() || len(token) > 1<<10 || strings.ContainsFunc(token, notVisible) {
		return
	}
	kept := token // only what is kept goes to the heap
	c.last.Store(&kept)
}

func notVisible(r rune) bool { return r <= ' ' || r > '~' }

// Redact blots the token out of text that came from outside.
func (c *Client) Redact(text string) string {
	return strings.ReplaceAll(text, c.token(), "[redacted]")
}

// plain takes the URL off an error, and makes sure that an error that comes of
// the context's end reads so: net/http may have met the closed connection first.
func plain(ctx context.Context, err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if cause := ctx.Err(); cause != nil && !errors.Is(err, cause) {
		err = cause
	}
	return err
}

// read reads the body of resp to its end.
func read(resp *http.Response, limit int64) ([]byte, error) {
	if resp.ContentLength == 0 || !strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip") {
		return readAll(resp.Body, resp.ContentLength, limit)
	}
	unzipped, err := gzip.NewReader(resp.Body)
	if err != nil {
		return nil, err
	}
	return readAll(unzipped, -1, limit)
}

// readAll reads r to its end, so that the connection can be used again. length is
// the announced size, -1 where there is none; it is a hint that is not trusted with
// much more than firstBuffer, and then with some times what has come.
func readAll(r io.Reader, length, limit int64) ([]byte, error) {
	const firstBuffer = 4 << 20
	if length > limit {
		return nil, ErrTooLarge
	}
	most, size := limit+1, int64(512)
	if length >= 0 {
		most, size = length+1, firstBuffer // one more, to meet the end without growing
	}
	fitting := func(size int64) int64 {
		if most < size+size/2 {
			return most // all at once: the rest would be little, and cost a copy of all
		}
		return size
	}
	buf := make([]byte, 0, fitting(size))
	for {
		n, err := r.Read(buf[len(buf):min(int64(cap(buf)), limit+1)])
		buf = buf[:len(buf)+n]
		read := int64(len(buf))
		if read > limit {
			return nil, ErrTooLarge
		}
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return nil, err
		}
		if len(buf) == cap(buf) {
			larger := 2 * read
			if read >= firstBuffer {
				larger = 4 * read // memory that is not written to is free; what is copied is there twice
			}
			buf = slices.Grow(buf, int(max(fitting(larger)-read, 512)))
		}
	}
}
