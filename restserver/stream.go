package restserver

import (
	"bufio"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
	"github.com/redis-rest/redis-rest-go/internal/protocol/sse"
)

// stream answers a request for an event stream, and says whether the request was one. The path is
// /subscribe/CHANNEL, with more channels after it, /psubscribe/PATTERN, or /monitor.
func (c *call) stream(w http.ResponseWriter, r *http.Request) bool {
	segments := strings.Split(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/") // a slash in a channel's name is %2F here
	kind, names := strings.ToLower(segments[0]), segments[1:]
	var bad error
	for i, name := range names {
		var err error
		if names[i], err = url.PathUnescape(name); err != nil {
			bad = badRequest("ERR the channel's name is not percent-encoded")
		} else if name == "" {
			bad = badRequest("ERR the channel has no name")
		}
	}
	switch kind {
	case "subscribe", "psubscribe":
		if len(names) == 0 || len(names) == 1 && names[0] == "" {
			return false
		}
	case "monitor":
		if len(names) > 0 {
			return false
		}
	default:
		if !c.isTraffic(kind, names) {
			return false
		}
	}
	cmd := &command{args: append([]string{kind}, names...)}
	c.o.note(cmd)
	control := http.NewResponseController(w)
	control.SetReadDeadline(time.Time{}) // a stream has no time limit
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(c.closing, cancel)()
	defer context.AfterFunc(c.removed, cancel)()
	select {
	case c.streams <- struct{}{}:
		defer func() { <-c.streams }()
	default:
		c.refuseWith(w, r, errTooMany)
		return true
	}
	var err error
	switch {
	case r.Method != http.MethodPost && r.Method != http.MethodGet:
		w.Header().Set("Allow", "GET, POST")
		err = errMethod
	case bad != nil:
		err = bad
	case (kind == "monitor" || kind == "-") && (c.may != everything || c.confined), // MONITOR shows what all others write
		c.confined && !c.user: // all databases of a Redis have the same channels
		err = badRequest(noPermission(kind))
	case kind == "monitor":
		err = c.monitor(ctx, w)
	case kind == "-":
		err = c.watchTraffic(ctx, w)
	default:
		err = c.subscribe(ctx, w, c.db.subscribe(ctx, kind == "psubscribe", names))
	}
	if err != nil {
		c.refuseWith(w, r, err)
	}
	return true
}

// subscribe passes on the messages of a subscription until either side ends it. It returns an error if
// the subscription did not begin.
func (c *call) subscribe(ctx context.Context, w http.ResponseWriter, sub subscription) error {
	return c.events(ctx, w, func() { sub.Close() }, func() (string, error) {
		for {
			// Not go-redis' channel, which would reconnect and hide lost messages.
			event, err := sub.Receive(ctx)
			if err != nil {
				return "", didNotRun(err)
			}
			switch e := event.(type) {
			case *redis.Subscription:
				return e.Kind + "," + e.Channel + "," + strconv.Itoa(e.Count), nil
			case *redis.Message:
				if e.Pattern != "" {
					return "pmessage," + e.Pattern + "," + e.Channel + "," + e.Payload, nil
				}
				return "message," + e.Channel + "," + e.Payload, nil
			}
		}
	})
}

// monitor passes on the lines of MONITOR. It opens its own connection, because go-redis
// cannot end a MONITOR.
func (c *call) monitor(ctx context.Context, w http.ResponseWriter) error {
	if m, ok := c.db.(inMemory); ok {
		lines := m.Monitor()
		begun := false
		return c.events(ctx, w, func() { lines.Close() }, func() (string, error) {
			if !begun {
				begun = true
				return `"OK"`, nil
			}
			return lines.Receive(ctx)
		})
	}
	one, ok := c.db.(single)
	if !ok {
		return badRequest("ERR MONITOR is not available on a cluster: each node has its own")
	}
	conn, _, err := one.open(ctx, one.client.Options().DB)
	if err != nil {
		return didNotRun(err)
	}
	conn.Write(resp.AppendBulks(nil, []string{"MONITOR"}))
	lines := bufio.NewReader(conn)
	held := share{budget: &c.budget} // the last line
	defer func() { held.giveAll() }()
	return c.events(ctx, w, func() { conn.Close() }, func() (string, error) {
		held.giveAll()
		line, err := held.readLine(lines)
		switch {
		case err == errSlow:
			return "", err
		case err != nil:
			return "", didNotRun(err)
		case line == "+OK":
			return `"OK"`, nil
		case strings.HasPrefix(line, "-"):
			return "", badRequest(line[1:])
		case !strings.HasPrefix(line, "+"):
			return "", didNotRun(errProtocol)
		}
		return line[1:], nil
	})
}

// readLine reads a line, and takes its memory while it arrives. The error is errSlow if no memory is left.
func (s *share) readLine(r *bufio.Reader) (string, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if !s.takeBody(int64(len(part))) {
			return "", errSlow
		}
		line = append(line, part...)
		if err == nil {
			return strings.TrimRight(string(line), "\r\n"), nil
		}
		if err != bufio.ErrBufferFull {
			return "", err
		}
	}
}

// maxQueue is the maximum size, in bytes, of the events that wait for a slow reader. It is the
// soft limit of Redis (client-output-buffer-limit).
const maxQueue = 8 << 20

// A queue holds the events that wait for a reader.
type queue struct {
	budget *budget
	mu     sync.Mutex
	events [][]byte
	bytes  int64 // of events, and of those that are being written
	err    error // after the events
	more   chan struct{}
	cut    atomic.Bool // the reader is too slow
}

// put adds an event. It returns false if the reader is too slow, or if no memory is left.
func (q *queue) put(event []byte) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := int64(len(event))
	// Requests go first, and readers that are not slow go before those that are.
	most := q.budget.limit / 2
	if q.bytes > 0 {
		most /= 2
	}
	if q.bytes > 0 && q.bytes+n > maxQueue || !q.budget.takeBelow(most, n) {
		return false
	}
	q.events, q.bytes = append(q.events, event), q.bytes+n
	q.wake()
	return true
}

// end ends the queue after its events.
func (q *queue) end(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.err == nil {
		q.err = err
	}
	q.wake()
}

func (q *queue) wake() {
	select {
	case q.more <- struct{}{}:
	default:
	}
}

// take returns all events, or the error after them. done says how many bytes the reader has got.
func (q *queue) take(done int64) ([][]byte, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.budget.give(done)
	q.bytes -= done
	events := q.events
	q.events = nil
	if len(events) == 0 {
		return nil, q.err
	}
	return events, nil
}

// close gives back what is left.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.budget.give(q.bytes)
	q.bytes, q.events = 0, nil
}

// events sends the events that next returns, and a comment when there has been none for a while, until
// next returns an error or the client goes. A client that does not read fast enough, and one for whose event no
// memory is left (errSlow), is cut off, as Redis does it. Then stop is called, which lets next return. events returns the error if there was
// no event before it.
func (c *call) events(ctx context.Context, w http.ResponseWriter, stop func(), next func() (string, error)) error {
	q := &queue{budget: &c.budget, more: make(chan struct{}, 1)}
	defer q.close()
	control := http.NewResponseController(w)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			data, err := next()
			if err == nil && !q.put(sse.Append(nil, strings.ToValidUTF8(data, "\uFFFD"))) {
				err = errSlow
			}
			if err == errSlow {
				q.cut.Store(true)
				control.SetWriteDeadline(time.Now()) // it does not read anyway
			}
			if err != nil {
				q.end(err)
				return
			}
		}
	}()
	err := c.writeEvents(ctx, w, control, q)
	stop()
	<-ended
	if q.cut.Load() {
		panic(http.ErrAbortHandler) // closes the connection, in the middle of the stream
	}
	return err
}

var errSlow = badRequest("ERR the client does not read fast enough, or no memory is left")

func (c *call) writeEvents(ctx context.Context, w http.ResponseWriter, control *http.ResponseController, q *queue) error {
	beat := time.NewTimer(c.config.Heartbeat)
	defer beat.Stop()
	started, sent := false, 0
	send := func(events ...[]byte) bool {
		if !started {
			started = true
			w.Header().Set("Content-Type", "text/event-stream")
			w.Header().Set("Cache-Control", "no-cache")
		}
		for _, event := range events {
			control.SetWriteDeadline(time.Now().Add(time.Minute)) // for a client that does not read
			if q.cut.Load() {
				return false
			}
			if _, err := w.Write(event); err != nil {
				return false
			}
		}
		beat.Reset(c.config.Heartbeat)
		if err := control.Flush(); err != nil {
			return false
		}
		if sent += len(events); c.failure == FailCut && sent > 1 { // after the confirmation and one more
			q.cut.Store(true)
		}
		return true
	}
	written := int64(0)
	for {
		events, err := q.take(written)
		if written = 0; q.cut.Load() {
			return nil
		}
		if err != nil {
			if started {
				return nil
			}
			return err
		}
		if len(events) > 0 {
			if !send(events...) {
				return nil
			}
			for _, event := range events {
				written += int64(len(event))
			}
			continue
		}
		select {
		case <-q.more:
		case <-beat.C:
			if started && !send([]byte(":\n\n")) {
				return nil
			}
			beat.Reset(c.config.Heartbeat)
		case <-ctx.Done():
			return nil
		}
	}
}
