package redis

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/client/rest"
	"github.com/redis-rest/redis-rest-go/internal/protocol/digest"
	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// A Hook sees calls and the attempts to send them. It is for metrics, traces and logs. Either
// function may be nil.
//
// Each is called before its call or attempt. The context that it returns is used for
// what is below: that of Call by the attempts, and that of Attempt by the HTTP request; nil
// leaves it as it is. The function that it returns, if not nil, is called with the outcome.
//
// Many goroutines call a hook at the same time, never under a lock. It gets no token, no reply, and no argument
// unless it asks for them ([CallInfo.Words]). If a hook panics, the panic is recovered and the call goes on.
type Hook struct {
	Call    func(ctx context.Context, c CallInfo) (context.Context, func(CallOutcome))
	Attempt func(ctx context.Context, a AttemptInfo) (context.Context, func(AttemptOutcome))
}

// CallInfo is what the caller runs: a command, a batch, or a subscription.
type CallInfo struct {
	Kind     string        // command, pipeline, transaction or subscription (MONITOR too)
	Commands []CommandInfo // at least one; a subscription is one command
	Host     string        // the host of the database's URL, with the port if there is one

	args func(i int) []any // a function, so that nothing that prints or copies the fields shows them
}

// Words returns command i and its arguments, as they are sent, but without the prefix of [WithKeyPrefix]. It is "" in place of
// an argument that cannot be sent. Arguments may be secret, so no field has them, and a hook must ask for them. It must do so before the call
// ends.
func (c CallInfo) Words(i int) []string {
	if c.args == nil {
		return nil
	}
	args := c.args(i)
	words := make([]string, len(args))
	for k, arg := range args {
		words[k] = wire.Word(arg)
	}
	return words
}

// CommandInfo is one command of a call.
type CommandInfo struct {
	Name string // in upper case
	// Script is the name of the script ([Named]) or function that the command runs, or "".
	Script string
	// Digest is the SHA-1 digest of the script, in hexadecimal, or "".
	Digest string
}

// CallOutcome is how a call ended.
type CallOutcome struct {
	Duration time.Duration // of a subscription, until it is active
	Attempts int           // to send requests, of all requests of the call
	Waited   time.Duration // between attempts

	// ScriptMissed says that the server did not hold a script, so its source was sent afterwards. That
	// alone is no error.
	ScriptMissed bool

	// Err is what the caller gets, [ErrNil] and *[BatchError] too. [ErrNotExecuted] and
	// [ErrOutcomeUnknown] are found in it with errors.Is; if neither is there, the command ran.
	Err error
}

// AttemptInfo is a request that is about to be sent.
type AttemptInfo struct {
	Kind     string   // as in CallInfo; pipeline for a request that callers share
	Commands []string // the names of its commands, not to be changed
	Number   int      // from 1; more than 1 for a retry
	Bytes    int      // the size of the body

	// Reason is why it is sent again: the error of the attempt before. It is nil for the first attempt,
	// and for a request that callers share.
	Reason error

	// Header is sent with the request. The hook may add to it; the headers that the client sets
	// itself cannot be changed.
	Header http.Header

	// Callers are the contexts of the calls that share the request ([WithAutoPipelining]). The context
	// of the attempt has the values of the first. It is nil if the request is not shared.
	Callers []context.Context
}

// AttemptOutcome is how an attempt to send a request ended.
type AttemptOutcome struct {
	Duration time.Duration // until the last byte of the answer; of a subscription, until it is active
	Status   int           // the HTTP status; 0 if no answer came
	Bytes    int           // the size of the answer's body after decompression

	Reused bool // the request was sent over a connection that had been used before

	// DNS, Connect and TLS are how long it took to connect; 0 for what did not happen, or is not known.
	DNS, Connect, TLS time.Duration
	FirstByte         time.Duration // from the begin of the attempt to the first byte of the answer; 0 if not known

	// Err is why the request failed: no answer came, or the answer is an error for all
	// of its commands. It is nil if only some commands of a batch failed.
	Err error
}

// WithHook adds a hook. Of several hooks, the first is called first
// before the request and last with the outcome.
func WithHook(h Hook) Option {
	return option(func(c *config) {
		c.refuse(h.Call == nil && h.Attempt == nil, "WithHook", "has neither Call nor Attempt")
		c.hooks = append(c.hooks, h)
	})
}

// kind is the Kind of a request to path.
func kind(path string) string {
	switch path {
	case "":
		return "command"
	case pipeline:
		return "pipeline"
	case transaction:
		return "transaction"
	}
	return "subscription"
}

func (c *config) attemptHooks() (hooks []rest.Hook) {
	for _, h := range c.hooks {
		if h.Attempt == nil {
			continue
		}
		hooks = append(hooks, func(ctx context.Context, a rest.Attempt) (context.Context, func(rest.Outcome)) {
			ctx, done := h.Attempt(ctx, AttemptInfo{Kind: kind(a.Path), Commands: a.Names, Number: a.Number, Bytes: a.Bytes, Reason: a.Reason, Header: a.Header, Callers: a.Callers})
			if done == nil {
				return ctx, nil
			}
			return ctx, func(o rest.Outcome) { done(AttemptOutcome(o)) }
		})
	}
	return hooks
}

func (c *config) callHooks() (hooks []Hook) {
	for _, h := range c.hooks {
		if h.Call != nil {
			hooks = append(hooks, h)
		}
	}
	return hooks
}

// A callRecord is what a call has done so far. Its context has it.
type callRecord struct {
	attempts atomic.Int64
	waited   atomic.Int64 // in nanoseconds
	missed   atomic.Bool  // a script
}

type callRecordKey struct{}

// recordOf returns the record of the call that a context belongs to; nil if nobody asks.
func (c *client) recordOf(ctx context.Context) *callRecord {
	if c == nil || len(c.callHooks) == 0 {
		return nil
	}
	record, _ := ctx.Value(callRecordKey{}).(*callRecord)
	return record
}

func (r *callRecord) note(h rest.AttemptHistory) {
	if r != nil {
		r.attempts.Add(int64(h.Attempts))
		r.waited.Add(int64(h.Waited))
	}
}

func (r *callRecord) noteMissed() {
	if r != nil {
		r.missed.Store(true)
	}
}

// observe calls the hooks of a call. The function it returns must be called with what the caller gets.
func (c *client) observe(ctx context.Context, kind string, commands []CommandInfo, args func(i int) []any) (context.Context, func(error)) {
	record := &callRecord{}
	info := CallInfo{Kind: kind, Commands: commands, Host: c.host, args: args}
	begun := time.Now()
	ctx, end := rest.CallHooks(context.WithValue(ctx, callRecordKey{}, record), len(c.callHooks), func(ctx context.Context, i int) (context.Context, func(CallOutcome)) {
		return c.callHooks[i].Call(ctx, info)
	})
	return ctx, func(err error) {
		end(CallOutcome{
			Duration:     time.Since(begun),
			Attempts:     int(record.attempts.Load()),
			Waited:       time.Duration(record.waited.Load()),
			ScriptMissed: record.missed.Load(),
			Err:          err,
		})
	}
}

// observed returns the client that d is if it has hooks for calls; else nil.
func observed(d Doer) *client {
	if r, ok := d.(*Redis); ok && r != nil && r.c != nil && len(r.c.callHooks) > 0 {
		return r.c
	}
	return nil
}

// info describes the command for hooks.
func (c *command) info() CommandInfo {
	info := CommandInfo{Name: c.name()}
	if c.script != nil {
		info.Script, info.Digest = c.script.name, c.script.sha()
		return info
	}
	if len(c.args) < 2 {
		return info
	}
	word := wire.Word(c.args[1])
	switch info.Name {
	case "EVAL", "EVAL_RO":
		info.Digest = digest.Of(word)
	case "EVALSHA", "EVALSHA_RO":
		if isDigest(word) {
			info.Digest = strings.ToLower(word)
		}
	case "FCALL", "FCALL_RO":
		if isFunctionName(word) {
			info.Script = word
		}
	}
	return info
}

// isDigest and isFunctionName keep out of hooks what is not such a name: it may be anything.
func isDigest(s string) bool {
	return len(s) == 40 && strings.Trim(strings.ToLower(s), "0123456789abcdef") == ""
}

func isFunctionName(s string) bool {
	return len(s) <= 64 && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}
