package redis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// LogHook returns a hook that logs one line for each call: the names of its commands
// and scripts, how long it took, how many attempts it needed, and how it ended. A call that failed, or that took slow
// or longer, is logged as a warning, and others as information. If slow is 0, no call is slow. A null
// reply is no failure.
//
// The line has no argument. Of an error of Redis it has the code and the line of the script, because the
// text may hold arguments. The code of a script's own error is the first word that the script raised, so
// a script must not raise a secret.
func LogHook(logger *slog.Logger, slow time.Duration) Hook {
	return Hook{Call: func(ctx context.Context, c CallInfo) (context.Context, func(CallOutcome)) {
		return nil, func(o CallOutcome) {
			level, attrs := slog.LevelInfo, []slog.Attr{
				slog.String("kind", c.Kind),
				slog.String("commands", c.names()),
				slog.Duration("took", o.Duration),
				slog.Int("attempts", o.Attempts),
			}
			if script := c.scripts(); script != "" {
				attrs = append(attrs, slog.String("script", script))
			}
			if o.Waited > 0 {
				attrs = append(attrs, slog.Duration("waited", o.Waited))
			}
			if o.ScriptMissed {
				attrs = append(attrs, slog.Bool("script_missed", true))
			}
			if slow > 0 && o.Duration >= slow {
				level, attrs = slog.LevelWarn, append(attrs, slog.Bool("slow", true))
			}
			if o.Err != nil && !nullReply(o.Err) {
				level, attrs = slog.LevelWarn, append(attrs, slog.String("outcome", outcomeName(o.Err)), slog.String("error", errorName(o.Err)))
			}
			logger.LogAttrs(ctx, level, "redis", attrs...)
		}
	}}
}

// names returns the names of the commands, where many are the same one after the other as SET×1000.
func (c CallInfo) names() string {
	return runs(c.Commands, func(i CommandInfo) string { return i.Name })
}

// scripts returns the names of the scripts, or the digests of those that have none.
func (c CallInfo) scripts() string {
	return runs(c.Commands, func(i CommandInfo) string { return cmp.Or(i.Script, i.Digest) })
}

// runs writes names with a space between them, and each run of the same name once. Only the first
// ten are written.
func runs(commands []CommandInfo, name func(CommandInfo) string) string {
	var all []string
	for i := 0; i < len(commands); {
		first, n := name(commands[i]), 1
		for i+n < len(commands) && name(commands[i+n]) == first {
			n++
		}
		i += n
		switch {
		case first == "":
			continue
		case len(all) == 10:
			return strings.Join(all, " ") + " …"
		case n > 1:
			first = fmt.Sprintf("%s×%d", first, n)
		}
		all = append(all, first)
	}
	return strings.Join(all, " ")
}

func outcomeName(err error) string {
	switch {
	case errors.Is(err, ErrOutcomeUnknown):
		return "unknown"
	case errors.Is(err, ErrNotExecuted):
		return "not executed"
	}
	return "failed"
}

// errorName describes an error without what may hold arguments.
func errorName(err error) string {
	if batch, ok := errors.AsType[*BatchError](err); ok {
		if len(batch.Errors) == 0 {
			return "batch"
		}
		first := batch.Errors[0]
		return fmt.Sprintf("%d of %d commands failed; [%d] %s: %s", len(batch.Errors), batch.Total, first.Index, first.Command, errorName(first.Err))
	}
	if e, ok := errors.AsType[*Error](err); ok {
		if e.Line > 0 {
			return fmt.Sprintf("%s at line %d", cmp.Or(e.Code, "error"), e.Line)
		}
		return cmp.Or(e.Code, "error")
	}
	return err.Error()
}
