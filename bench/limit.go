package main

import (
	"io"
	"math"
	"net"
	neturl "net/url"
	"strings"
	"sync/atomic"
)

const limits = "sliding window, 64 callers, redis-rest serve on redis-server"

// limit compares package ratelimit with @upstash/ratelimit.
func (b *bench) limit() error {
	const (
		speed = "decisions/s against @upstash/ratelimit"
		size  = "bytes on the wire for a decision against the same"
	)
	address, err := b.redis()
	if err != nil {
		return err
	}
	if address == "" || !hasNode() {
		b.report.missing(limits, speed, "≥ 4")
		b.report.missing(limits, size, "≤ 1")
		return nil
	}
	url, _, err := b.serve(address)
	if err != nil {
		return err
	}
	subjects := func(url string) (ours, js *subject) {
		ours = b.worker("this library", url, 64, "-client", "limiter")
		js = b.node("@upstash/ratelimit on node", url, 64, false, "limit")
		return ours, js
	}
	ours, js := subjects(url)
	if err := b.compare(60, ours, js); err != nil {
		return err
	}
	wire, err := newRelay(url)
	if err != nil {
		return err
	}
	b.atEnd(wire.Close)
	bytes := map[string]float64{}
	for _, s := range []func(string) *subject{
		func(url string) *subject { ours, _ := subjects(url); return ours },
		func(url string) *subject { _, js := subjects(url); return js },
	} {
		s := s(wire.url)
		if bytes[s.name], err = wire.bytes(s); err != nil {
			return err
		}
	}
	b.report.atLeast(limits, speed, ours.against(js, rate), 4, "4")
	b.report.atMost(limits, size, exactly(bytes[ours.name]/bytes[js.name]), 1, "1")
	t := table{{"limiter", "decisions/s", "CPU, µs a decision", "bytes on the wire for a decision, both ways"}}
	for _, s := range []*subject{ours, js} {
		t.add(s.name, s.of(rate).String(), micro(s, cpu), number(math.Round(bytes[s.name])))
	}
	b.report.section("Rate limits", paragraph("Both allow each call, with a sliding window of a minute, and ask Redis each time (`ephemeralCache: false` in JavaScript). @upstash/redis shares no requests here."), t)
	return nil
}

// A relay passes on connections and counts their bytes.
type relay struct {
	net.Listener
	url   string
	count atomic.Int64
}

func newRelay(url string) (*relay, error) {
	u, err := neturl.Parse(url)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &relay{Listener: l, url: strings.Replace(url, u.Host, l.Addr().String(), 1)}
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return // it is closed
			}
			server, err := net.Dial("tcp", u.Host)
			if err != nil {
				client.Close()
				continue
			}
			go r.pass(client, server)
			go r.pass(server, client)
		}
	}()
	return r, nil
}

func (r *relay) pass(from, to net.Conn) {
	defer from.Close()
	defer to.Close()
	io.Copy(io.MultiWriter(to, r), from)
}

// Write counts.
func (r *relay) Write(p []byte) (int, error) {
	r.count.Add(int64(len(p)))
	return len(p), nil
}

// bytes returns how many bytes an operation of the subject sends and receives.
func (r *relay) bytes(s *subject) (float64, error) {
	p, err := s.start()
	if err != nil {
		return 0, err
	}
	defer p.stop()
	if _, err := p.slice(64); err != nil { // the first ones send the script
		return 0, err
	}
	before := r.count.Load()
	sample, err := p.slice(6400)
	return float64(r.count.Load()-before) / float64(sample.Ops), err
}
