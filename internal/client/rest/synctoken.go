package rest

import (
	"strings"
	"sync"
)

const syncHeader = "Upstash-Sync-Token"

// A syncToken is the sync token that the next request sends. Tokens are opaque, so that
// of two replies the newer one is taken to be that of the request that began later.
type syncToken struct {
	mu    sync.Mutex
	token string
	from  uint64 // the number of the request whose reply brought it
	begun uint64 // how many requests have begun
}

// begin returns the token for a request that begins now, and the request's number.
func (t *syncToken) begin() (token string, number uint64) {
	if t == nil {
		return "", 0
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.begun++
	return t.token, t.begun
}

// keep stores the token of the reply to a request, unless the stored token is from a
// later request. A reply without a token changes nothing. Text that cannot stand in a
// header is not stored: every later request would fail.
func (t *syncToken) keep(token string, number uint64) {
	if t == nil || token == "" || len(token) > 1<<10 || strings.ContainsFunc(token, notVisible) {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if number >= t.from {
		t.token, t.from = token, number
	}
}

func notVisible(r rune) bool { return r <= ' ' || r > '~' }

// SyncToken returns the token that the next request will send.
func (c *Client) SyncToken() string {
	if c.syncToken == nil {
		return ""
	}
	c.syncToken.mu.Lock()
	defer c.syncToken.mu.Unlock()
	return c.syncToken.token
}
