package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/redis-rest/redis-rest-go/bench/internal/script"
)

// token is the token of every server here.
const token = "token"

// fake starts the server of constant cost.
func (b *bench) fake(args ...string) (*process, string, error) {
	p, err := start(nil, b.program("fake"), args...)
	if err != nil {
		return nil, "", err
	}
	b.atEnd(p.stop)
	url, err := p.line()
	return p, url, err
}

// worker makes a subject of one of our workers.
func (b *bench) worker(name, url string, callers int, args ...string) *subject {
	args = append([]string{"-url", url, "-token", token, "-callers", strconv.Itoa(callers)}, args...)
	return &subject{name: name, step: callers, start: func() (*process, error) {
		return start(b.trust(), b.program("worker"), args...)
	}}
}

// node makes a subject of the published client, which runs the script or does something else.
func (b *bench) node(name, url string, callers int, auto bool, args ...string) *subject {
	env := []string{"UPSTASH_REDIS_REST_URL=" + url, "UPSTASH_REDIS_REST_TOKEN=" + token}
	return &subject{name: name, step: callers, start: func() (*process, error) {
		args := append([]string{"--expose-gc", "node/worker.mjs", script.SHA(), strconv.Itoa(callers), strconv.FormatBool(auto)}, args...)
		return start(env, "node", args...)
	}}
}

// trust returns the environment that makes programs trust the fake server's certificate,
// in addition to the system's.
func (b *bench) trust() []string { return []string{"SSL_CERT_FILE=" + b.program("roots.pem")} }

// certificate makes a certificate for the fake server, if it has not been made yet.
func (b *bench) certificate() (args []string, err error) {
	args = []string{"-cert", b.program("cert.pem"), "-key", b.program("key.pem")}
	if _, err := os.Stat(args[1]); err == nil {
		return args, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "localhost"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(24 * time.Hour),
		DNSNames:              []string{"localhost"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for name, content := range map[string][]byte{
		"cert.pem":  cert,
		"key.pem":   pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER}),
		"roots.pem": slices.Concat(systemRoots(), cert),
	} {
		if err := os.WriteFile(b.program(name), content, 0o600); err != nil {
			return nil, err
		}
	}
	return args, nil
}

// systemRoots returns the certificates that the system trusts, from one of the files that
// crypto/x509 reads. It returns nil if there is no such file.
func systemRoots() []byte {
	for _, file := range []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"} {
		if roots, err := os.ReadFile(file); err == nil {
			return roots
		}
	}
	return nil
}
