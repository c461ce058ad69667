package redis

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/client/runonce"
	"github.com/redis-rest/redis-rest-go/internal/protocol/scripterr"
	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// These errors can be found with errors.Is in the errors that this package returns.
var (
	// ErrNil says that the reply is null and the type cannot hold null, as for a key that
	// does not exist and is read as a string or a number. For a pointer, slice, map or any
	// null is nil, and for a bool it is false, without an error.
	ErrNil = errors.New("redis: nil reply")

	// ErrNoScript is the server's answer to the digest of a script that it does not hold.
	// [EvalSha] returns it. [Script.Run] then sends the source.
	ErrNoScript = errors.New("redis: no matching script")

	// ErrNotExecuted says that the command certainly did not run: it could not be sent, no
	// byte of it was written, or it was refused unexecuted. Trying it again is safe.
	ErrNotExecuted = errors.New("redis: not executed")

	// ErrOutcomeUnknown says that the command may have run: a request was sent, and no
	// answer came that says what happened. The error also contains its cause. The errors
	// of commands that only read never contain it.
	//
	// An error of a command that writes, with neither ErrNotExecuted nor ErrOutcomeUnknown,
	// means that the command ran: it failed as the [*Error] says, or its reply could not be
	// read. No error contains both, except a [*BatchError], which contains those of its
	// members.
	ErrOutcomeUnknown = errors.New("redis: outcome unknown")

	// ErrOnceConflict says that the id given to [Script.RunOnce] was used by another script,
	// or by another version of it. Nothing ran.
	ErrOnceConflict = errors.New("redis: the id was used by another script")

	// ErrOnceReplyLost says that the script of [Script.RunOnce] ran once and left no reply
	// to return: that run was broken off, or its reply is nested too deeply to be kept.
	ErrOnceReplyLost = errors.New("redis: the reply of the first run is lost")

	// ErrRequestTooLarge says that a request is larger than [WithMaxRequestBytes] allows.
	// Nothing was sent.
	ErrRequestTooLarge = errors.New("redis: request too large")

	// ErrReplyTooLarge says that a reply is larger than [WithMaxReplyBytes] allows. The
	// command ran, and its reply is lost. If what came does not begin as a reply, such as
	// the large page of a proxy, the error is [ErrOutcomeUnknown] too.
	ErrReplyTooLarge = errors.New("redis: reply too large")
)

// noError is the text of an error that is a nil pointer.
const noError = "redis: the error is a nil pointer"

// Error is an error in the server's answer. It comes from Redis, from a script, or from
// the service in front of Redis.
type Error struct {
	// Code is the first word of the error, in any case: WRONGTYPE, insufficient_stock. If
	// the server wraps the error of a call in a script ("ERR Error running script: …"), it
	// is the code of that call.
	Code    string
	Message string // the server's whole message
	Command string // the command's name, EVALSHA
	Status  int    // the HTTP status; 0 for an error inside a reply
	Index   int    // the command's place in its batch, from 0
	Line    int    // the line of the script that raised it, from 1; 0 if it is not known

	text   string // the message without its position and traceback
	place  string // the script's name and the line's number, "limit.lua:7"; "" to show Message
	source string // the text of that line; "" if it is not known

	unexecuted bool // the server refused the command and did not run it
}

// Error returns the command's name and the server's message. If the script is known, the
// message shows the line: limit.lua:7: WRONGTYPE … | the text of the line.
func (e *Error) Error() string {
	if e == nil {
		return noError
	}
	message := e.Message
	if e.place != "" {
		message = e.place + ": " + e.text
	}
	if e.source != "" {
		message += " | " + e.source
	}
	if e.Command == "" {
		return "redis: " + message
	}
	return "redis: " + e.Command + ": " + message
}

// withSource returns the error with the script's name and line, and with the text of the
// line if the source is known.
func (e *Error) withSource(s *script) *Error {
	if e == nil || e.Line == 0 {
		return e
	}
	name, placed := "script", *e // a Doer may give the same error to many
	switch {
	case s != nil:
		name, placed.source = cmp.Or(s.name, name), s.line(e.Line)
	case strings.Contains(e.Message, "user_function"):
		name = "function"
	}
	placed.place = fmt.Sprintf("%s:%d", name, e.Line)
	if placed.text == "" { // it was not made by newError
		placed.text = scripterr.Parse(e.Message).Text
	}
	return &placed
}

// Is makes errors.Is find what the server's answer says: [ErrNoScript], [ErrOnceConflict],
// [ErrOnceReplyLost], an [ErrorCode], and [ErrNotExecuted] if the server refused the command
// and did not run it.
func (e *Error) Is(target error) bool {
	if e == nil {
		return false
	}
	switch target {
	case ErrNoScript:
		return e.noScript()
	case ErrOnceConflict:
		return e.Line == 0 && strings.HasPrefix(e.Message, runonce.Conflict)
	case ErrOnceReplyLost:
		return e.Line == 0 && strings.HasPrefix(e.Message, runonce.Lost)
	case ErrNotExecuted:
		return e.unexecuted
	}
	code, ok := target.(ErrorCode)
	return ok && code != "" && e.has(code)
}

// has reports whether the message begins with a code. Redis puts ERR before the text that a
// script passes to the function error.
func (e *Error) has(code ErrorCode) bool {
	text := e.text
	if text == "" { // it was not made by newError
		text = scripterr.Parse(e.Message).Text
	}
	words := strings.Fields(text)
	if len(words) > 1 && words[0] == "ERR" {
		words = words[1:]
	}
	return string(code) == e.Code || len(words) > 0 && strings.TrimSuffix(words[0], ":") == string(code)
}

// As makes errors.As find a [*CallError].
func (e *Error) As(target any) bool { return e != nil && asCallError(target, e.Command, e) }

// noScript recognises the server's own answer by the text that Redis uses, and because
// it has no line. An error that a script raises may start with NOSCRIPT as well, but
// such a script did run.
func (e *Error) noScript() bool {
	return e.Line == 0 && strings.HasPrefix(e.Message, "NOSCRIPT No matching script")
}

// An ErrorCode is an error that errors.Is finds in the errors of commands whose message begins
// with this word. It makes a name of an error that a script raises, in whatever way it does:
//
//	const ErrSoldOut = redis.ErrorCode("sold_out")
type ErrorCode string

// Error shows the word.
func (c ErrorCode) Error() string { return "redis: " + string(c) }

// Code returns the code of the [*Error] that err is or wraps, or "" if there is none.
func Code(err error) string {
	var e *Error
	if errors.As(err, &e) && e != nil {
		return e.Code
	}
	return ""
}

// newError makes the error of a server's message, without a command. Redis repeats
// the name and the first arguments of a command that it does not know. Arguments may
// be secret, so they are cut off.
func newError(message string, status int) *Error {
	for _, unknown := range []string{"ERR unknown command", "ERR unknown subcommand"} {
		if before, _, ok := strings.Cut(message, unknown); ok {
			message = before + unknown
		}
	}
	position := scripterr.Parse(message)
	e := &Error{Message: message, Status: status, Line: position.Line, text: position.Text}
	for word := range strings.FieldsSeq(position.Text) {
		e.Code = word
		break
	}
	if e.Line > 0 && strings.Contains(message, "\n") { // show it without the traceback
		e.place = fmt.Sprintf("user_script:%d", e.Line)
	}
	return e
}

// forCommand is the error as that of the named command.
func (e *Error) forCommand(name string) *Error {
	named := *e
	named.Command = name
	return &named
}

// HTTPError is an answer that does not have the protocol's form: a proxy's error page, a
// redirect, the page of a captive portal, or an incomplete body.
type HTTPError struct {
	Status     int           // 502
	RetryAfter time.Duration // the time in the Retry-After header; 0 if there is none

	body func() string // a function, so that no printer shows the body
}

// BodyText returns the first KiB of the body, with the token replaced. It may repeat the
// request and its arguments, so it is not a field: nothing that prints the error shows it.
func (e *HTTPError) BodyText() string {
	if e == nil || e.body == nil {
		return ""
	}
	return e.body()
}

// Error shows the status and the content type of the body. It does not quote the body,
// because the body may repeat the request.
func (e *HTTPError) Error() string {
	if e == nil {
		return noError
	}
	what := "an empty body"
	if body := e.BodyText(); body != "" {
		kind, _, _ := strings.Cut(http.DetectContentType([]byte(body)), ";")
		what = "a body of type " + kind
	}
	status := strings.TrimSpace(fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status)))
	text := "redis: not a reply of Redis over REST but HTTP " + status + " with " + what
	if e.urlMayBeWrong() {
		text += "; is the URL right?"
	}
	return text
}

// urlMayBeWrong reports whether another server may have answered. What is in front of the
// right one sends the other statuses, if it is overloaded for example.
func (e *HTTPError) urlMayBeWrong() bool {
	switch e.Status {
	case http.StatusProxyAuthRequired, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusTooManyRequests:
		return false
	}
	return e.Status < 500
}

// DecodeError says that a reply does not fit the type it is decoded into. It describes
// the reply and never quotes it.
type DecodeError struct {
	Command string // the command's name; "" for Decode
	Want    string // the Go type, "int64"
	Got     string // "string that is not a number"
	Path    string // where in the reply, "[2].name"; "" for the reply itself
	null    bool
	cause   error        // the error of a type's or command's own decoding, without its text; or nil
	reply   func() Reply // a function, so that no printer shows the reply
}

// Reply returns the whole reply of the command, undecoded, so that what the command took
// away, such as the element of LPOP, is not lost. The error never prints it.
func (e *DecodeError) Reply() Reply {
	if e == nil || e.reply == nil {
		return Reply{}
	}
	return e.reply()
}

// Error shows the command, the path, the wanted type and the kind of the reply.
func (e *DecodeError) Error() string {
	if e == nil {
		return noError
	}
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

// Unwrap returns [ErrNil] if the value in the reply is null. If a type's own method or the
// function of [CmdWithDecoder] refused the value, its error is found with errors.Is and
// errors.As. Its text is not shown, because it may quote the value.
func (e *DecodeError) Unwrap() error {
	if e == nil {
		return nil
	}
	if e.null {
		return ErrNil
	}
	return e.cause
}

// refusedBy returns the error of a value that the user's own code refused.
func refusedBy(code, want string, err error) *DecodeError {
	return &DecodeError{Want: want, Got: fmt.Sprintf("what its %s refuses (%T)", code, err), cause: hidden(err)}
}

// hidden returns an error that wraps one of the user's own code and does not show it.
func hidden(err error) error { return wire.Unquoted(fmt.Sprintf("%T", err), err) }

// As makes errors.As find a [*CallError].
func (e *DecodeError) As(target any) bool { return e != nil && asCallError(target, e.Command, e) }

// ConfigError contains all problems that [New] or [FromEnv] found.
type ConfigError struct {
	Problems []ConfigProblem
}

// ConfigProblem is one mistake in the configuration. Neither field contains a configured
// value.
type ConfigProblem struct {
	Name   string // the variable, parameter or option: UPSTASH_REDIS_REST_URL, url, WithTimeout
	Reason string // "is not set"
}

// Error lists the problems.
func (e *ConfigError) Error() string {
	if e == nil {
		return noError
	}
	texts := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		texts[i] = p.text()
	}
	return "redis: configuration: " + strings.Join(texts, "; ")
}

// Unwrap returns the problems, each a [ConfigProblem].
func (e *ConfigError) Unwrap() []error {
	if e == nil {
		return nil
	}
	errs := make([]error, len(e.Problems))
	for i, p := range e.Problems {
		errs[i] = p
	}
	return errs
}

// Error shows the name and the reason.
func (p ConfigProblem) Error() string { return "redis: configuration: " + p.text() }

func (p ConfigProblem) text() string { return p.Name + " " + p.Reason }

// BatchError is returned by [Batch.Exec] if not every command succeeded. The Futures of
// the commands that succeeded have their results.
type BatchError struct {
	Errors []CommandError // in the order of the batch
	Total  int            // how many commands the batch had
}

// CommandError is the error of one command of a batch.
type CommandError struct {
	Index   int    // the command's place in the batch, from 0
	Command string // its name
	Err     error  // the error that its Future returns
}

// Error shows how many commands failed, and the first error, or the error of all if they
// have the same.
func (e *BatchError) Error() string {
	if e == nil {
		return noError
	}
	text := fmt.Sprintf("redis: batch: %d of %d commands failed", len(e.Errors), e.Total)
	if len(e.Errors) == 0 {
		return text
	}
	shared := len(e.Errors) > 1 && len(e.Errors) == e.Total
	blamed := e.Errors[0]
	for i, other := range e.Errors {
		shared = shared && sameCause(blamed.Err, other.Err)
		if errors.Is(blamed.Err, errOther) {
			blamed = e.Errors[i]
		}
	}
	if shared { // the request failed, and no command of it in particular
		return text + ": " + causeOf(blamed.Err)
	}
	return text + ", first " + strings.TrimPrefix(blamed.Error(), "redis: ")
}

// sameCause reports whether two commands of a batch failed for the same reason.
func sameCause(a, b error) bool {
	switch a := a.(type) {
	case *Error:
		b, ok := b.(*Error)
		return ok && a != nil && b != nil && a.Message == b.Message && a.place == b.place
	case *CallError:
		b, ok := b.(*CallError)
		return ok && a != nil && b != nil && a.Err != nil && b.Err != nil && (sameCause(a.Err, b.Err) || a.Err.Error() == b.Err.Error())
	}
	return false
}

// causeOf is the text of a command's error without the command's name.
func causeOf(err error) string {
	text := strings.TrimPrefix(err.Error(), "redis: ")
	if call, ok := errors.AsType[*CallError](err); ok && call != nil {
		text = strings.TrimPrefix(text, call.Command+": ")
	}
	return text
}

// Unwrap returns the errors of the commands, each a [CommandError].
func (e *BatchError) Unwrap() []error {
	if e == nil {
		return nil
	}
	errs := make([]error, len(e.Errors))
	for i, c := range e.Errors {
		errs[i] = c
	}
	return errs
}

// Error shows the command's index and its error.
func (e CommandError) Error() string {
	cause := "no cause"
	if e.Err != nil {
		cause = strings.TrimPrefix(e.Err.Error(), "redis: ")
	}
	return fmt.Sprintf("redis: [%d] %s", e.Index, cause)
}

// Unwrap returns the command's error.
func (e CommandError) Unwrap() error { return e.Err }

// ArgumentError is an argument that cannot be sent. The error holds its position and its
// type, never its value.
type ArgumentError struct {
	Position string // as the caller counts: "KEYS[1]", "ARGV[2]", "argument 3", "command name"
	Type     string // the Go type, "time.Duration"

	err error // why
}

// Error shows the position, the type and the reason.
func (e *ArgumentError) Error() string {
	if e == nil {
		return noError
	}
	text := fmt.Sprintf("%s (%s)", e.Position, e.Type)
	if e.err != nil {
		text += ": " + e.err.Error()
	}
	return text
}

// Unwrap returns the reason. If a MarshalText or MarshalJSON failed, its error is found
// with errors.Is and errors.As. Its text is not shown, because it may quote the value.
func (e *ArgumentError) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.err
}

// refuse returns the error of a command that cannot be sent.
func refuse(command string, err error) error {
	if e, ok := err.(*wire.ArgumentError); ok {
		err = &ArgumentError{Position: e.Position, Type: e.Type, err: e.Err}
	}
	return notExecuted(command, err)
}

// CallError is the error of a command that did not get a reply: it was not sent, or no
// answer came, or what came is not a reply. errors.As finds it in the error of any command,
// also for an [*Error] and a [*DecodeError], which name their command too.
type CallError struct {
	Command string // the command's name, INCR
	Err     error  // the cause

	outcome error // ErrNotExecuted, ErrOutcomeUnknown, or nil if the command ran or only reads
}

// Error shows the command's name and the cause, and says so if the outcome is unknown.
func (e *CallError) Error() string {
	if e == nil {
		return noError
	}
	cause := "no cause"
	if e.Err != nil {
		cause = e.Err.Error()
	}
	text := "redis: " + e.Command + ": " + strings.TrimPrefix(strings.TrimPrefix(cause, "redis: "), e.Command+": ")
	if e.outcome == ErrOutcomeUnknown {
		text += " (outcome unknown: the command may have run)"
	}
	return text
}

// Unwrap returns the cause, and [ErrNotExecuted] or [ErrOutcomeUnknown] if it is one of
// these.
func (e *CallError) Unwrap() []error {
	if e == nil {
		return nil
	}
	var errs []error
	for _, err := range []error{e.Err, e.outcome} {
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// notExecuted adds [ErrNotExecuted] to the error of a command that certainly did not run.
func notExecuted(command string, err error) error {
	if errors.Is(err, ErrNotExecuted) {
		return err
	}
	return withOutcome(command, err, ErrNotExecuted)
}

// outcomeUnknown adds [ErrOutcomeUnknown] to the error of a command that may have run.
func outcomeUnknown(command string, err error) error {
	if err == nil || errors.Is(err, ErrOutcomeUnknown) {
		return err
	}
	return withOutcome(command, err, ErrOutcomeUnknown)
}

// withOutcome returns the error of a command with another outcome.
func withOutcome(command string, err, outcome error) error {
	return &CallError{Command: command, Err: withoutOutcome(err), outcome: outcome}
}

// withoutOutcome returns the error without what it says of the outcome.
func withoutOutcome(err error) error {
	switch e := err.(type) {
	case *CallError:
		if e != nil {
			return withoutOutcome(e.Err)
		}
	case *Error:
		if e != nil && e.unexecuted {
			plain := *e
			plain.unexecuted = false
			return &plain
		}
	}
	return err
}

// asCallError is the As method of an error that names its command.
func asCallError(target any, command string, err error) bool {
	call, ok := target.(**CallError)
	if ok && command != "" {
		*call = &CallError{Command: command, Err: err}
		return true
	}
	return false
}
