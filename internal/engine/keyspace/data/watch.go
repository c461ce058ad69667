package data

import "slices"

// A Watch has the keys that a client watches before a transaction.
type Watch struct {
	server *Server
	keys   []dbKey
	failed bool
}

// Watch begins to watch. End must follow.
func (s *Server) Watch() *Watch { return &Watch{server: s} }

// Add watches a key of a database. What is written from now on counts.
func (w *Watch) Add(db int, key string) {
	s := w.server
	s.find(s.dbs[db], key) // if the key is due, that it goes is no change
	at := dbKey{db, key}
	if w.failed || slices.Contains(w.keys, at) {
		return
	}
	w.keys = append(w.keys, at)
	if s.watched == nil {
		s.watched = map[dbKey][]*Watch{}
	}
	s.watched[at] = append(s.watched[at], w)
}

// Failed says whether a key was written or has expired. EXEC asks for it, after Begin.
func (w *Watch) Failed() bool {
	for _, at := range slices.Clone(w.keys) {
		w.server.find(w.server.dbs[at.db], at.key)
	}
	return w.failed
}

// End stops watching: UNWATCH, or the end of a transaction. The watch may be used again.
func (w *Watch) End() {
	for _, at := range w.keys {
		list := slices.DeleteFunc(w.server.watched[at], func(other *Watch) bool { return other == w })
		if len(list) > 0 {
			w.server.watched[at] = list
		} else {
			delete(w.server.watched, at)
		}
	}
	w.keys, w.failed = nil, false
}

// failWatches lets the watches of a key fail. Nothing more can happen to them.
func (s *Server) failWatches(at dbKey) {
	for _, w := range slices.Clone(s.watched[at]) {
		w.End()
		w.failed = true
	}
}

// failReplaced lets the watches fail whose keys are in a database that is replaced by another, or
// emptied if with is -1, or are in the other.
func (s *Server) failReplaced(db, with int) {
	for at := range s.watched {
		if at.db == db && with >= 0 {
			s.find(s.dbs[with], at.key) // a key that is due is none, and must not expire in the watched database
		}
		if at.db == db && (s.Exists(db, at.key) || with >= 0 && s.Exists(with, at.key)) {
			s.failWatches(at)
		}
	}
}
