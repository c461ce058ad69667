package data

import (
	"fmt"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
)

// An Error is the text of an error reply, with its code.
type Error string

func (e Error) Error() string { return string(e) }

// Errors that several commands reply.
const (
	errWrongType    = Error("WRONGTYPE Operation against a key holding the wrong kind of value")
	errSyntax       = Error("ERR syntax error")
	errNoKey        = Error("ERR no such key")
	errNotInteger   = Error("ERR value is not an integer or out of range")
	errNotFloat     = Error("ERR value is not a valid float")
	errNotPositive  = Error("ERR value is out of range, must be positive")
	errOutOfRange   = Error("ERR value is out of range")
	errIndex        = Error("ERR index out of range")
	errDB           = Error("ERR DB index is out of range")
	errOverflow     = Error("ERR increment or decrement would overflow")
	errNaN          = Error("ERR increment would produce NaN or Infinity")
	errTooLong      = Error("ERR string exceeds maximum allowed size (proto-max-bulk-len)")
	errSameObject   = Error("ERR source and destination objects are the same")
	errCursor       = Error("ERR invalid cursor")
	errScoreBound   = Error("ERR min or max is not a float")
	errLexBound     = Error("ERR min or max not valid string range item")
	errStreamID     = Error("ERR Invalid stream ID specified as stream command argument")
	errTimeout      = Error("ERR timeout is not a float or out of range")
	errTimeoutInt   = Error("ERR timeout is not an integer or out of range")
	errTimeoutBelow = Error("ERR timeout is negative")
	errReplyTooLong = Error("ERR reply exceeds maximum allowed size (proto-max-bulk-len)")
)

// errorf formats an error with the code ERR.
func errorf(format string, a ...any) error { return Error("ERR " + fmt.Sprintf(format, a...)) }

// errArity is the error for a wrong number of words, where commandtable cannot know it.
func (c *call) errArity() error { return Error(c.command.WrongArity()) }

// errExpire is the error for a time at which nothing can expire.
func (c *call) errExpire() error {
	return errorf("invalid expire time in '%s' command", strings.ToLower(c.command.Name))
}

// errSubcommand is the error for a subcommand with options that it does not take.
func (c *call) errSubcommand() error {
	name, _, _ := strings.Cut(c.command.Name, "|")
	return errorf("unknown subcommand or wrong number of arguments for '%.128s'. Try %s HELP.", ctext.String(c.args[1]), name)
}
