package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/redis-rest/redis-rest-go/bench/internal/slice"
)

const connections64 = 64

// server compares this project's server with webdis, which is written in C, and with
// redis-benchmark over TCP.
func (b *bench) server() error {
	const (
		singles   = "redis-rest serve on redis-server, 64 connections, single commands"
		pipelines = "the same, pipelines of 100"
	)
	address, err := b.redis()
	if err != nil {
		return err
	}
	_, noBenchmark := exec.LookPath("redis-benchmark")
	if address == "" || noBenchmark != nil {
		b.report.missing(singles, "commands/s against webdis", "≥ 0.7")
		b.report.missing(pipelines, "commands/s against redis-benchmark -P 100", "≥ 0.5")
		return nil
	}
	url, pid, err := b.serve(address)
	if err != nil {
		return err
	}
	redisPID := b.redisPID
	single, err := b.raw("this library's, POST", url, post("/", `["INCR","counter"]`), 1, pid, redisPID)
	if err != nil {
		return err
	}
	path, err := b.raw("this library's, GET /INCR/counter", url, get("/INCR/counter"), 1, pid, redisPID)
	if err != nil {
		return err
	}
	tcp := redisBenchmark("redis-benchmark", address, connections64, 1, []int{redisPID}, "INCR", "counter")
	all := []*subject{single, path, tcp}
	webdis, err := b.webdis(address)
	if err != nil {
		return err
	}
	if webdis != nil {
		all = append(all, webdis)
	}
	long := *b
	long.length = 4 * b.length // for the programs that are restarted for each slice
	if err := long.compare(40, all...); err != nil {
		return err
	}
	if webdis != nil {
		b.report.atLeast(singles, "commands/s against webdis", path.against(webdis, rate), 0.7, "0.7")
	} else {
		b.report.missing(singles, "commands/s against webdis", "≥ 0.7")
	}
	t := table{{"server, single commands", "commands/s", "against redis-benchmark", "CPU of the server and Redis, µs a command", "against redis-benchmark"}}
	servers := func(all []*subject, tcp *subject) {
		for _, s := range all {
			t.add(s.name, s.of(rate).String(), s.against(tcp, rate).String(), micro(s, cpu), s.against(tcp, cpu).String())
		}
	}
	servers(all, tcp)

	commands := "[" + strings.TrimSuffix(strings.Repeat(`["INCR","counter"],`, 100), ",") + "]"
	piped, err := b.raw("this library's", url, post("/pipeline", commands), 100, pid, redisPID)
	if err != nil {
		return err
	}
	tcp = redisBenchmark("redis-benchmark -P 100", address, connections64, 100, []int{redisPID}, "INCR", "counter")
	if err := long.compare(40, piped, tcp); err != nil {
		return err
	}
	b.report.atLeast(pipelines, "commands/s against redis-benchmark -P 100", piped.against(tcp, rate), 0.5, "0.5")
	t.add("**pipelines of 100**", "", "", "", "")
	servers([]*subject{piped, tcp}, tcp)
	one, err := b.whereServed(address, "a single command", post("/", `["INCR","counter"]`), 1)
	if err != nil {
		return err
	}
	hundred, err := b.whereServed(address, "a command of 100", post("/pipeline", commands), 100)
	if err != nil {
		return err
	}
	where, err := layerTable(one, hundred)
	if err != nil {
		return err
	}
	b.report.section("The server", paragraph("64 connections that send the same bytes again and again, and an unchanged redis-benchmark. webdis has no pipelines."), t,
		paragraph("Where this library's server spends its CPU, by profiles:"), where)
	return nil
}

// whereServed profiles the server.
func (b *bench) whereServed(address, name, request string, counts int) (profiled, error) {
	file := b.profileFile()
	p, err := start(nil, b.program("served"), "-redis", "redis://"+address, "-token", token, "-cpuprofile", file)
	if err != nil {
		return profiled{}, err
	}
	url, err := p.line()
	if err != nil {
		return profiled{}, err
	}
	load, err := b.raw(name, url, request, counts)
	if err != nil {
		return profiled{}, err
	}
	loader, err := load.start()
	if err != nil {
		return profiled{}, err
	}
	defer loader.stop()
	n := b.rounds(2000) * load.step
	if _, err := loader.slice(n); err != nil {
		return profiled{}, err
	}
	return profiled{name, file, n}, p.finish()
}

func post(path, body string) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", path, token, len(body), body)
}

func get(path string) string {
	return fmt.Sprintf("GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", path, token)
}

// raw makes a subject that sends a request again and again. Each request has counts commands.
// Its CPU is the CPU of the servers.
func (b *bench) raw(name, url, request string, counts int, servers ...int) (*subject, error) {
	file, err := os.CreateTemp(b.dir, "request")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if _, err := file.WriteString(request); err != nil {
		return nil, err
	}
	s := b.worker(name, url, connections64, "-client", "raw", "-request", file.Name(), "-counts", strconv.Itoa(counts))
	s.step *= counts
	s.servers = servers
	return s, nil
}

// redisBenchmark makes a subject that runs redis-benchmark. Its CPU is that of the servers.
func redisBenchmark(name, address string, connections, pipeline int, servers []int, command ...string) *subject {
	_, port, _ := net.SplitHostPort(address)
	return &subject{name: name, step: connections * pipeline, servers: servers, slice: func(n int) (slice.Sample, error) {
		args := []string{"-p", port, "-c", strconv.Itoa(connections), "-P", strconv.Itoa(pipeline), "-n", strconv.Itoa(n), "-r", "100000", "--csv"}
		out, err := exec.Command("redis-benchmark", append(args, command...)...).Output()
		if err != nil {
			return slice.Sample{}, err
		}
		lines, err := csv.NewReader(bytes.NewReader(out)).ReadAll()
		if err != nil || len(lines) == 0 {
			return slice.Sample{}, fmt.Errorf("it printed %q: %w", out, err)
		}
		perSecond, err := strconv.ParseFloat(lines[len(lines)-1][1], 64)
		return slice.Sample{Ops: n, Wall: time.Duration(float64(n) / perSecond * float64(time.Second))}, err
	}}
}

// webdis makes a subject that sends commands to webdis, or nil if webdis is not on PATH.
func (b *bench) webdis(address string) (*subject, error) {
	if _, err := exec.LookPath("webdis"); err != nil {
		return nil, nil
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	_, redisPort, _ := net.SplitHostPort(address)
	httpPort, _ := strconv.Atoi(port)
	toPort, _ := strconv.Atoi(redisPort)
	config, err := json.Marshal(map[string]any{
		"redis_host": "127.0.0.1", "redis_port": toPort, "http_host": "127.0.0.1", "http_port": httpPort,
		"threads": 2, "pool_size": 20, "daemonize": false, "database": 0, "verbosity": 0, "logfile": os.DevNull,
	})
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(b.program("webdis.json"), config, 0o600); err != nil {
		return nil, err
	}
	cmd := exec.Command("webdis", b.program("webdis.json"))
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	b.atEnd(func() error { return kill(cmd) })
	if err := listening("127.0.0.1:" + port); err != nil {
		return nil, err
	}
	return b.raw("webdis", "http://127.0.0.1:"+port, get("/INCR/counter"), 1, cmd.Process.Pid, b.redisPID)
}
