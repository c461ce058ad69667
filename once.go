package redis

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/redis-rest/redis-rest-go/internal/client/runonce"
	"github.com/redis-rest/redis-rest-go/internal/protocol/digest"
)

// DefaultOnceWindow is how long [Script.RunOnce] remembers an id.
const DefaultOnceWindow = 10 * time.Minute

// OnceWindow says how long [Script.RunOnce] remembers an id, to the millisecond:
// from 1 ms on.
func OnceWindow(d time.Duration) ScriptOption {
	return func(s *script) { s.window = d }
}

// RunOnce runs the script's effect at most once for an id within a window of time
// ([OnceWindow], 10 minutes), whatever the network does, and returns the first
// run's reply to every later call with that id: integers, strings, null, arrays,
// and errors too, those raised half-way included, since Redis rolls nothing back.
// It is therefore sent again like a command that reads, and a caller who got an
// error that is [ErrOutcomeUnknown] may call again with the same id.
//
// An id names one effect, such as "order:42:buy" or what a request's
// Idempotency-Key says; it is known in the hash slot of the first key (and so on a
// cluster), and a script without keys is refused. With another script, or another
// version of it, an id that was used is an error and nothing runs.
//
// The script is sent with Lua around it that looks the id up and keeps the reply,
// atomically with the effect. The script sees its KEYS and ARGV, its line numbers
// and its #! line as ever. That costs one key, {tag}:once:ID, that holds 40 bytes and the
// reply and expires with the window; some 3 KB more where the source is sent; and
// two writes. Having written, a script cannot be ended by SCRIPT KILL. It must not
// call SELECT, and one that does not compile may be told so in other words. A
// record is lost where Redis evicts keys that expire, or loses writes in a
// failover; and the window must be longer than a request can be under way, since
// nothing is sent again that might arrive after it.
func (s *Script[T]) RunOnce(ctx context.Context, d Doer, id string, keys []string, args ...any) (T, error) {
	return s.OnceCmd(id, keys, args...).Do(ctx, d)
}

// OnceCmd makes the command of [Script.RunOnce], to be run later or queued in a
// [Batch].
func (s *Script[T]) OnceCmd(id string, keys []string, args ...any) Command[T] {
	window := s.s.window
	refuse := func(why string) Command[T] {
		return Command[T]{c: &command{args: []any{"EVALSHA"}, err: errors.New("redis: RunOnce: " + why)}}
	}
	switch {
	case len(keys) == 0:
		return refuse("a script without keys cannot remember its id: the first key says where on a cluster")
	case id == "":
		return refuse("the id is empty")
	case !utf8.ValidString(id):
		return refuse("the id is not valid UTF-8")
	case s.s.readOnly:
		return refuse("a script that only reads can be run again anyway, by Run")
	case window < time.Millisecond:
		return refuse("a window below a millisecond remembers nothing")
	}
	wrapped := s.s.once()
	keys = append(slices.Clone(keys), runonce.Record(keys[0], id))
	args = append(slices.Clone(args), window.Milliseconds())
	c := evalCommand[T]("EVALSHA", wrapped.digest(), keys, args)
	c.c.script, c.c.digest, c.c.idempotent, c.c.window = wrapped, true, true, window
	return c
}

// makeOnce makes the script that runs s once.
func (s *script) makeOnce() *script {
	source := runonce.Wrap(s.source, s.sha())
	return &script{
		source: source,
		shown:  s.source,
		name:   s.name,
		digest: sync.OnceValue(func() any { return digest.Of(source) }),
		loads:  map[Doer]chan struct{}{},
	}
}
