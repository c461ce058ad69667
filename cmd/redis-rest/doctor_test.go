package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/testkit/built"
	"github.com/redis-rest/redis-rest-go/restserver"
)

// doctorOf runs the checks with the environment as it is, and compares what fails or is
// noted. Each wants the name of the check, and a part of what it says.
func doctorOf(t *testing.T, roots *x509.CertPool, wants ...string) string {
	t.Helper()
	var out bytes.Buffer
	err := diagnose(t.Context(), &out, roots)
	failed := 0
	var found []string
	lines := strings.Split(out.String(), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "FAIL") {
			failed++
		}
		if strings.HasPrefix(line, "FAIL") || strings.HasPrefix(line, "note") {
			require.Contains(t, lines[i+1], "→ ", "each has advice")
			found = append(found, strings.Join(strings.Fields(line), " "))
		}
	}
	require.Equal(t, failed > 0, err != nil, "%v\n%s", err, &out)
	require.Len(t, found, len(wants), "%s", &out)
	for i, want := range wants {
		require.Contains(t, found[i], want, "%s", &out)
	}
	require.NotContains(t, out.String(), "s3cret")
	return out.String()
}

// database is a server that is well, behind what changes requests and replies.
func database(t *testing.T, change func(w http.ResponseWriter, r *http.Request, body string, next http.Handler)) *httptest.Server {
	t.Helper()
	server, err := restserver.New(restserver.Config{Backend: "memory", Token: "s3cret", ReadOnlyToken: "s3cret-reader"})
	require.NoError(t, err)
	t.Cleanup(func() { server.Close() })
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		change(w, r, string(body), server)
	}))
	t.Cleanup(s.Close)
	t.Setenv("UPSTASH_REDIS_REST_URL", s.URL)
	t.Setenv("UPSTASH_REDIS_REST_TOKEN", "s3cret")
	return s
}

func unchanged(w http.ResponseWriter, r *http.Request, _ string, next http.Handler) {
	next.ServeHTTP(w, r)
}

func TestDoctorFindsNothing(t *testing.T) {
	database(t, unchanged)
	out := doctorOf(t, nil)
	for _, check := range []string{"environment  UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN: 127.0.0.1:", "connection   127.0.0.1:", "tls  ", "token  ", "first call  ", "round trip  ", "base64  ", "scripts  ", "sync token  ", "clock  "} {
		require.Contains(t, out, "ok    "+check)
	}
	text, _, err := run(t, "", "doctor")
	require.NoError(t, err)
	require.Contains(t, text, "ok    clock")
	_, _, err = run(t, "", "doctor", "now")
	require.ErrorContains(t, err, "takes no arguments")
}

func TestDoctorEnvironment(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN", "KV_REST_API_URL", "KV_REST_API_TOKEN"} {
		t.Setenv(name, "")
	}
	out := doctorOf(t, nil, "FAIL environment UPSTASH_REDIS_REST_URL is not set", "FAIL environment UPSTASH_REDIS_REST_TOKEN is not set")
	require.Contains(t, out, "serve --env-file .env")
	require.NoError(t, os.WriteFile(".env", nil, 0o600))
	out = doctorOf(t, nil, "URL is not set", "TOKEN is not set")
	require.Contains(t, out, ". ./.env")
	t.Setenv("UPSTASH_REDIS_REST_URL", "redis://:s3cret@127.0.0.1:6379")
	t.Setenv("UPSTASH_REDIS_REST_TOKEN", "${s3cret}")
	doctorOf(t, nil, "FAIL environment UPSTASH_REDIS_REST_URL is an address for TCP clients", "FAIL environment UPSTASH_REDIS_REST_TOKEN is a placeholder")
	database(t, unchanged)
	t.Setenv("UPSTASH_REDIS_REST_TIMEOUT", "soon")
	doctorOf(t, nil, "FAIL environment UPSTASH_REDIS_REST_TIMEOUT is not a duration")
	t.Setenv("UPSTASH_REDIS_REST_TIMEOUT", "")
	t.Setenv("KV_REST_API_URL", "https://another")
	t.Setenv("KV_REST_API_TOKEN", "s3cret")
	doctorOf(t, nil, "note environment KV_REST_API_URL and KV_REST_API_TOKEN is set too")
}

// What happens before there is an answer.
func TestDoctorConnection(t *testing.T) {
	t.Setenv("UPSTASH_REDIS_REST_TOKEN", "s3cret")
	for name, c := range map[string]struct {
		url  string
		want string
	}{
		"no such host":      {"https://nosuch.invalid", "FAIL dns "},
		"nobody listens":    {"http://" + closedPort(t), "FAIL connection the host does not accept connections at port"},
		"the other end":     {"http://" + listener(t, func(c net.Conn) { c.Close() }), "FAIL answer the connection ended without an answer"},
		"not HTTP":          {"http://" + listener(t, func(c net.Conn) { io.WriteString(c, "-ERR unknown command\r\n"); c.Close() }), "FAIL answer the connection ended without an answer"},
		"https, plain":      {"https://" + listener(t, func(c net.Conn) { io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n"); c.Close() }), "FAIL tls the server does not speak TLS at this port"},
		"https, of Redis":   {"https://" + listener(t, func(c net.Conn) { io.WriteString(c, "-ERR unknown command\r\n"); c.Close() }), "FAIL tls the server does not speak TLS at this port"},
		"https, then close": {"https://" + listener(t, func(c net.Conn) { c.Close() }), "FAIL tls the server and this machine do not agree on TLS"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("UPSTASH_REDIS_REST_URL", c.url)
			doctorOf(t, nil, c.want)
		})
	}
	t.Run("no answer", func(t *testing.T) {
		ended := make(chan struct{})
		database(t, func(w http.ResponseWriter, r *http.Request, _ string, _ http.Handler) { <-ended })
		t.Cleanup(func() { close(ended) })
		t.Setenv("UPSTASH_REDIS_REST_TIMEOUT", "100ms")
		doctorOf(t, nil, "FAIL answer there was no answer in time")
	})
}

func closedPort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	l.Close()
	return l.Addr().String()
}

// listener answers each connection after its first bytes.
func listener(t *testing.T, answer func(net.Conn)) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				c.Read(make([]byte, 4096))
				answer(c)
			}()
		}
	}()
	return l.Addr().String()
}

func TestDoctorTLS(t *testing.T) {
	database(t, unchanged)
	plain := os.Getenv("UPSTASH_REDIS_REST_URL")
	serveTLS := func(t *testing.T, template x509.Certificate, most uint16) *x509.CertPool {
		cert, key, roots := signed(t, template)
		pair, err := tls.LoadX509KeyPair(cert, key)
		require.NoError(t, err)
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			req, _ := http.NewRequest(r.Method, plain+r.URL.Path, r.Body)
			req.Header = r.Header
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			defer resp.Body.Close()
			for name, values := range resp.Header {
				w.Header()[name] = values
			}
			w.WriteHeader(resp.StatusCode)
			io.Copy(w, resp.Body)
		}))
		s.Config.ErrorLog = quiet
		s.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS10, MaxVersion: most}
		s.StartTLS()
		t.Cleanup(s.Close)
		t.Setenv("UPSTASH_REDIS_REST_URL", s.URL)
		return roots
	}
	here := []net.IP{net.IPv4(127, 0, 0, 1)}
	day := 24 * time.Hour
	good := x509.Certificate{IPAddresses: here, NotAfter: time.Now().Add(365 * day)}
	t.Run("good", func(t *testing.T) {
		out := doctorOf(t, serveTLS(t, good, 0))
		require.Contains(t, out, "ok    tls          TLS 1.3, the certificate is valid until "+good.NotAfter.UTC().Format(time.DateOnly))
	})
	t.Run("ends soon", func(t *testing.T) {
		doctorOf(t, serveTLS(t, x509.Certificate{IPAddresses: here, NotAfter: time.Now().Add(day)}, 0), "note tls the certificate ends soon")
	})
	t.Run("expired", func(t *testing.T) {
		doctorOf(t, serveTLS(t, x509.Certificate{IPAddresses: here, NotAfter: time.Now().Add(-day)}, 0), "FAIL tls the certificate is valid from")
	})
	t.Run("not yet valid", func(t *testing.T) {
		doctorOf(t, serveTLS(t, x509.Certificate{IPAddresses: here, NotBefore: time.Now().Add(day), NotAfter: time.Now().Add(2 * day)}, 0), "FAIL tls the certificate is valid from")
	})
	t.Run("another host", func(t *testing.T) {
		doctorOf(t, serveTLS(t, x509.Certificate{DNSNames: []string{"db.example"}, NotAfter: good.NotAfter}, 0), "FAIL tls the certificate is not one of 127.0.0.1")
	})
	t.Run("unknown signer", func(t *testing.T) {
		serveTLS(t, good, 0)
		doctorOf(t, nil, "FAIL tls this machine does not know who signed the certificate")
	})
	t.Run("wrong use", func(t *testing.T) {
		doctorOf(t, serveTLS(t, x509.Certificate{IPAddresses: here, NotAfter: good.NotAfter, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}, 0), "FAIL tls the certificate cannot be used")
	})
	t.Run("old version", func(t *testing.T) {
		doctorOf(t, serveTLS(t, good, tls.VersionTLS11), "FAIL tls the server and this machine do not agree on TLS")
	})
	t.Run("http", func(t *testing.T) {
		serveTLS(t, good, 0)
		t.Setenv("UPSTASH_REDIS_REST_URL", strings.Replace(os.Getenv("UPSTASH_REDIS_REST_URL"), "https", "http", 1))
		doctorOf(t, nil, "FAIL tls the server speaks TLS, and the URL begins with http://")
	})
}

// A server that refuses all requests.
func TestDoctorAnswer(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		want   string
	}{
		{401, `{"error":"WRONGPASS invalid or missing auth token"}`, "FAIL token the server does not accept it (401)"},
		{403, "<html>", "FAIL token the server does not accept it (403)"},
		{429, `{"error":"ERR max requests limit exceeded"}`, "FAIL answer the server refuses requests because there are too many (429)"},
		{400, `{"error":"ERR max daily request limit exceeded. Limit: 10000"}`, "FAIL answer the database has reached a limit: ERR max daily"},
		{500, "oh", "FAIL answer the server, or a gateway in front of it, is in trouble (500)"},
		{502, "<html>", "FAIL answer the server, or a gateway in front of it, is in trouble (502)"},
		{503, `{"error":"ERR Redis cannot be reached"}`, "FAIL answer the server, or a gateway in front of it, is in trouble (503)"},
		{307, "", "FAIL protocol the URL leads elsewhere (307)"},
		{404, "<html>", "FAIL protocol what answers is not a server of this protocol (status 404"},
		{200, "<html>Welcome</html>", "FAIL protocol what answers is not a server of this protocol (status 200"},
		{200, "", "FAIL protocol what answers is not a server of this protocol (status 200"},
		{400, `{"error":"ERR unknown command 'PING'"}`, "FAIL protocol PING fails"},
	} {
		t.Run(fmt.Sprint(c.status, c.body), func(t *testing.T) {
			database(t, func(w http.ResponseWriter, r *http.Request, _ string, _ http.Handler) {
				w.Header().Set("Location", "https://elsewhere.invalid/")
				w.WriteHeader(c.status)
				io.WriteString(w, c.body)
			})
			doctorOf(t, nil, c.want)
		})
	}
	t.Run("wrong token", func(t *testing.T) {
		database(t, unchanged)
		t.Setenv("UPSTASH_REDIS_REST_TOKEN", "s3cret-of-another")
		doctorOf(t, nil, "FAIL token")
	})
}

// A server that answers, and is not as it should be.
func TestDoctorServer(t *testing.T) {
	instead := func(when, reply string) func(http.ResponseWriter, *http.Request, string, http.Handler) {
		return func(w http.ResponseWriter, r *http.Request, body string, next http.Handler) {
			if !strings.Contains(body, when) {
				next.ServeHTTP(w, r)
				return
			}
			if strings.Contains(reply, `"error"`) {
				w.WriteHeader(400)
			}
			io.WriteString(w, reply)
		}
	}
	hourAgo := fmt.Sprintf(`{"result":[%d,0]}`, time.Now().Add(-time.Hour).Unix())
	hourOn := fmt.Sprintf(`{"result":["%d","0"]}`, time.Now().Add(time.Hour).Unix())
	for name, c := range map[string]struct {
		change func(http.ResponseWriter, *http.Request, string, http.Handler)
		want   string
	}{
		"closes connections": {func(w http.ResponseWriter, r *http.Request, _ string, next http.Handler) {
			w.Header().Set("Connection", "close")
			next.ServeHTTP(w, r)
		}, "note round trip the server ends the connection after each call"},
		"no base64": {func(w http.ResponseWriter, r *http.Request, _ string, next http.Handler) {
			r.Header.Del("Upstash-Encoding")
			next.ServeHTTP(w, r)
		}, "FAIL base64 the server does not encode strings"},
		"another echo":      {instead(`["ECHO"`, `{"result":"b3RoZXI="}`), `FAIL base64 ECHO returns another text, "other"`},
		"no echo":           {instead(`["ECHO"`, `{"error":"NOPERM"}`), "note base64 ECHO fails"},
		"no scripts":        {instead(`["EVAL"`, `{"error":"ERR unknown command 'EVAL'"}`), "FAIL scripts EVAL fails: "},
		"a script's result": {instead(`["EVAL"`, `{"result":null}`), "FAIL scripts EVAL fails: "},
		"no SCRIPT LOAD":    {instead(`["SCRIPT"`, `{"error":"ERR unknown command 'SCRIPT'"}`), "FAIL scripts EVALSHA of a script that was loaded fails: "},
		"no EVALSHA":        {instead(`["EVALSHA"`, `{"error":"ERR unknown command 'EVALSHA'"}`), "FAIL scripts EVALSHA of a script that was loaded fails: "},
		"no NOSCRIPT":       {instead(strings.Repeat("0", 40), `{"error":"ERR no such script"}`), "FAIL scripts EVALSHA of an unknown script does not fail with NOSCRIPT"},
		"no sync token": {func(w http.ResponseWriter, r *http.Request, _ string, next http.Handler) {
			rec := httptest.NewRecorder()
			next.ServeHTTP(rec, r)
			rec.Header().Del("Upstash-Sync-Token")
			for name, values := range rec.Header() {
				w.Header()[name] = values
			}
			w.WriteHeader(rec.Code)
			w.Write(rec.Body.Bytes())
		}, "note sync token the server sends none"},
		"clock behind": {instead(`["TIME"`, hourOn), "s before that of the database"},
		"clock ahead":  {instead(`["TIME"`, hourAgo), "s after that of the database"},
		"no TIME":      {instead(`["TIME"`, `{"error":"ERR unknown command 'TIME'"}`), "note clock TIME fails"},
	} {
		t.Run(name, func(t *testing.T) {
			database(t, c.change)
			doctorOf(t, nil, c.want)
		})
	}
	t.Run("a token that only reads", func(t *testing.T) {
		database(t, unchanged)
		t.Setenv("UPSTASH_REDIS_REST_TOKEN", "s3cret-reader")
		out := doctorOf(t, nil, "note token it may not run EVAL")
		require.Contains(t, out, "ok    scripts      EVAL_RO")
	})
	t.Run("base64 is off", func(t *testing.T) {
		database(t, unchanged)
		t.Setenv("UPSTASH_REDIS_REST_BASE64", "false")
		doctorOf(t, nil, "note base64 it is switched off")
	})
	t.Run("calls fail", func(t *testing.T) {
		var calls atomic.Int64
		database(t, func(w http.ResponseWriter, r *http.Request, _ string, next http.Handler) {
			if calls.Add(1) == 3 {
				panic(http.ErrAbortHandler)
			}
			next.ServeHTTP(w, r)
		})
		doctorOf(t, nil, "FAIL round trip ")
	})
}

// The environment names a proxy, which is asked for other hosts than this machine. Go reads it
// once in a process.
func TestDoctorProxy(t *testing.T) {
	path := built.Path(t, "redis-rest")
	for proxy, want := range map[string]string{
		closedPort(t): "the proxy does not accept connections",
		strings.TrimPrefix(database(t, unchanged).URL, "http://"): "ok    clock",
	} {
		cmd := exec.Command(path, "doctor")
		cmd.Env = append(os.Environ(), "HTTP_PROXY=http://"+proxy, "UPSTASH_REDIS_REST_URL=http://db.invalid", "UPSTASH_REDIS_REST_ALLOW_HTTP=true")
		out, _ := cmd.Output()
		require.Contains(t, string(out), "the environment sends requests to it through "+proxy)
		require.Contains(t, string(out), want)
	}
}
