package redis

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/protocol/digest"
)

// A Script is a Lua script whose replies become a T. It is made once, as a
// package variable for instance, and is safe for concurrent use.
type Script[T any] struct{ s script }

// A script is what a Script is without its type.
type script struct {
	source   string
	shown    string // the source as its author knows it
	name     string // for errors; "" for "script"
	readOnly bool
	again    bool           // may run twice
	digest   func() any     // of source, the argument of EVALSHA: a string, computed and boxed once
	window   time.Duration  // how long once remembers
	once     func() *script // the script that runs this one once for an id

	mu       sync.Mutex
	loads    map[Doer]chan struct{} // closed when the source that is on its way has arrived
	arrivals int                    // how often it has
}

// A ScriptOption says something about a script.
type ScriptOption func(*script)

// ReadOnly says that the script only reads, so that it is run by EVALSHA_RO and
// EVAL_RO (since Redis 7.0). A write in it is an error.
func ReadOnly() ScriptOption {
	return func(s *script) { s.readOnly = true }
}

// Idempotent says that running the script twice has the effect of running it
// once, so that it is sent again where nobody can say whether it ran (see
// [RetryPolicy]). For a script of which that is not true there is
// [Script.RunOnce].
func Idempotent() ScriptOption {
	return func(s *script) { s.again = true }
}

// Named gives the script the name that it has in errors: limit.lua.
func Named(name string) ScriptOption {
	return func(s *script) { s.name = name }
}

// NewScript makes a script of its source. Nothing is computed or sent yet.
func NewScript[T any](source string, opts ...ScriptOption) *Script[T] {
	s := &Script[T]{script{
		source: source,
		shown:  source,
		digest: sync.OnceValue(func() any { return digest.Of(source) }),
		window: DefaultOnceWindow,
		loads:  map[Doer]chan struct{}{},
	}}
	s.s.once = sync.OnceValue(s.s.makeOnce)
	for _, opt := range opts {
		opt(&s.s)
	}
	return s
}

// SHA returns the script's digest, in hexadecimal.
func (s *Script[T]) SHA() string { return s.s.sha() }

// Run runs the script on d with its KEYS and ARGV, by its digest (EVALSHA). Where
// the server does not hold the script, which it says before running anything, the
// source is sent (EVAL), and the server holds it from then on; goroutines that
// find it missing at the same time send it once.
//
// Replies and errors are those of [Eval].
func (s *Script[T]) Run(ctx context.Context, d Doer, keys []string, args ...any) (T, error) {
	return s.Cmd(keys, args...).Do(ctx, d)
}

// Cmd makes a command of the script with its KEYS and ARGV, to be run later or
// queued in a [Batch]. In a batch nothing depends on what the server holds: the
// script's first use there carries the source, its further uses the digest.
func (s *Script[T]) Cmd(keys []string, args ...any) Command[T] {
	c := evalCommand[T](s.s.command("EVALSHA", "EVALSHA_RO"), s.s.digest(), keys, args)
	c.c.script, c.c.digest, c.c.idempotent = &s.s, true, s.s.again
	return c
}

// Load has the server keep the script (SCRIPT LOAD), so that the first Run needs
// no source. Nothing depends on it.
func (s *Script[T]) Load(ctx context.Context, d Doer) error {
	load := Cmd[string]("SCRIPT", "LOAD", s.s.source)
	load.c.script = &s.s
	sha, err := load.Do(ctx, d)
	if err == nil && sha != s.SHA() {
		err = fmt.Errorf("redis: SCRIPT LOAD: the server keeps the script under another digest than %s", s.SHA())
	}
	return err
}

// command is the name of EVAL or EVALSHA, or of its counterpart that only reads.
func (s *script) command(name, readOnly any) any {
	if s.readOnly {
		return readOnly
	}
	return name
}

func (s *script) sha() string { return s.digest().(string) }

// run runs c, a command of the script by its digest. Whether the script is missing
// is for the server to say, by an error of the whole call: an error inside a reply
// is the script's own, and it did run.
func (s *script) run(ctx context.Context, d Doer, c *command) (reply Reply, err error) {
	s.mu.Lock()
	before := s.arrivals
	s.mu.Unlock()
	until := c.until() // from the first attempt of all
	reply, err = c.send(ctx, d, c.args, until)
	if !errors.Is(err, ErrNoScript) {
		return reply, err
	}
	if errors.Is(err, ErrOutcomeUnknown) { // it was sent twice, and may have run the first time
		defer func() { err = outcomeUnknown(c.name(), err) }()
	}
	done, wait := s.load(d, before)
	if wait != nil {
		select {
		case <-wait:
		case <-ctx.Done():
			return Reply{}, &callError{command: c.name(), err: ctx.Err()}
		}
		if reply, err = c.send(ctx, d, c.args, until); !errors.Is(err, ErrNoScript) {
			return reply, err
		}
		done = func() {} // lost again: no more waiting for others
	}
	defer done()
	return c.send(ctx, d, c.bySource(), until)
}

// load says who sends the source to d: the caller, who calls done when it has
// arrived, or somebody else, for whom wait is closed then. A source that has
// arrived since before is there already.
func (s *script) load(d Doer, before int) (done func(), wait <-chan struct{}) {
	if !reflect.ValueOf(d).Comparable() {
		return func() {}, nil // cannot be told from others
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if wait, ok := s.loads[d]; ok {
		return nil, wait
	}
	sending := make(chan struct{})
	if s.arrivals != before {
		close(sending)
		return nil, sending
	}
	s.loads[d] = sending
	return func() {
		s.mu.Lock()
		delete(s.loads, d)
		s.arrivals++
		s.mu.Unlock()
		close(sending)
	}, nil
}
