package restserver

import (
	"io"
	"net/http"
	"sync/atomic"
)

// A budget limits the memory of all requests together: bodies, the commands in them, replies, and
// messages that wait for slow readers.
type budget struct {
	limit int64
	used  atomic.Int64
}

// take takes n bytes if the budget has them.
func (b *budget) take(n int64) bool { return b.takeBelow(b.limit, n) }

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

// A share is what one request has taken. Only one goroutine may use it.
type share struct {
	budget *budget
	taken  int64
}

func (s *share) take(n int64) bool {
	if !s.budget.take(n) {
		return false
	}
	s.taken += n
	return true
}

// takeBody takes the memory of a body. Bodies get at most half of the budget, so that something is
// left for the replies to those that run.
func (s *share) takeBody(n int64) bool {
	if !s.budget.takeBelow(s.budget.limit/2, n) {
		return false
	}
	s.taken += n
	return true
}

func (s *share) give(n int64) {
	s.budget.give(n)
	s.taken -= n
}

func (s *share) giveAll() { s.give(s.taken) }

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
