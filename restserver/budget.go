package restserver

import (
	"io"
	"net/http"
	"sync"
	"sync/atomic"
)

// A budget limits the memory of all requests together: bodies, the commands in them, replies, and
// messages that wait for slow readers.
type budget struct {
	limit int64
	used  atomic.Int64
}

// takeBelow takes n bytes if not more than limit are taken then.
func (b *budget) takeBelow(limit, n int64) bool {
	for {
		used := b.used.Load()
		if used+n > limit {
			return false
		}
		if b.used.CompareAndSwap(used, used+n) {
			return true
		}
	}
}

func (b *budget) give(n int64) { b.used.Add(-n) }

// A share is what one request has taken. A reply may still arrive when the request has ended; then
// nothing can be taken any more.
type share struct {
	budget *budget

	mu    sync.Mutex
	taken int64
	ended bool
}

func (s *share) take(n int64) bool { return s.takeBelow(s.budget.limit, n) }

func (s *share) takeBelow(limit, n int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended || !s.budget.takeBelow(limit, n) {
		return false
	}
	s.taken += n
	return true
}

// takeBody takes the memory of a body. Bodies get at most half of the budget, so that something is
// left for the replies to those that run.
func (s *share) takeBody(n int64) bool { return s.takeBelow(s.budget.limit/2, n) }

func (s *share) give(n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		s.budget.give(n)
		s.taken -= n
	}
}

func (s *share) giveAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.budget.give(s.taken)
	s.taken = 0
}

// end gives everything back, for ever.
func (s *share) end() {
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
	s.giveAll()
}

var (
	errMemory      = notRun{ownError{http.StatusServiceUnavailable, "ERR max memory of requests exceeded; the command did not run"}}
	errReplyMemory = ownError{http.StatusInsufficientStorage, "ERR the reply does not fit into the memory that is left; the command ran"}
)

// commandBytes is about what a command takes in memory, in addition to its text and its reply: here, and
// in the client of Redis.
const commandBytes = 350

// argumentBytes is about what an argument takes in addition to its text.
const argumentBytes = 48

// takeCommands takes the memory for commands.
func (s *share) takeCommands(all [][]string) bool {
	n := int64(0)
	for _, args := range all {
		n += commandBytes + argumentBytes*int64(len(args))
	}
	return s.take(n)
}

// readAll reads a body whose length is known or -1. It takes the memory of an announced body at once, so that
// of many bodies some are read and others refused, but it allocates the memory only when a part has arrived,
// because the announcement may be false.
func (s *share) readAll(body io.Reader, length, limit int64) ([]byte, error) {
	const step, spare = 64 << 10, 512
	if length > limit {
		return nil, tooLarge(limit)
	}
	if !s.takeBody(max(length, 0) + spare) {
		return nil, drain(body, limit)
	}
	buf := make([]byte, 0, min(max(length, 0), step)+spare)
	for {
		n, err := body.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		switch {
		case int64(len(buf)) > limit:
			return nil, tooLarge(limit)
		case err == io.EOF:
			return buf, nil
		case err != nil:
			return nil, errBody // do not wait for the rest either
		case len(buf) < cap(buf):
			continue
		}
		size := length + spare
		if length < 0 {
			if size = min(int64(2*cap(buf)), limit+spare); !s.takeBody(size) {
				return nil, drain(body, limit)
			}
			s.give(int64(cap(buf)))
		}
		grown := make([]byte, len(buf), size)
		copy(grown, buf)
		buf = grown
	}
}

// drain reads the rest of a body and forgets it: a client that is still sending would not see the answer.
func drain(body io.Reader, limit int64) error {
	io.Copy(io.Discard, io.LimitReader(body, limit))
	return errMemory
}

// A replyBuffer holds the reply to a command. While the reply arrives it takes the memory from the
// share of the request. What does not fit is read and forgotten, so that the connection stays usable
// for other requests, and the reply becomes lostReply.
type replyBuffer struct {
	share *share // nil if the reply is surely small
	reply []byte
}

// lostReply stands for a reply that did not fit. It is compared by address.
var lostReply = []byte("-" + errReplyMemory.message + "\r\n")

func isLost(reply []byte) bool { return len(reply) > 0 && &reply[0] == &lostReply[0] }

// room makes room for n more bytes. It returns false if the reply is lost.
func (b *replyBuffer) room(n int) bool {
	if isLost(b.reply) {
		return false
	}
	old := cap(b.reply)
	if len(b.reply)+n <= old {
		return true
	}
	size := max(len(b.reply)+n, old+old/4)
	if b.share != nil && !b.share.take(int64(size)) {
		b.share.give(int64(old))
		b.reply = lostReply
		return false
	}
	b.reply = append(make([]byte, 0, size), b.reply...)
	if b.share != nil {
		b.share.give(int64(old))
	}
	return true
}

func (b *replyBuffer) Write(p []byte) (int, error) {
	if b.room(len(p)) {
		b.reply = append(b.reply, p...)
	}
	return len(p), nil
}

// ReadFrom reads a string of which go-redis knows the length.
func (b *replyBuffer) ReadFrom(r io.Reader) (int64, error) {
	all, known := r.(*io.LimitedReader)
	if !known {
		return io.Copy(struct{ io.Writer }{b}, r)
	}
	n := all.N
	if !b.room(int(n)) {
		return io.CopyN(io.Discard, all.R, n)
	}
	end := len(b.reply) + int(n)
	read, err := io.ReadFull(all.R, b.reply[len(b.reply):end])
	b.reply = b.reply[:len(b.reply)+read]
	return int64(read), err
}

// keep returns a reply that this process made, or lostReply if it does not fit.
func (s *share) keep(reply []byte) []byte {
	if s != nil && !s.take(int64(cap(reply))) {
		return lostReply
	}
	return reply
}
