package restserver

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

const (
	readyTimeout = 2 * time.Second // for an answer of Redis
	lookAgain    = 5 * time.Second // while Redis can be used; a failed request causes a look at once
	lookOften    = time.Second / 2 // while it cannot
)

// ready returns an error if Redis does not answer, or cannot run commands now.
func (s *Server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	return s.main.db.nodes(ctx, func(ctx context.Context, n node) error {
		reply, err := n.run(ctx, &command{args: []string{"PING"}, name: "PING"})
		if err != nil || reply[0] != '-' {
			return err
		}
		c := resp.NewCursor(reply)
		if text := string(c.Next().Text); !strings.HasPrefix(text, "NOPERM") {
			return refusedError(text)
		}
		return nil
	})
}

// A look at Redis is shared by all who ask while it lasts: without a token nobody may cause much work.
type look struct {
	done chan struct{}
	err  error
}

// look joins the look at Redis, or begins one.
func (s *Server) look(ctx context.Context) error {
	s.looking.Lock()
	l := s.looks
	if l == nil {
		l = &look{done: make(chan struct{})}
		s.looks = l
		go func() {
			l.err = s.ready(context.Background())
			s.looking.Lock()
			s.looks = nil
			s.looking.Unlock()
			close(l.done)
		}()
	}
	s.looking.Unlock()
	select {
	case <-l.done:
		return l.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// answerReady answers /ready.
func (s *Server) answerReady(w http.ResponseWriter, r *http.Request) {
	err := s.look(r.Context())
	if err == nil {
		err = s.Err()
	}
	if err == nil {
		io.WriteString(w, `{"result":"OK"}`)
		return
	}
	w.Header().Set("Retry-After", "1")
	observedIn(r.Context()).noteFailure(err, "ERR Redis is not ready")
	refuse(w, http.StatusServiceUnavailable, "ERR Redis is not ready")
}

// watch tells the log whether Redis can be used: at the start if it cannot, and then at
// each change.
func (s *Server) watch() {
	usable := true
	for {
		err := s.ready(s.closing)
		if s.closing.Err() != nil {
			return
		}
		wait := time.Duration(lookAgain)
		switch {
		case err != nil && usable:
			s.config.Log.Warn("Redis cannot be used", "redis", s.Backend(), "reason", reasonOr(err))
		case err == nil && !usable:
			s.config.Log.Warn("Redis can be used again", "redis", s.Backend())
		}
		if usable = err == nil; !usable {
			wait = lookOften
		}
		timer := time.NewTimer(wait)
		select {
		case <-s.closing.Done():
			timer.Stop()
			return
		case <-timer.C:
		case <-s.trouble:
			timer.Stop()
			if !usable {
				select { // not at each failed request
				case <-s.closing.Done():
					return
				case <-time.After(lookOften):
				}
			}
		}
	}
}

func reasonOr(err error) string {
	if why := reason(err); why != "" {
		return why
	}
	return "the connection failed"
}

// suspect lets watch look at Redis, because a request failed.
func (s *Server) suspect(err error) {
	if errors.As(err, new(ownError)) || errors.Is(err, context.Canceled) {
		return
	}
	select {
	case s.trouble <- struct{}{}:
	default:
	}
}

// Done returns a channel that is closed when the server ends by itself, because its private
// redis-server has ended. Err then says why.
func (s *Server) Done() <-chan struct{} { return s.failed.Done() }

// Err returns why the server has ended by itself, or nil. It does not count Shutdown and Close.
func (s *Server) Err() error {
	if s.failed.Err() == nil {
		return nil
	}
	return context.Cause(s.failed)
}

// fail ends the server. Its requests do not run any more.
func (s *Server) fail(err error) {
	s.endFailed(err)
	if s.config.Log != nil {
		s.config.Log.Error("the server ends", "reason", err.Error())
	}
	ctx, cancel := context.WithTimeout(context.Background(), readyTimeout)
	defer cancel()
	if s.Shutdown(ctx) != nil {
		s.http.Close()
	}
}
