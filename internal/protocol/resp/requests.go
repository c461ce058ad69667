package resp

import (
	"bytes"
	"math"
	"slices"

	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
)

// Requests reads the commands that a client sends, in RESP or inline, from bytes that arrive in
// parts of any size. It accepts and refuses what redis-server does.
type Requests struct {
	// MaxBulk is the largest size of a word in bytes.
	MaxBulk int64
	// Limited says that the client must authenticate first. Until then its commands have at most
	// 10 words of 16 KB.
	Limited bool

	buf  []byte
	at   int      // where the part that is not read yet begins
	args []string // of the command that is incomplete
	left int      // how many words it lacks
	size int      // of its next word, or -1 if that is not known
}

// A ProtocolError is the text of the error for bytes that are no command. Nothing after them can be read.
type ProtocolError string

func (e ProtocolError) Error() string { return string(e) }

// The limits of redis-server.
const (
	maxLine         = 64 << 10 // of a line without its end, in bytes
	maxLimitedWords = 10
	maxLimitedSize  = 16 << 10
	firstRead       = 16 << 10
	keptRequests    = 64 << 10 // the largest buffer that an idle client keeps
	keptWords       = 1024
)

// Room returns where the next bytes of the client are to be read into. Read must follow.
func (r *Requests) Room() []byte {
	if clear(r.args[len(r.args):cap(r.args)]); r.left == 0 && cap(r.args) > keptWords {
		r.args = nil
	}
	if r.at == len(r.buf) {
		r.buf, r.at = r.buf[:0], 0
		if cap(r.buf) > keptRequests {
			r.buf = nil
		}
	}
	if len(r.buf) == cap(r.buf) || cap(r.buf)-len(r.buf) < r.missing() {
		if r.at > 0 { // the words so far are copies
			r.buf, r.at = r.buf[:copy(r.buf, r.buf[r.at:])], 0
		}
		// The buffer doubles, so that a client which only announces a long word takes no memory.
		r.buf = slices.Grow(r.buf, max(firstRead, min(r.missing(), len(r.buf))))
	}
	return r.buf[len(r.buf):cap(r.buf)]
}

// missing returns how many bytes the next word lacks.
func (r *Requests) missing() int {
	if r.left == 0 || r.size < 0 {
		return 0
	}
	return max(0, r.size+2-(len(r.buf)-r.at))
}

// Read says that n bytes were read into Room.
func (r *Requests) Read(n int) { r.buf = r.buf[:len(r.buf)+n] }

// Next returns the words of the next command. ok is false if it is not complete, which the error, a
// ProtocolError, may explain. The slice is valid until Next is called again; the words may be kept.
func (r *Requests) Next() (args []string, ok bool, err error) {
	for r.at < len(r.buf) {
		switch {
		case r.left > 0 || r.buf[r.at] == '*':
			ok, err = r.words()
		default:
			ok, err = r.inline()
		}
		if !ok || err != nil {
			return nil, false, err
		}
		if len(r.args) > 0 {
			args = r.args
			r.args = r.args[:0]
			return args, true, nil
		}
	}
	return nil, false, nil
}

// index finds a byte in what is not read yet, and as C not after a zero byte.
func (r *Requests) index(c byte) int {
	rest := r.buf[r.at:]
	i := bytes.IndexByte(rest, c)
	if i >= 0 && bytes.IndexByte(rest[:i], 0) >= 0 {
		return -1
	}
	return i
}

func (r *Requests) inline() (ok bool, err error) {
	end := r.index('\n')
	if end < 0 {
		return false, r.tooLong("too big inline request")
	}
	line := r.buf[r.at : r.at+end]
	if end > 0 && line[end-1] == '\r' {
		line = line[:end-1]
	}
	args, ok := SplitWords(string(line))
	if !ok {
		return false, ProtocolError("unbalanced quotes in request")
	}
	r.at += end + 1
	r.args = append(r.args[:0], args...)
	return true, nil
}

// tooLong returns an error if a line is too long to wait for its end.
func (r *Requests) tooLong(what ProtocolError) error {
	if len(r.buf)-r.at > maxLine {
		return what
	}
	return nil
}

// number reads a line that is a number after its first byte. ok is false if the line is not complete.
func (r *Requests) number(endless ProtocolError) (first byte, n int64, valid, ok bool, err error) {
	end := r.index('\r')
	switch {
	case end < 0:
		return 0, 0, false, false, r.tooLong(endless)
	case end+1 >= len(r.buf)-r.at:
		return 0, 0, false, false, nil
	}
	line := r.buf[r.at : r.at+end]
	if len(line) > 1 && len(line) < 10 { // mostly
		valid = line[1] != '0' || len(line) == 2
		for _, c := range line[1:] {
			if c < '0' || c > '9' {
				valid = false
				break
			}
			n = 10*n + int64(c-'0')
		}
	}
	if len(line) > 0 && !valid {
		n, valid = ctext.ParseInt(string(line[1:]))
	}
	if len(line) > 0 {
		first = line[0]
	} else {
		first = '\r'
	}
	return first, n, valid, true, nil
}

// skipLine moves after a line that number has read.
func (r *Requests) skipLine() { r.at += bytes.IndexByte(r.buf[r.at:], '\r') + 2 }

// words reads a command in RESP. It continues where it stopped when there was too little.
func (r *Requests) words() (ok bool, err error) {
	if r.left == 0 {
		_, n, valid, ok, err := r.number("too big mbulk count string")
		switch {
		case !ok:
			return false, err
		case !valid || n > math.MaxInt32:
			return false, ProtocolError("invalid multibulk length")
		case n > maxLimitedWords && r.Limited:
			return false, ProtocolError("unauthenticated multibulk length")
		}
		r.skipLine()
		if r.args = r.args[:0]; n <= 0 {
			return true, nil
		}
		r.left, r.size = int(n), -1
	}
	for r.left > 0 {
		if r.size < 0 {
			first, n, valid, ok, err := r.number("too big bulk count string")
			switch {
			case !ok:
				return false, err
			case first != '$':
				return false, ProtocolError("expected '$', got '" + string([]byte{first}) + "'")
			case !valid || n < 0 || n > r.MaxBulk:
				return false, ProtocolError("invalid bulk length")
			case n > maxLimitedSize && r.Limited:
				return false, ProtocolError("unauthenticated bulk length")
			}
			r.skipLine()
			r.size = int(n)
		}
		if len(r.buf)-r.at < r.size+2 {
			return false, nil
		}
		r.args = append(r.args, string(r.buf[r.at:r.at+r.size]))
		r.at += r.size + 2
		r.left, r.size = r.left-1, -1
	}
	return true, nil
}

// Waiting returns how many bytes were read and are not part of a complete command yet.
func (r *Requests) Waiting() int { return len(r.buf) - r.at }
