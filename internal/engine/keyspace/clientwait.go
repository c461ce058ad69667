package keyspace

import (
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/data"
	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// block waits for data, and adds the reply. It gives the turn back.
func (c *client) block(wait *data.Wait) {
	session := c.Session
	p := c.db.park(&session, wait)
	c.blocked = p
	c.db.serve()
	if !c.flush() {
		c.closing = true
	}
	r, ok := c.await(p.served, wait.Until)
	if !ok {
		if r, ok = c.db.waiting.stop(p); !ok && !c.closing {
			r.reply = data.TimedOut(&session, nil)
		}
	}
	if failure := c.db.commit(r.position); failure != nil && ok {
		r.reply = failure
	}
	c.out = append(c.out, r.reply...)
}

// await waits for a result until a time in milliseconds since 1970, or 0 for ever. Meanwhile it reads, so that it notices when the
// connection ends; then the client is closing. ok is false if there was none.
func (c *client) await(served <-chan result, until int64) (r result, ok bool) {
	var timeout <-chan time.Time
	if until > 0 {
		timer := time.NewTimer(time.UnixMilli(until).Sub(c.db.time()))
		defer timer.Stop()
		timeout = timer.C
	}
	for !c.closing {
		if c.readable == nil {
			room := c.in.Room()
			c.readable = make(chan readResult, 1)
			go func(read chan readResult) {
				n, err := c.conn.Read(room)
				read <- readResult{n, err}
			}(c.readable)
		}
		readable := c.readable
		if c.in.Waiting() > maxAhead { // it has sent much already; whether it ends is noticed later
			readable = nil
		}
		select {
		case r := <-served:
			return r, true
		case <-timeout:
			return result{}, false
		case r := <-readable:
			c.readable = nil
			if r.err != nil {
				c.closing = true
				break
			}
			c.in.Read(r.n)
		}
	}
	return result{}, false
}

// maxAhead is how much is read, in bytes, while a client is blocked.
const maxAhead = 1 << 20

// A pause is that of CLIENT PAUSE. It changes during turns.
type pause struct {
	until int64 // in milliseconds since 1970; 0 if there is none
	all   bool  // not only commands that write
	ended chan struct{}
}

func (p *pause) begin(until int64, all bool) {
	if p.until == 0 {
		p.ended = make(chan struct{})
	}
	p.until, p.all = max(p.until, until), p.all || all
}

func (p *pause) end() {
	if p.until > 0 {
		close(p.ended)
	}
	*p = pause{}
}

// concerns says whether a command must wait. The caller has the turn.
func (p *pause) concerns(command commandtable.Command, multi *transaction, now int64) bool {
	if p.until == 0 {
		return false
	}
	if p.until <= now {
		p.end()
		return false
	}
	if p.all || mayWrite(command) {
		return true
	}
	if command.Name == "EXEC" && multi != nil {
		for _, one := range multi.queue {
			if mayWrite(one.command) {
				return true
			}
		}
	}
	return false
}

// mayWrite says whether CLIENT PAUSE WRITE concerns a command.
func mayWrite(command commandtable.Command) bool {
	switch command.Name {
	case "EVAL", "EVALSHA", "FCALL", "PFCOUNT", "PUBLISH", "SPUBLISH":
		return true
	}
	return command.Flags.Has(commandtable.Write)
}

// postpone waits while clients are paused. The client has the turn before and afterwards, unless it is closing.
func (c *client) postpone(command commandtable.Command) (refusal []byte, ok bool) {
	for c.db.pause.concerns(command, c.multi, c.db.data.Now()) {
		ended, until := c.db.pause.ended, c.db.pause.until
		c.paused = true
		c.db.data.Paused++
		if !c.flush() {
			c.closing = true
		}
		served, stop := make(chan result), make(chan struct{})
		go func() {
			select {
			case <-ended:
				close(served)
			case <-stop:
			}
		}()
		c.await(served, until)
		if close(stop); c.closing {
			return nil, false
		}
		if refusal, ok := c.begin(); !ok {
			return refusal, false
		}
	}
	return nil, true
}

// A writer writes to a connection what others send, in order with the replies. A client that does not read is disconnected, as in
// Redis.
type writer struct {
	conn  net.Conn
	resp3 atomic.Bool
	wake  chan struct{}
	done  chan struct{}

	mu    sync.Mutex
	bytes []byte
	ended bool
}

// openQueue lets others write to the connection.
func (c *client) openQueue() {
	if c.queue != nil {
		return
	}
	q := &writer{conn: c.conn, wake: make(chan struct{}, 1), done: make(chan struct{})}
	q.resp3.Store(c.RESP3)
	c.queue = q // process puts c.out into it in this turn
	go q.run()
}

func (q *writer) put(bytes []byte) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ended {
		return false
	}
	if len(q.bytes)+len(bytes) > maxWaitingBytes {
		q.ended, q.bytes = true, nil
		q.conn.Close()
		return false
	}
	q.bytes = append(q.bytes, bytes...)
	select {
	case q.wake <- struct{}{}:
	default:
	}
	return true
}

func (q *writer) run() {
	defer close(q.done)
	var spare []byte
	for {
		q.mu.Lock()
		bytes, ended := q.bytes, q.ended
		if len(bytes) > 0 {
			q.bytes, spare = spare[:0], nil
		}
		q.mu.Unlock()
		if len(bytes) > 0 {
			if _, err := q.conn.Write(bytes); err != nil {
				q.mu.Lock()
				q.ended, q.bytes = true, nil
				q.mu.Unlock()
				q.conn.Close()
				return
			}
			if cap(bytes) <= keptReply {
				spare = bytes
			}
			continue
		}
		if ended {
			return
		}
		<-q.wake
	}
}

// finish writes what is left.
func (q *writer) finish() {
	q.mu.Lock()
	q.ended = true
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
	<-q.done
}

// deliver sends a message, or a line of MONITOR.
func (c *client) deliver(m Message) bool {
	if m.Kind == "" {
		return c.queue.put(resp.AppendStatus(nil, m.Payload))
	}
	resp3 := c.queue.resp3.Load()
	if m.Kind == "pmessage" {
		return c.queue.put(appendPush(nil, resp3, 4, m.Kind, m.Pattern, m.Channel, m.Payload))
	}
	return c.queue.put(appendPush(nil, resp3, 3, m.Kind, m.Channel, m.Payload))
}

func (c *client) brokerClosed() {}
