package main

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/bench/internal/script"
)

// redis starts a Redis and returns its address, or "" if redis-server is not on
// PATH.
func (b *bench) redis() (address string, err error) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		return "", nil
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	cmd := exec.Command("redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", b.dir,
		"--unixsocket", b.socket(net.JoinHostPort("127.0.0.1", port)))
	if err := cmd.Start(); err != nil {
		return "", err
	}
	b.atEnd(func() error { return kill(cmd) })
	b.redisPID = cmd.Process.Pid
	address = net.JoinHostPort("127.0.0.1", port)
	return address, listening(address)
}

// socket returns the unix socket of the Redis at an address.
func (b *bench) socket(address string) string {
	_, port, _ := net.SplitHostPort(address)
	return b.program("redis-" + port + ".sock")
}

// serve starts this project's server in front of a Redis.
func (b *bench) serve(address string) (url string, pid int, err error) {
	p, err := start(nil, b.program("redis-rest"), "serve", "--redis", "redis://"+address, "--listen", "127.0.0.1:0", "--token", token)
	if err != nil {
		return "", 0, err
	}
	b.atEnd(p.stop)
	line, err := p.line()
	_, url, _ = strings.Cut(line, "=")
	return strings.Trim(url, `"`), p.cmd.Process.Pid, err
}

func loadScript(url string) error {
	rdb, err := redis.New(url, token)
	if err == nil {
		_, err = rdb.ScriptLoad(context.Background(), script.Source)
	}
	return err
}

func kill(cmd *exec.Cmd) error {
	if err := cmd.Process.Kill(); err != nil {
		return err
	}
	cmd.Wait()
	return nil
}

// freePort returns a port that is free now.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// listening waits until a server accepts connections.
func listening(address string) error {
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			return conn.Close()
		}
		if time.Now().After(end) {
			return fmt.Errorf("no server is listening: %w", err)
		}
	}
}
