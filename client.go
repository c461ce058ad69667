package redis

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/client/rest"
	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// Redis is a client of one database. It is made by [FromEnv] or [New], never
// changes afterwards, and is safe for concurrent use: one for a program is
// enough. Printed in any way it shows the host and nothing else.
type Redis struct {
	c *client // behind a pointer, so that no copy that is printed shows inside
}

type client struct {
	rest       *rest.Client
	host       string
	maxRequest int64
	hooked     bool
	auto       *autoPipeline // nil where each call has its own request
}

// A Doer runs one command: *[Redis], or what stands in for it in a test.
type Doer interface {
	Do(ctx context.Context, args ...any) (Reply, error)
}

// What a client does where no option says otherwise.
const (
	DefaultTimeout         = 10 * time.Second
	DefaultMaxReplyBytes   = 64 << 20
	DefaultMaxRequestBytes = 64 << 20
	defaultUserAgent       = "redis-rest-go"
)

// An Option changes what [New] and [FromEnv] make.
type Option func(*config)

type config struct {
	httpClient      *http.Client
	http2           bool
	rootCAs         *x509.CertPool
	timeout         time.Duration
	maxReplyBytes   int64
	maxRequestBytes int64
	userAgent       string
	insecureHTTP    bool
	readYourWrites  bool
	syncToken       string
	autoPipelining  bool
	retry           RetryPolicy
	hooks           []Hook
	envPrefix       string
	problems        []ConfigProblem
}

// WithHTTPClient has requests sent by a copy of hc, with its transport and its
// timeout, without its cookies, and following no redirect. The default is a
// client of its own with the transport of [NewTransport].
func WithHTTPClient(hc *http.Client) Option {
	return func(c *config) {
		c.refuse(hc == nil, "WithHTTPClient", "is nil")
		c.httpClient = hc
	}
}

// WithHTTP2 has the client speak HTTP/2 where the server does: all calls share one
// connection, where HTTP/1.1 takes one for each call that is under way. By default
// the client speaks HTTP/1.1, with which a call over TLS costs less CPU, half of it
// where calls come one at a time, and a packet that is lost delays one call only.
func WithHTTP2() Option {
	return func(c *config) { c.http2 = true }
}

// WithRootCAs has the client trust these certificates in the place of the system's.
// The system's take milliseconds of CPU to load, at which a client with a URL of
// https begins as soon as it is made.
func WithRootCAs(roots *x509.CertPool) Option {
	return func(c *config) {
		c.refuse(roots == nil, "WithRootCAs", "is nil")
		c.rootCAs = roots
	}
}

// NewTransport makes the transport that a client has by default, for those who want
// to change something about it, such as a proxy, and hand it to [WithHTTPClient]. It
// keeps 512 idle connections to a host for 90 seconds, and speaks HTTP/1.1 and TLS
// 1.2 at least. Before it begins a request on a connection that was kept, it looks
// whether the server has closed that (on Unix), and takes another then: nothing was
// sent. Compiled for GOOS=js it is the host's fetch, which has connections and
// certificates of its own.
func NewTransport() *http.Transport { return newTransport() }

// WithTimeout limits each attempt to send a request to d, from looking for a
// connection to the last byte of the reply; the default is [DefaultTimeout], and
// 0 is no limit. A context's earlier deadline ends all attempts. Either reads as
// [context.DeadlineExceeded].
func WithTimeout(d time.Duration) Option {
	return func(c *config) {
		c.refuse(d < 0, "WithTimeout", "is negative")
		c.timeout = d
	}
}

// WithMaxReplyBytes limits the body of a reply, as it is after decompression, to
// n bytes; the default is [DefaultMaxReplyBytes]. A larger one is
// [ErrReplyTooLarge]. Strings arrive as base64, which is a third longer than they
// are.
func WithMaxReplyBytes(n int64) Option {
	return func(c *config) {
		c.refuse(n <= 0, "WithMaxReplyBytes", "is not positive")
		c.maxReplyBytes = n
	}
}

// WithMaxRequestBytes limits the body of a request, which is JSON, to n bytes; the
// default is [DefaultMaxRequestBytes]. A larger one is [ErrRequestTooLarge], and
// nothing is sent. Hosted services have limits of their own, 10 MB for example.
func WithMaxRequestBytes(n int64) Option {
	return func(c *config) {
		c.refuse(n <= 0, "WithMaxRequestBytes", "is not positive")
		c.maxRequestBytes = n
	}
}

// WithUserAgent sets the User-Agent header, "redis-rest-go" by default.
func WithUserAgent(name string) Option {
	return func(c *config) {
		c.refuse(name == "" || hasControl(name), "WithUserAgent", "is empty or holds control characters")
		c.userAgent = name
	}
}

// WithInsecureHTTP allows a URL that starts with http:// and leads beyond this
// machine. The token and all data then travel in the clear.
func WithInsecureHTTP() Option {
	return func(c *config) { c.insecureHTTP = true }
}

// WithReadYourWrites says whether each request carries the sync token of the last
// reply (the header Upstash-Sync-Token), so that a replica that answers has seen
// the writes before it. The default is true.
func WithReadYourWrites(on bool) Option {
	return func(c *config) { c.readYourWrites = on }
}

// WithSyncToken starts with the sync token that another process got
// ([Redis.SyncToken]), so that the first request sees its writes.
func WithSyncToken(token string) Option {
	return func(c *config) {
		c.refuse(hasControl(token), "WithSyncToken", "holds control characters")
		c.syncToken = token
	}
}

func (c *config) refuse(wrong bool, name, reason string) {
	if wrong {
		c.problems = append(c.problems, ConfigProblem{name, reason})
	}
}

func newConfig(opts []Option) *config {
	c := &config{
		timeout:         DefaultTimeout,
		maxReplyBytes:   DefaultMaxReplyBytes,
		maxRequestBytes: DefaultMaxRequestBytes,
		userAgent:       defaultUserAgent,
		readYourWrites:  true,
		retry:           defaultRetry,
	}
	for _, opt := range opts {
		opt(c)
	}
	return c
}

// New makes a client of the database at url, https://host and perhaps a path,
// with its token. It opens no connection. What is wrong with the arguments comes
// back as one [*ConfigError]; it names them and holds none of their values.
func New(url, token string, opts ...Option) (*Redis, error) {
	c := newConfig(opts)
	c.refuse(c.envPrefix != "", "WithEnvPrefix", "is for FromEnv")
	return c.client("url", url, "token", token)
}

// client checks the URL and the token, which the configuration calls by the names
// given, and makes the client.
func (c *config) client(urlName, url, tokenName, token string) (*Redis, error) {
	base, host, reason := checkURL(url, c.insecureHTTP)
	c.refuse(reason != "", urlName, reason)
	reason = checkToken(token)
	c.refuse(reason != "", tokenName, reason)
	decided := c.httpClient != nil && c.httpClient.Transport != nil
	c.refuse(decided && c.http2, "WithHTTP2", "is of no use beside WithHTTPClient, whose transport decides")
	c.refuse(decided && c.rootCAs != nil, "WithRootCAs", "is of no use beside WithHTTPClient, whose transport decides")
	c.refuse(c.syncToken != "" && !c.readYourWrites, "WithSyncToken", "is of no use without WithReadYourWrites")
	if len(c.problems) > 0 {
		return nil, &ConfigError{Problems: c.problems}
	}
	made := &client{
		host:       host,
		maxRequest: c.maxRequestBytes,
		hooked:     len(c.hooks) > 0,
		rest: rest.New(rest.Config{
			URL:            base,
			Token:          token,
			UserAgent:      c.userAgent,
			HTTPClient:     overFetch(c.httpClient),
			HTTP2:          c.http2,
			RootCAs:        c.rootCAs,
			Timeout:        c.timeout,
			MaxReplyBytes:  c.maxReplyBytes,
			ReadYourWrites: c.readYourWrites,
			SyncToken:      c.syncToken,
			Policy:         rest.Policy(c.retry),
			Hooks:          c.restHooks(),
		}),
	}
	if c.autoPipelining {
		made.auto = &autoPipeline{client: made}
	}
	return &Redis{made}, nil
}

// Do runs one command and returns its reply as it is; [Cmd] does the same with a
// typed result. Arguments are sent as text:
//
//	string, []byte               as they are; they must be UTF-8
//	integers                     in decimal
//	floats                       the shortest text that reads back the same; +inf, -inf
//	bool                         1 or 0
//	encoding.TextMarshaler       its text (time.Time: RFC 3339)
//	json.Marshaler               its JSON text
//	maps, slices, arrays, structs  their JSON text
//	pointers                     what they point to
//
// Refused before anything is sent, with an error that names the argument's place
// and type: nil (but no bytes, []byte(nil), are an empty string), a
// [time.Duration], which has no unit, NaN, channels, functions, and text that is
// not UTF-8.
//
// An answer of the server that is an error is an [*Error].
func (r *Redis) Do(ctx context.Context, args ...any) (Reply, error) {
	if r == nil || r.c == nil {
		return Reply{}, fmt.Errorf("redis: %s: the client was not made by New or FromEnv", wire.CommandName(args))
	}
	out := newOutgoing(ctx, args)
	if r.c.auto != nil {
		return r.c.auto.do(ctx, out, args)
	}
	body, err := appendCommand(make([]byte, 0, wire.Size(args)), args)
	if err != nil {
		return Reply{}, err
	}
	return r.c.single(ctx, out, body)
}

// single posts one command by itself.
func (c *client) single(ctx context.Context, out outgoing, body []byte) (Reply, error) {
	if err := c.checkSize(len(body)); err != nil {
		return Reply{}, &callError{command: out.name, err: err}
	}
	s := &single{client: c, out: out}
	s.request = rest.Request{Body: body, Safe: out.safe(), SafeUntil: out.until, Judge: s}
	if c.hooked {
		s.request.Names = func() []string { return []string{out.name} }
	}
	fate, unsent := c.rest.Post(ctx, &s.request)
	if unsent != nil {
		s.reply, s.err = Reply{}, out.sendError(unsent)
	}
	return s.reply, out.after(fate, s.err)
}

// A single is one command on its way, in one piece, to be allocated once.
type single struct {
	client  *client
	out     outgoing
	request rest.Request
	reply   Reply
	err     error
}

// Judge reads an answer.
func (s *single) Judge(resp rest.Response) (refused bool, err error) {
	s.reply, refused, s.err = s.client.reply(s.out, resp)
	return refused, s.err
}

func (c *client) checkSize(n int) error {
	if int64(n) > c.maxRequest {
		return fmt.Errorf("%w: %d bytes, and at most %d are allowed", ErrRequestTooLarge, n, c.maxRequest)
	}
	return nil
}

// SyncToken returns the token of the last reply, for another process that is to
// see the writes made here ([WithSyncToken]); "" where there is none.
func (r *Redis) SyncToken() string {
	if r == nil || r.c == nil {
		return ""
	}
	return r.c.rest.SyncToken()
}

// String shows the host.
func (r Redis) String() string {
	if r.c == nil {
		return "redis.Redis()"
	}
	return "redis.Redis(" + r.c.host + ")"
}

// Format shows the host, whatever the verb.
func (r Redis) Format(f fmt.State, verb rune) { io.WriteString(f, r.String()) }

// LogValue shows the host.
func (r Redis) LogValue() slog.Value { return slog.StringValue(r.String()) }
