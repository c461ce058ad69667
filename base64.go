package redis

import (
	"bytes"
	"context"
	"errors"
	"sync/atomic"
	"unicode/utf8"

	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// WithBase64 says whether the server is asked for strings in base64 (the header
// Upstash-Encoding); the default is true. With base64 every string is exact. Use false
// for a server that does not know the header: strings are then taken as they are, and
// bytes that are not UTF-8 arrive as the server changed them.
//
// Such a server's strings look like base64 if their letters and their length allow it:
// test, user, a hexadecimal digest. If one would become something other than text, the
// client asks the server once, with ECHO, whether it knows base64. If it does not, the
// error of this and of later such replies is [ErrNoBase64]. What cannot be noticed is a
// string that is itself the base64 of some text.
func WithBase64(on bool) Option {
	return option(func(c *config) { c.base64 = on })
}

// ErrNoBase64 says that the server does not encode strings in base64, and that a string
// of the reply cannot be told from one that is encoded. The command ran, and
// [DecodeError.Reply] has the reply as the server sent it. Use [WithBase64](false), or
// UPSTASH_REDIS_REST_BASE64=false.
var ErrNoBase64 = errors.New("redis: the server does not encode strings in base64, so the reply cannot be read; use WithBase64(false)")

// A base64State is what a client knows of the encoding of strings in replies.
type base64State struct {
	on    bool          // the client asks for base64
	state atomic.Int32  // one of the following
	turn  chan struct{} // held by the goroutine that asks the server
}

const (
	base64Unknown = iota
	base64Known   // the server encodes strings, or does not say
	base64Missing // the server does not encode strings
)

func newBase64State(on bool) *base64State { return &base64State{on: on, turn: make(chan struct{}, 1)} }

// echoed is what the server is asked to repeat. It is not base64 itself.
const echoed = "is this base64?"

// checkReply returns ErrNoBase64 if the reply holds a string that would be decoded
// although the server does not encode strings. The error keeps the reply.
func (c *client) checkReply(ctx context.Context, reply Reply) error {
	e := c.base64
	if !e.on {
		return nil
	}
	switch e.state.Load() {
	case base64Known:
		return nil
	case base64Unknown:
		var found stringForms
		found.read(reply)
		if found.notText {
			return c.askForBase64(ctx, reply)
		}
		if found.text {
			e.state.Store(base64Known)
		}
		return nil
	}
	var found stringForms
	if found.read(reply); found.any {
		reply.base64 = false // as the server sent it
		return &DecodeError{
			Want:  "strings in base64",
			Got:   "strings that the server does not encode; use WithBase64(false)",
			cause: ErrNoBase64,
			reply: func() Reply { return reply },
		}
	}
	return nil
}

// checkReplies is checkReply for the results of a batch.
func (c *client) checkReplies(ctx context.Context, infos []callInfo, results []result) {
	for i, r := range results {
		if r.err == nil {
			if err := c.checkReply(ctx, r.reply); err != nil {
				results[i] = result{err: &CallError{Command: infos[i].name, Err: err}}
			}
		}
	}
}

// askForBase64 asks the server whether it knows base64, and then checks the reply again.
func (c *client) askForBase64(ctx context.Context, reply Reply) error {
	e := c.base64
	select {
	case e.turn <- struct{}{}:
		defer func() { <-e.turn }()
	case <-ctx.Done():
		return nil
	}
	if e.state.Load() == base64Unknown {
		body, _, err := c.appendCommand(nil, []any{"ECHO", echoed})
		if err != nil {
			return err
		}
		answer, err := c.alone(ctx, callInfo{name: "ECHO", reads: true}, body)
		if err != nil {
			if _, answered := errors.AsType[*Error](err); answered {
				e.state.Store(base64Known) // there is no way to know
			}
			return nil
		}
		state := int32(base64Missing)
		if text, err := Decode[string](answer); err != nil || len(answer.text) > len(echoed)+len(`""`) && text == echoed {
			state = base64Known
		}
		e.state.Store(state)
	}
	return c.checkReply(ctx, reply)
}

// A stringForms says what the strings of a reply look like.
type stringForms struct {
	any     bool // one is base64, and not empty
	notText bool // one is base64 without padding, and holds something other than text
	text    bool // one is base64, and so long that only encoded text holds text
}

// minText is the length from which on base64 that holds text was made from text. Of
// other words of this length, fewer than one in a thousand hold UTF-8.
const minText = 16

func (f *stringForms) read(r Reply) {
	if len(r.text) > 0 {
		c := wire.NewCursor(r.text)
		f.value(&c)
	}
}

func (f *stringForms) value(c *wire.Cursor) {
	switch c.Kind() {
	case '"':
		f.string(wire.Unescape(c.String()))
	case '[':
		for c.Enter(); c.More(); {
			f.value(c)
		}
	default: // an object is an error, whose text is never base64
		c.Skip()
	}
}

// string looks at one string. It decodes it in parts, so that a large one needs no memory.
func (f *stringForms) string(text []byte) {
	const part = 4 << 10 // a multiple of 4: each part is whole base64
	var room [part / 4 * 3]byte
	length, padded, isText := len(text), bytes.HasSuffix(text, []byte("=")), false
	for first := true; len(text) > 0; first = false {
		next := text[:min(len(text), part)]
		text = text[len(next):]
		decoded, ok := wire.AppendBase64(room[:0], next)
		if !ok || len(text) > 0 && next[len(next)-1] == '=' {
			return
		}
		if first { // the first part shows whether it is text
			for cut := 0; len(text) > 0 && cut < utf8.UTFMax-1 && !utf8.Valid(decoded); cut++ {
				decoded = decoded[:len(decoded)-1] // a rune may go on in the next part
			}
			isText = utf8.Valid(decoded)
		}
	}
	switch {
	case length == 0:
		return
	case !isText:
		f.notText = f.notText || !padded
	case padded || length >= minText:
		f.text = true
	}
	f.any = true
}
