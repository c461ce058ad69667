package redis

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/client/rest"
	"github.com/redis-rest/redis-rest-go/internal/protocol/digest"
)

// A Script is a Lua script whose replies are decoded into a T. Make it once, for example
// as a package variable. It is safe for concurrent use.
type Script[T any] struct{ s script }

// A script is a Script without its type.
type script struct {
	source         string
	original       string // the source that the caller gave
	name           string // for errors; "" for "script"
	readOnly       bool
	idempotent     bool           // it may run twice
	err            error          // why the script cannot be run
	digest         func() any     // the digest of source, a string; computed once and converted to any once
	window         time.Duration  // how long RunOnce remembers an id
	runOnceWrapper func() *script // the script that wraps this one for RunOnce

	split sync.Once
	lines []string // of original; made when the first error shows one

	mu       sync.Mutex
	loads    map[Doer]chan struct{} // by Doer; closed when the source that is being sent has arrived
	arrivals int                    // how often a source has arrived
}

// A ScriptOption says something about a script: [ReadOnly], [Idempotent], [Named] or
// [OnceWindow].
type ScriptOption interface{ apply(*script) }

type scriptOption func(*script)

func (o scriptOption) apply(s *script) { o(s) }

// ReadOnly says that the script only reads. It is then run with EVALSHA_RO and EVAL_RO
// (since Redis 7.0), and a write in it is an error.
func ReadOnly() ScriptOption {
	return scriptOption(func(s *script) { s.readOnly = true })
}

// Idempotent says that running the script twice has the same effect as running it once.
// It is then retried also if it may have run (see [RetryPolicy]). For a script of which
// that is not true there is [Script.RunOnce].
func Idempotent() ScriptOption {
	return scriptOption(func(s *script) { s.idempotent = true })
}

// Named sets the script's name in errors, such as limit.lua.
func Named(name string) ScriptOption {
	return scriptOption(func(s *script) { s.name = name })
}

// NewScript makes a script from its source. It computes and sends nothing. If an
// option is nil, running the script is an error.
func NewScript[T any](source string, opts ...ScriptOption) *Script[T] {
	s := &Script[T]{}
	s.s.init(source)
	for _, opt := range opts {
		if opt == nil {
			s.s.err = errors.New("redis: NewScript: an option is nil")
			continue
		}
		opt.apply(&s.s)
	}
	return s
}

// init makes s a script of its source. Nothing is computed yet.
func (s *script) init(source string) {
	s.source, s.original = source, source
	s.digest = sync.OnceValue(func() any { return digest.Of(source) })
	s.window = DefaultOnceWindow
	s.loads = map[Doer]chan struct{}{}
	s.runOnceWrapper = sync.OnceValue(s.newRunOnceWrapper)
}

// made returns the script, or one that cannot be run if NewScript did not make it.
func (s *Script[T]) made() *script {
	if s == nil || s.s.digest == nil {
		return unmadeScript()
	}
	return &s.s
}

var unmadeScript = sync.OnceValue(func() *script {
	s := &script{err: errors.New("the script was not made by NewScript")}
	s.init("")
	return s
})

// SHA returns the script's digest, in hexadecimal.
func (s *Script[T]) SHA() string { return s.made().sha() }

// Run runs the script on d with its KEYS and ARGV, by its digest (EVALSHA). If the server
// does not hold the script, it says so and runs nothing; then the source is sent (EVAL),
// and from then on the server holds it. If many goroutines find the script missing at
// the same time, the source is sent once.
//
// Replies and errors are those of [Eval].
func (s *Script[T]) Run(ctx context.Context, d Doer, keys []string, args ...any) (T, error) {
	return s.Cmd(keys, args...).Do(ctx, d)
}

// Cmd makes a command of the script with its KEYS and ARGV, to run later or to queue in
// a [Batch]. In a batch the script's first use is sent as the source, once for each hash
// slot, and later uses as the digest, so nothing depends on what the server holds.
func (s *Script[T]) Cmd(keys []string, args ...any) Command[T] {
	made := s.made()
	c := evalCommand[T](made.command("EVALSHA", "EVALSHA_RO"), made.digest(), keys, args)
	c.c.script, c.c.digest, c.c.idempotent, c.c.err = made, true, made.idempotent, made.err
	return c
}

// Load makes the server keep the script (SCRIPT LOAD), so that the first Run does not
// need to send the source. Run works without it.
func (s *Script[T]) Load(ctx context.Context, d Doer) error {
	made := s.made()
	load := Cmd[string]("SCRIPT", "LOAD", made.source)
	load.c.script, load.c.err = made, made.err
	sha, err := load.Do(ctx, d)
	if err == nil && sha != s.SHA() {
		err = fmt.Errorf("redis: SCRIPT LOAD: the server keeps the script under another digest than %s", s.SHA())
	}
	return err
}

// command is name, or readOnly if the script only reads.
func (s *script) command(name, readOnly any) any {
	if s.readOnly {
		return readOnly
	}
	return name
}

func (s *script) sha() string { return s.digest().(string) }

// run runs c, a command of the script by its digest. The script is missing only if the
// server answers so to the whole call: an error inside a reply comes from the script,
// which did run.
func (s *script) run(ctx context.Context, d Doer, c *command) (reply Reply, err error) {
	s.mu.Lock()
	before := s.arrivals
	s.mu.Unlock()
	until := c.until() // counts from the first attempt, by digest
	reply, err = c.send(ctx, d, c.args, until)
	if !errors.Is(err, ErrNoScript) {
		return reply, err
	}
	if client := observed(d); client != nil {
		client.recordOf(ctx).noteMissed()
	}
	if errors.Is(err, ErrOutcomeUnknown) { // an earlier attempt may have run
		defer func() { err = outcomeUnknown(c.name(), err) }()
	}
	done, wait := s.load(d, before)
	if wait != nil {
		select {
		case <-wait:
		case <-ctx.Done():
			return Reply{}, notExecuted(c.name(), rest.Ended(ctx))
		}
		if reply, err = c.send(ctx, d, c.args, until); !errors.Is(err, ErrNoScript) {
			return reply, err
		}
		done = func() {} // it is missing again: do not wait for others any more
	}
	defer done()
	return c.send(ctx, d, c.bySource(), until)
}

// load decides who sends the source to d. If wait is nil the caller sends it, and calls
// done when it has arrived. Otherwise another goroutine sends it, and wait is closed when
// it has arrived. It is closed already if a source has arrived since before.
func (s *script) load(d Doer, before int) (done func(), wait <-chan struct{}) {
	if !reflect.ValueOf(d).Comparable() {
		return func() {}, nil // it cannot be a key of loads
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

// line returns line n of the script, counted from 1, as much as an error should
// show.
func (s *script) line(n int) string {
	s.split.Do(func() { s.lines = strings.Split(s.original, "\n") })
	if n > len(s.lines) {
		return ""
	}
	const most = 120 // bytes
	line := strings.TrimSpace(s.lines[n-1])
	if len(line) > most {
		line = strings.ToValidUTF8(line[:most], "") + "…"
	}
	return line
}
