package rest

import (
	"context"
	"errors"
	"strings"
	"sync"
)

// A token is one that the source gave. Its text is in a function, so that reflection
// cannot find it.
type token struct{ text func() string }

func newToken(text string) *token { return &token{func() string { return text }} }

// A tokenSource asks for the token and keeps it until the server refuses it.
type tokenSource struct {
	ask func(context.Context) (string, error)

	mu      sync.Mutex
	current *token      // nil if there is none, or the server refused it
	query   *tokenQuery // nil if nobody asks
	issued  []*token    // the last ones, so that each can be removed from texts
}

// A tokenQuery is a call of the source, for all who wait for it.
type tokenQuery struct {
	done    chan struct{} // closed when token and err are set
	token   *token
	err     error
	waiting int
	cancel  context.CancelFunc
}

// maxIssued is how many tokens are removed from texts.
const maxIssued = 16

// get returns the token. If that would be the refused one, or there is none, it asks the
// source. Goroutines that need a token at the same time share one call of the source. The
// call is cancelled when nobody waits for it any more.
func (s *tokenSource) get(ctx context.Context, refused *token) (*token, error) {
	s.mu.Lock()
	if s.current == refused {
		s.current = nil
	}
	if t := s.current; t != nil {
		s.mu.Unlock()
		return t, nil
	}
	if s.query == nil {
		s.query = s.start(context.WithoutCancel(ctx))
	}
	q := s.query
	q.waiting++
	s.mu.Unlock()
	select {
	case <-q.done:
		return q.token, q.err
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if q.waiting--; q.waiting == 0 {
		q.cancel()
		if s.query == q { // the source may never return
			s.query = nil
		}
	}
	return nil, Ended(ctx)
}

// A sourceError is an error of the source, shown without tokens.
type sourceError struct {
	text string
	err  error
}

func (e *sourceError) Error() string { return e.text }

func (e *sourceError) Unwrap() error { return e.err }

var errNoToken = errors.New("the source of tokens did not return")

// start calls the source in a goroutine of its own, so that each caller can give up.
func (s *tokenSource) start(ctx context.Context) *tokenQuery {
	ctx, cancel := context.WithCancel(ctx)
	q := &tokenQuery{done: make(chan struct{}), err: errNoToken, cancel: cancel}
	go func() {
		defer func() {
			cancel()
			s.mu.Lock()
			defer s.mu.Unlock()
			if q.token != nil {
				s.current = q.token
				s.issued = append(s.issued[max(0, len(s.issued)-maxIssued+1):], q.token)
			}
			if s.query == q {
				s.query = nil
			}
			close(q.done)
		}()
		text, err := s.ask(ctx)
		if err != nil {
			shown := s.redact(err.Error())
			if text != "" {
				shown = strings.ReplaceAll(shown, text, redacted)
			}
			q.err = &sourceError{shown, err}
			return
		}
		q.token, q.err = newToken(text), nil
	}()
	return q
}

// redact removes the tokens from text.
func (s *tokenSource) redact(text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.issued {
		text = strings.ReplaceAll(text, t.text(), redacted)
	}
	return text
}

const redacted = "[redacted]"
