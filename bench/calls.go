package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/bench/internal/slice"
)

const (
	oneCall = "one EVALSHA, keep-alive"
	quarter = 1.0 / 4
)

// call compares single calls against a server of constant cost.
func (b *bench) call() error {
	_, url, err := b.fake()
	if err != nil {
		return err
	}
	ours, hand, all := b.callers(url)
	if err := b.compare(150, all...); err != nil {
		return err
	}
	b.report.atMost(oneCall, "client CPU against net/http by hand", ours.against(hand, cpu), 0.60, "0.60")
	b.report.atMost(oneCall, "latency against net/http by hand", ours.against(hand, wall), 0.75, "0.75")
	// Rounded down: garbage collections empty net/http's pools now and then, which adds a fraction.
	b.report.atMost(oneCall, "allocations a call", exactly(math.Floor(ours.of(allocs).median)), 45, "45")
	if node := find(all, nodeName); node != nil {
		b.report.atMost(oneCall, "CPU against @upstash/redis on node", ours.against(node, cpu), quarter, "1/4")
	} else {
		b.report.missing(oneCall, "CPU against @upstash/redis on node", "≤ 1/4")
	}
	where, err := b.whereCalls(url)
	if err != nil {
		return err
	}
	limited := ours.against(all[1], cpu)
	b.report.section("One call at a time, a server of constant cost", clientTable(all, hand),
		paragraph(fmt.Sprintf("Every client needs a timeout. Compared with net/http by hand with a timeout, this library takes %v times the CPU (%s).", limited, limited.interval())),
		paragraph("Where the CPU goes, by profiles:"), where)
	return nil
}

// whereCalls profiles calls with this library and with net/http by hand.
func (b *bench) whereCalls(url string) (table, error) {
	const calls = 40_000
	ours, err := b.profile("this library", url, 1, b.rounds(calls), "ours")
	if err != nil {
		return nil, err
	}
	hand, err := b.profile("net/http by hand", url, 1, b.rounds(calls), "nethttp")
	if err != nil {
		return nil, err
	}
	return layerTable(ours, hand)
}

// callRedis compares single calls against this project's server in front of a real
// Redis, and with clients that talk to that Redis over TCP.
func (b *bench) callRedis() error {
	address, err := b.redis()
	if err != nil || address == "" {
		return err
	}
	url, _, err := b.serve(address)
	if err != nil {
		return err
	}
	if err := loadScript(url); err != nil {
		return err
	}
	_, hand, all := b.callers(url)
	all = append(all,
		b.worker("go-redis, TCP", address, 1, "-client", "goredis"),
		b.worker("rueidis, TCP", address, 1, "-client", "rueidis"))
	if err := b.compare(100, all...); err != nil {
		return err
	}
	b.report.section("One call at a time, redis-rest serve on redis-server",
		paragraph("![client CPU for one call](headline.svg)\n\nThe clients over TCP talk to the same Redis with nothing in between."),
		marked{headlineTable, clientTable(all, hand)})
	return nil
}

const nodeName = "@upstash/redis on node"

// callers returns the HTTP clients. Each makes one call at a time.
func (b *bench) callers(url string) (ours, hand *subject, all []*subject) {
	for _, c := range []struct{ name, client string }{
		{"net/http by hand", "nethttp"},
		{"the same with a timeout", "nethttp-limit"},
		{"this library", "ours"},
		{"resty, used plainly", "resty"},
	} {
		all = append(all, b.worker(c.name, url, 1, "-client", c.client))
	}
	if hasNode() {
		all = append(all, b.node(nodeName, url, 1, false))
	}
	return all[2], all[0], all
}

func find(all []*subject, name string) *subject {
	for _, s := range all {
		if s.name == name {
			return s
		}
	}
	return nil
}

// clientTable shows the cost of a call for each client.
func clientTable(all []*subject, hand *subject) table {
	t := table{{"client", "CPU, µs a call", "against by hand", "95 % interval", "latency, µs", "allocations"}}
	for _, s := range all {
		ratio := s.against(hand, cpu)
		count := ""
		if n := s.of(allocs).median; n > 0 {
			count = number(math.Floor(n))
		}
		t.add(s.name, micro(s, cpu), ratio.String(), ratio.interval(), micro(s, wall), count)
	}
	return t
}

// micro formats a measure in nanoseconds as microseconds.
func micro(s *subject, measure func(slice.Sample) float64) string {
	return number(s.of(measure).median / 1000)
}

const many = "64 goroutines, TLS"

// overTLS measures whether connections are kept, and how fast many goroutines are.
func (b *bench) overTLS() error {
	certificate, err := b.certificate()
	if err != nil {
		return err
	}
	server, url, err := b.fake(certificate...)
	if err != nil {
		return err
	}
	_, otherURL, err := b.fake(certificate...)
	if err != nil {
		return err
	}
	ours := b.worker("this library", url, 64, "-client", "ours")
	hand := b.worker("net/http, tuned by hand", otherURL, 64, "-client", "nethttp-limit", "-http", "1")
	bare := b.worker("the same without a timeout", otherURL, 64, "-client", "nethttp", "-http", "1")
	var before, made int
	ours.warm = func() error { return connections(server, &before) }
	ours.done = func() error {
		var after int
		err := connections(server, &after)
		made += after - before
		return err
	}
	if err := b.compare(80, hand, bare, ours); err != nil {
		return err
	}
	calls := 0
	for _, s := range ours.samples {
		calls += s.Ops
	}
	b.report.atMost(many, "new connections per 1,000 calls, after warm-up", exactly(float64(made)/float64(calls)*1000), 0, "0")
	b.report.atLeast(many, "commands/s against net/http tuned by hand", ours.against(hand, rate), 1.15, "1.15")
	b.report.atMost(many, "CPU a command against the same", ours.against(hand, cpu), 0.75, "0.75")
	t := table{{"client", "commands/s", "CPU, µs a command", "against by hand", "95 % interval"}}
	for _, s := range []*subject{hand, bare, ours} {
		ratio := s.against(hand, cpu)
		t.add(s.name, s.of(rate).String(), micro(s, cpu), ratio.String(), ratio.interval())
	}
	b.report.section("64 goroutines over TLS", paragraph("The pool, the protocol and a timeout for each call (context.WithTimeout) are tuned by hand."), t)
	return nil
}

// reconnect measures a call whose connection ended, as after a thaw.
func (b *bench) reconnect() error {
	certificate, err := b.certificate()
	if err != nil {
		return err
	}
	_, resumes, err := b.fake(append(certificate, "-close")...)
	if err != nil {
		return err
	}
	_, greets, err := b.fake(append(certificate, "-close", "-tickets=false")...)
	if err != nil {
		return err
	}
	resumed := b.worker("the TLS session is resumed", resumes, 1, "-client", "ours")
	whole := b.worker("the whole handshake", greets, 1, "-client", "ours")
	if err := b.compare(60, whole, resumed); err != nil {
		return err
	}
	b.report.atMost("reconnect over TLS", "client CPU against a whole handshake", resumed.against(whole, cpu), 0.5, "0.5")
	t := table{{"call on a new connection", "CPU, µs", "latency, µs", "CPU against the whole handshake", "95 % interval"}}
	for _, s := range []*subject{whole, resumed} {
		ratio := s.against(whole, cpu)
		t.add(s.name, micro(s, cpu), micro(s, wall), ratio.String(), ratio.interval())
	}
	b.report.section("Reconnect over TLS", paragraph("The server closes each connection after an answer, so each call makes a new one."), t)
	return nil
}

// cancel measures how soon a call returns after its context was cancelled, while the server
// says nothing.
func (b *bench) cancel() error {
	_, url, err := b.fake("-latency", "1h")
	if err != nil {
		return err
	}
	rdb, err := redis.New(url, token)
	if err != nil {
		return err
	}
	defer rdb.Close()
	const calls = 1000
	delays := make([]time.Duration, calls)
	for i := range delays {
		ctx, cancel := context.WithCancel(context.Background())
		cancelled := make(chan time.Time, 1)
		time.AfterFunc(5*time.Millisecond, func() {
			cancelled <- time.Now()
			cancel()
		})
		_, err := redis.Cmd[int]("INCR", "n").Do(ctx, rdb)
		delays[i] = time.Since(<-cancelled)
		if !errors.Is(err, context.Canceled) {
			return fmt.Errorf("a cancelled call: %w", err)
		}
	}
	slices.Sort(delays)
	ms := func(share float64) float64 { return delays[int(share*calls)].Seconds() * 1000 }
	b.report.atMost("cancelled call", "from the cancel to the return, ms, 99 of 100", exactly(ms(0.99)), 1, "1")
	b.report.section("Cancelled calls", paragraph(fmt.Sprintf("From the cancel to the return of the call, while the server says nothing: %s ms in half of %d calls, and at most %s ms in 99 of 100.",
		number(ms(0.5)), calls, number(ms(0.99)))))
	return nil
}

// connections asks the fake server for the number of connections it has accepted.
func connections(server *process, n *int) error {
	line, err := server.ask("")
	if err == nil {
		_, err = fmt.Sscan(line, n)
	}
	return err
}

// protocols compares HTTP/1.1 with HTTP/2.
func (b *bench) protocols() error {
	certificate, err := b.certificate()
	if err != nil {
		return err
	}
	_, url, err := b.fake(certificate...)
	if err != nil {
		return err
	}
	t := table{{"goroutines", "HTTP/1.1, calls/s", "HTTP/2, calls/s", "HTTP/2 against HTTP/1.1", "95 % interval", "CPU a call", "95 % interval"}}
	for _, callers := range []int{1, 8, 64, 512} {
		one := b.worker("HTTP/1.1", url, callers, "-client", "ours", "-http", "1")
		two := b.worker("HTTP/2", url, callers, "-client", "ours", "-http", "2")
		if err := b.compare(60, one, two); err != nil {
			return err
		}
		speed, cost := two.against(one, rate), two.against(one, cpu)
		t.add(fmt.Sprint(callers), one.of(rate).String(), two.of(rate).String(), speed.String(), speed.interval(), cost.String(), cost.interval())
	}
	b.report.section("HTTP/1.1 or HTTP/2, over TLS", t)
	return nil
}

// autoPipelining compares calls that share requests with separate calls.
func (b *bench) autoPipelining() error {
	_, slow, err := b.fake("-latency", "1ms")
	if err != nil {
		return err
	}
	t := table{{"goroutines", "alone, calls/s", "shared, calls/s", "shared against alone", "95 % interval"}}
	for _, callers := range []int{1, 64, 512} {
		alone := b.worker("alone", slow, callers, "-client", "ours")
		shared := b.worker("shared", slow, callers, "-client", "ours-auto")
		if err := b.compare(60, alone, shared); err != nil {
			return err
		}
		speed := shared.against(alone, rate)
		t.add(fmt.Sprint(callers), alone.of(rate).String(), shared.of(rate).String(), speed.String(), speed.interval())
		const latency = "auto-pipelining, 1 ms of latency"
		switch callers {
		case 1:
			b.report.atMost(latency, "1 goroutine: latency against without", shared.against(alone, wall), 1.03, "1.03")
		case 64:
			b.report.atLeast(latency, "64 goroutines: commands/s against without", speed, 1.5, "1.5")
		case 512:
			b.report.atLeast(latency, "512 goroutines: commands/s against without", speed, 6, "6")
		}
	}
	b.report.section("Auto-pipelining, with 1 ms of latency", t)

	const noLatency = "auto-pipelining, 64 goroutines, no latency"
	if !hasNode() {
		b.report.missing(noLatency, "commands/s against @upstash/redis' own", "≥ 1.5")
		b.report.missing(noLatency, "CPU a command against the same", "≤ 1/3")
		return nil
	}
	_, url, err := b.fake()
	if err != nil {
		return err
	}
	ours := b.worker("this library", url, 64, "-client", "ours-auto")
	node := b.node(nodeName, url, 64, true)
	if err := b.compare(80, ours, node); err != nil {
		return err
	}
	b.report.atLeast(noLatency, "commands/s against @upstash/redis' own", ours.against(node, rate), 1.5, "1.5")
	b.report.atMost(noLatency, "CPU a command against the same", ours.against(node, cpu), 1.0/3, "1/3")
	return nil
}

// pipeline compares a command in a pipeline with a single one.
func (b *bench) pipeline() error {
	_, url, err := b.fake()
	if err != nil {
		return err
	}
	alone := b.worker("alone", url, 1, "-client", "ours")
	piped := b.worker("in a pipeline", url, 1, "-client", "ours-pipeline")
	piped.step = 1000
	if err := b.compare(80, alone, piped); err != nil {
		return err
	}
	b.report.atMost("pipeline of 1,000 EVALSHA", "CPU a command against a single call", piped.against(alone, cpu), 1.0/50, "1/50")
	b.report.section("A pipeline of 1,000 EVALSHA", table{
		{"", "CPU, µs a command", "allocations"},
		{"alone", micro(alone, cpu), alone.of(allocs).String()},
		{"in a pipeline", micro(piped, cpu), piped.of(allocs).String()},
	})
	return nil
}
