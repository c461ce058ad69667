package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"net"
	neturl "net/url"
	"os"
	"strconv"
)

var (
	request = flag.String("request", "", "for raw: `FILE` with a request that is sent as it is")
	counts  = flag.Int("counts", 1, "for raw: for how many `OPERATIONS` it counts")
)

// raw sends the same bytes again and again on kept connections, so that only the
// server is measured.
func raw() (call, error) {
	bytes, err := os.ReadFile(*request)
	if err != nil {
		return nil, err
	}
	u, err := neturl.Parse(*url)
	if err != nil {
		return nil, err
	}
	idle := make(chan *rawConn, *callers)
	for range *callers {
		conn, err := net.Dial("tcp", u.Host)
		if err != nil {
			return nil, err
		}
		idle <- &rawConn{conn, bufio.NewReaderSize(conn, 64<<10)}
	}
	return func(context.Context) (int, error) {
		conn := <-idle
		defer func() { idle <- conn }()
		if _, err := conn.Write(bytes); err != nil {
			return 0, err
		}
		return *counts, conn.answer()
	}, nil
}

type rawConn struct {
	net.Conn
	r *bufio.Reader
}

// answer reads a complete HTTP/1.1 answer with status 200.
func (c *rawConn) answer() error {
	length, chunked := 0, false
	for first := true; ; first = false {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch {
		case first && !bytes.Contains(line, []byte(" 200")):
			return fmt.Errorf("the answer begins with %s", line)
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return err
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = true
		}
	}
	for {
		if chunked {
			line, err := c.r.ReadSlice('\n')
			if err != nil {
				return err
			}
			size, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
			if err != nil {
				return err
			}
			length = int(size) + len("\r\n")
		}
		if _, err := c.r.Discard(length); err != nil {
			return err
		}
		if !chunked || length == len("\r\n") {
			return nil
		}
	}
}
