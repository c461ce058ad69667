package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/urfave/cli/v3"
)

// A certificateFile is a certificate that is read again when its files change.
type certificateFile struct {
	cert, key string
	notes     io.Writer

	mu    sync.Mutex
	pair  *tls.Certificate
	state [2]fileState // of the files, when they were read last
}

type fileState struct {
	changed time.Time
	size    int64
}

// certificate reads the certificate of the flags. It is nil if there is none.
func certificate(c *cli.Command) (*certificateFile, error) {
	f := &certificateFile{cert: c.String("tls-cert"), key: c.String("tls-key"), notes: c.Root().ErrWriter}
	switch {
	case f.cert == "" && f.key == "":
		return nil, nil
	case f.cert == "" || f.key == "":
		return nil, errors.New("--tls-cert and --tls-key need each other")
	}
	state := f.look()
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return nil, err
	}
	f.pair, f.state = &pair, state
	return f, nil
}

func (f *certificateFile) look() (state [2]fileState) {
	for i, path := range []string{f.cert, f.key} {
		if info, err := os.Stat(path); err == nil {
			state[i] = fileState{info.ModTime(), info.Size()}
		}
	}
	return state
}

// get returns the certificate for a new connection. Files that cannot be read, for instance
// because only one of them has been written so far, leave the certificate as it was.
func (f *certificateFile) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	state := f.look()
	f.mu.Lock()
	defer f.mu.Unlock()
	if state == f.state {
		return f.pair, nil
	}
	f.state = state
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		fmt.Fprintf(f.notes, "redis-rest: the new certificate cannot be used, the old one stays: %v\n", err)
		return f.pair, nil
	}
	f.pair = &pair
	fmt.Fprintln(f.notes, "redis-rest: the certificate was read again")
	return f.pair, nil
}
