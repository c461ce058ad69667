package redis

import (
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// A Reply is the server's answer to one command: null, an integer, a string or an array
// of replies. [Decode] reads it. The zero Reply is null.
type Reply struct {
	text   []byte        // checked JSON
	base64 bool          // strings are base64, except OK and text that is not valid base64
	json   bool          // it is a part of JSON text that was a string
	unit   time.Duration // of durations and times in it; 0 if there is none
}

// ParseReply makes a Reply from its JSON text, such as `["a",1,null]`. It is for code
// that replaces a server: a fake [Doer], or a test of an UnmarshalReply method. It fails
// if text is not exactly one JSON value.
func ParseReply(text string) (Reply, error) {
	b := []byte(text)
	if end, err := wire.Check(b, 0); err != nil || !wire.AtEnd(b, end) {
		return Reply{}, errors.New("redis: ParseReply: the text is not one JSON value")
	}
	return Reply{text: b}, nil
}

// IsNull reports whether the reply is null, as for a key that does not exist.
func (r Reply) IsNull() bool {
	if len(r.text) == 0 {
		return true
	}
	d := newDecoder(r)
	return d.Kind() == 'n'
}

func (r Reply) isEmptyArray() bool {
	d := newDecoder(r)
	return d.Kind() == '[' && d.Len() == 0
}

// withNames returns a list of values as a list of names and values in turn, without the
// values that are null. If there are no others it is null.
func (r Reply) withNames(names []any) Reply {
	d := newDecoder(r)
	if d.Kind() != '[' || d.Len() != len(names) {
		return r
	}
	named := r
	named.text = []byte{'['}
	d.Enter()
	for i := 0; d.More(); i++ {
		null := d.Kind() == 'n'
		value := d.Skip()
		if null {
			continue
		}
		var name string
		switch n := names[i].(type) {
		case string:
			name = n
		case []byte:
			name = string(n)
		default:
			name = fmt.Sprint(n)
		}
		if len(named.text) > 1 {
			named.text = append(named.text, ',')
		}
		if r.base64 {
			name = base64.StdEncoding.EncodeToString([]byte(name))
		}
		named.text, _ = wire.AppendString(named.text, name) // it was sent, so it is UTF-8
		named.text = append(append(named.text, ','), value...)
	}
	if len(named.text) == 1 {
		return Reply{}
	}
	named.text = append(named.text, ']')
	return named
}

// String returns the reply as JSON text for people to read: bytes that are not UTF-8 are
// replaced by U+FFFD. Use [Decode] to read the contents.
func (r Reply) String() string {
	if r.IsNull() {
		return "null"
	}
	d := newDecoder(r)
	text, _ := d.appendJSON(nil, true)
	return string(text)
}

// UnmarshalReply lets a reply be decoded into a Reply.
func (r *Reply) UnmarshalReply(from Reply) error {
	if r == nil {
		return errors.New("redis: UnmarshalReply: the *Reply is nil")
	}
	*r = from
	return nil
}
