package redis

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/protocol/scripterr"
)

// These errors are found with errors.Is in what the calls of this package
// return.
var (
	// ErrNil is a null reply where a value was wanted: a key that does not exist,
	// read as a string or a number. A pointer, slice, map or any takes null as nil,
	// and a bool as false, without an error.
	ErrNil = errors.New("redis: nil reply")

	// ErrNoScript is the server's answer to the digest of a script that it does
	// not hold. [EvalSha] returns it; [Script.Run] deals with it.
	ErrNoScript = errors.New("redis: no matching script")

	// ErrOutcomeUnknown says that the command may or may not have run: a request
	// left, and no answer came that tells. What went wrong is in the error as well.
	// An error without it says that the command did not run, or ran and failed as the
	// error tells. Commands that only read have no outcome in this sense.
	ErrOutcomeUnknown = errors.New("redis: outcome unknown")

	// ErrNotExecuted says that a command was not sent: its [Batch] has not been
	// executed yet, or was refused before anything left, or had been executed
	// already.
	ErrNotExecuted = errors.New("redis: not executed")

	// ErrRequestTooLarge is a request over the limit of [WithMaxRequestBytes]. Nothing
	// was sent.
	ErrRequestTooLarge = errors.New("redis: request too large")

	// ErrReplyTooLarge is a reply over the limit of [WithMaxReplyBytes]. The command
	// did run.
	ErrReplyTooLarge = errors.New("redis: reply too large")
)

// Error is an error that the server answered with: Redis' own, a script's, or
// one of the service in front of it.
type Error struct {
	// Code is the first word of the error, whatever its case: WRONGTYPE,
	// insufficient_stock. Where a server wraps the error of a call in a script
	// ("ERR Error running script: …"), it is the code of that call.
	Code    string
	Message string // what the server said, whole
	Command string // the command's name, EVALSHA
	Status  int    // the HTTP status; 0 for an error inside a reply
	Index   int    // the command's place in its batch, from 0
	Line    int    // where in the script it was raised, from 1; 0 where that is not known

	shown string // the message with the script's name and line, where they are known
}

// Error returns the command's name and the server's message. Where the script is
// known the message shows the line: limit.lua:7: WRONGTYPE … | the line itself.
func (e *Error) Error() string {
	message := e.Message
	if e.shown != "" {
		message = e.shown
	}
	if e.Command == "" {
		return "redis: " + message
	}
	return "redis: " + e.Command + ": " + message
}

// withSource returns the error with the place of the script that raised it, and the
// line there, where the source is known.
func (e *Error) withSource(s *script) *Error {
	if e.Line == 0 {
		return e
	}
	name, line := "script", ""
	switch {
	case s != nil:
		name, line = cmp.Or(s.name, name), sourceLine(s.shown, e.Line)
	case strings.Contains(e.Message, "user_function"):
		name = "function"
	}
	shown := *e // a Doer may give the same error to many
	shown.shown = fmt.Sprintf("%s:%d: %s", name, e.Line, scripterr.Parse(e.Message).Text)
	if line != "" {
		shown.shown += " | " + line
	}
	return &shown
}

// sourceLine returns a line of a script, as much as an error should show.
func sourceLine(source string, n int) string {
	const most = 120
	for line := range strings.Lines(source) {
		if n--; n > 0 {
			continue
		}
		line = strings.TrimSpace(line)
		if len(line) > most {
			line = strings.ToValidUTF8(line[:most], "") + "…"
		}
		return line
	}
	return ""
}

// Is says that an answer of "no matching script" is [ErrNoScript].
func (e *Error) Is(target error) bool { return target == ErrNoScript && e.noScript() }

// noScript recognises the server's own answer by the text that Redis uses, and by
// its being raised nowhere. A script's own error may start with NOSCRIPT as well,
// and such a script did run.
func (e *Error) noScript() bool {
	return e.Line == 0 && strings.HasPrefix(e.Message, "NOSCRIPT No matching script")
}

// Code returns the code of the [*Error] that err is or wraps, and "" where there
// is none.
func Code(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// newError makes the error of a server's message. Redis repeats the name and the
// first arguments of a command that it does not know; arguments may be secret.
func newError(command, message string, status int) *Error {
	for _, unknown := range []string{"ERR unknown command", "ERR unknown subcommand"} {
		if before, _, ok := strings.Cut(message, unknown); ok {
			message = before + unknown
		}
	}
	where := scripterr.Parse(message)
	code := ""
	if words := strings.Fields(where.Text); len(words) > 0 {
		code = words[0]
	}
	e := &Error{Code: code, Message: message, Command: command, Status: status, Line: where.Line}
	if where.Line > 0 && strings.Contains(message, "\n") {
		e.shown = fmt.Sprintf("user_script:%d: %s", where.Line, where.Text) // without the traceback
	}
	return e
}

// HTTPError is an answer that is not the protocol's: a proxy's error page, a
// redirect, a captive portal, a body cut short.
type HTTPError struct {
	Status     int           // 502
	Body       string        // the first KiB of what came, with the token blotted out
	RetryAfter time.Duration // what the Retry-After header asks for; 0 where there is none
}

// Error names the status and the kind of the body. It quotes nothing of the
// body, which may repeat the request.
func (e *HTTPError) Error() string {
	what := "an empty body"
	if e.Body != "" {
		kind, _, _ := strings.Cut(http.DetectContentType([]byte(e.Body)), ";")
		what = "a body of type " + kind
	}
	status := strings.TrimSpace(fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status)))
	return fmt.Sprintf("redis: not a reply of Redis over REST but HTTP %s with %s; is the URL right?", status, what)
}

// DecodeError is a reply that does not fit the type it was wanted as. It
// describes the reply and never quotes it.
type DecodeError struct {
	Command string // the command's name; "" for Decode
	Want    string // the Go type, "int64"
	Got     string // "string that is not a number"
	Path    string // where in the reply, "[2].name"; "" for the reply itself
	null    bool
}

// Error names the command, the place, what was wanted and what came.
func (e *DecodeError) Error() string {
	var b strings.Builder
	b.WriteString("redis: ")
	for _, where := range []string{e.Command, e.Path} {
		if where != "" {
			b.WriteString(where + ": ")
		}
	}
	fmt.Fprintf(&b, "want %s, got %s", e.Want, e.Got)
	return b.String()
}

// Unwrap returns [ErrNil] where what came is null.
func (e *DecodeError) Unwrap() error {
	if e.null {
		return ErrNil
	}
	return nil
}

// ConfigError is every problem that [New] or [FromEnv] found, at once.
type ConfigError struct {
	Problems []ConfigProblem
}

// ConfigProblem is one thing that is wrong with the configuration. Neither field
// holds a value that was configured.
type ConfigProblem struct {
	Name   string // the variable, parameter or option: UPSTASH_REDIS_REST_URL, url, WithTimeout
	Reason string // "is not set"
}

// Error lists the problems.
func (e *ConfigError) Error() string {
	texts := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		texts[i] = p.text()
	}
	return "redis: configuration: " + strings.Join(texts, "; ")
}

// Unwrap returns the problems, each a [ConfigProblem].
func (e *ConfigError) Unwrap() []error {
	errs := make([]error, len(e.Problems))
	for i, p := range e.Problems {
		errs[i] = p
	}
	return errs
}

// Error names what is wrong and how.
func (p ConfigProblem) Error() string { return "redis: configuration: " + p.text() }

func (p ConfigProblem) text() string { return p.Name + " " + p.Reason }

// BatchError is what [Batch.Exec] returns where not every command succeeded. The
// commands that did have their results all the same.
type BatchError struct {
	Errors []CommandError // in the order of the batch
	Total  int            // how many commands the batch had
}

// CommandError is the error of one command of a batch.
type CommandError struct {
	Index   int    // the command's place in the batch, from 0
	Command string // its name
	Err     error  // what its Future returns too
}

// Error counts the commands that failed and shows the first error.
func (e *BatchError) Error() string {
	first := e.Errors[0]
	return fmt.Sprintf("redis: batch: %d of %d commands failed, first [%d] %s",
		len(e.Errors), e.Total, first.Index, strings.TrimPrefix(first.Err.Error(), "redis: "))
}

// Unwrap returns the errors of the commands, each a [CommandError].
func (e *BatchError) Unwrap() []error {
	errs := make([]error, len(e.Errors))
	for i, c := range e.Errors {
		errs[i] = c
	}
	return errs
}

// Error shows the command's place and its error.
func (e CommandError) Error() string {
	return fmt.Sprintf("redis: [%d] %s", e.Index, strings.TrimPrefix(e.Err.Error(), "redis: "))
}

// Unwrap returns the command's error.
func (e CommandError) Unwrap() error { return e.Err }

// callError is a call that failed for want of a reply.
type callError struct {
	command string
	err     error
	unknown bool
}

func (e *callError) Error() string {
	cause := strings.TrimPrefix(strings.TrimPrefix(e.err.Error(), "redis: "), e.command+": ")
	text := "redis: " + e.command + ": " + cause
	if e.unknown {
		text += " (outcome unknown: the command may have run)"
	}
	return text
}

func (e *callError) Unwrap() []error {
	if e.unknown {
		return []error{e.err, ErrOutcomeUnknown}
	}
	return []error{e.err}
}

// outcomeUnknown makes the error of a command that may have run one that says so.
func outcomeUnknown(command string, err error) error {
	if err == nil || errors.Is(err, ErrOutcomeUnknown) {
		return err
	}
	if e, ok := err.(*callError); ok {
		err = e.err
	}
	return &callError{command: command, err: err, unknown: true}
}
