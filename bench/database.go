package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redis-rest/redis-rest-go/bench/internal/script"
	"github.com/redis-rest/redis-rest-go/bench/internal/slice"
	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
)

const embedded = "the embedded database"

// database compares the embedded database with redis-server: its port, its commands, its scripts and its memory.
func (b *bench) database() error {
	address, err := b.redis()
	if err != nil {
		return err
	}
	if _, err := exec.LookPath("redis-benchmark"); err != nil || address == "" {
		b.report.missing(embedded, "everything, against redis-server", "see bench/database.go")
		return nil
	}
	theirs := instance{"redis-server", redis.NewClient(&redis.Options{Addr: address}), b.redisPID, address}
	ours, err := b.serveRESP()
	if err != nil {
		return err
	}
	b.atEnd(ours.Close)
	b.atEnd(theirs.Close)
	for _, part := range []func(ours, theirs instance) error{b.port, b.structures, b.limiter, b.small} {
		if err := part(ours, theirs); err != nil {
			return err
		}
	}
	return nil
}

// An instance is a server that speaks Redis' own protocol.
type instance struct {
	name string
	*redis.Client
	pid     int
	address string
}

// serveRESP starts the embedded database with a port for clients of Redis.
func (b *bench) serveRESP() (instance, error) {
	port, err := freePort()
	if err != nil {
		return instance{}, err
	}
	address := net.JoinHostPort("127.0.0.1", port)
	p, err := start(nil, b.program("redis-rest"), "serve", "--listen", "127.0.0.1:0", "--token", token, "--resp", address, "--max-memory", "8GB")
	if err != nil {
		return instance{}, err
	}
	b.atEnd(p.stop)
	return instance{embedded, redis.NewClient(&redis.Options{Addr: address}), p.cmd.Process.Pid, address}, listening(address)
}

// port compares single commands and pipelines of 16.
func (b *bench) port(ours, theirs instance) error {
	long := *b
	long.length = 4 * b.length // for a program that is restarted for each slice
	t := table{{"redis-benchmark on the port", "commands/s", "against redis-server", "95 % interval", "CPU of the server, µs a command", "against redis-server"}}
	for _, with := range []struct {
		connections, pipeline int
		least                 float64
		target                string
	}{{20, 1, 0.9, "0.9"}, {50, 16, 0.7, "0.7"}} {
		for _, command := range [][]string{{"SET", "key:__rand_int__", "xxx"}, {"GET", "key:__rand_int__"}} {
			load := func(i instance) *subject {
				return redisBenchmark(i.name, i.address, with.connections, with.pipeline, []int{i.pid}, command...)
			}
			mine, other := load(ours), load(theirs)
			if err := long.compare(40, mine, other); err != nil {
				return err
			}
			work := fmt.Sprintf("redis-benchmark -c %d -P %d, %s", with.connections, with.pipeline, command[0])
			b.report.atLeast(embedded+": "+work, "commands/s against redis-server", mine.against(other, rate), with.least, with.target)
			r := mine.against(other, rate)
			t.add(work, mine.of(rate).String(), r.String(), r.interval(), micro(mine, cpu), mine.against(other, cpu).String())
		}
	}
	b.report.section("The embedded database: its port", paragraph("Both servers share the two cores with redis-benchmark, which uses one of them alone. redis-server uses one core at most."), t)
	return nil
}

// A structure is a large value and a command on it.
type structure struct {
	name string
	key  string
	fill func(p redis.Pipeliner, key string, from, to int)
	ask  func(size int) []any
	// mend undoes what the replies say was changed. It may be nil.
	mend func(p redis.Pipeliner, key string, size int, replies []*redis.Cmd)
}

func fillSorted(p redis.Pipeliner, key string, from, to int) {
	members := make([]redis.Z, 0, to-from)
	for i := from; i < to; i++ {
		members = append(members, redis.Z{Score: float64(i), Member: "member:" + strconv.Itoa(i)})
	}
	p.ZAdd(context.Background(), key, members...)
}

func fillSet(p redis.Pipeliner, key string, from, to int) {
	members := make([]any, 0, to-from)
	for i := from; i < to; i++ {
		members = append(members, "member:"+strconv.Itoa(i))
	}
	p.SAdd(context.Background(), key, members...)
}

func fillList(p redis.Pipeliner, key string, from, to int) {
	members := make([]any, 0, to-from)
	for i := from; i < to; i++ {
		members = append(members, "member:"+strconv.Itoa(i))
	}
	p.RPush(context.Background(), key, members...)
}

func fillStream(p redis.Pipeliner, key string, from, to int) {
	for i := from; i < to; i++ {
		p.XAdd(context.Background(), &redis.XAddArgs{Stream: key, ID: strconv.Itoa(i+1) + "-0", Values: []any{"field", i}})
	}
}

var structures = []structure{
	{"ZRANGE 0 9", "sorted", fillSorted, func(int) []any { return []any{"ZRANGE", "sorted", 0, 9} }, nil},
	{"ZRANK", "sorted", fillSorted, func(n int) []any { return []any{"ZRANK", "sorted", "member:" + strconv.Itoa(rand.IntN(n))} }, nil},
	{"ZRANGEBYSCORE LIMIT 0 1", "sorted", fillSorted, func(n int) []any {
		return []any{"ZRANGEBYSCORE", "sorted", rand.IntN(n), "+inf", "LIMIT", 0, 1}
	}, nil},
	{"ZPOPMIN", "popped", fillSorted, func(int) []any { return []any{"ZPOPMIN", "popped"} }, func(p redis.Pipeliner, key string, _ int, replies []*redis.Cmd) {
		for _, r := range replies {
			if pair, _ := r.Slice(); len(pair) == 2 {
				p.Do(context.Background(), "ZADD", key, pair[1], pair[0])
			}
		}
	}},
	{"SPOP", "set", fillSet, func(int) []any { return []any{"SPOP", "set"} }, func(p redis.Pipeliner, key string, _ int, replies []*redis.Cmd) {
		for _, r := range replies {
			p.SAdd(context.Background(), key, r.Val())
		}
	}},
	{"LPUSH", "list", fillList, func(int) []any { return []any{"LPUSH", "list", "another"} }, func(p redis.Pipeliner, key string, size int, _ []*redis.Cmd) {
		p.LTrim(context.Background(), key, int64(-size), -1)
	}},
	{"XADD", "stream", fillStream, func(int) []any { return []any{"XADD", "stream", "*", "field", "value"} }, func(p redis.Pipeliner, key string, size int, _ []*redis.Cmd) {
		p.XTrimMaxLen(context.Background(), key, int64(size))
	}},
	{"XRANGE COUNT 10", "range", fillStream, func(n int) []any { return []any{"XRANGE", "range", strconv.Itoa(rand.IntN(n)), "+", "COUNT", 10} }, nil},
}

// structures compares commands on large values, and how their cost grows.
func (b *bench) structures(ours, theirs instance) error {
	costs := map[string]map[int][2]*subject{} // by command and number of members
	for _, size := range []int{1000, 50_000, 1_000_000} {
		for _, i := range []instance{ours, theirs} {
			if err := fill(i, size); err != nil {
				return err
			}
		}
		for _, s := range structures {
			mine, other := s.on(ours, size), s.on(theirs, size)
			if err := b.compare(16, mine, other); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			if costs[s.name] == nil {
				costs[s.name] = map[int][2]*subject{}
			}
			costs[s.name][size] = [2]*subject{mine, other}
		}
	}
	t := table{{"command, in pipelines of 100", "CPU with 1,000 members, µs", "redis-server's", "with 50,000", "redis-server's", "with 1,000,000", "redis-server's", "growth", "redis-server's"}}
	worst, worstOf, growth, growthOf := estimate{}, "", estimate{}, ""
	for _, s := range structures {
		c := costs[s.name]
		if ratio := c[50_000][0].against(c[50_000][1], cpu); ratio.median > worst.median {
			worst, worstOf = ratio, s.name
		}
		mine, other := c[1_000_000][0].against(c[1000][0], cpu), c[1_000_000][1].against(c[1000][1], cpu)
		if ratio := c[1_000_000][0].growth(c[1000][0], c[1_000_000][1], c[1000][1]); ratio.median > growth.median {
			growth, growthOf = ratio, s.name
		}
		row := []string{s.name}
		for _, size := range []int{1000, 50_000, 1_000_000} {
			row = append(row, micro(c[size][0], cpu), micro(c[size][1], cpu))
		}
		t.add(append(row, mine.String(), other.String())...)
	}
	b.report.atMost(fmt.Sprintf("%s: the worst of %d commands on 50,000 members, %s", embedded, len(structures), worstOf), "CPU of the server against redis-server", worst, 3, "3")
	b.report.atMost(fmt.Sprintf("%s: the worst growth from 1,000 to 1,000,000 members, %s", embedded, growthOf), "growth of the CPU against redis-server's", growth, 1.2, "1.2")
	b.report.section("The embedded database: commands on large values", paragraph("CPU is the server's, with the reading of the command and the writing of the reply."), t)
	return nil
}

// growth estimates the growth of a cost from few to s, against that of theirs.
func (s *subject) growth(few, theirs, theirFew *subject) estimate {
	ratios := make([]float64, len(s.samples))
	for i := range ratios {
		ratios[i] = cpu(s.samples[i]) / cpu(few.samples[i]) / (cpu(theirs.samples[i]) / cpu(theirFew.samples[i]))
	}
	return estimateOf(ratios)
}

// fill makes all keys of structures.
func fill(i instance, size int) error {
	ctx := context.Background()
	if err := i.FlushAll(ctx).Err(); err != nil {
		return err
	}
	done := map[string]bool{}
	for _, s := range structures {
		if done[s.key] {
			continue
		}
		done[s.key] = true
		for from := 0; from < size; from += 1000 {
			if _, err := i.Pipelined(ctx, func(p redis.Pipeliner) error { s.fill(p, s.key, from, from+1000); return nil }); err != nil {
				return err
			}
		}
	}
	return nil
}

// on makes a subject that sends pipelines of 100 of the command. Its time and CPU are without the mending.
func (s structure) on(i instance, size int) *subject {
	const piped = 100
	ctx := context.Background()
	return &subject{name: i.name, step: piped, slice: func(n int) (sample slice.Sample, err error) {
		for sample.Ops < n {
			p := i.Pipeline()
			replies := make([]*redis.Cmd, piped)
			for j := range replies {
				replies[j] = p.Do(ctx, s.ask(size)...)
			}
			begun, before := time.Now(), cpuOf(i.pid)
			if _, err := p.Exec(ctx); err != nil {
				return sample, err
			}
			sample.Wall += time.Since(begun)
			sample.CPU += cpuOf(i.pid) - before
			sample.Ops += piped
			if s.mend == nil {
				continue
			}
			if _, err := i.Pipelined(ctx, func(p redis.Pipeliner) error { s.mend(p, s.key, size, replies); return nil }); err != nil {
				return sample, err
			}
		}
		return sample, nil
	}}
}

// limiter compares the rate limiter in this process with redis-server on a unix socket.
func (b *bench) limiter(_, theirs instance) error {
	ctx := context.Background()
	db := keyspace.New()
	defer db.Close()
	socket := redis.NewClient(&redis.Options{Network: "unix", Addr: b.socket(theirs.address)})
	defer socket.Close()
	if err := socket.ScriptLoad(ctx, script.Source).Err(); err != nil {
		return err
	}
	db.Do(ctx, []string{"SCRIPT", "LOAD", script.Source})
	mine := loop(embedded, func() error {
		if reply := db.Do(ctx, []string{"EVALSHA", script.SHA(), "1", "counter", "10", "60"}); reply[0] == '-' {
			return fmt.Errorf("%s", reply)
		}
		return nil
	})
	other := loop("redis-server, unix socket", func() error {
		return socket.EvalSha(ctx, script.SHA(), []string{"counter"}, 10, 60).Err()
	})
	if err := b.compare(40, mine, other); err != nil {
		return err
	}
	b.report.atMost(embedded+", in process: the rate limiter", "time against redis-server on a unix socket", mine.against(other, wall), 1.0/3, "1/3")
	t := table{{"the rate limiter by EVALSHA", "time, µs"}}
	for _, s := range []*subject{mine, other} {
		t.add(s.name, micro(s, wall))
	}
	b.report.section("The embedded database: scripts", t)
	return nil
}

// small measures the memory of 1,000,000 small keys.
func (b *bench) small(ours, theirs instance) error {
	const count = 1_000_000
	ctx := context.Background()
	words := func(i int) []string { return []string{"SET", fmt.Sprintf("key:%07d", i), fmt.Sprintf("value:%07d", i)} }
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	db := keyspace.New()
	for i := range count {
		db.Do(ctx, words(i))
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	heap := float64(after.HeapAlloc - before.HeapAlloc)
	if err := db.Close(); err != nil {
		return err
	}
	for _, i := range []instance{ours, theirs} {
		if err := i.FlushAll(ctx).Err(); err != nil {
			return err
		}
	}
	// A new process has no memory of what was there before.
	ours, err := b.serveRESP()
	if err != nil {
		return err
	}
	defer ours.Close()
	for _, s := range []instance{ours, theirs} {
		for from := 0; from < count; from += 1000 {
			if _, err := s.Pipelined(ctx, func(p redis.Pipeliner) error {
				for i := from; i < from+1000; i++ {
					w := words(i)
					p.Set(ctx, w[1], w[2], 0)
				}
				return nil
			}); err != nil {
				return err
			}
		}
	}
	used, err := fact(theirs, "used_memory")
	if err != nil {
		return err
	}
	t := table{{"1,000,000 keys", "MB", "against redis-server's used_memory"}}
	t.add("redis-server: used_memory", number(used/(1<<20)), "1")
	t.add("live heap after a collection", number(heap/(1<<20)), number(heap/used))
	b.report.atMost(embedded+": 1,000,000 small keys", "live heap against redis-server's used_memory", exactly(heap/used), 2, "2")
	if resident := residentOf(ours.pid); resident > 0 {
		t.add("resident memory of `redis-rest serve`", number(resident/(1<<20)), number(resident/used))
		b.report.atMost(embedded+": 1,000,000 small keys", "resident memory against the same", exactly(resident/used), 3, "3")
	} else {
		b.report.missing(embedded+": 1,000,000 small keys", "resident memory against the same", "≤ 3")
	}
	b.report.section("The embedded database: memory", paragraph("SET key:0000000 value:0000000 and so on."), t)
	return nil
}

// fact returns a number of INFO.
func fact(i instance, name string) (float64, error) {
	text, err := i.Info(context.Background()).Result()
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(text, "\n"+name+":")
	value, _, _ := strings.Cut(rest, "\r\n")
	return strconv.ParseFloat(value, 64)
}

// residentOf returns the resident memory of a process in bytes, or 0 where it cannot be read.
func residentOf(pid int) float64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseFloat(fields[1], 64)
	return pages * float64(os.Getpagesize())
}
