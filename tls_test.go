package redis_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
)

// secureServer starts a TLS server that answers each request with its HTTP version.
func secureServer(t *testing.T) *httptest.Server {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"result":%q}`, r.Proto)
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func rootsOf(s *httptest.Server) *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return roots
}

func TestProtocol(t *testing.T) {
	s := secureServer(t)
	for want, opts := range map[string][]redis.Option{
		`"HTTP/1.1"`: {redis.WithRootCAs(rootsOf(s))},
		`"HTTP/2.0"`: {redis.WithRootCAs(rootsOf(s)), redis.WithHTTP2(true), redis.WithHTTPClient(&http.Client{})},
	} {
		rdb, err := redis.New(s.URL, "token", opts...)
		require.NoError(t, err)
		got, err := rdb.Do(t.Context(), "PING")
		require.NoError(t, err)
		require.Equal(t, want, got.String())
	}
}

func TestEmptyRootCAs(t *testing.T) {
	s := secureServer(t)
	rdb, err := redis.New(s.URL, "token", redis.WithRootCAs(x509.NewCertPool()), redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, err)
	_, err = rdb.Do(t.Context(), "PING")
	require.ErrorAs(t, err, new(x509.UnknownAuthorityError))
	require.NotErrorIs(t, err, redis.ErrOutcomeUnknown)
}

func TestTransportDecides(t *testing.T) {
	client := redis.WithHTTPClient(&http.Client{Transport: &http.Transport{}})
	_, err := redis.New("https://example.com", "token", client, redis.WithHTTP2(true), redis.WithRootCAs(x509.NewCertPool()), redis.WithTLSConfig(&tls.Config{}),
		redis.WithProxy(http.ProxyFromEnvironment), redis.WithDialContext(new(net.Dialer).DialContext), redis.WithMaxIdleConns(1), redis.WithIdleTimeout(0),
		redis.WithRoundTripper(func(rt http.RoundTripper) http.RoundTripper { return rt }))
	var config *redis.ConfigError
	require.ErrorAs(t, err, &config)
	require.Len(t, config.Problems, 8)
	for _, p := range config.Problems {
		require.Contains(t, p.Reason, "WithHTTPClient", p.Name)
	}
	_, err = redis.New("https://example.com", "token", redis.WithTLSConfig(nil), redis.WithProxy(nil), redis.WithDialContext(nil), redis.WithMaxIdleConns(0), redis.WithIdleTimeout(-1), redis.WithRoundTripper(nil))
	require.ErrorAs(t, err, &config)
	require.Len(t, config.Problems, 6)
	_, err = redis.New("https://example.com", "token", redis.WithRootCAs(nil))
	require.ErrorAs(t, err, &config)
}

// rootsChild makes a client, waits for a line on standard input, and makes a call.
func rootsChild() {
	rdb, err := redis.New(os.Getenv("ROOTS_URL"), "token")
	if err == nil {
		bufio.NewReader(os.Stdin).ReadString('\n')
		_, err = rdb.Do(context.Background(), "PING")
	}
	fmt.Println(err)
}
