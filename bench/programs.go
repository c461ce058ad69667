package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/redis-rest/redis-rest-go/bench/internal/slice"
)

// runOnce runs a program to its end.
func runOnce(env []string, program string, args ...string) (*exec.Cmd, time.Duration, error) {
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), env...)
	var notes strings.Builder
	cmd.Stderr = &notes
	begun := time.Now()
	if err := cmd.Run(); err != nil {
		return nil, 0, fmt.Errorf("%s %v: %w: %s", program, args, err, notes.String())
	}
	return cmd, time.Since(begun), nil
}

// runs makes a subject that runs a program to its end in each operation.
func runs(name string, env []string, program string, args ...string) *subject {
	return &subject{name: name, slice: func(n int) (slice.Sample, error) {
		s := slice.Sample{Ops: n}
		for range n {
			cmd, took, err := runOnce(env, program, args...)
			if err != nil {
				return s, err
			}
			s.Wall += took
			s.CPU += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		}
		return s, nil
	}}
}

// memory measures the peak memory of a program that gets a large string.
func (b *bench) memory() error {
	_, url, err := b.fake()
	if err != nil {
		return err
	}
	const body = 64 << 20
	const size = (body - len(`{"result":""}`)) / 4 * 3
	t := table{{"reply", "peak of memory, MB", "against the body"}}
	for _, reply := range []struct {
		name, prefix string
		size         int
	}{{"1 KB", "", 1 << 10}, {"64 MB", "", size}, {"64 MB, its length not announced", "chunked", size}} {
		var peaks []float64
		for range b.rounds(50) / 5 {
			key := reply.prefix + strconv.Itoa(reply.size)
			cmd, _, err := runOnce(nil, b.program("fetch"), "-url", url, "-key", key, "-size", strconv.Itoa(reply.size))
			if err != nil {
				return err
			}
			peaks = append(peaks, float64(peakOf(cmd)))
		}
		peak := estimateOf(peaks)
		ratio := estimate{peak.median / body, peak.low / body, peak.high / body}
		t.add(reply.name, number(peak.median/(1<<20)), ratio.String())
		if reply.name == "64 MB" {
			b.report.atMost("reply of 64 MB", "peak of the process' memory against the body", ratio, 2.5, "2.5")
		}
	}
	b.report.section("A reply of 64 MB", paragraph("The peak is that of the resident memory of a program that gets one string and ends."), t)
	return nil
}

func peakOf(cmd *exec.Cmd) int64 {
	peak := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
	if runtime.GOOS == "darwin" {
		return peak // in bytes
	}
	return peak << 10
}

// coldStart compares programs that start, make one call and end.
func (b *bench) coldStart() error {
	_, url, err := b.fake()
	if err != nil {
		return err
	}
	const work = "cold start over http, exec to first reply"
	hand, ours, node := b.starters(url)
	all := []*subject{hand, ours}
	if hasNode() {
		all = append(all, node)
	}
	if err := b.compare(60, all...); err != nil {
		return err
	}
	b.report.atMost(work, "time against net/http", ours.against(hand, wall), 1, "1.00")
	if hasNode() {
		b.report.atMost(work, "time against node with @upstash/redis", ours.against(node, wall), 1.0/25, "1/25")
	} else {
		b.report.missing(work, "time against node with @upstash/redis", "≤ 1/25")
	}
	t := table{{"program", "time, ms", "CPU, ms", "against net/http", "95 % interval"}}
	for _, s := range all {
		ratio := s.against(hand, wall)
		t.add(s.name, number(s.of(wall).median/1e6), number(s.of(cpu).median/1e6), ratio.String(), ratio.interval())
	}

	certificate, err := b.certificate()
	if err != nil {
		return err
	}
	_, far, err := b.fake(append(certificate, "-network", "20ms")...)
	if err != nil {
		return err
	}
	overTLS := table{t[0]}
	hand, ours, node = b.starters(far)
	all = []*subject{hand, ours}
	if hasNode() {
		all = append(all, node)
	}
	if err := b.compare(40, all...); err != nil {
		return err
	}
	b.report.atMost("cold start over TLS with the system's roots", "time against net/http", ours.against(hand, wall), 0.85, "0.85")
	for _, s := range all {
		ratio := s.against(hand, wall)
		overTLS.add(s.name, number(s.of(wall).median/1e6), number(s.of(cpu).median/1e6), ratio.String(), ratio.interval())
	}
	b.report.section("Cold start", paragraph("From exec to the end of a program that makes one call. Over http to a local server:"), t,
		paragraph("Over TLS, with the system's roots, with a delay of 20 ms for everything that the client sends. This library loads the roots while it connects:"), overTLS)
	return nil
}

// starters returns the programs of coldStart.
func (b *bench) starters(url string) (hand, ours, node *subject) {
	env := append(b.trust(), "UPSTASH_REDIS_REST_URL="+url, "UPSTASH_REDIS_REST_TOKEN="+token, "NODE_EXTRA_CA_CERTS="+b.program("cert.pem"))
	if !strings.HasPrefix(url, "https") {
		env = env[1:3]
	}
	return runs("net/http by hand", env, b.program("startnethttp")),
		runs("this library", env, b.program("start")),
		runs(nodeName, env, "node", "node/start.mjs")
}

// binary compares the sizes of the linked programs.
func (b *bench) binary() error {
	sizes := map[string]float64{}
	for _, name := range []string{"start", "startnethttp"} {
		info, err := os.Stat(b.program(name))
		if err != nil {
			return err
		}
		sizes[name] = float64(info.Size())
	}
	b.report.atMost("binary, stripped", "against a program with net/http only", exactly(sizes["start"]/sizes["startnethttp"]), 1.25, "1.25")
	b.report.section("Binary", paragraph(fmt.Sprintf("%.2f MB, and %.2f MB with net/http only.", sizes["start"]/1e6, sizes["startnethttp"]/1e6)))
	return nil
}

// initWork lists the work of packages before main that net/http does not need.
func (b *bench) initWork() error {
	ours, err := b.inits("start")
	if err != nil {
		return err
	}
	hand, err := b.inits("startnethttp")
	if err != nil {
		return err
	}
	t := table{{"package", "time, µs", "bytes", "allocations"}}
	var more, base float64
	for _, i := range hand {
		base += i.micros
	}
	for _, i := range ours {
		if !slices.ContainsFunc(hand, func(h initialised) bool { return h.pkg == i.pkg }) {
			t.add(i.pkg, number(i.micros), i.bytes, i.allocs)
			more += i.micros
		}
	}
	b.report.section("Before main", paragraph(fmt.Sprintf(
		"The work of packages that a program with net/http only does not contain (GODEBUG=inittrace=1, fastest of ten runs): %s µs, in addition to its own %s µs.", number(more), number(base))), t)
	return nil
}

// An initialised package does some work before main.
type initialised struct {
	pkg           string
	micros        float64
	bytes, allocs string
}

var initLine = regexp.MustCompile(`(?m)^init (\S+) @.*, ([0-9.]+) ms clock, (\d+) bytes, (\d+) allocs$`)

func (b *bench) inits(program string) ([]initialised, error) {
	_, url, err := b.fake()
	if err != nil {
		return nil, err
	}
	var best []initialised
	for range 10 {
		cmd := exec.Command(b.program(program))
		cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1", "UPSTASH_REDIS_REST_URL="+url, "UPSTASH_REDIS_REST_TOKEN="+token)
		out, err := cmd.CombinedOutput()
		if err != nil {
			return nil, fmt.Errorf("%w: %s", err, out)
		}
		for i, m := range initLine.FindAllStringSubmatch(string(out), -1) {
			ms, err := strconv.ParseFloat(m[2], 64)
			if err != nil {
				return nil, err
			}
			if i == len(best) {
				best = append(best, initialised{m[1], ms * 1000, m[3], m[4]})
			}
			best[i].micros = min(best[i].micros, ms*1000)
		}
	}
	return best, nil
}
