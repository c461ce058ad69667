// Package realredis starts a redis-server for tests that compare with it.
package realredis

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A Server is a redis-server 7.0 of a test's own, and a connection to it.
type Server struct {
	Socket string

	t    testing.TB
	conn net.Conn
	r    *bufio.Reader
	out  []byte
}

// Start starts one, which ends with the test. Where there is none of that version,
// the test is skipped, and fails in CI.
func Start(t testing.TB) *Server {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		missing(t, "redis-server is not on PATH")
	}
	dir, err := os.MkdirTemp("", "redis-") // t.TempDir may be too long for a socket
	check(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	cmd := exec.Command(path, "--port", "0", "--unixsocket", socket, "--save", "", "--dir", dir)
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
	s := &Server{Socket: socket, t: t, conn: conn, r: bufio.NewReader(conn)}
	if info := string(s.Do("INFO", "server")); !strings.Contains(info, "redis_version:7.0.") {
		missing(t, "redis-server is not of version 7.0")
	}
	return s
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
	s.out = fmt.Appendf(s.out[:0], "*%d\r\n", len(args))
	for _, arg := range args {
		s.out = fmt.Appendf(s.out, "$%d\r\n%s\r\n", len(arg), arg)
	}
	_, err := s.conn.Write(s.out)
	check(s.t, err)
	reply, err := s.appendReply(nil)
	if err != nil {
		s.t.Fatalf("%.200q: %v", args, err)
	}
	return reply
}

// appendReply appends the reply that is next on the connection, of RESP2 or RESP3.
func (s *Server) appendReply(dst []byte) ([]byte, error) {
	line, err := s.r.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	dst = append(dst, line...)
	n, _ := strconv.Atoi(string(bytes.TrimSpace(line[1:])))
	switch line[0] {
	case '$', '=':
		if n < 0 {
			return dst, nil
		}
		text := make([]byte, n+len("\r\n"))
		_, err := io.ReadFull(s.r, text)
		return append(dst, text...), err
	case '%':
		n *= 2
	case '*', '~', '>':
	default:
		return dst, nil
	}
	for range max(n, 0) {
		if dst, err = s.appendReply(dst); err != nil {
			return nil, err
		}
	}
	return dst, nil
}
