package delivery

import (
	"cmp"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/redistest"
)

// TLS proxies that people put in front of a server. They close idle connections soon, and
// are told to read their configuration again during the traffic. nginx also closes each
// connection after some requests, and talks HTTP/1.0 to the server. In the
// configurations DIR is a folder, LISTEN an address and SERVER that of the server.
var proxies = map[string]struct {
	config string
	run    []string
	reload func(t *testing.T, dir string, proxy *exec.Cmd) error
}{
	"nginx": {
		config: `
daemon off;
user root;
worker_processes 2;
pid DIR/pid;
error_log DIR/log;
events { worker_connections 1024; }
http {
	access_log off;
	client_body_temp_path DIR/1; proxy_temp_path DIR/2; fastcgi_temp_path DIR/3; uwsgi_temp_path DIR/4; scgi_temp_path DIR/5;
	keepalive_requests 20;
	keepalive_timeout 50ms;
	server {
		listen LISTEN ssl;
		ssl_certificate DIR/pem;
		ssl_certificate_key DIR/pem;
		location / { proxy_http_version 1.0; proxy_pass http://SERVER; }
	}
}`,
		run:    []string{"nginx", "-e", "DIR/log", "-c", "DIR/config"},
		reload: signalling(syscall.SIGHUP),
	},
	"haproxy": {
		config: `
defaults
	mode http
	timeout connect 5s
	timeout client 10s
	timeout server 10s
	timeout http-keep-alive 50ms
frontend tls
	bind LISTEN ssl crt DIR/pem
	default_backend server
backend server
	server server SERVER
`,
		run:    []string{"haproxy", "-W", "-db", "-f", "DIR/config"},
		reload: signalling(syscall.SIGUSR2),
	},
	"caddy": {
		config: `{
	admin unix/DIR/admin
	auto_https off
	servers {
		protocols h1
		timeouts {
			idle 50ms
		}
	}
}
https://LISTEN {
	tls DIR/pem DIR/pem
	reverse_proxy SERVER
}
`,
		run: []string{"caddy", "run", "--config", "DIR/config", "--adapter", "caddyfile"},
		reload: func(t *testing.T, dir string, proxy *exec.Cmd) error {
			cmd := exec.Command("caddy", "reload", "--force", "--config", dir+"/config", "--adapter", "caddyfile", "--address", "unix/"+dir+"/admin")
			cmd.Env = proxy.Env
			if out, err := cmd.CombinedOutput(); err != nil {
				return fmt.Errorf("%w: %s", err, out)
			}
			return nil
		},
	},
}

func signalling(s os.Signal) func(*testing.T, string, *exec.Cmd) error {
	return func(_ *testing.T, _ string, proxy *exec.Cmd) error { return proxy.Process.Signal(s) }
}

// TestTLSProxies sends commands through TLS proxies. In the long run there are
// 20,000 for each:
//
//	DELIVERY_COMMANDS=20000 go test -run TestTLSProxies -v ./test/delivery
func TestTLSProxies(t *testing.T) {
	if testing.Short() {
		t.Skip("is a long run")
	}
	commands, err := strconv.Atoi(cmp.Or(os.Getenv("DELIVERY_COMMANDS"), "2000"))
	require.NoError(t, err)
	for name, p := range proxies {
		t.Run(name, func(t *testing.T) {
			if _, err := exec.LookPath(name); err != nil && os.Getenv("CI") == "" {
				t.Skip(name + " is not on PATH")
			}
			backend := redistest.NewServer(t)
			dir := t.TempDir()
			issuer := httptest.NewTLSServer(nil)
			issuer.Close()
			certificate := issuer.TLS.Certificates[0]
			key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
			require.NoError(t, err)
			pems := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}),
				pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})...)
			require.NoError(t, os.WriteFile(filepath.Join(dir, "pem"), pems, 0o600))
			free, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			listen := free.Addr().String()
			require.NoError(t, free.Close())
			fill := strings.NewReplacer("DIR", dir, "LISTEN", listen, "SERVER", strings.TrimPrefix(backend.URL, "http://")).Replace
			require.NoError(t, os.WriteFile(filepath.Join(dir, "config"), []byte(fill(p.config)), 0o600))

			var words []string
			for _, word := range p.run {
				words = append(words, fill(word))
			}
			proxy := exec.Command(words[0], words[1:]...)
			proxy.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
			output, err := os.Create(filepath.Join(dir, "output"))
			require.NoError(t, err)
			defer output.Close()
			proxy.Stdout, proxy.Stderr = output, output
			require.NoError(t, proxy.Start())
			end := func() {
				proxy.Process.Signal(syscall.SIGTERM)
				proxy.Wait()
			}

			roots := x509.NewCertPool()
			roots.AddCert(issuer.Certificate())
			opts := []redis.Option{redis.WithRootCAs(roots)}
			rdb, err := redis.New("https://"+listen, backend.Token, opts...)
			require.NoError(t, err)
			ready := func() bool {
				_, err := redis.Cmd[string]("PING").Do(t.Context(), rdb)
				return err == nil
			}
			if !assert.Eventually(t, ready, 20*time.Second, 10*time.Millisecond) {
				end()
				output.Seek(0, io.SeekStart)
				said, _ := io.ReadAll(output)
				t.Fatalf("%s", said)
			}
			reloads := 0
			reload := func() {
				if assert.NoError(t, p.reload(t, dir, proxy)) {
					reloads++
				}
			}
			result := deliver(t, backend, route{"https://" + listen, opts, reload, end}, commands, name, false)
			t.Logf("%s, %d reloads: %v", name, reloads, result)
			assert.Positive(t, reloads)
			assert.Zero(t, result.wrong, "outcomes that differ from what the caller got")
			assert.Zero(t, result.twice)
			assert.Equal(t, result.once, result.onceRanOnce, "RunOnce")
			assert.Greater(t, result.succeeded, commands/2)
		})
	}
}
