package data

import (
	"fmt"
	"slices"

	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// A Wait says that a command found no data. It has no reply yet.
type Wait struct {
	DB   int
	Keys []string // what it waits for
	Args []string // the words that run when one of the keys was written
	// Until is the time at which the client gets TimedOut, in milliseconds since 1970. 0 is never.
	Until int64
}

// A Waiter is a client that waits for data.
type Waiter struct {
	*Wait
	server  *Server
	session Session
	done    func(reply []byte)
	left    bool
}

// A dbKey is a key of a database.
type dbKey struct {
	db  int
	key string
}

// waiting has the clients that wait, in the order in which they came.
type waiting struct {
	keys  map[dbKey][]*Waiter
	ready []dbKey // keys that were written and that somebody waits for, in the order of their first write
	count int
	now   *Waiter // whose command runs
	on    string  // the key that was written for it
}

// Park lets a client wait. When one of the keys was written, Serve runs the command again, and calls done with its
// reply if there is data.
func (s *Server) Park(session *Session, w *Wait, done func(reply []byte)) *Waiter {
	waiter := &Waiter{Wait: w, server: s, session: *session, done: done}
	waiter.session.Retry = true
	if s.waiting.keys == nil {
		s.waiting.keys = map[dbKey][]*Waiter{}
	}
	for _, key := range w.Keys {
		at := dbKey{w.DB, key}
		s.waiting.keys[at] = append(s.waiting.keys[at], waiter)
	}
	s.waiting.count++
	return waiter
}

// Waiting returns the number of clients that wait.
func (s *Server) Waiting() int { return s.waiting.count }

// Leave ends the wait of a client, because its time is over or because it has gone. It returns false if
// the client has had its reply.
func (w *Waiter) Leave() bool {
	if w.left {
		return false
	}
	w.left = true
	all := &w.server.waiting
	all.count--
	for _, key := range w.Keys {
		at := dbKey{w.DB, key}
		list := slices.DeleteFunc(all.keys[at], func(other *Waiter) bool { return other == w })
		if len(list) > 0 {
			all.keys[at] = list
		} else {
			delete(all.keys, at)
		}
	}
	return true
}

// wake notes that a key was written that somebody waits for.
func (ws *waiting) wake(at dbKey) {
	if len(ws.keys[at]) > 0 && !slices.Contains(ws.ready, at) {
		ws.ready = append(ws.ready, at)
	}
}

// wakeAll is wake for all keys of a database.
func (ws *waiting) wakeAll(db int) {
	for at := range ws.keys {
		if at.db == db {
			ws.wake(at)
		}
	}
}

// Serve runs the commands of clients that wait for a key which was written. Of each key, who has waited longest
// comes first. The caller calls it after each command, or after all commands of a script or transaction.
func (s *Server) Serve() {
	for len(s.waiting.ready) > 0 {
		ready := s.waiting.ready
		s.waiting.ready = nil
		for _, at := range ready {
			s.Begin()
			for _, w := range slices.Clone(s.waiting.keys[at]) {
				if !w.left { // a key may be there twice
					s.try(w, at.key)
				}
			}
		}
	}
}

// try runs the command of a client again, and answers it if there is data.
func (s *Server) try(w *Waiter, key string) {
	command, _ := commandtable.Find(w.Args)
	s.waiting.now, s.waiting.on = w, key
	reply, wait := func() (reply []byte, wait *Wait) {
		defer func() {
			s.waiting.now = nil
			if err := recover(); err != nil { // it is no failure of the client that wrote the key
				reply, wait = Failed(command.Name, err), nil
			}
		}()
		return s.Run(&w.session, command, w.Args, nil)
	}()
	if wait != nil {
		return
	}
	w.Leave()
	w.done(reply)
}

// Failed is the reply to a command that panicked.
func Failed(command string, err any) []byte {
	return resp.Error(fmt.Sprintf("ERR the embedded database failed at the command '%s': %v", command, err))
}

// hidden says whether a key does not count because the command, which has waited, runs again for another key. read and
// edit then find nothing: as in Redis, the reply is that of the key which was written.
func (c *call) hidden(key string) bool {
	w := c.waiting.now
	return w != nil && c.db.id == w.DB && key != c.waiting.on && slices.Contains(w.Keys, key)
}
