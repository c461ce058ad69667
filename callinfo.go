package redis

import (
	"context"
	"reflect"
	"strings"
	"time"
	"unsafe"

	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// A callInfo is what delivery needs to know of a command.
type callInfo struct {
	name       string
	reads      bool          // it only reads, so it changes nothing
	idempotent bool          // the caller said that it may run twice
	lua        bool          // it may run a script, whose own errors may look like Redis'
	until      time.Time     // when it is no longer idempotent; zero for never
	blocks     bool          // it waits for data
	wait       time.Duration // how long it waits at most
}

func newCallInfo(ctx context.Context, args []any) callInfo {
	info := callInfo{name: wire.CommandName(args), reads: commandtable.OnlyReads(args)}
	info.lua = runsScript(info.name)
	if !info.reads {
		info.until, info.idempotent = marksOf(ctx).find(args)
	}
	return info
}

// blocks reports whether a command waits for data, as BLPOP does, and how long at most. body
// is the command as it is sent.
func blocks(name string, body []byte) (wait time.Duration, blocks bool) {
	if !commandtable.MayBlock(name) && name != wire.UnknownName {
		return 0, false
	}
	return commandtable.Blocks(wire.Words(body))
}

func (c *command) callInfo() callInfo {
	info := newCallInfo(context.Background(), c.args)
	info.idempotent = c.idempotent
	return info
}

// runsScript reports whether a command may run a script. If the name is not known,
// because it is not a string, the command may.
func runsScript(name string) bool {
	return strings.HasPrefix(name, "EVAL") || strings.HasPrefix(name, "FCALL") || name == wire.UnknownName
}

// idempotentKey is the key of a context's marks on commands that may run twice.
type idempotentKey struct{}

// idempotentMarks says until when commands may run twice. A command is known by where the
// text of its name is: that stays the same if a Doer copies the arguments or changes others, and
// it is another one in commands that a Doer sends of its own with the same context.
type idempotentMarks map[*byte]time.Time

func marksOf(ctx context.Context) idempotentMarks {
	marks, _ := ctx.Value(idempotentKey{}).(idempotentMarks)
	return marks
}

// add marks a command. It gives the name a text of its own.
func (m idempotentMarks) add(args []any, until time.Time) {
	if len(args) == 0 {
		return
	}
	name, _ := args[0].(string)
	if v := reflect.ValueOf(args[0]); name == "" && (v.Kind() == reflect.String || v.CanConvert(reflect.TypeFor[[]byte]())) {
		name = v.Convert(reflect.TypeFor[string]()).String()
	}
	if name == "" {
		return
	}
	name = strings.Clone(name)
	args[0] = name
	m[unsafe.StringData(name)] = until
}

// find returns until when a command may run twice, and whether it may.
func (m idempotentMarks) find(args []any) (until time.Time, ok bool) {
	if len(m) == 0 || len(args) == 0 {
		return time.Time{}, false
	}
	name, _ := args[0].(string)
	until, ok = m[unsafe.StringData(name)]
	return until, ok
}

// until is when a command that begins now stops being idempotent; zero for never.
func (c *command) until() (t time.Time) {
	if c.window > 0 {
		t = time.Now().Add(c.window)
	}
	return t
}

func (i callInfo) mayRunTwice() bool { return i.reads || i.idempotent }

func commandNames(infos []callInfo) []string {
	names := make([]string, len(infos))
	for i, info := range infos {
		names[i] = info.name
	}
	return names
}
