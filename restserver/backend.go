package restserver

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
	"github.com/redis-rest/redis-rest-go/internal/engine/script"
)

// A backend is the database behind a server.
type backend struct {
	name    string
	db      database
	user    string // whom Redis sees
	stop    func() error
	advance func(time.Duration)  // nil if the clock is the machine's
	watch   func(script.Watcher) // nil if scripts cannot be watched
	setLog  func(*Server)        // sends the lines of redis.log to the server's log; nil if they are not known
	exited  <-chan error         // gets why the private redis-server ended by itself; nil if there is none
}

func startBackend(c Config) (*backend, error) {
	name := c.Backend
	if c.DataFile != "" {
		if name != "" && name != "memory" {
			return nil, errors.New("only the embedded database has a data file")
		}
		return startWithFile(c)
	}
	if c.Fsync != "" {
		return nil, errors.New("an Fsync needs a DataFile")
	}
	switch name {
	case "", "memory":
		return startMemory(c), nil
	case "redis-server":
		return startRedisServer()
	case "auto":
		b, err := startRedisServer()
		if errors.Is(err, exec.ErrNotFound) {
			return startMemory(c), nil
		}
		return b, err
	}
	return connect(name)
}

var errAddress = errors.New(`the backend must be "memory", "redis-server", "auto" or addresses that start with redis://, rediss:// or unix://`)

// connect makes the database of an address, or of several addresses of nodes of one
// cluster. It opens no connection. An address that cannot be parsed is not shown in the error,
// because it may contain a password.
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
		if needsPassword(opts.Username, opts.Password) {
			return nil, errNoPassword
		}
		nodeOptions(opts)
		return &backend{name: "Redis master " + opts.MasterName, db: single{redis.NewFailoverClient(opts)}, user: opts.Username, stop: stop}, nil
	case more != "" || query.Has("addr") || query.Has("cluster"):
		query.Del("cluster")
		for address := range strings.SplitSeq(more, ",") {
			if node, err := url.Parse(address); err != nil || address != "" && node.Host == "" {
				return nil, errUnreadable
			} else if address != "" && node.User != nil && node.User.String() != u.User.String() {
				return nil, errors.New("all nodes of a cluster need the same user and password")
			} else if address != "" {
				query.Add("addr", net.JoinHostPort(node.Hostname(), cmp.Or(node.Port(), "6379")))
			}
		}
		u.RawQuery = query.Encode()
		opts, err := redis.ParseClusterURL(u.String())
		if err != nil {
			return nil, errUnreadable
		}
		if needsPassword(opts.Username, opts.Password) {
			return nil, errNoPassword
		}
		nodeOptions(opts)
		return &backend{name: "Redis Cluster at " + strings.Join(opts.Addrs, ", "), db: newCluster(opts), user: opts.Username, stop: stop}, nil
	}
	opts, err := redis.ParseURL(first)
	if err != nil {
		return nil, errUnreadable
	}
	if needsPassword(opts.Username, opts.Password) {
		return nil, errNoPassword
	}
	return &backend{name: "Redis at " + opts.Addr, db: newSingle(opts), user: opts.Username, stop: stop}, nil
}

var (
	errUnreadable = errors.New("the backend's address cannot be read")
	errNoPassword = errors.New("the user in redis needs a password, because without one Redis uses its default user")
)

// needsPassword says whether go-redis would not send the user, because there is no password.
func needsPassword(user, password string) bool {
	return user != "" && user != "default" && password == ""
}

func startMemory(c Config) *backend { return embedded(keyspace.New(), c) }

func embedded(db *keyspace.DB, c Config) *backend {
	if c.MaxData > 0 {
		db.SetMaxMemory(c.MaxData)
	}
	if c.LikeHosted {
		db.LikeHosted()
	}
	return &backend{
		name:    "memory",
		db:      inMemory{db},
		advance: db.Advance,
		watch:   db.Watch,
		setLog:  func(s *Server) { db.SetLog(s.logScript) },
		stop:    func() error { return nil },
	}
}

// startRedisServer starts a private Redis that stores nothing on disk, on a unix
// socket in its own folder.
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
	ownGroup(cmd)
	log := new(redisLog)
	version, err := startAndWait(cmd, log)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", filepath.Base(path), err), os.RemoveAll(dir))
	}
	name := filepath.Base(path) + " " + version
	ended := make(chan struct{})
	exited := make(chan error, 1)
	go func() {
		cmd.Wait()
		close(ended)
		exited <- fmt.Errorf("%s ended: %v", name, cmd.ProcessState)
	}()
	return &backend{
		name:   name,
		db:     newSingle(&redis.Options{Network: "unix", Addr: socket}),
		exited: exited,
		setLog: log.to,
		stop: func() error {
			err := kill(cmd)
			<-ended
			return errors.Join(err, os.RemoveAll(dir))
		},
	}, nil
}

// A redisLog passes on the log of a private redis-server, in which the lines of redis.log are.
type redisLog struct{ server atomic.Pointer[Server] }

func (l *redisLog) to(s *Server) { l.server.Store(s) }

// redisLine is a line of Redis' log: the process, the time, the level, and the text.
var redisLine = regexp.MustCompile(`^\d+:[A-Z] \d+ \w+ \d+ [\d:.]+ ([.\-*#]) (.*)$`)

func (l *redisLog) line(text string) {
	s, parts := l.server.Load(), redisLine.FindStringSubmatch(text)
	if s == nil || parts == nil {
		return
	}
	level := strings.Index(".-*#", parts[1])
	s.logScript(script.LogLine{Level: level, Message: parts[2]})
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

// startAndWait starts a Redis and returns its version as soon as its log says that it
// accepts connections.
func startAndWait(cmd *exec.Cmd, log *redisLog) (version string, err error) {
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
			// Keep reading its log, so that it never blocks on a full pipe.
			go func() {
				defer r.Close()
				for lines.Scan() {
					log.line(lines.Text())
				}
				io.Copy(io.Discard, r) // after a line that is too long
			}()
			return version, nil
		}
	}
	r.Close()
	kill(cmd)
	cmd.Wait()
	return "", fmt.Errorf("did not start: %s", last)
}

// kill ends a Redis that stores nothing. SIGTERM would take longer, because Redis
// checks for it only ten times a second.
func kill(cmd *exec.Cmd) error {
	if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}
