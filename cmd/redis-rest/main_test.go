package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/redistest"
)

// run runs the program to its end.
func run(t *testing.T, stdin string, args ...string) (out, notes string, err error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	p := program()
	p.Reader, p.Writer, p.ErrWriter = strings.NewReader(stdin), &stdout, &stderr
	err = p.Run(t.Context(), append([]string{"redis-rest"}, args...))
	return stdout.String(), stderr.String(), err
}

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func TestEval(t *testing.T) {
	redistest.NewServer(t).Setenv()
	incr := write(t, "incr.lua", "local n = redis.call('INCR', KEYS[1])\nreturn {n, ARGV[1], ARGV[2] or false, {#KEYS, #ARGV}, {}}")
	broken := write(t, "broken.lua", "local x = 1\nreturn redis.call('LPUSH', KEYS[1], x)")
	for _, c := range []struct {
		stdin string
		args  []string
		out   string
		err   string
	}{
		{"", []string{"eval", incr, "k", ",", "-5", "--json"}, "1) (integer) 1\n2) \"-5\"\n3) \"--json\"\n4) 1) (integer) 1\n   2) (integer) 2\n5) (empty array)\n", ""},
		{"", []string{"eval", "--json", incr, "k", ",", "x"}, `[2,"x",null,[1,1],[]]` + "\n", ""},
		{"return {KEYS[1], KEYS[2]}", []string{"eval", "-", "a", "b"}, "1) \"a\"\n2) \"b\"\n", ""},
		{"return #ARGV", []string{"eval", "-", ",", ",", "a"}, "(integer) 2\n", ""},
		{"return 'a\\n\"b'", []string{"eval", "-"}, `"a\n\"b"` + "\n", ""},
		{"", []string{"do", "SET", "s", "b c"}, "\"OK\"\n", ""},
		{"", []string{"do", "--json", "GET", "s"}, "\"b c\"\n", ""},
		{"", []string{"do", "GET", "none"}, "(nil)\n", ""},
		{"", []string{"do", "DECRBY", "n", "-3"}, "(integer) 3\n", ""},
		{"", []string{"do", "GET"}, "", "wrong number of arguments"},
		{"", []string{"eval", filepath.Join(t.TempDir(), "none.lua")}, "", "none.lua"},
		{"", []string{"eval", incr, "k,", "10"}, "", "argument 1 of the script ends with a comma"},
		{"return KEYS[1]", []string{"eval", "-", "k,", ","}, "\"k,\"\n", ""},
		{"", []string{"eval"}, "", "which script"},
		{"", []string{"do"}, "", "which command"},
		{"", []string{"do", "--nosuch", "GET"}, "", "nosuch"},
	} {
		out, _, err := run(t, c.stdin, c.args...)
		if c.err != "" {
			require.ErrorContains(t, err, c.err, "%v", c.args)
			continue
		}
		require.NoError(t, err, "%v", c.args)
		require.Equal(t, c.out, out, "%v", c.args)
	}
	_, _, err := run(t, "", "eval", broken, "s")
	require.ErrorContains(t, err, "WRONGTYPE")
	if os.Getenv("REDISTEST_BACKEND") == "redis-server" {
		require.ErrorContains(t, err, "broken.lua:2: WRONGTYPE")
		require.ErrorContains(t, err, "| return redis.call('LPUSH', KEYS[1], x)")
	}
	t.Setenv("UPSTASH_REDIS_REST_URL", "")
	_, _, err = run(t, "", "do", "PING")
	require.ErrorContains(t, err, "UPSTASH_REDIS_REST_URL is not set")
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"serve", "--help"}, {"eval", "--help"}, {"do", "--help"}} {
		out, _, err := run(t, "", args...)
		require.NoError(t, err)
		require.Contains(t, out, "USAGE", args)
	}
	out, _, err := run(t, "", "--version")
	require.NoError(t, err)
	require.Regexp(t, `^redis-rest version \S+\n$`, out)
	for _, shell := range []string{"bash", "zsh", "fish"} {
		out, _, err := run(t, "", "completion", shell)
		require.NoError(t, err)
		require.Contains(t, out, "redis-rest")
	}
}

// A served program runs until it is ended.
type served struct {
	url, token, reader string
	notes              *notes
	end                func() error
}

type notes struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (n *notes) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.buf.Write(p)
}

func (n *notes) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.buf.String()
}

func serveWith(t *testing.T, args ...string) *served {
	t.Helper()
	r, w := io.Pipe()
	s := &served{notes: new(notes)}
	p := program()
	p.Writer, p.ErrWriter = w, s.notes
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		err := p.Run(ctx, append([]string{"redis-rest", "serve", "--listen", "127.0.0.1:0"}, args...))
		w.CloseWithError(io.EOF)
		done <- err
	}()
	lines := bufio.NewScanner(r)
	value := func() string {
		if !lines.Scan() {
			t.Fatalf("it ended: %v %s", <-done, s.notes)
		}
		_, v, _ := strings.Cut(lines.Text(), "=")
		return strings.Trim(v, `"`)
	}
	s.url, s.token = value(), value()
	go io.Copy(io.Discard, r)
	var once sync.Once
	var err error
	s.end = func() error {
		once.Do(func() { cancel(); err = <-done })
		return err
	}
	t.Cleanup(func() { s.end() })
	require.Eventually(t, func() bool { return strings.Contains(s.notes.String(), "only read:") }, 5*time.Second, time.Millisecond)
	if m := regexp.MustCompile(`READ_ONLY_TOKEN="([^"]+)"`).FindStringSubmatch(s.notes.String()); m != nil {
		s.reader = m[1]
	}
	return s
}

func TestServe(t *testing.T) {
	s := serveWith(t, "--log", "text")
	require.Contains(t, s.notes.String(), "memory")
	require.Contains(t, s.notes.String(), "nothing is kept")
	rdb, err := redis.New(s.url, s.token)
	require.NoError(t, err)
	_, err = rdb.Do(t.Context(), "SET", "k", "s3cret")
	require.NoError(t, err)
	reader, err := redis.New(s.url, s.reader)
	require.NoError(t, err)
	v, err := redis.Cmd[string]("GET", "k").Do(t.Context(), reader)
	require.NoError(t, err)
	require.Equal(t, "s3cret", v)
	_, err = reader.Do(t.Context(), "SET", "k", "x")
	require.Equal(t, "NOPERM", redis.Code(err))
	resp, err := http.Get(s.url + "/health")
	require.NoError(t, err)
	resp.Body.Close()
	require.Equal(t, 200, resp.StatusCode)
	resp, err = http.Get(s.url + "/get/s3cret?_token=" + s.token)
	require.NoError(t, err)
	resp.Body.Close()
	require.NoError(t, s.end())
	log := s.notes.String()
	require.Contains(t, log, "commands=[SET] status=200")
	require.Contains(t, log, "commands=[GET] status=200")
	require.NotContains(t, log, "s3cret")
	require.NotContains(t, log, s.token)
}

func TestTokens(t *testing.T) {
	t.Setenv("REDIS_REST_TOKEN", "from-the-environment")
	s := serveWith(t, "--memory")
	require.Equal(t, "$REDIS_REST_TOKEN", s.token, "it is not repeated")
	rdb, err := redis.New(s.url, "from-the-environment")
	require.NoError(t, err)
	_, err = rdb.Do(t.Context(), "PING")
	require.NoError(t, err)

	file := write(t, "token", "  from-a-file\n")
	t.Setenv("REDIS_REST_TOKEN", "")
	s = serveWith(t, "--token-file", file, "--read-only-token", "reader")
	require.Equal(t, file, s.token)
	rdb, err = redis.New(s.url, "from-a-file")
	require.NoError(t, err)
	_, err = rdb.Do(t.Context(), "PING")
	require.NoError(t, err)
}

func TestServeRefuses(t *testing.T) {
	empty := write(t, "empty", "\n")
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	for _, c := range []struct {
		args []string
		err  string
	}{
		{[]string{"--listen", "0.0.0.0:0"}, "beyond this machine"},
		{[]string{"--listen", ":0"}, "beyond this machine"},
		{[]string{"--listen", "nowhere"}, "beyond this machine"},
		{[]string{"--memory", "--redis-server"}, "exclude each other"},
		{[]string{"--memory", "--redis", "redis://127.0.0.1:1"}, "exclude each other"},
		{[]string{"--redis", "http://user:s3cret@x"}, "redis://"},
		{[]string{"--tls-cert", "x"}, "belong together"},
		{[]string{"--tls-cert", "x", "--tls-key", "y"}, "x"},
		{[]string{"--token", "a", "--token-file", empty}, "exclude each other"},
		{[]string{"--token-file", empty}, "is empty"},
		{[]string{"--token", "a", "--read-only-token", "a"}, "the other token"},
		{[]string{"--log", "loud"}, "none, text or json"},
		{[]string{"--timeout", "soon"}, "timeout"},
		{[]string{"now"}, "takes no arguments"},
		{[]string{"--listen", taken.Addr().String()}, "--listen takes another"},
	} {
		_, _, err := run(t, "", append([]string{"serve", "--listen", "127.0.0.1:0"}, c.args...)...)
		require.ErrorContains(t, err, c.err, "%v", c.args)
		require.NotContains(t, err.Error(), "s3cret")
	}
}

func TestServeTLS(t *testing.T) {
	cert, key, roots := selfSigned(t)
	s := serveWith(t, "--tls-cert", cert, "--tls-key", key)
	require.True(t, strings.HasPrefix(s.url, "https://"), s.url)
	for protocol, http2 := range map[string]bool{"HTTP/2.0": true, "HTTP/1.1": false} {
		transport := redis.NewTransport()
		transport.TLSClientConfig.RootCAs = roots
		transport.Protocols.SetHTTP2(http2)
		resp, err := (&http.Client{Transport: transport}).Get(s.url + "/health")
		require.NoError(t, err)
		resp.Body.Close()
		require.Equal(t, protocol, resp.Proto)
	}
	rdb, err := redis.New(s.url, s.token, redis.WithRootCAs(roots))
	require.NoError(t, err)
	_, err = rdb.Do(t.Context(), "PING")
	require.NoError(t, err)
}

// What runs is finished, streams are ended, and nothing new is taken.
func TestServeEndsGracefully(t *testing.T) {
	s := serveWith(t)
	rdb, err := redis.New(s.url, s.token, redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, err)
	stream, err := rdb.Subscribe(t.Context(), "c")
	require.NoError(t, err)
	body, send := io.Pipe()
	req, err := http.NewRequest("POST", s.url+"/", body)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+s.token)
	answered := make(chan string, 1)
	go func() {
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			answered <- err.Error()
			return
		}
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body)
		answered <- string(text)
	}()
	io.WriteString(send, strings.Repeat(" ", 9<<20)+`["PI`) // more than sockets hold, so that it is being read
	ended := make(chan error, 1)
	go func() { ended <- s.end() }()
	for range stream.Messages() { // ends with an error
	}
	require.Eventually(t, func() bool { _, err := rdb.Do(t.Context(), "PING"); return err != nil }, 5*time.Second, time.Millisecond)
	io.WriteString(send, `NG"]`)
	send.Close()
	require.Equal(t, `{"result":"PONG"}`, <-answered)
	require.NoError(t, <-ended)
}

func selfSigned(t *testing.T) (certFile, keyFile string, roots *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	roots = x509.NewCertPool()
	roots.AddCert(cert)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	return write(t, "cert.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))),
		write(t, "key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))), roots
}
