package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/urfave/cli/v3"

	redis "github.com/redis-rest/redis-rest-go"
)

func doctorCommand() *cli.Command {
	return &cli.Command{
		Name:  "doctor",
		Usage: "check the way to the database, and say what is wrong and what to do",
		Description: `It checks the environment variables, the name of the host, the connection, TLS, the token, the time of a round trip, base64, scripts, the
sync token and the clock. It writes nothing to the database, and shows no token. The exit status is 1 if something is wrong.

` + environment,
		Action: func(ctx context.Context, c *cli.Command) error {
			if c.Args().Present() {
				return errors.New("doctor takes no arguments; it looks at the environment")
			}
			return diagnose(ctx, c.Root().Writer, nil)
		},
	}
}

// diagnose makes all checks, as far as they are possible. The roots are those of TLS, nil
// for the system's.
func diagnose(ctx context.Context, out io.Writer, roots *x509.CertPool) error {
	d := &doctor{out: out, transport: &probe{base: &http.Transport{
		Proxy:           http.ProxyFromEnvironment,
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
	}}}
	if d.environment() && d.firstCall(ctx) {
		d.roundTrip(ctx)
		d.base64(ctx)
		d.scripts(ctx)
		d.syncToken()
		d.clock(ctx)
	}
	switch d.failed {
	case 0:
		return nil
	case 1:
		return errors.New("1 check failed")
	}
	return fmt.Errorf("%d checks failed", d.failed)
}

// A doctor checks the way to a database.
type doctor struct {
	out       io.Writer
	rdb       *redis.Redis
	transport *probe
	failed    int
}

func (d *doctor) line(mark, check, text string) {
	fmt.Fprintf(d.out, "%-4s  %-11s  %s\n", mark, check, text)
}

func (d *doctor) ok(check, format string, args ...any) {
	d.line("ok", check, fmt.Sprintf(format, args...))
}

// note tells what works, and what could be better.
func (d *doctor) note(check, text, advice string) { d.line("note", check, text); d.advise(advice) }

// fail tells what is wrong, and what to do. It returns false.
func (d *doctor) fail(check, text, advice string) bool {
	d.failed++
	d.line("FAIL", check, text)
	d.advise(advice)
	return false
}

func (d *doctor) advise(advice string) { fmt.Fprintf(d.out, "%21s%s\n", "→ ", advice) }

// environment makes the client.
func (d *doctor) environment() bool {
	const check = "environment"
	err := d.connect()
	if config, ok := errors.AsType[*redis.ConfigError](err); ok {
		for _, problem := range config.Problems {
			advice := "correct the variable; all are in " + pages + "/environment.md"
			if problem.Reason == "is not set" {
				advice = "set it; redis-rest serve --env-file .env starts a server here and writes it to .env"
				if _, err := os.Stat(".env"); err == nil {
					advice = "set it; if .env has it, let this shell read the file: set -a; . ./.env; set +a"
				}
			}
			d.fail(check, problem.Name+" "+problem.Reason, advice)
		}
		return false
	}
	if err != nil {
		return d.fail(check, err.Error(), "correct the environment")
	}
	pairs := [][]string{{"UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN", "UPSTASH_REDIS_REST_TOKEN_FILE"}, {"KV_REST_API_URL", "KV_REST_API_TOKEN"}}
	var used, unused []string
	for _, pair := range pairs {
		if set := slices.DeleteFunc(slices.Clone(pair), func(name string) bool { return os.Getenv(name) == "" }); len(used) == 0 {
			used = set
		} else {
			unused = set
		}
	}
	d.ok(check, "%s: %s", strings.Join(used, " and "), d.host())
	if len(unused) > 0 && os.Getenv(pairs[0][0]) != os.Getenv(pairs[1][0]) {
		d.note(check, strings.Join(unused, " and ")+" is set too, for another database, and is not used", "unset those that you do not mean")
	}
	return true
}

// connect makes the client, which sends nothing twice.
func (d *doctor) connect(opts ...redis.Option) (err error) {
	d.rdb, err = redis.FromEnv(append(opts, redis.WithHTTPClient(&http.Client{Transport: d.transport}), redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 1}))...)
	return err
}

func (d *doctor) host() string {
	return strings.TrimSuffix(strings.TrimPrefix(d.rdb.String(), "redis.Redis("), ")")
}

// firstCall checks all that happens until an answer comes, over a new connection.
func (d *doctor) firstCall(ctx context.Context) bool {
	_, err := d.rdb.Do(ctx, "PING")
	x := d.transport.last()
	host, port := x.host()
	where := "the host"
	if x.proxy != "" {
		where = "the proxy"
		d.note("proxy", "the environment sends requests to it through "+x.proxy, "NO_PROXY="+host+" avoids that")
	}

	// The name, and the connection.
	refused, named := errors.AsType[*net.DNSError](x.err)
	switch {
	case named && refused.IsNotFound:
		return d.fail("dns", fmt.Sprintf("there is no host %s", refused.Name), "compare the URL with that of the console; a database that was deleted has no name any more")
	case named:
		return d.fail("dns", fmt.Sprintf("the name server did not tell the address of %s: %s", refused.Name, refused.Err), "check the network of this machine, and its name server")
	case len(x.addresses) > 0:
		d.ok("dns", "%s: %s (%s)", host, strings.Join(x.addresses, ", "), milliseconds(x.dns))
	}
	if x.remote == "" && x.err != nil {
		advice := "check that the server runs, that the port is right, and that no firewall is in between"
		if isLoopback(host) {
			advice = "start it: redis-rest serve"
		}
		return d.fail("connection", fmt.Sprintf("%s does not accept connections at port %s: %s", where, port, reason(x.err)), advice)
	}
	d.ok("connection", "%s (%s)", x.remote, milliseconds(x.connect))
	if !d.tls(x, err) {
		return false
	}

	// The answer.
	page, notReply := errors.AsType[*redis.HTTPError](err)
	refusal, _ := errors.AsType[*redis.Error](err)
	switch {
	case err == nil, errors.Is(err, redis.ErrNoBase64): // which is checked below
	case x.err != nil && x.status == 0 && isTimeout(x.err):
		return d.fail("answer", "there was no answer in time", "the server may be overloaded or stopped; try again, and see its log")
	case x.err != nil || x.status == 0:
		return d.fail("answer", "the connection ended without an answer: "+reason(x.err), "check that the port is that of the REST API, not that of Redis itself")
	case x.status == http.StatusUnauthorized || x.status == http.StatusForbidden:
		return d.fail("token", fmt.Sprintf("the server does not accept it (%d)", x.status), "copy the token of this database again; a token is of one database")
	case x.status == http.StatusTooManyRequests:
		return d.fail("answer", "the server refuses requests because there are too many (429)", "wait, or raise the limit of the database")
	case x.status >= 500:
		return d.fail("answer", fmt.Sprintf("the server, or a gateway in front of it, is in trouble (%d)", x.status), "try again later; the provider's status page may say more")
	case x.status >= 300 && x.status < 400:
		return d.fail("protocol", fmt.Sprintf("the URL leads elsewhere (%d)", x.status), "use the URL of the REST API itself")
	case notReply:
		return d.fail("protocol", fmt.Sprintf("what answers is not a server of this protocol (status %d, %s)", page.Status, x.contentType), "check the host and the path of the URL")
	case refusal != nil && refusal.Code == "NOPERM": // the token is right, but may not run PING
	case refusal != nil && strings.HasPrefix(refusal.Message, "ERR max "):
		return d.fail("answer", "the database has reached a limit: "+refusal.Message, "wait, or raise the limit of the database")
	default:
		return d.fail("protocol", "PING fails: "+err.Error(), "check the host and the path of the URL")
	}
	d.ok("token", "accepted")
	d.ok("first call", "%s: name %s, connection %s, TLS %s, answer %s", milliseconds(x.dns+x.connect+x.tls+x.answer), milliseconds(x.dns), milliseconds(x.connect), milliseconds(x.tls), milliseconds(x.answer))
	return true
}

func (d *doctor) tls(x exchange, err error) bool {
	const check = "tls"
	clock := "; this machine's clock says " + time.Now().UTC().Format(time.RFC3339)
	invalid, isInvalid := errors.AsType[x509.CertificateInvalidError](x.err)
	_, wrongHost := errors.AsType[x509.HostnameError](x.err)
	_, unknown := errors.AsType[x509.UnknownAuthorityError](x.err)
	_, plain := errors.AsType[tls.RecordHeaderError](x.err)
	page, _ := errors.AsType[*redis.HTTPError](err)
	switch {
	case plain:
		return d.fail(check, "the server does not speak TLS at this port", "use http:// if that is meant, or the port of TLS")
	case isInvalid && invalid.Reason == x509.Expired:
		return d.fail(check, fmt.Sprintf("the certificate is valid from %s to %s only", invalid.Cert.NotBefore.Format(time.RFC3339), invalid.Cert.NotAfter.Format(time.RFC3339)), "renew it, or set the clock"+clock)
	case isInvalid:
		return d.fail(check, "the certificate cannot be used: "+invalid.Error(), "replace the certificate of the server")
	case wrongHost:
		host, _ := x.host()
		return d.fail(check, "the certificate is not one of "+host, "use the name that the certificate has, or replace the certificate")
	case unknown:
		return d.fail(check, "this machine does not know who signed the certificate", "SSL_CERT_FILE=FILE adds certificates to trust; a container may lack the package ca-certificates")
	case x.tlsBegun && x.state == nil:
		return d.fail(check, "the server and this machine do not agree on TLS: "+reason(x.err), "TLS 1.2 or later is needed; check that the port is that of https")
	case x.scheme == "http" && page != nil && (strings.Contains(page.BodyText(), "HTTPS server") || strings.Contains(page.BodyText(), "HTTPS port")):
		return d.fail(check, "the server speaks TLS, and the URL begins with http://", "use https://")
	case x.state == nil:
		d.ok(check, "not used (http://)")
		return true
	}
	ends := x.state.PeerCertificates[0].NotAfter
	d.ok(check, "%s, the certificate is valid until %s (%s)", tls.VersionName(x.state.Version), ends.Format(time.DateOnly), milliseconds(x.tls))
	if left := time.Until(ends); left < 7*24*time.Hour {
		d.note(check, "the certificate ends soon", "renew it"+clock)
	}
	return true
}

func (d *doctor) roundTrip(ctx context.Context) {
	const check = "round trip"
	connect := d.transport.last().connect // about one round trip of the network
	var took []time.Duration
	for range 5 {
		begun := time.Now()
		_, err := d.rdb.Do(ctx, "PING")
		if _, answered := errors.AsType[*redis.Error](err); err != nil && !answered && !errors.Is(err, redis.ErrNoBase64) {
			d.fail(check, err.Error(), "some calls fail; try again")
			return
		}
		took = append(took, time.Since(begun))
		if !d.transport.last().reused {
			d.note(check, "the server ends the connection after each call, so that each call connects again", "let the server, or the proxy in front of it, keep connections")
			return
		}
	}
	slices.Sort(took)
	median := took[len(took)/2]
	network := min(connect, median)
	d.ok(check, "%s on a kept connection: network %s, server %s", milliseconds(median), milliseconds(network), milliseconds(median-network))
	if median > 100*time.Millisecond {
		d.note(check, "that is long", "run the program near the database; a pipeline or a script needs one round trip for many commands")
	}
}

func (d *doctor) base64(ctx context.Context) {
	const check, word = "base64", "test" // which is valid base64 itself
	got, err := redis.Cmd[string]("ECHO", word).Do(ctx, d.rdb)
	switch asked := d.transport.last().base64; {
	case errors.Is(err, redis.ErrNoBase64):
		d.fail(check, "the server does not encode strings, so that some would be read wrongly", "set UPSTASH_REDIS_REST_BASE64=false")
		if err := d.connect(redis.WithBase64(false)); err != nil { // for the other checks
			d.fail(check, err.Error(), "correct the environment")
		}
	case err != nil:
		d.note(check, "ECHO fails, so that it cannot be checked: "+err.Error(), "a token that may run ECHO tells more")
	case got != word:
		d.fail(check, fmt.Sprintf("ECHO returns another text, %q", got), "the server, or a proxy in front of it, changes replies")
	case !asked:
		d.note(check, "it is switched off, so bytes that are not UTF-8 arrive changed", "unset UPSTASH_REDIS_REST_BASE64 if the server knows base64")
	default:
		d.ok(check, "strings are exact")
	}
}

func (d *doctor) scripts(ctx context.Context) {
	const check = "scripts"
	const script = "return ARGV[1]"
	got, err := redis.Eval[string](ctx, d.rdb, script, nil, "doctor")
	if redis.Code(err) == "NOPERM" {
		d.note("token", "it may not run EVAL: it is a token that only reads, or its user may not", "use another token if the program writes or runs scripts")
		got, err = redis.EvalRO[string](ctx, d.rdb, script, nil, "doctor")
		if err == nil && got == "doctor" {
			d.ok(check, "EVAL_RO")
			return
		}
	}
	if err != nil || got != "doctor" {
		d.fail(check, wrong("EVAL", got, err), "the server must run Lua; see whether the database allows it")
		return
	}
	sha, err := d.rdb.ScriptLoad(ctx, script)
	if err == nil {
		got, err = redis.EvalSha[string](ctx, d.rdb, sha, nil, "doctor")
	}
	if err != nil || got != "doctor" {
		d.fail(check, wrong("EVALSHA of a script that was loaded", got, err), "the server must keep scripts for EVALSHA, as Redis does")
		return
	}
	_, err = redis.EvalSha[string](ctx, d.rdb, strings.Repeat("0", 40), nil)
	if !errors.Is(err, redis.ErrNoScript) {
		d.fail(check, "EVALSHA of an unknown script does not fail with NOSCRIPT", "the server must say NOSCRIPT, so that clients send the source")
		return
	}
	d.ok(check, "EVAL, SCRIPT LOAD, EVALSHA")
}

func wrong(what, got string, err error) string {
	if err != nil {
		return what + " fails: " + err.Error()
	}
	return fmt.Sprintf("%s returns %q", what, got)
}

func (d *doctor) syncToken() {
	if d.rdb.SyncToken() == "" {
		d.note("sync token", "the server sends none, so a read from a replica may not see the write before it", "nothing to do for a database without replicas")
		return
	}
	d.ok("sync token", "reads see the writes before them")
}

// clock compares this machine's clock with that of the database.
func (d *doctor) clock(ctx context.Context) {
	const check, most = "clock", 2 * time.Second
	begun := time.Now()
	parts, err := redis.Cmd[[]int64]("TIME").Do(ctx, d.rdb)
	trip := time.Since(begun)
	if err != nil || len(parts) != 2 {
		d.note(check, "TIME fails, so that it cannot be checked", "a token that may run TIME tells more")
		return
	}
	theirs := time.Unix(parts[0], parts[1]*1000)
	off := begun.Add(trip / 2).Sub(theirs)
	if off.Abs() > most+trip/2 {
		than := "after"
		if off < 0 {
			than = "before"
		}
		d.fail(check, fmt.Sprintf("this machine's clock is %s %s that of the database", off.Abs().Round(time.Second), than), "set the clock of this machine, for instance with NTP; times that programs compute for EXPIREAT and the like are wrong")
		return
	}
	d.ok(check, "as that of the database, within %s", milliseconds(off.Abs()+trip/2))
}

// reason is the innermost cause, in words.
func reason(err error) string {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case isTimeout(err):
		return "no answer in time"
	}
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return fmt.Sprint(err)
		}
		err = inner
	}
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}

// A probe is a transport that notes the parts of its last request.
type probe struct {
	base *http.Transport
	mu   sync.Mutex
	x    exchange
}

// An exchange is what happened to a request.
type exchange struct {
	scheme, address string // of the URL
	proxy           string // its host, if there is one
	addresses       []string
	remote          string // "" without a connection
	reused          bool
	tlsBegun        bool
	state           *tls.ConnectionState // of TLS, once it is established
	base64          bool                 // it was asked for
	status          int                  // 0 without an answer
	contentType     string
	err             error // of the transport

	dns, connect, tls, answer time.Duration
}

func (x exchange) host() (host, port string) {
	host, port, err := net.SplitHostPort(x.address)
	if err != nil {
		return strings.Trim(x.address, "[]"), map[string]string{"http": "80", "https": "443"}[x.scheme]
	}
	return host, port
}

func (p *probe) last() exchange {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.x
}

// RoundTrip sends a request.
func (p *probe) RoundTrip(r *http.Request) (*http.Response, error) {
	x := exchange{scheme: r.URL.Scheme, address: r.URL.Host, base64: r.Header.Get("Upstash-Encoding") == "base64"}
	if proxy, err := http.ProxyFromEnvironment(r); err == nil && proxy != nil {
		x.proxy = proxy.Host
	}
	var mu sync.Mutex // addresses are tried at the same time
	note := func(f func()) { mu.Lock(); defer mu.Unlock(); f() }
	var begun, sent time.Time
	trace := &httptrace.ClientTrace{
		DNSStart: func(httptrace.DNSStartInfo) { note(func() { begun = time.Now() }) },
		DNSDone: func(info httptrace.DNSDoneInfo) {
			note(func() {
				x.dns = time.Since(begun)
				for _, address := range info.Addrs {
					x.addresses = append(x.addresses, address.String())
				}
			})
		},
		ConnectStart: func(string, string) { note(func() { begun = time.Now() }) },
		ConnectDone: func(_, address string, err error) {
			if err == nil {
				note(func() { x.connect, x.remote = time.Since(begun), address })
			}
		},
		TLSHandshakeStart: func() { note(func() { begun, x.tlsBegun = time.Now(), true }) },
		TLSHandshakeDone: func(state tls.ConnectionState, err error) {
			if err == nil {
				note(func() { x.tls, x.state = time.Since(begun), &state })
			}
		},
		GotConn: func(info httptrace.GotConnInfo) {
			note(func() { x.reused, x.remote = info.Reused, info.Conn.RemoteAddr().String() })
		},
		WroteRequest:         func(httptrace.WroteRequestInfo) { note(func() { sent = time.Now() }) },
		GotFirstResponseByte: func() { note(func() { x.answer = time.Since(sent) }) },
	}
	resp, err := p.base.RoundTrip(r.WithContext(httptrace.WithClientTrace(r.Context(), trace)))
	note(func() {
		if x.err = err; err == nil {
			x.status, x.contentType = resp.StatusCode, resp.Header.Get("Content-Type")
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		if x.reused {
			x.connect = p.x.connect // of the connection
		}
		p.x = x
	})
	return resp, err
}
