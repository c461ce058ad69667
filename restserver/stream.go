package restserver

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redis-rest/redis-rest-go/internal/protocol/sse"
)

// stream answers a request for an event stream, and says whether it was one.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, may access) bool {
	path := r.URL.EscapedPath() // where a slash in a channel's name is %2F
	kind, name, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	name, err := url.PathUnescape(name)
	if kind != "subscribe" && kind != "psubscribe" && kind != "monitor" || (kind == "monitor") != (name == "") {
		return false
	}
	observedIn(r.Context()).note("stream", &command{args: []string{strings.ToUpper(kind), name}})
	control := http.NewResponseController(w)
	control.SetReadDeadline(time.Time{}) // it lasts as long as it lasts
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.closing, cancel)()
	select {
	case s.streams <- struct{}{}:
		defer func() { <-s.streams }()
	default:
		tooMany(w)
		return true
	}
	switch {
	case r.Method != http.MethodPost && r.Method != http.MethodGet:
		w.Header().Set("Allow", "GET, POST")
		refuse(w, http.StatusMethodNotAllowed, "ERR method not allowed")
	case err != nil:
		refuse(w, http.StatusBadRequest, "ERR the channel's name is not percent-encoded")
	case kind == "monitor" && may != everything: // it shows what all others write
		refuse(w, http.StatusBadRequest, noPermission("monitor"))
	case kind == "monitor":
		s.monitor(ctx, w)
	case kind == "subscribe":
		s.subscribe(ctx, w, s.db.subscribe(ctx, name))
	default:
		s.subscribe(ctx, w, s.db.psubscribe(ctx, name))
	}
	return true
}

// subscribe passes on what a subscription brings, until either side ends it.
func (s *Server) subscribe(ctx context.Context, w http.ResponseWriter, sub subscription) {
	defer sub.Close()
	defer context.AfterFunc(ctx, func() { sub.Close() })()
	started := false
	for {
		// Not the channel of go-redis, which would reconnect and hide what was lost.
		event, err := sub.Receive(ctx)
		if err != nil {
			if !started {
				status, message := failure(err)
				refuse(w, status, message)
			}
			return
		}
		var data string
		switch e := event.(type) {
		case *redis.Subscription:
			data = e.Kind + "," + e.Channel + ",1"
		case *redis.Message:
			data = "message," + e.Channel + "," + e.Payload
			if e.Pattern != "" {
				data = "pmessage," + e.Pattern + "," + e.Channel + "," + e.Payload
			}
		default:
			continue
		}
		if !writeEvent(w, data) {
			return
		}
		started = true
	}
}

// monitor passes on the lines of MONITOR. It takes a connection of its own, which
// go-redis has no way to end.
func (s *Server) monitor(ctx context.Context, w http.ResponseWriter) {
	if m, ok := s.db.(inMemory); ok {
		lines := m.Monitor()
		defer lines.Close()
		line, err := `"OK"`, error(nil)
		for err == nil && writeEvent(w, line) {
			line, err = lines.Receive(ctx)
		}
		return
	}
	opts := s.backend.options
	if opts == nil {
		refuse(w, http.StatusBadRequest, "ERR MONITOR is not available on a cluster: each node has its own")
		return
	}
	conn, err := opts.Dialer(ctx, opts.Network, opts.Addr)
	if err != nil {
		status, message := failure(err)
		refuse(w, status, message)
		return
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	greetings := 1 // one +OK for each command
	if opts.Password != "" {
		greetings++
		fmt.Fprintf(conn, "*3\r\n$4\r\nAUTH\r\n")
		for _, arg := range []string{cmp.Or(opts.Username, "default"), opts.Password} {
			fmt.Fprintf(conn, "$%d\r\n%s\r\n", len(arg), arg)
		}
	}
	fmt.Fprint(conn, "*1\r\n$7\r\nMONITOR\r\n")
	lines := bufio.NewReader(conn)
	for {
		line, err := lines.ReadString('\n')
		line = strings.TrimSuffix(line, "\r\n")
		switch {
		case err != nil:
			return
		case line[0] == '-':
			refuse(w, http.StatusBadRequest, line[1:])
			return
		case greetings > 1:
			greetings--
			continue
		case greetings == 1:
			greetings--
			line = `+"OK"`
		}
		if !writeEvent(w, line[1:]) {
			return
		}
	}
}

// writeEvent sends one event at once, and says whether that went well.
func writeEvent(w http.ResponseWriter, data string) bool {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-cache")
	control := http.NewResponseController(w)
	control.SetWriteDeadline(time.Now().Add(time.Minute)) // for who does not read
	if _, err := w.Write(sse.Append(nil, strings.ToValidUTF8(data, "\uFFFD"))); err != nil {
		return false
	}
	return control.Flush() == nil
}
