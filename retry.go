package redis

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/client/rest"
	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// RetryPolicy says how often a request is sent and how long to wait in between. A
// field that is 0 has its default.
//
// No command runs twice unless it may. A request is sent again only if
//
//   - it never left: no connection, TLS refused, nothing written; or
//   - it was refused unexecuted: 429, 503 with Retry-After, and Redis' own BUSY,
//     LOADING, TRYAGAIN and CLUSTERDOWN, and the rate limits of hosted services; or
//   - it only reads: Redis flags the command as one that does, or it is PING, ECHO,
//     TIME, SCRIPT LOAD or SCRIPT EXISTS; or
//   - the caller said that it may run twice ([Command.Idempotent], [Idempotent]),
//     or it is sent by [Script.RunOnce].
//
// A batch is sent again only if that holds for every command in it. For any other
// failure the error is [ErrOutcomeUnknown]. A script's own error is told from a
// refusal by Redis' full text.
//
// A wait that would pass the context's deadline is not begun; the error is then
// that of the last attempt.
type RetryPolicy struct {
	// MaxAttempts is how often a request is sent at most, 3 by default; 1 is never
	// again.
	MaxAttempts int

	// BaseDelay is the longest wait before the second attempt, 100 ms by default. It
	// doubles for each further one. The wait is anything from 0 to that (full
	// jitter), in addition to what the server asks for by Retry-After.
	BaseDelay time.Duration

	// MaxDelay is where the doubling ends, and the most of a Retry-After that is
	// waited for; 5 s by default.
	MaxDelay time.Duration
}

var defaultRetry = RetryPolicy{MaxAttempts: 3, BaseDelay: 100 * time.Millisecond, MaxDelay: 5 * time.Second}

// WithRetryPolicy changes when requests are sent again.
func WithRetryPolicy(p RetryPolicy) Option {
	return func(c *config) {
		c.refuse(p.MaxAttempts < 0 || p.BaseDelay < 0 || p.MaxDelay < 0, "WithRetryPolicy", "holds a negative number")
		if p.MaxAttempts != 0 {
			c.retry.MaxAttempts = p.MaxAttempts
		}
		if p.BaseDelay != 0 {
			c.retry.BaseDelay = p.BaseDelay
		}
		if p.MaxDelay != 0 {
			c.retry.MaxDelay = p.MaxDelay
		}
	}
}

// An outgoing is what delivery needs to know of a command.
type outgoing struct {
	name       string
	reads      bool      // changes nothing
	idempotent bool      // may run twice, says the caller
	lua        bool      // may run a script, whose own errors may look like Redis'
	until      time.Time // when it is no longer idempotent, where not zero
}

func newOutgoing(ctx context.Context, args []any) outgoing {
	out := outgoing{name: wire.CommandName(args), reads: wire.ReadOnly(args)}
	out.lua = runsScript(out.name)
	if !out.reads {
		mark, _ := ctx.Value(idempotentKey{}).(idempotentMark)
		if mark.first != nil && len(args) > 0 && mark.first == &args[0] {
			out.idempotent, out.until = true, mark.until
		}
	}
	return out
}

func (c *command) outgoing() outgoing {
	out := newOutgoing(context.Background(), c.args)
	out.idempotent = c.idempotent
	return out
}

// runsScript says whether a command may run a script. One whose name is not known
// here, because it is not given as a string, may.
func runsScript(name string) bool {
	return strings.HasPrefix(name, "EVAL") || strings.HasPrefix(name, "FCALL") || name == wire.UnknownName
}

// idempotentKey marks, in a context, the arguments of a command that may run twice.
// It is these very arguments that are marked, by where they are: other commands
// that a Doer sends with the same context are none of it.
type idempotentKey struct{}

type idempotentMark struct {
	first *any
	until time.Time
}

func withIdempotent(ctx context.Context, args []any, until time.Time) context.Context {
	if len(args) == 0 {
		return ctx
	}
	return context.WithValue(ctx, idempotentKey{}, idempotentMark{&args[0], until})
}

// until is when a command that begins now is no longer idempotent.
func (c *command) until() (t time.Time) {
	if c.window > 0 {
		t = time.Now().Add(c.window)
	}
	return t
}

func (o outgoing) safe() bool { return o.reads || o.idempotent }

// sendError is the error of a request that brought no answer.
func (o outgoing) sendError(err error) error {
	unknown := true
	if s, ok := errors.AsType[*rest.SendError](err); ok {
		err, unknown = s.Err, !s.Unsent
	}
	if errors.Is(err, rest.ErrTooLarge) {
		err = ErrReplyTooLarge
	}
	return &callError{command: o.name, err: err, unknown: unknown && !o.reads}
}

// after is the error of the last attempt in the light of those before it: what
// certainly did not run at last may have run at first.
func (o outgoing) after(fate rest.Fate, err error) error {
	if !fate.MayHaveRun || o.reads {
		return err
	}
	return outcomeUnknown(o.name, err)
}

// refusedBy says whether an error proves that the command was not executed, and
// may be if it comes again. Of a script, whose errors are its own affair, only
// Redis' full text proves that, and only where it was not raised inside.
func (o outgoing) refusedBy(e *Error) bool {
	if e.Line != 0 {
		return false
	}
	if !o.lua {
		switch e.Code {
		case "BUSY", "LOADING", "TRYAGAIN", "CLUSTERDOWN":
			return true
		}
		return isRateLimit(e.Message)
	}
	for _, text := range refusals {
		if strings.HasPrefix(e.Message, text) {
			return true
		}
	}
	return false
}

// refusals are what Redis (server.c, cluster.c) and Valkey say before they run
// anything.
var refusals = []string{
	"BUSY Redis is busy running a script.", "BUSY Valkey is busy running a script.",
	"LOADING Redis is loading the dataset in memory", "LOADING Valkey is loading the dataset in memory",
	"TRYAGAIN Multiple keys request during rehashing of slot",
	"CLUSTERDOWN The cluster is down", "CLUSTERDOWN Hash slot not served",
}

// isRateLimit knows the limits of hosted services that pass by waiting. A day's or
// month's quota does not, nor does a request that is too large.
func isRateLimit(message string) bool {
	rest, ok := strings.CutPrefix(message, "ERR max ")
	return ok && strings.Contains(rest, "exceeded") &&
		(strings.Contains(rest, "per second") || strings.Contains(rest, "concurrent") || strings.Contains(rest, " rate "))
}

func commandNames(outs []outgoing) []string {
	names := make([]string, len(outs))
	for i, out := range outs {
		names[i] = out.name
	}
	return names
}
