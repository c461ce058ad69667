// Package faultproxy is a TCP proxy for HTTP/1.1 that fails in the ways in which networks, proxies
// and servers fail.
package faultproxy

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A Fault is a way to fail. A fault with Run in its name happens after the server has run
// the request.
type Fault int

// The faults.
const (
	None          Fault = iota
	Refuse              // the connection is closed at once
	Delay               // the request waits a little
	CutBefore           // the connection is closed when the request has arrived
	CutMiddle           // the connection is closed in the middle of the request
	CutRun              // the server runs the request, and the connection is closed before the reply
	TruncateRun         // the connection is closed in the middle of the reply
	Stall               // the request is not passed on, and there is no reply
	StallRun            // the server runs the request, but there is no reply
	TooMany             // 429 instead of a request to the server
	ComeBack            // 503 with Retry-After, likewise
	BadGateway          // 502, 503 or 504 without Retry-After, likewise
	BadGatewayRun       // the same after the server ran the request
	faults
)

var names = [faults]string{"none", "refused", "delayed", "cut before the request", "cut in the request", "cut before the reply", "reply cut short",
	"stalled before", "stalled after", "429", "503 with Retry-After", "502, 503, 504 before", "502, 503, 504 after"}

// String describes the fault.
func (f Fault) String() string { return names[f] }

// A Proxy passes connections on to a server.
type Proxy struct {
	URL string

	listener net.Listener
	target   *url.URL
	upstream http.Transport
	weights  [faults]float64
	counts   [faults]atomic.Int64

	mu    sync.Mutex
	rand  *rand.Rand
	conns map[net.Conn]bool
	done  bool
	wg    sync.WaitGroup
}

// Start starts a proxy on a loopback port. weights gives the share of requests that meet each
// fault. The seed decides the order of the faults. Without weights all requests
// pass.
func Start(target string, seed uint64, weights map[Fault]float64) (*Proxy, error) {
	u, err := url.Parse(target)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{
		URL:      u.Scheme + "://" + l.Addr().String(),
		listener: l,
		target:   u,
		rand:     rand.New(rand.NewPCG(seed, seed)),
		conns:    map[net.Conn]bool{},
	}
	p.upstream.MaxIdleConnsPerHost = 1000
	for fault, part := range weights {
		p.weights[fault] = part
	}
	p.wg.Go(p.accept)
	return p, nil
}

// Counts returns the number of requests that met each fault.
func (p *Proxy) Counts() map[Fault]int {
	counts := map[Fault]int{}
	for f := range p.counts {
		counts[Fault(f)] = int(p.counts[f].Load())
	}
	return counts
}

// Close ends the proxy and its connections.
func (p *Proxy) Close() {
	p.listener.Close()
	p.mu.Lock()
	p.done = true
	for c := range p.conns {
		c.Close()
	}
	p.mu.Unlock()
	p.wg.Wait()
	p.upstream.CloseIdleConnections()
}

func (p *Proxy) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		if p.done {
			c.Close()
		}
		p.conns[c] = true
		p.mu.Unlock()
		p.wg.Go(func() {
			p.serve(c)
			c.Close()
			p.mu.Lock()
			delete(p.conns, c)
			p.mu.Unlock()
		})
	}
}

// pick draws one of the faults that have a weight and are allowed.
func (p *Proxy) pick(allowed func(Fault) bool) Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := p.rand.Float64()
	for f, part := range p.weights {
		if allowed(Fault(f)) {
			if at -= part; at < 0 {
				p.counts[f].Add(1)
				return Fault(f)
			}
		}
	}
	p.counts[None].Add(1)
	return None
}

func (p *Proxy) number(n int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.rand.IntN(n)
}

func (p *Proxy) serve(c net.Conn) {
	if p.pick(func(f Fault) bool { return f == Refuse }) == Refuse {
		abort(c)
		return
	}
	for in := bufio.NewReader(c); ; {
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		fault := p.pick(func(f Fault) bool { return f != Refuse })
		if fault == CutMiddle {
			io.CopyN(io.Discard, req.Body, req.ContentLength/2)
			abort(c)
			return
		}
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return
		}
		switch fault {
		case Delay:
			time.Sleep(time.Duration(p.number(5000)) * time.Microsecond)
		case CutBefore:
			abort(c)
			return
		case Stall:
			io.Copy(io.Discard, in) // until the client closes the connection
			return
		case TooMany:
			c.Write(p.answer(http.StatusTooManyRequests, p.comeBack()))
			continue
		case ComeBack:
			c.Write(p.answer(http.StatusServiceUnavailable, p.comeBack()))
			continue
		case BadGateway:
			c.Write(p.answer(http.StatusBadGateway+p.number(3), ""))
			continue
		}
		reply, err := p.forward(req, body)
		if err != nil {
			return
		}
		switch fault {
		case CutRun:
			abort(c)
			return
		case TruncateRun:
			c.Write(reply[:p.number(len(reply))])
			return
		case StallRun:
			io.Copy(io.Discard, in)
			return
		case BadGatewayRun:
			c.Write(p.answer(http.StatusBadGateway+p.number(3), ""))
			continue
		}
		if _, err := c.Write(reply); err != nil {
			return
		}
	}
}

// abort ends a connection with a reset.
func abort(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	c.Close()
}

// forward sends the request to the server and returns the reply as it is on the
// wire.
func (p *Proxy) forward(req *http.Request, body []byte) ([]byte, error) {
	req.URL.Scheme, req.URL.Host = p.target.Scheme, p.target.Host
	req.RequestURI = ""
	req.Body = io.NopCloser(bytes.NewReader(body))
	req.GetBody = nil
	resp, err := p.upstream.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return httputil.DumpResponse(resp, true)
}

func (p *Proxy) comeBack() string {
	return []string{"0", "1", time.Now().Add(time.Second).UTC().Format(http.TimeFormat), "Thu, 01 Jan 1970 00:00:00 GMT"}[p.number(4)]
}

// answer returns an answer of the proxy itself, with a typical body of a
// proxy.
func (p *Proxy) answer(status int, retryAfter string) []byte {
	kinds := []struct{ kind, body string }{
		{"text/html", "<html><head><title>" + http.StatusText(status) + "</title></head><body></body></html>"},
		{"application/json", `{"error":"` + http.StatusText(status) + `"}`},
		{"application/json", `{"message":"` + http.StatusText(status) + `"}`},
		{"text/plain", ""},
	}
	is := kinds[p.number(len(kinds))]
	var b strings.Builder
	fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n", status, http.StatusText(status), is.kind, len(is.body))
	if retryAfter != "" {
		fmt.Fprintf(&b, "Retry-After: %s\r\n", retryAfter)
	}
	return []byte(b.String() + "\r\n" + is.body)
}
