package redis

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/client/keyprefix"
	"github.com/redis-rest/redis-rest-go/internal/client/rest"
	"github.com/redis-rest/redis-rest-go/internal/client/transport"
	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// Redis is a client of one database. [FromEnv] and [New] make one. Its options never
// change, and it is safe for concurrent use; a program needs only one. [Redis.Close] ends
// its connections. When it is printed, it shows the host and nothing else. A nil *Redis and
// a zero one run nothing: each call is [ErrNotExecuted].
type Redis struct {
	c *client // a pointer, so that a printed copy does not show the contents
}

type client struct {
	rest         *rest.Client
	host         string
	maxRequest   int64
	attemptHooks bool // there are some
	callHooks    []Hook
	auto         *autoPipeline // nil if each call has its own request
	lifetime     lifetime
	base64       *base64State
	idleLimit    time.Duration // of subscriptions; 0 to learn it
	resubscribe  bool
	prefix       keyprefix.Prefix
}

// A Doer runs one command: *[Redis], a fake in a test, or a wrapper around another Doer.
//
// A wrapper may copy and change the arguments that it is given. They are its own: the
// [Command] stays as it is. It must hand on the context and the first argument, the
// command's name, as they are, because they tell the client that the command may run twice
// ([Command.Idempotent], [Script.RunOnce]). Other commands that a wrapper sends with the
// same context are not taken to be idempotent. [Script.Run] needs to see
// that an error is [ErrNoScript] (with errors.Is), and then sends EVAL.
type Doer interface {
	Do(ctx context.Context, args ...any) (Reply, error)
}

// The defaults of a client.
const (
	DefaultTimeout         = 10 * time.Second
	DefaultMaxReplyBytes   = 64 << 20
	DefaultMaxRequestBytes = 64 << 20
	defaultUserAgent       = "redis-rest-go"
)

// An Option changes what [New] and [FromEnv] make. Its constructors start with With.
type Option interface{ apply(*config) }

type option func(*config)

func (o option) apply(c *config) { o(c) }

type config struct {
	httpClient      *http.Client
	http2           bool
	rootCAs         *x509.CertPool
	tls             *tls.Config
	proxy           func(*http.Request) (*url.URL, error)
	dial            func(ctx context.Context, network, address string) (net.Conn, error)
	maxIdleConns    int
	idleTimeout     time.Duration
	wrap            func(http.RoundTripper) http.RoundTripper
	timeout         time.Duration
	maxReplyBytes   int64
	maxRequestBytes int64
	userAgent       string
	insecureHTTP    bool
	readYourWrites  bool
	syncToken       string
	base64          bool
	tokenSource     func(context.Context) (string, error)
	headers         map[string]string
	idleLimit       time.Duration
	resubscribe     bool
	autoPipelining  bool
	keyPrefix       keyprefix.Prefix
	retry           RetryPolicy
	hooks           []Hook
	envPrefix       string
	problems        []ConfigProblem
}

// WithTimeout limits each attempt to send a request to d, from the search for a
// connection to the last byte of the reply. The default is [DefaultTimeout]; 0 is no
// limit. A command that waits for data (BLPOP, XREAD with BLOCK) may take as much longer as
// it says, for ever if it says 0. The Timeout of a [WithHTTPClient] client is not extended.
// The context's deadline, if it is earlier, ends all attempts. In both cases the error is
// [context.DeadlineExceeded].
func WithTimeout(d time.Duration) Option {
	return option(func(c *config) {
		c.refuse(d < 0, "WithTimeout", "is negative")
		c.timeout = d
	})
}

// WithMaxReplyBytes limits the body of a reply to n bytes after decompression. The
// default is [DefaultMaxReplyBytes]. The error for a larger one is [ErrReplyTooLarge].
// Strings arrive as base64, which is a third longer than the string.
func WithMaxReplyBytes(n int64) Option {
	return option(func(c *config) {
		c.refuse(n <= 0, "WithMaxReplyBytes", "is not positive")
		c.maxReplyBytes = n
	})
}

// WithMaxRequestBytes limits the body of a request, which is JSON, to n bytes. The
// default is [DefaultMaxRequestBytes]. The error for a larger one is
// [ErrRequestTooLarge], and nothing is sent. Hosted services have their own limits, 10
// MB for example.
func WithMaxRequestBytes(n int64) Option {
	return option(func(c *config) {
		c.refuse(n <= 0, "WithMaxRequestBytes", "is not positive")
		c.maxRequestBytes = n
	})
}

// WithUserAgent sets the User-Agent header, "redis-rest-go" by default.
func WithUserAgent(name string) Option {
	return option(func(c *config) {
		c.refuse(name == "" || hasControl(name), "WithUserAgent", "is empty or holds control characters")
		c.userAgent = name
	})
}

// WithInsecureHTTP says whether the URL may start with http:// and name a host that
// is not this machine; the default is false. The token and all data are then sent
// unencrypted.
func WithInsecureHTTP(on bool) Option {
	return option(func(c *config) { c.insecureHTTP = on })
}

// WithReadYourWrites says whether each request carries the sync token of the last
// reply (the header Upstash-Sync-Token); the default is true. A replica then answers
// only after it has the earlier writes of this client. Of replies that come out of
// order, that of the request that began last counts.
func WithReadYourWrites(on bool) Option {
	return option(func(c *config) { c.readYourWrites = on })
}

// WithSyncToken starts with the sync token of another process ([Redis.SyncToken]), so
// that the first request sees that process's writes.
func WithSyncToken(token string) Option {
	return option(func(c *config) {
		c.refuse(hasControl(token), "WithSyncToken", "holds control characters")
		c.syncToken = token
	})
}

// WithHeader sends a header with each request, such as one that a gateway in front of the
// server asks for. The value is taken to be secret: it is not shown, and one of 8 bytes
// or more is removed from the server's texts. The headers that the client sets itself
// (Authorization, Content-Type, User-Agent, Upstash-… and others) are refused. Of two
// values for one header the last counts.
func WithHeader(name, value string) Option {
	return option(func(c *config) {
		name := http.CanonicalHeaderKey(name)
		ownHeader := slices.Contains(ownHeaders, name) || strings.HasPrefix(name, "Upstash-")
		c.refuse(strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" || name == "", "WithHeader", "has a name that is not letters, digits, - and _")
		c.refuse(ownHeader, "WithHeader", "names a header that the client sets itself")
		c.refuse(value == "" || hasControl(value) || strings.TrimSpace(value) != value, "WithHeader", "has a value that is empty, has white space around it, or holds control characters")
		c.headers[name] = value
	})
}

// ownHeaders are those that the client or its transport sets.
var ownHeaders = []string{
	"Accept", "Accept-Encoding", "Authorization", "Connection", "Content-Length", "Content-Type", "Expect", "Host", "Keep-Alive", "Proxy-Connection",
	"Te", "Trailer", "Transfer-Encoding", "Upgrade", "User-Agent",
}

// WithTokenSource takes the token from source, for tokens that change. [New] is then given
// an empty token, and [FromEnv] ignores that of the environment. The source is called
// with the first request, and again when the server answers 401: then the request, which
// the server did not run, is sent once more with the new token. That is not an attempt
// of [RetryPolicy] and not seen by hooks. In between, the token is kept. Calls that need
// a token at the same time share one call of source; its context has the values of the
// first of them, and ends when none of them waits.
//
// If source fails, so do the calls that wait for it. Nothing is sent, so the error is
// [ErrNotExecuted]; that of source is found with errors.Is and errors.As.
func WithTokenSource(source func(context.Context) (token string, err error)) Option {
	return option(func(c *config) {
		c.refuse(source == nil, "WithTokenSource", "is nil")
		if source == nil {
			return
		}
		c.tokenSource = func(ctx context.Context) (string, error) {
			token, err := source(ctx)
			if err != nil {
				return token, fmt.Errorf("the source of tokens failed: %w", err)
			}
			if reason := checkToken(token); reason != "" {
				return token, errors.New("the token of the source " + reason)
			}
			return token, nil
		}
	})
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
		base64:          true,
		headers:         map[string]string{},
		retry:           defaultRetry,
	}
	for _, opt := range opts {
		if opt == nil {
			c.refuse(true, "Option", "is nil")
			continue
		}
		opt.apply(c)
	}
	return c
}

// New makes a client of the database at url (https://host, perhaps with a path) with
// its token. It opens no connection. If arguments or options are wrong, the error is one
// [*ConfigError] that names all of them and holds none of their values.
func New(url, token string, opts ...Option) (*Redis, error) {
	c := newConfig(opts)
	c.refuse(c.envPrefix != "", "WithEnvPrefix", "is for FromEnv")
	return c.client("url", url, "token", token)
}

// client checks the URL and the token and makes the client. Errors call the URL urlName
// and the token tokenName.
func (c *config) client(urlName, url, tokenName, token string) (*Redis, error) {
	base, host, reason := checkURL(url, c.insecureHTTP)
	c.refuse(reason != "", urlName, reason)
	if c.tokenSource == nil {
		reason = checkToken(token)
		c.refuse(reason != "", tokenName, reason)
	}
	c.refuse(c.tokenSource != nil && token != "", tokenName, "is given although there is WithTokenSource; leave one of them out")
	if c.httpClient != nil && c.httpClient.Transport != nil {
		const reason = "has no effect with WithHTTPClient, whose transport decides"
		c.refuse(c.http2, "WithHTTP2", reason)
		c.refuse(c.rootCAs != nil, "WithRootCAs", reason)
		c.refuse(c.tls != nil, "WithTLSConfig", reason)
		c.refuse(c.proxy != nil, "WithProxy", reason)
		c.refuse(c.dial != nil, "WithDialContext", reason)
		c.refuse(c.maxIdleConns != 0, "WithMaxIdleConns", reason)
		c.refuse(c.idleTimeout != 0, "WithIdleTimeout", reason)
		c.refuse(c.wrap != nil, "WithRoundTripper", reason)
	}
	c.refuse(c.syncToken != "" && !c.readYourWrites, "WithSyncToken", "has no effect when read-your-writes is off (WithReadYourWrites, UPSTASH_REDIS_REST_READ_YOUR_WRITES)")
	if len(c.problems) > 0 {
		return nil, &ConfigError{Problems: c.problems}
	}
	if c.rootCAs != nil {
		if c.tls == nil {
			c.tls = new(tls.Config)
		}
		c.tls.RootCAs = c.rootCAs
	}
	c.useFetch()
	made := &client{
		host:         host,
		maxRequest:   c.maxRequestBytes,
		attemptHooks: len(c.attemptHooks()) > 0,
		callHooks:    c.callHooks(),
		lifetime:     newLifetime(),
		base64:       newBase64State(c.base64),
		idleLimit:    c.idleLimit,
		resubscribe:  c.resubscribe,
		prefix:       c.keyPrefix,
		rest: rest.New(rest.Config{
			URL:         base,
			Token:       token,
			TokenSource: c.tokenSource,
			Headers:     c.headers,
			Base64:      c.base64,
			UserAgent:   c.userAgent,
			HTTPClient:  c.httpClient,
			HTTP2:       c.http2,
			Wrap:        c.wrap,
			Transport: transport.Config{
				Proxy:        c.proxy,
				DialContext:  c.dial,
				TLS:          c.tls,
				MaxIdleConns: c.maxIdleConns,
				IdleTimeout:  c.idleTimeout,
			},
			Timeout:        c.timeout,
			MaxReplyBytes:  c.maxReplyBytes,
			ReadYourWrites: c.readYourWrites,
			SyncToken:      c.syncToken,
			Policy:         rest.Policy(c.retry),
			Hooks:          c.attemptHooks(),
		}),
	}
	made.closeWhenDropped()
	if c.autoPipelining {
		made.auto = &autoPipeline{client: made}
	}
	return &Redis{made}, nil
}

var errNoClient = errors.New("not executed: the client was not made by New or FromEnv")

// Do runs one command and returns its reply undecoded; [Cmd] does the same with a
// typed result. Arguments are sent as text:
//
//	string, []byte               as they are; they must be UTF-8
//	integers                     in decimal
//	floats                       the shortest text that reads back the same; +inf, -inf
//	bool                         1 or 0
//	encoding.TextMarshaler       its text (time.Time: RFC 3339)
//	json.Marshaler               its JSON text
//	maps, slices, arrays, structs  their JSON text, as encoding/json has it
//	pointers                     what they point to
//	sql.NullString, …            their value
//
// Methods count on a value and on a pointer to it, inside JSON text too.
//
// Other arguments are refused before anything is sent, with an error that gives the
// argument's position and type: nil (but []byte(nil) is an empty string), a
// [time.Duration] (it has no unit: see [Seconds]), NaN, channels, functions, and text that is not
// UTF-8. So is what could not be read back: errors, structs without exported fields,
// types with only MarshalBinary, a [big.Float] of more than 64 bits, and structs whose
// marshaler is that of an embedded type. Inside JSON text a Duration is integer
// nanoseconds, and bytes are base64.
//
// A slice is refused where its elements may be meant: as the only argument of a script or
// function, as a key, and where Redis takes several arguments, such as the elements of
// RPUSH. Pass args... for the elements, or [JSON] for the text. []byte and slices of a
// named type are not refused. A command is given as one word an argument: a slice as the
// only argument is refused, and so is "SET k v".
//
// If the server answers with an error, that is an [*Error].
func (r *Redis) Do(ctx context.Context, args ...any) (reply Reply, err error) {
	if c := observed(r); c != nil {
		own := slices.Clone(args) // so that without hooks args need no memory of their own
		var end func(error)
		ctx, end = c.observe(ctx, kind(""), []CommandInfo{(&command{args: own}).info()}, func(int) []any { return own })
		defer func() { end(err) }()
	}
	return r.do(ctx, newCallInfo(ctx, args), args)
}

// do runs one command, which info describes.
func (r *Redis) do(ctx context.Context, info callInfo, args []any) (Reply, error) {
	if r == nil || r.c == nil {
		return Reply{}, notExecuted(info.name, errNoClient)
	}
	if r.c.lifetime.closed() {
		return Reply{}, notExecuted(info.name, ErrClosed)
	}
	body, keys, err := r.c.appendCommand(make([]byte, 0, wire.Size(args)), args)
	if err != nil {
		return Reply{}, err
	}
	info.wait, info.blocks = blocks(info.name, body)
	reply, err := r.c.do(ctx, info, body)
	if err == nil {
		if err = r.c.checkReply(ctx, reply); err != nil {
			reply, err = Reply{}, &CallError{Command: info.name, Err: err}
		}
	}
	return r.c.withoutPrefix(reply, keys), err
}

func (c *client) do(ctx context.Context, info callInfo, body []byte) (Reply, error) {
	if err := c.checkSize(len(body)); err != nil {
		return Reply{}, notExecuted(info.name, err)
	}
	if c.auto != nil && !info.blocks { // others would wait with it
		return c.auto.do(ctx, info, body)
	}
	return c.alone(ctx, info, body)
}

// alone posts one command in its own request.
func (c *client) alone(ctx context.Context, info callInfo, body []byte) (Reply, error) {
	s := &commandAnswer{client: c, info: info}
	s.request = rest.Request{Body: body, Classifier: s}
	return s.post(ctx)
}

// post posts the command.
func (s *commandAnswer) post(ctx context.Context) (Reply, error) {
	s.request.Safe, s.request.SafeUntil, s.request.Wait = s.info.mayRunTwice(), s.info.until, s.info.wait
	if s.client.attemptHooks {
		s.request.Names = func() []string { return []string{s.info.name} }
	}
	history, unsent := s.client.rest.Post(ctx, &s.request)
	s.client.recordOf(ctx).note(history)
	if unsent != nil {
		s.reply, s.err = Reply{}, s.info.sendError(unsent)
	}
	return s.reply, s.info.withEarlierAttempts(history, s.err)
}

// A commandAnswer is one command on its way, in one piece, to be allocated once.
type commandAnswer struct {
	client  *client
	info    callInfo
	request rest.Request
	reply   Reply
	err     error
}

// Classify reads an answer.
func (s *commandAnswer) Classify(resp rest.Response) (refused bool, err error) {
	return s.take(s.client.readAnswer(resp), s.info)
}

func (s *commandAnswer) take(a answer, info callInfo) (refused bool, err error) {
	s.reply, refused, s.err = a.forCommand(info)
	return refused, s.err
}

func (c *client) checkSize(n int) error {
	if int64(n) > c.maxRequest {
		return fmt.Errorf("%w: %d bytes, and at most %d are allowed", ErrRequestTooLarge, n, c.maxRequest)
	}
	return nil
}

// SyncToken returns the sync token of the last reply, or "" if there is none. Another
// process that must see the writes made here starts with it ([WithSyncToken]).
func (r *Redis) SyncToken() string {
	if r == nil || r.c == nil {
		return ""
	}
	return r.c.rest.SyncToken()
}

// String shows the host.
func (r *Redis) String() string {
	if r.client() == nil {
		return "redis.Redis()"
	}
	return "redis.Redis(" + r.c.host + ")"
}

// Format shows the host with every verb.
func (r *Redis) Format(f fmt.State, verb rune) { io.WriteString(f, r.String()) }

// LogValue shows the host.
func (r *Redis) LogValue() slog.Value { return slog.StringValue(r.String()) }
