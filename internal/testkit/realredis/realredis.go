// Package realredis starts a redis-server for tests that compare results with it.
package realredis

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// A Server is a private redis-server 7.0 and a connection to it.
type Server struct {
	Socket string

	t    testing.TB
	conn net.Conn
	out  []byte
}

// Start starts a server, with more options of its command line, that ends with the test. If that version is not installed,
// the test is skipped, and fails in CI.
func Start(t testing.TB, options ...string) *Server {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		missing(t, "redis-server is not on PATH")
	}
	dir, err := os.MkdirTemp("", "redis-") // the path in t.TempDir may be too long for a socket
	check(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	cmd := exec.Command(path, append([]string{"--port", "0", "--unixsocket", socket, "--save", "", "--dir", dir}, options...)...)
	log, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	var logged sync.WaitGroup
	t.Cleanup(func() { cmd.Process.Kill(); logged.Wait(); cmd.Wait() })
	lines := bufio.NewScanner(log)
	for lines.Scan() && !strings.Contains(lines.Text(), "ready to accept") {
	}
	logged.Go(func() { io.Copy(io.Discard, log) })
	conn, err := net.Dial("unix", socket)
	check(t, err)
	t.Cleanup(func() { conn.Close() })
	s := &Server{Socket: socket, t: t, conn: conn}
	if info := string(s.Do("INFO", "server")); !strings.Contains(info, "redis_version:7.0.") {
		missing(t, "redis-server is not of version 7.0")
	}
	return s
}

// Need skips the test if neither redis-server nor valkey-server is on PATH, and
// fails it in CI.
func Need(t testing.TB) {
	t.Helper()
	for _, program := range []string{"redis-server", "valkey-server"} {
		if _, err := exec.LookPath(program); err == nil {
			return
		}
	}
	missing(t, "redis-server is not on PATH")
}

func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(what + ", and CI must have it")
	}
	t.Skip(what)
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Do runs a command and returns its raw reply.
func (s *Server) Do(args ...string) []byte {
	s.t.Helper()
	s.out = resp.AppendBulks(s.out[:0], args)
	_, err := s.conn.Write(s.out)
	check(s.t, err)
	reply, err := s.read()
	if err != nil {
		s.t.Fatalf("%.200q: %v", args, err)
	}
	return reply
}

// Keys returns the keys that the server finds in a command (COMMAND GETKEYS), or its error.
func (s *Server) Keys(words []string) ([]string, error) {
	s.t.Helper()
	c := resp.NewCursor(s.Do(append([]string{"COMMAND", "GETKEYS"}, words...)...))
	head := c.Next()
	if head.Kind == '-' {
		return nil, errors.New(string(head.Text))
	}
	var keys []string
	for range head.N {
		keys = append(keys, string(c.Next().Text))
	}
	return keys, nil
}

// read reads one reply, in RESP2 or RESP3.
func (s *Server) read() ([]byte, error) {
	var read []byte
	for {
		if reply, _, ok := resp.Cut(read); ok {
			return reply, nil
		}
		// The buffer doubles, so the work is proportional to the reply.
		read = slices.Grow(read, max(len(read), 4096))
		n, err := s.conn.Read(read[len(read):cap(read)])
		if read = read[:len(read)+n]; err != nil {
			return nil, err
		}
	}
}
