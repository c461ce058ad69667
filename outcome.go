package redis

import (
	"errors"
	"fmt"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/client/rest"
	"github.com/redis-rest/redis-rest-go/internal/client/runonce"
)

// sendError is the error of a request that got no answer.
func (i callInfo) sendError(err error) error {
	outcome := ErrOutcomeUnknown
	if s, ok := errors.AsType[*rest.SendError](err); ok {
		err = s.Err
		switch {
		case s.Reason != nil:
			err = fmt.Errorf("%w, before it was sent again after: %w", err, withoutOutcome(s.Reason))
			outcome = ErrNotExecuted
		case s.Unsent:
			outcome = ErrNotExecuted
		case s.Answered:
			outcome = nil
		}
		if errors.Is(err, rest.ErrTooLarge) {
			err = ErrReplyTooLarge
		}
	}
	return i.failed(err, outcome)
}

// failed returns the error of the command. A command that only reads has no unknown
// outcome.
func (i callInfo) failed(err, outcome error) error {
	if i.reads && outcome == ErrOutcomeUnknown {
		outcome = nil
	}
	return withOutcome(i.name, err, outcome)
}

// withEarlierAttempts adds to the error of the last attempt what the earlier ones mean:
// if an earlier attempt may have run, the outcome is unknown even if the last one
// certainly did not run.
func (i callInfo) withEarlierAttempts(history rest.AttemptHistory, err error) error {
	if err == nil || !history.MayHaveRun {
		return err
	}
	return i.failed(err, ErrOutcomeUnknown)
}

// refusedBy reports whether an error proves that the command was not executed and may be
// retried. A script can return any error text, so for a script only the full text of
// Redis' own errors proves it, and only if the error was not raised inside the script.
func (i callInfo) refusedBy(e *Error) bool {
	if e.Line != 0 {
		return false
	}
	if !i.lua {
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

// unexecuted reports whether an error proves that the command was not executed. It is
// true for more errors than refusedBy: a retry does not help against most of them. Redis
// checks all of these before it runs a command.
func (i callInfo) unexecuted(e *Error) bool {
	if i.refusedBy(e) || e.noScript() {
		return true
	}
	if e.Line != 0 {
		return strings.HasPrefix(e.Message, "ERR Error compiling script")
	}
	rejections := scriptRejections
	if !i.lua {
		switch e.Code {
		case "MOVED", "ASK", "CROSSSLOT", "NOAUTH", "NOPERM", "OOM", "MISCONF", "READONLY", "NOREPLICAS", "MASTERDOWN", "EXECABORT":
			return true
		}
		rejections = commandRejections
	}
	for _, text := range rejections {
		if strings.HasPrefix(e.Message, text) {
			return true
		}
	}
	return false
}

var (
	commandRejections = []string{
		"ERR unknown command", "ERR unknown subcommand", "ERR wrong number of arguments for",
		"ERR the embedded database does not have the command", "ERR Command is not available", // of the local server
		"ERR max request size exceeded", "ERR max daily request limit exceeded", "ERR max monthly request limit exceeded",
	}
	// A script can return an error that one of its calls got, so these are texts that only
	// the call of the script itself gets.
	scriptRejections = []string{
		runonce.Conflict,
		"ERR wrong number of arguments for 'eval", "ERR wrong number of arguments for 'fcall",
		"ERR Number of keys can't be ", "ERR Function not found",
		"CROSSSLOT Keys in request don't hash to the same slot",
		"NOPERM this user has no permissions to ", "NOPERM User ",
		"OOM allow-oom flag is not set on the script", "READONLY Can not run script with write flag on readonly replica",
		"ERR Can not execute a script with write flag using *_ro command", "ERR Can not run script on cluster",
		"ERR max request size exceeded", "ERR max daily request limit exceeded", "ERR max monthly request limit exceeded",
	}
)

// refusals are the errors of Redis (server.c, cluster.c) and Valkey that mean that
// nothing was run.
var refusals = []string{
	"BUSY Redis is busy running a script.", "BUSY Valkey is busy running a script.",
	"LOADING Redis is loading the dataset in memory", "LOADING Valkey is loading the dataset in memory",
	"TRYAGAIN Multiple keys request during rehashing of slot",
	"CLUSTERDOWN The cluster is down", "CLUSTERDOWN Hash slot not served",
}

// isRateLimit recognises the limits of hosted services that end after a short wait. The
// quota of a day or a month does not, and a request that is too large never fits.
func isRateLimit(message string) bool {
	rest, ok := strings.CutPrefix(message, "ERR max ")
	return ok && strings.Contains(rest, "exceeded") &&
		(strings.Contains(rest, "per second") || strings.Contains(rest, "concurrent") || strings.Contains(rest, " rate "))
}
