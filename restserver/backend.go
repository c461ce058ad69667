package restserver

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
)

// A backend is the database behind a server.
type backend struct {
	name    string
	db      database
	options *redis.Options // where it is one Redis
	stop    func() error
	advance func(time.Duration) // nil where the clock is the machine's
}

// open makes the database of a backend that is one Redis.
func (b *backend) open() *backend {
	client := redis.NewClient(clientOptions(b.options))
	b.db, b.options = single{client}, client.Options()
	return b
}

func startBackend(name string) (*backend, error) {
	switch name {
	case "", "memory":
		return startMemory(), nil
	case "redis-server":
		return startRedisServer()
	case "auto":
		b, err := startRedisServer()
		if errors.Is(err, exec.ErrNotFound) {
			return startMemory(), nil
		}
		return b, err
	}
	return connect(name)
}

var errAddress = errors.New(`the backend must be "memory", "redis-server", "auto" or addresses that start with redis://, rediss:// or unix://`)

// connect makes the database of an address, or of many that are nodes of one
// cluster. It opens no connection. An address that cannot be read is not shown:
// it may hold a password.
func connect(addresses string) (*backend, error) {
	first, more, _ := strings.Cut(addresses, ",")
	u, err := url.Parse(first)
	if err != nil || u.Scheme != "redis" && u.Scheme != "rediss" && u.Scheme != "unix" {
		return nil, errAddress
	}
	query := u.Query()
	stop := func() error { return nil }
	switch {
	case query.Has("master_name"):
		opts, err := redis.ParseFailoverURL(first)
		if err != nil {
			return nil, errUnreadable
		}
		failoverOptions(opts)
		client := redis.NewFailoverClient(opts)
		return &backend{name: "Redis master " + opts.MasterName, db: single{client}, options: client.Options(), stop: stop}, nil
	case more != "" || query.Has("addr") || query.Has("cluster"):
		query.Del("cluster")
		for address := range strings.SplitSeq(more, ",") {
			if node, err := url.Parse(address); err != nil || address != "" && node.Host == "" {
				return nil, errUnreadable
			} else if address != "" {
				query.Add("addr", node.Host)
			}
		}
		u.RawQuery = query.Encode()
		opts, err := redis.ParseClusterURL(u.String())
		if err != nil {
			return nil, errUnreadable
		}
		clusterOptions(opts)
		return &backend{name: "Redis Cluster at " + strings.Join(opts.Addrs, ", "), db: newCluster(opts), stop: stop}, nil
	}
	opts, err := redis.ParseURL(first)
	if err != nil {
		return nil, errUnreadable
	}
	return (&backend{name: "Redis at " + opts.Addr, options: opts, stop: stop}).open(), nil
}

var errUnreadable = errors.New("the backend's address cannot be read")

func startMemory() *backend {
	db := keyspace.New()
	return &backend{
		name:    "memory",
		db:      inMemory{db},
		advance: db.Advance,
		stop:    func() error { return nil },
	}
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
	b := &backend{
		name:    filepath.Base(path) + " " + version,
		options: &redis.Options{Network: "unix", Addr: socket},
		stop:    func() error { return errors.Join(endProcess(cmd), os.RemoveAll(dir)) },
	}
	return b.open(), nil
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
