package restserver

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// A backend is the database behind a server.
type backend struct {
	name    string
	options *redis.Options
	stop    func() error
}

func startBackend(name string) (*backend, error) {
	switch name {
	case "", "memory":
		return startMemory()
	case "redis-server":
		return startRedisServer()
	case "auto":
		b, err := startRedisServer()
		if errors.Is(err, exec.ErrNotFound) {
			return startMemory()
		}
		return b, err
	}
	if scheme, _, ok := strings.Cut(name, "://"); !ok || scheme != "redis" && scheme != "rediss" && scheme != "unix" {
		return nil, errors.New(`the backend must be "memory", "redis-server", "auto" or an address that starts with redis://, rediss:// or unix://`)
	}
	opts, err := redis.ParseURL(name)
	if err != nil {
		return nil, errors.New("the backend's address cannot be read") // err may quote a password
	}
	return &backend{name: "Redis at " + opts.Addr, options: opts, stop: func() error { return nil }}, nil
}

func startMemory() (*backend, error) {
	m := miniredis.NewMiniRedis()
	m.ClockTTL(true) // keys expire as time goes by
	if err := m.Start(); err != nil {
		return nil, err
	}
	return &backend{
		name:    "memory",
		options: &redis.Options{Addr: m.Addr()},
		stop:    func() error { m.Close(); return nil },
	}, nil
}

// startRedisServer starts a private Redis that keeps nothing, behind a unix
// socket in a folder of its own.
func startRedisServer() (*backend, error) {
	path, err := findRedisServer()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "redis-rest-")
	if err != nil {
		return nil, err
	}
	socket := filepath.Join(dir, "redis.sock")
	cmd := exec.Command(path,
		"--port", "0", "--unixsocket", socket, "--unixsocketperm", "700",
		"--save", "", "--appendonly", "no", "--dir", dir, "--daemonize", "no", "--loglevel", "notice")
	endWithParent(cmd)
	version, err := startAndWait(cmd)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", filepath.Base(path), err), os.RemoveAll(dir))
	}
	return &backend{
		name:    filepath.Base(path) + " " + version,
		options: &redis.Options{Network: "unix", Addr: socket},
		stop:    func() error { return errors.Join(endProcess(cmd), os.RemoveAll(dir)) },
	}, nil
}

func findRedisServer() (string, error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		path, err = exec.LookPath("valkey-server")
	}
	if err != nil {
		return "", fmt.Errorf("neither redis-server nor valkey-server is on PATH: %w", exec.ErrNotFound)
	}
	return path, nil
}

// startAndWait starts a Redis and returns its version as soon as it says that it
// takes connections.
func startAndWait(cmd *exec.Cmd) (version string, err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return "", err
	}
	cmd.Stdout, cmd.Stderr = w, w
	err = cmd.Start()
	w.Close()
	if err != nil {
		r.Close()
		return "", err
	}
	lines := bufio.NewScanner(r)
	var last string
	for lines.Scan() {
		last = lines.Text()
		if _, after, ok := strings.Cut(last, "version="); ok && version == "" {
			version, _, _ = strings.Cut(after, ",")
		}
		if strings.Contains(last, "eady to accept connections") {
			// Its log is read on, so that it never waits for a reader.
			go func() {
				defer r.Close()
				io.Copy(io.Discard, r)
			}()
			return version, nil
		}
	}
	r.Close()
	endProcess(cmd)
	return "", fmt.Errorf("did not start: %s", last)
}

// endProcess ends a Redis that keeps nothing, at once: asked politely, it would
// look up from its work only ten times a second.
func endProcess(cmd *exec.Cmd) error {
	if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	err := cmd.Wait()
	if _, ended := errors.AsType[*exec.ExitError](err); ended {
		return nil // how it ended is of no interest
	}
	return err
}
