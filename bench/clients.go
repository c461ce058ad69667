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

// worker starts one of our workers as a subject.
func (b *bench) worker(name, url string, callers int, args ...string) (*subject, error) {
	args = append([]string{"-url", url, "-token", token, "-callers", strconv.Itoa(callers)}, args...)
	env := b.trust()
	if callers == 1 {
		env = append(env, "GOMAXPROCS=1")
	}
	p, err := start(env, b.program("worker"), args...)
	if err != nil {
		return nil, err
	}
	b.atEnd(p.stop)
	return &subject{name: name, slice: p.slice, step: callers}, nil
}

// node starts the published client as a subject.
func (b *bench) node(name, url string, callers int, auto bool) (*subject, error) {
	env := []string{"UPSTASH_REDIS_REST_URL=" + url, "UPSTASH_REDIS_REST_TOKEN=" + token}
	p, err := start(env, "node", "--expose-gc", "node/worker.mjs", script.SHA(), strconv.Itoa(callers), strconv.FormatBool(auto))
	if err != nil {
		return nil, err
	}
	b.atEnd(p.stop)
	return &subject{name: name, slice: p.slice, step: callers}, nil
}

// trust is the environment of programs that trust the certificate of the fake
// server, beside those that the system does.
func (b *bench) trust() []string { return []string{"SSL_CERT_FILE=" + b.program("roots.pem")} }

// certificate makes a certificate for the fake server, once.
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

// systemRoots are the certificates that the system trusts, where they are in one of
// the files that crypto/x509 looks for.
func systemRoots() []byte {
	for _, file := range []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"} {
		if roots, err := os.ReadFile(file); err == nil {
			return roots
		}
	}
	return nil
}
