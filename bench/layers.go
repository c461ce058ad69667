package main

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/google/pprof/profile"
)

// A layer is a part of a program that CPU time is assigned to.
type layer struct {
	name     string
	packages []string // prefixes of function names
}

// layers are tried in order for each frame, from the innermost out. A layer includes
// the time of the functions that it calls and of the system.
var layers = []layer{
	{"collecting garbage", []string{"runtime.gcBgMarkWorker", "runtime.gcAssist", "runtime.bgsweep", "runtime.bgscavenge"}},
	{"the check whether the server has closed the connection", []string{"github.com/redis-rest/redis-rest-go/internal/client/rest.(*guardedConn).hasEnded"}},
	{"timeouts", []string{"context.WithDeadline", "context.WithTimeout", "time."}},
	{"sockets", []string{"net.", "internal/poll."}},
	{"TLS", []string{"crypto/"}},
	{"encoding/json", []string{"encoding/json."}},
	{"go-redis", []string{"github.com/redis/go-redis/"}},
	{"net/http", []string{"net/http", "net/textproto.", "net/url.", "bufio."}},
	{"resty", []string{"github.com/go-resty/"}},
	{"this library", []string{"github.com/redis-rest/redis-rest-go"}},
	{"the benchmark", []string{"main."}},
}

const elsewhere = "scheduling, and the rest"

// shares returns the part of a profile's CPU time that each layer uses, and the total
// CPU time.
func shares(file string) (byLayer map[string]float64, total float64, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	p, err := profile.Parse(f)
	if err != nil {
		return nil, 0, err
	}
	byLayer = map[string]float64{}
	for _, sample := range p.Sample {
		ns := float64(sample.Value[1])
		byLayer[layerOf(sample)] += ns
		total += ns
	}
	return byLayer, total, nil
}

func layerOf(sample *profile.Sample) string {
	for _, location := range sample.Location {
		for _, line := range location.Line {
			for _, l := range layers {
				if slices.ContainsFunc(l.packages, func(p string) bool { return strings.HasPrefix(line.Function.Name, p) }) {
					return l.name
				}
			}
		}
	}
	return elsewhere
}

// A profiled program has written its profile to a file.
type profiled struct {
	name string
	file string
	ops  int
}

// profile lets a worker do n operations and write a profile.
func (b *bench) profile(name, url string, callers, n int, client string, args ...string) (profiled, error) {
	file := b.profileFile()
	args = append([]string{"-client", client, "-cpuprofile", file}, args...)
	p, err := b.worker(name, url, callers, args...).start()
	if err != nil {
		return profiled{}, err
	}
	if _, err := p.slice(n); err != nil {
		return profiled{}, err
	}
	return profiled{name, file, n}, p.finish()
}

func (b *bench) profileFile() string {
	b.profiles++
	return b.program(fmt.Sprintf("%d.pprof", b.profiles))
}

// layerTable shows the layers of several programs side by side, in microseconds per
// operation.
func layerTable(programs ...profiled) (table, error) {
	t := table{{"µs of CPU"}}
	costs := map[string][]string{}
	most := map[string]float64{}
	var totals []string
	for i, p := range programs {
		byLayer, total, err := shares(p.file)
		if err != nil {
			return nil, err
		}
		t[0] = append(t[0], p.name)
		for name, ns := range byLayer {
			if costs[name] == nil {
				costs[name] = make([]string, len(programs))
			}
			costs[name][i] = number(ns / 1000 / float64(p.ops))
			most[name] = max(most[name], ns)
		}
		totals = append(totals, number(total/1000/float64(p.ops)))
	}
	for _, name := range slices.SortedFunc(maps.Keys(costs), func(a, b string) int { return cmp.Compare(most[b], most[a]) }) {
		t.add(append([]string{name}, costs[name]...)...)
	}
	t.add(append([]string{"**all**"}, totals...)...)
	return t, nil
}
