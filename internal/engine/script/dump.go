package script

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/rdb"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// FUNCTION DUMP uses a part of Redis' RDB format: for each library an opcode and its
// code as a string, then the version of the format and a checksum.
const (
	opcodeFunction = 245
	opcodePreGA    = 246
)

// Libraries returns the code of each library.
func (e *Engine) Libraries() (code []string) {
	for _, name := range slices.Sorted(maps.Keys(e.libraries)) {
		code = append(code, e.libraries[name].code)
	}
	return code
}

// CopyTo loads all libraries and scripts into another engine, which has none.
func (e *Engine) CopyTo(other *Engine) error {
	for _, code := range e.Libraries() {
		if _, err := other.create(context.Background(), code, false); err != "" {
			return errors.New(err)
		}
	}
	for name, sc := range e.scripts {
		if _, refusal := other.load(sc.source, name); refusal != nil {
			return errors.New(string(refusal))
		}
	}
	return nil
}

// Dump returns all libraries as FUNCTION DUMP does.
func (e *Engine) Dump() string {
	var out []byte
	for _, code := range e.Libraries() {
		out = append(out, opcodeFunction)
		out = rdb.AppendString(out, code)
	}
	return string(rdb.AppendFooter(out))
}

func (e *Engine) functionRestore(ctx context.Context, args []string) []byte {
	policy := "APPEND"
	if len(args) > 3 {
		return resp.Error(unknownSubcommand(args[0]))
	}
	if len(args) == 3 {
		policy = strings.ToUpper(args[2])
		if policy != "APPEND" && policy != "REPLACE" && policy != "FLUSH" {
			return resp.Error("ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.")
		}
	}
	payload, ok := rdb.CutFooter(args[1])
	if !ok {
		return resp.Error("ERR DUMP payload version or checksum are wrong")
	}
	// The libraries are loaded in addition to the old ones. If one fails, the old ones are restored.
	old := slices.Collect(maps.Values(e.libraries))
	reset := func(libraries []*library) {
		for _, lib := range slices.Collect(maps.Values(e.libraries)) {
			e.unlink(lib)
		}
		for _, lib := range libraries {
			e.link(lib)
		}
	}
	reset(nil)
	if err := e.restore(ctx, payload); err != "" {
		reset(old)
		return resp.Error("ERR " + err)
	}
	if policy == "FLUSH" {
		return resp.OK
	}
	restored := slices.Collect(maps.Values(e.libraries))
	reset(old)
	for _, lib := range restored {
		if e.libraries[lib.name] == nil {
			continue
		}
		if policy == "APPEND" {
			return resp.Error("ERR Library " + lib.name + " already exists")
		}
		e.unlink(e.libraries[lib.name])
	}
	for _, lib := range restored {
		for name := range lib.functions {
			if e.callable[strings.ToLower(name)] != nil {
				reset(old)
				return resp.Error("ERR Function " + name + " already exists")
			}
		}
	}
	for _, lib := range restored {
		e.link(lib)
	}
	return resp.OK
}

func (e *Engine) restore(ctx context.Context, data string) (err string) {
	for data != "" {
		switch data[0] {
		case opcodeFunction:
		case opcodePreGA:
			return "Pre-GA function format not supported"
		default:
			return "given type is not a function"
		}
		code, rest, failed := rdb.CutString(data[1:])
		if failed != nil {
			return "failed loading the given functions payload"
		}
		if _, err := e.create(ctx, code, false); err != "" {
			return err
		}
		data = rest
	}
	return ""
}
