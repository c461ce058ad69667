// Package rest is the HTTP side of the client: it posts bytes and returns bytes. No
// other package uses resty.
//
// Resty only sends the requests. Its retry (which posts again after any
// failure), cookies, redirects, logger, JSON handling and body limit stay off.
package rest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-resty/resty/v2"

	"github.com/redis-rest/redis-rest-go/internal/client/transport"
)

// ErrTooLarge is the error of a reply that is over Config.MaxReplyBytes.
var ErrTooLarge = errors.New("reply too large")

// A Config says where to post and how. URL has no trailing slash.
type Config struct {
	URL           string
	Token         string
	TokenSource   func(context.Context) (string, error) // gives the tokens, if it is not nil
	Headers       map[string]string                     // further headers of each request; the values are secret
	Base64        bool                                  // asks for strings in base64
	UserAgent     string                                // not empty
	HTTPClient    *http.Client                          // nil for a new one; if it has a transport, the next two fields are not used
	Transport     transport.Config
	HTTP2         bool
	Wrap          func(http.RoundTripper) http.RoundTripper // goes around the transport; nil for nothing
	Timeout       time.Duration
	MaxReplyBytes int64
	Policy        Policy
	Hooks         []Hook
	// ReadYourWrites sends with each request the last sync token that was received, so
	// that a replica that answers has seen the earlier writes.
	ReadYourWrites bool
	SyncToken      string // the first token to send
}

// A Client posts commands. It is safe for concurrent use.
type Client struct {
	calls      *resty.Request
	url        *url.URL
	redact     func(string) string // a function, so that reflection cannot find the token
	tokens     *tokenSource        // nil if the token never changes
	timeout    time.Duration       // 0 for no limit
	heedsLimit bool                // nothing waits in a call but our transport, which heeds a transport.Call's Limit
	max        int64
	policy     Policy
	hooks      []Hook
	syncToken  *syncToken            // nil if ReadYourWrites is off
	streams    func() *resty.Request // for event streams, which have no time limit
	own        Transport             // the transport that New made; nil if the caller gave one
	closeIdle  func()
	closed     atomic.Bool
}

// A Transport is one that New made.
type Transport interface {
	http.RoundTripper
	CloseIdleConnections()
}

// New makes a client. It opens no connection.
func New(c Config) *Client {
	hc := http.Client{}
	if c.HTTPClient != nil {
		hc = *c.HTTPClient
	}
	given, _ := hc.Transport.(*http.Transport)
	loads, heedsLimit := loadsRoots(hc.Transport, c.Transport.TLS), false
	var own Transport
	switch {
	case hc.Transport != nil:
		hc.Transport = transport.Watch(hc.Transport)
	case c.HTTP2 || runtime.GOOS == "js":
		own = transport.NewHTTP2(c.Transport)
	default:
		own = transport.New(c.Transport)
		heedsLimit = c.Wrap == nil && c.TokenSource == nil
	}
	closeIdle := hc.CloseIdleConnections
	if own != nil {
		hc.Transport, closeIdle = own, own.CloseIdleConnections
	}
	if c.Wrap != nil {
		hc.Transport = c.Wrap(hc.Transport)
	}
	if loads && strings.HasPrefix(c.URL, "https:") {
		// Loading the system's roots takes 3 to 13 ms, most of the CPU time of a first call
		// over TLS. Here it happens while the connection is made.
		go func() { x509.SystemCertPool() }()
	}
	hc.Jar = nil
	// The token goes to the address that was configured and nowhere else.
	hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

	headers := []string{"Accept", "application/json"}
	if c.Base64 {
		headers = append(headers, "Upstash-Encoding", "base64")
	}
	if given == nil || !given.DisableCompression {
		// net/http's transport would set the same header, but allocate a map for each request.
		headers = append(headers, "Accept-Encoding", "gzip")
	}
	address, err := url.Parse(c.URL)
	if err != nil {
		panic("rest: the URL was not checked")
	}
	var tokens *tokenSource
	if c.TokenSource != nil {
		tokens = &tokenSource{ask: c.TokenSource}
	}
	client := &Client{
		calls: newTemplate(hc, c, headers...),
		streams: sync.OnceValue(func() *resty.Request {
			endless := hc
			endless.Timeout = 0
			return newTemplate(endless, c, "Accept", "text/event-stream")
		}),
		url:        address,
		redact:     redact(c, tokens),
		tokens:     tokens,
		timeout:    c.Timeout,
		heedsLimit: heedsLimit,
		max:        min(c.MaxReplyBytes, math.MaxInt64-1),
		policy:     c.Policy,
		hooks:      c.Hooks,
		own:        own,
		closeIdle:  closeIdle,
	}
	if c.ReadYourWrites {
		client.syncToken = new(syncToken)
		client.syncToken.keep(c.SyncToken, 0)
	}
	return client
}

// loadsRoots reports whether TLS connections need the system's roots. given is the caller's
// transport; nil for our own, with this config. Nothing is known of one that is not net/http's.
func loadsRoots(given http.RoundTripper, config *tls.Config) bool {
	if given != nil {
		t, ok := given.(*http.Transport)
		if !ok {
			return false
		}
		config = t.TLSClientConfig
	}
	return config == nil || config.RootCAs == nil && !config.InsecureSkipVerify
}

// newTemplate makes a resty request with these headers, given in pairs. Each request that
// is posted is a copy of it. resty and http.Client parse and copy what they get several
// times, so they get little: addHeaders puts in the rest.
func newTemplate(hc http.Client, c Config, headers ...string) *resty.Request {
	header := http.Header{}
	for name, value := range c.Headers {
		header.Set(name, value)
	}
	if c.TokenSource == nil {
		header.Set("Authorization", "Bearer "+c.Token)
	}
	header.Set("Content-Type", "application/json") // one server refuses a charset
	header.Set("User-Agent", c.UserAgent)
	for pair := range slices.Chunk(headers, 2) {
		header.Set(pair[0], pair[1])
	}
	_, own := hc.Transport.(*transport.Transport)
	hc.Transport = addHeaders{hc.Transport, !own, func() http.Header { return header }}
	none := http.Header{}
	return resty.NewWithClient(&hc).
		SetLogger(silent{}).
		SetDoNotParseResponse(true).
		SetPreRequestHook(func(_ *resty.Client, r *http.Request) error { r.Header, r.Host = none, ""; return nil }). // http.Client copies both
		R().
		SetHeader("User-Agent", "-"). // resty would add these two
		SetHeader("Content-Type", "-")
}

// addHeaders gives each request its URL and its headers.
type addHeaders struct {
	http.RoundTripper
	copies bool               // the round tripper may change the headers
	header func() http.Header // a function, because it holds the token
}

func (a addHeaders) RoundTrip(r *http.Request) (*http.Response, error) {
	t := r.Context().Value(tryKey{}).(*try)
	r.URL, r.Header = &t.url, a.header()
	if a.copies || t.bearer != nil || t.syncToken != "" || len(t.header) > 0 {
		r.Header = r.Header.Clone()
	}
	for name, values := range t.header {
		if name = http.CanonicalHeaderKey(name); len(r.Header[name]) == 0 {
			r.Header[name] = values
		}
	}
	if t.bearer != nil {
		r.Header["Authorization"] = []string{"Bearer " + t.bearer.text()}
	}
	if t.syncToken != "" {
		r.Header[syncHeader] = []string{t.syncToken}
	}
	return a.RoundTripper.RoundTrip(r)
}

type silent struct{}

func (silent) Errorf(string, ...any) {}
func (silent) Warnf(string, ...any)  {}
func (silent) Debugf(string, ...any) {}

// OwnTransport returns the transport that New made, and nil if the caller gave one.
func (c *Client) OwnTransport() Transport { return c.own }

// Close ends the connections: the idle ones now, and each other one when its request has
// ended.
func (c *Client) Close() {
	c.closed.Store(true)
	c.closeIdle()
}

// afterRequest is called when a request has ended, and its connection may be idle.
func (c *Client) afterRequest() {
	if c.closed.Load() {
		c.closeIdle()
	}
}

// Max is the limit of a reply, and of one event of a stream.
func (c *Client) Max() int64 { return c.max }

// Timeout is the limit of a request, 0 for none.
func (c *Client) Timeout() time.Duration { return c.timeout }

// Redact replaces the token, and the values of further headers, in text that came from
// outside.
func (c *Client) Redact(text string) string { return c.redact(text) }

// minSecret is the length in bytes from which on the value of a header is taken to be
// secret. Shorter ones, such as true, may be a part of any text.
const minSecret = 8

func redact(c Config, tokens *tokenSource) func(text string) string {
	var secrets []string
	for _, value := range c.Headers {
		if len(value) >= minSecret {
			secrets = append(secrets, value)
		}
	}
	if tokens == nil {
		secrets = append(secrets, c.Token)
	}
	return func(text string) string {
		if tokens != nil {
			text = tokens.redact(text)
		}
		for _, secret := range secrets {
			text = strings.ReplaceAll(text, secret, redacted)
		}
		return text
	}
}
