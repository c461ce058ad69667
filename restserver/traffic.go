package restserver

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

// traffic tells those who watch about each request.
type traffic struct {
	watched atomic.Bool
	mu      sync.Mutex
	watches []chan string
}

// What a watcher gets of a request's commands, and how many requests wait for one that is slow.
const (
	shownCommands = 10
	shownWords    = 10
	shownBytes    = 100
	shownErrors   = 10  // with different texts
	shownError    = 500 // bytes of a text
	maxWaiting    = 1000
)

// tell tells about a request. Those who are too slow miss it.
func (t *traffic) tell(r *observed) {
	commands := [][]string{}
	for _, words := range r.Commands[:min(len(r.Commands), shownCommands)] {
		shown := []string{}
		for _, word := range words[:min(len(words), shownWords)] {
			shown = append(shown, beginningOf(word, shownBytes))
		}
		if len(words) > shownWords {
			shown = append(shown, "…")
		}
		commands = append(commands, shown)
	}
	texts := []string{}
	for _, text := range r.texts {
		texts = append(texts, beginningOf(text, shownError))
	}
	line, _ := json.Marshal(map[string]any{
		"id": r.ID, "at": time.Now().Add(-r.Duration).UnixMilli(), "kind": r.Kind, "commands": commands, "total": len(r.Commands), "status": r.Status,
		"errors": append([]string{}, r.Errors...), "texts": texts, "ms": float64(r.Duration.Microseconds()) / 1000, "received": r.BytesIn, "sent": r.BytesOut,
	})
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, w := range t.watches {
		select {
		case w <- string(line):
		default:
		}
	}
}

// beginningOf cuts a text that is longer than most bytes.
func beginningOf(text string, most int) string {
	if len(text) <= most {
		return text
	}
	end := most
	for end > most-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

func (t *traffic) watch() chan string {
	t.mu.Lock()
	defer t.mu.Unlock()
	w := make(chan string, maxWaiting)
	t.watches = append(t.watches, w)
	t.watched.Store(true)
	return w
}

func (t *traffic) forget(w chan string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.watches = slices.DeleteFunc(t.watches, func(other chan string) bool { return other == w })
	t.watched.Store(len(t.watches) > 0)
}

// isTraffic says whether a path is that of the stream of requests.
func (s *Server) isTraffic(kind string, names []string) bool {
	return s.config.Console && kind == "-" && strings.Join(names, "/") == "traffic"
}

// watchTraffic sends each request as an event until the client goes.
func (c *call) watchTraffic(ctx context.Context, w http.ResponseWriter) error {
	lines, done, begun := c.traffic.watch(), make(chan struct{}), false
	stop := func() {
		c.traffic.forget(lines)
		close(done)
	}
	return c.events(ctx, w, stop, func() (string, error) {
		if !begun {
			begun = true
			return `"OK"`, nil
		}
		select {
		case line := <-lines:
			return line, nil
		case <-done:
			return "", errors.New("the client has gone")
		}
	})
}
