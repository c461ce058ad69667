package redis

import (
	"bytes"
	"encoding/base64"
	"fmt"

	"github.com/redis-rest/redis-rest-go/internal/client/keyprefix"
	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// WithKeyPrefix puts prefix before every key and channel that the client sends, and removes
// it from those in replies and messages. So programs that share a database do not see each
// other's keys. It holds for every way to send a command: alone, in a [Batch], by
// [WithAutoPipelining], as the KEYS of a script, and for the record of [Script.RunOnce].
// The arguments of the caller do not change.
//
// The positions of the keys are those that Redis documents. Patterns have the prefix too:
// those of KEYS, SCAN (which has one always), PSUBSCRIBE and of BY and GET in SORT. Commands
// are refused, and not sent, if they are for the keys of all programs (FLUSHDB, DBSIZE,
// RANDOMKEY, MONITOR), and if it is not known where their keys are. The error names the
// command. The page docs/key-prefix.md lists each command.
//
// It is no protection: Lua can make any key of its ARGV or of text, and such keys have
// no prefix. Scripts and functions are shared as well. In scripts, KEYS have the prefix, and
// what a script returns is not changed. Neither are the texts of errors.
//
// The prefix must be UTF-8 without braces, which would change the hash slots of keys.
func WithKeyPrefix(prefix string) Option {
	return option(func(c *config) {
		c.keyPrefix = keyprefix.Prefix(prefix)
		problem := c.keyPrefix.Problem()
		c.refuse(problem != "", "WithKeyPrefix", problem)
	})
}

// appendCommand appends a command as JSON, with the client's key prefix. It returns where
// the reply has keys.
func (c *client) appendCommand(dst []byte, args []any) ([]byte, keyprefix.Path, error) {
	start := len(dst)
	dst, err := wire.AppendCommand(dst, args)
	if err != nil || c.keyPrefix() == "" {
		if err != nil {
			err = refuse(wire.CommandName(args), err)
		}
		return dst, nil, err
	}
	words, keys, err := c.withPrefix(wire.CommandName(args), wire.Words(dst[start:]))
	if err != nil {
		return dst[:start], nil, err
	}
	return wire.AppendWords(dst[:start], words), keys, nil
}

// withPrefix returns the words of a command with the key prefix, and where the reply has
// keys.
func (c *client) withPrefix(command string, words []string) ([]string, keyprefix.Path, error) {
	if c.keyPrefix() == "" {
		return words, nil, nil
	}
	prefixed, keys, err := c.prefix.Apply(words)
	if err != nil {
		return nil, nil, notExecuted(command, fmt.Errorf("refused with a key prefix: %w", err))
	}
	return prefixed, keys, nil
}

// client returns nil if the client was not made by New or FromEnv.
func (r *Redis) client() *client {
	if r == nil {
		return nil
	}
	return r.c
}

// keyPrefix returns the prefix; "" if there is none.
func (c *client) keyPrefix() keyprefix.Prefix {
	if c == nil {
		return ""
	}
	return c.prefix
}

// withoutPrefix removes the key prefix from a reply's keys.
func (c *client) withoutPrefix(r Reply, keys keyprefix.Path) Reply {
	if keys == nil || r.IsNull() {
		return r
	}
	d := newDecoder(r)
	return Reply{text: d.appendWithoutPrefix(make([]byte, 0, len(r.text)), []byte(c.prefix), keys), base64: r.base64}
}

// appendWithoutPrefix appends the next value. It removes the prefix from the strings that
// are on the path.
func (d *decoder) appendWithoutPrefix(dst, prefix []byte, path keyprefix.Path) []byte {
	switch kind := d.Kind(); {
	case kind == '"' && len(path) == 0:
		text, _ := d.text()
		text = bytes.TrimPrefix(text, prefix)
		if d.base64 {
			return append(base64.StdEncoding.AppendEncode(append(dst, '"'), text), '"')
		}
		dst, _ = wire.AppendString(dst, bytes.ToValidUTF8(text, []byte("\uFFFD")))
		return dst
	case kind == '[' && len(path) > 0:
		dst = append(dst, '[')
		d.Enter()
		for i := 0; d.More(); i++ {
			if i > 0 {
				dst = append(dst, ',')
			}
			if path.Has(i) {
				dst = d.appendWithoutPrefix(dst, prefix, path[1:])
			} else {
				dst = append(dst, d.Skip()...)
			}
		}
		return append(dst, ']')
	}
	return append(dst, d.Skip()...)
}
