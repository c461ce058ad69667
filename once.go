package redis

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/redis-rest/redis-rest-go/internal/client/runonce"
	"github.com/redis-rest/redis-rest-go/internal/protocol/digest"
	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// DefaultOnceWindow is how long [Script.RunOnce] remembers an id by default.
const DefaultOnceWindow = 10 * time.Minute

// OnceWindow says how long [Script.RunOnce] remembers an id, to the millisecond:
// from 1 ms on.
func OnceWindow(d time.Duration) ScriptOption {
	return scriptOption(func(s *script) { s.window = d })
}

// RunOnce runs the script's effect at most once for an id within a window of time
// ([OnceWindow], 10 minutes by default), whatever the network does. Every later call
// with that id returns the reply of the first run: an integer, string, null, array or
// error. That includes an error that was raised after a part of the effect, because Redis
// rolls nothing back. So RunOnce is retried like a command that only reads, and after
// an [ErrOutcomeUnknown] the caller may call again with the same id.
//
// An id names one effect, such as "order:42:buy" or the value of a request's
// Idempotency-Key header. Its record is in the hash slot of the first key, so RunOnce
// works on a cluster and refuses a script without keys. If an id was used by another
// script, or by another version of the script, the call is an error and nothing runs.
//
// The script is sent inside Lua code that looks the id up and stores the reply,
// atomically with the effect. The script's KEYS, ARGV, line numbers and #! line do not
// change. The cost is one key, {tag}:once:ID, which holds 40 bytes and the reply and
// expires with the window; about 3 KB more when the source is sent; and two writes.
//
// There are limits. After its first write a script cannot be ended by SCRIPT KILL, and
// here the record is a write. The script must not call SELECT. If it does not compile,
// the error may have another text. A record is lost if Redis evicts keys that expire, or
// loses writes in a failover. The window must be longer than a request can take, because
// a retry that might arrive after the window is not sent.
func (s *Script[T]) RunOnce(ctx context.Context, d Doer, id string, keys []string, args ...any) (T, error) {
	return s.OnceCmd(id, keys, args...).Do(ctx, d)
}

// OnceCmd makes the command of [Script.RunOnce], to be run later or queued in a
// [Batch].
func (s *Script[T]) OnceCmd(id string, keys []string, args ...any) Command[T] {
	made := s.made()
	window := made.window
	refuse := func(why string) Command[T] {
		return Command[T]{c: &command{args: []any{"EVALSHA"}, err: errors.New("redis: RunOnce: " + why)}}
	}
	switch {
	case made.err != nil:
		return Command[T]{c: &command{args: []any{"EVALSHA"}, err: made.err}}
	case len(keys) == 0:
		return refuse("a script without keys cannot remember its id: the first key says where on a cluster")
	case id == "":
		return refuse("the id is empty")
	case !utf8.ValidString(id):
		return refuse("the id is not valid UTF-8")
	case made.readOnly:
		return refuse("a script that only reads can be run again anyway, by Run")
	case window < time.Millisecond:
		return refuse("the window must be at least one millisecond")
	}
	if len(args) == 1 { // before the window makes it one of two
		if err := wire.CheckArguments(s.Cmd(keys, args...).c.args); err != nil {
			return InvalidCmd[T]("EVALSHA", err)
		}
	}
	wrapped := made.runOnceWrapper()
	keys = append(slices.Clone(keys), runonce.Record(keys[0], id))
	args = append(slices.Clone(args), window.Milliseconds())
	c := evalCommand[T]("EVALSHA", wrapped.digest(), keys, args)
	c.c.script, c.c.digest, c.c.idempotent, c.c.window = wrapped, true, true, window
	return c
}

// recordProves reports whether an error that follows lost attempts is the result of the one
// run of RunOnce: the script's own, just now or from the record. The wrapper itself raises
// an error if it cannot write the record, for want of memory for example. Nothing else that
// the server refuses proves anything about the attempts before it.
func (c *command) recordProves(e *Error) bool {
	if c.window == 0 || e.Status != http.StatusOK && e.Status != http.StatusBadRequest {
		return false
	}
	wrapper := strings.Contains(e.Message, c.script.sha()) || strings.HasPrefix(e.Message, "ERR Error running script")
	return errors.Is(e, ErrOnceConflict) || !wrapper && !callInfo{lua: true}.unexecuted(e)
}

// newRunOnceWrapper makes the script that runs s once.
func (s *script) newRunOnceWrapper() *script {
	source := runonce.Wrap(s.source, s.sha())
	return &script{
		source:   source,
		original: s.source,
		name:     s.name,
		digest:   sync.OnceValue(func() any { return digest.Of(source) }),
		loads:    map[Doer]chan struct{}{},
	}
}
