package value

import (
	"slices"
	"strconv"

	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
)

// A String is a value of type string: an Int, a Text or a *Bytes. An Int and a Text do not
// change; a *Bytes does.
type String interface {
	Value
	// String returns the text.
	String() string
	// Slice returns the bytes [from, to) of the text. It takes time in proportion to their number.
	Slice(from, to int) string
}

// NewString returns text in the form that SET gives it: an Int if it is an integer as Redis writes
// it, and a Text otherwise.
func NewString(text string) String {
	if len(text) <= 20 {
		if n, ok := ctext.ParseInt(text); ok {
			return Int(n)
		}
	}
	return Text(text)
}

// Edit returns s as bytes that may be changed. If copied is true the caller stores them in place of
// s, as after [Own].
func Edit(s String) (b *Bytes, copied bool) {
	if b, ok := s.(*Bytes); ok {
		return Own(b)
	}
	return &Bytes{B: []byte(s.String())}, true
}

// An Int is a string that is an integer.
type Int int64

func (Int) Type() string                { return "string" }
func (Int) Encoding() string            { return "int" }
func (n Int) Len() int                  { return len(n.String()) }
func (n Int) Clone() Value              { return n }
func (Int) Share()                      {}
func (Int) Shared() bool                { return false }
func (n Int) String() string            { return strconv.FormatInt(int64(n), 10) }
func (n Int) Slice(from, to int) string { return n.String()[from:to] }

// A Text is a string that was set as a whole.
type Text string

func (Text) Type() string   { return "string" }
func (t Text) Len() int     { return len(t) }
func (t Text) Clone() Value { return t }
func (Text) Share()         {}
func (Text) Shared() bool   { return false }

func (t Text) String() string            { return string(t) }
func (t Text) Slice(from, to int) string { return string(t[from:to]) }

func (t Text) Encoding() string {
	if len(t) <= 44 {
		return "embstr"
	}
	return "raw"
}

// A Bytes is a string that a command such as APPEND, SETBIT or PFADD has changed.
type Bytes struct {
	mark
	B []byte
}

func (*Bytes) Type() string     { return "string" }
func (*Bytes) Encoding() string { return "raw" }
func (b *Bytes) Len() int       { return len(b.B) }
func (b *Bytes) Clone() Value   { return &Bytes{B: slices.Clone(b.B)} }
func (b *Bytes) String() string { return string(b.B) }

func (b *Bytes) Slice(from, to int) string { return string(b.B[from:to]) }

// Grow makes the string size bytes long at least, with zero bytes after the old ones.
func (b *Bytes) Grow(size int) {
	if more := size - len(b.B); more > 0 {
		b.B = append(b.B, make([]byte, more)...)
	}
}
