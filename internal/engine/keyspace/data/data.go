// Package data has the keys of all databases and the commands on them.
//
// A [Server] runs one command at a time. It has no goroutine, no lock, no network and no Lua: the
// caller has them. Replies, errors and their order are those of redis-server 7.0.15.
//
// # Adding a command
//
// A command is a function and a row. The file of its family, such as strings.go, gives its rows to
// add in an init function; the name is that of commandtable, STRLEN or OBJECT|ENCODING. Before the
// function runs, the number of words has been checked with that table, and nothing else.
//
// The function gets a [*call]: args are the words, with the name. It appends its reply with the
// methods add… (addInt, addBulk, addNull, addMap …), which know RESP2 and RESP3, or returns an
// error, which replaces the reply. The texts of errors are in errors.go. Words are read with the
// functions of parse.go, never in another way.
//
// Keys are found with these functions. None returns a key that has expired.
//
//	read[*value.List](c, key)   the value, or nil, for a command that only reads
//	edit[*value.List](c, key)   the value, or nil, which may be changed: a copy if it was shared
//	create(c, key, value.NewList)   edit, but adds the key if it is not there
//	c.set(key, v)               sets a key and removes its expiry
//	c.put(key, v)               sets a key and keeps its expiry
//	c.delete(key)               deletes a key and says so
//	c.deleteEmpty(key, v)       does that if v has no element left
//
// A command that changed a key calls c.wrote(key, class, event) once for each key and event, after
// set, put or the change of the value itself. That reaches all who want to know of it: WATCH,
// blocked clients, keyspace notifications and persistence. c.changed does the same after a change that adds no data, such as
// EXPIRE, without waking blocked clients.
//
// A command whose effect does not follow from the data, its words and the time, such as that of SPOP, calls c.repeat with
// words that have the same effect. What changes without a command calls s.tell. Persistence repeats both.
//
// A command that waits for data calls c.block when there is none. [Server.Serve] runs it again when one of its
// keys was written. As in Redis only that key counts then: read and edit do not find the others it
// waits for, and a key of another type is no data rather than an error. If that is not enough, c.hidden(key) and
// Session.Retry tell more.
//
// # Testing a command
//
// Put command lines into a file of its family in testdata. TestCommandsAsRedis plays them here and on
// redis-server, in RESP2 and RESP3, and compares the replies, the keyspace notifications and, in the
// end, all keys. <n> in a line stands for each of the spellings of a number.
package data

import (
	"bytes"
	"errors"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/engine/json"
	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/value"
	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// Databases is the number of databases.
const Databases = 16

// A Server has the keys of all databases.
type Server struct {
	Hooks  Hooks
	Limits *value.Limits // of compact forms
	// MaxBulk is the largest size of a string in bytes: proto-max-bulk-len.
	MaxBulk int64
	// MaxMemory is maxmemory, in bytes; 0 is no limit. It is for the caller, who calls Evict before a command and refuses one with
	// the flag DenyOOM if that fails.
	MaxMemory int64
	// BusyReply is busy-reply-threshold, in milliseconds. It is for the caller too.
	BusyReply int64
	// KeepDue turns off the deletion of keys that are due, except when a command finds one, as
	// DEBUG SET-ACTIVE-EXPIRE 0 does.
	KeepDue bool
	// Hosted is whether commands reply as the hosted service documents where that differs from Redis.
	Hosted bool
	// Paused is how many clients CLIENT PAUSE lets wait. INFO tells it.
	Paused int
	// Random draws what commands choose at random.
	Random *rand.Rand

	clock   func() time.Time
	now     int64 // milliseconds since 1970; it changes with Begin only
	dbs     [Databases]*database
	events  eventClass // notify-keyspace-events
	stats   Stats
	waiting waiting
	watched map[dbKey][]*Watch
	effect  []string
	edited  []dbKey               // keys whose values may have changed since their memory was counted
	paths   map[string]*json.Path // of JSON commands, by their text
	eviction
	work int  // of the command that runs
	call call // the command that runs

	replaying bool // what is due is deleted by what is replayed only

	started, saved int64 // when the server started, and when SAVE last ran
	savedChanges   int64 // Stats.Changes then
	runID, replID  string
	kept           map[string]string // parameters of CONFIG that have no effect
	peak           int64             // the most that Memory returned
	errors         map[string]int64  // how many replies had each code of errors
}

// Stats counts what happened since the start.
type Stats struct {
	Commands      int64
	Changes       int64 // of keys; Redis calls it dirty
	Hits, Misses  int64 // of keys that commands wanted to read
	Expired       int64 // keys
	ExpiredFields int64
	Evicted       int64 // keys
}

// Hooks are called while a command runs. Each may be nil.
type Hooks struct {
	// Written is called after a key was set, changed or deleted.
	Written func(db int, key string)
	// Replacing is called before all keys of a database are replaced by those of another, or are
	// deleted, for which with is -1. [Server.Exists] tells which keys are there.
	Replacing func(db, with int)
	// Publish is called for each keyspace notification that is configured, with its channel.
	Publish func(channel, message string)
	// Changed is called with the words that repeat a change at the same time, after each command that changed
	// keys, and for each key that expired. The words may be used during the call only.
	Changed func(db int, words []string)
	// Clients is called for the number of clients, which INFO tells.
	Clients func() int
	// Scripts is called for the number of scripts that are known, which INFO tells.
	Scripts func() int
}

// A Session is what commands know of the client.
type Session struct {
	ID     int64
	Name   string // of CLIENT SETNAME
	DB     int    // the selected database; SELECT changes it
	RESP3  bool   // whether replies are in RESP3
	Script bool   // whether a script runs the command
	NoWait bool   // whether blocking commands do not wait: in a script or transaction
	Retry  bool   // whether a command that waited runs again; set by Serve
}

// New makes a server without keys. The clock is read by Begin.
func New(clock func() time.Time) *Server {
	s := &Server{Limits: value.DefaultLimits(), MaxBulk: 512 << 20, BusyReply: 5000, clock: clock, eviction: newEviction(), runID: randomHex(40), replID: randomHex(40), Random: newRandom()}
	for i := range s.dbs {
		s.dbs[i] = &database{id: i}
	}
	s.Begin()
	s.started, s.saved = s.now, s.now
	return s
}

func newRandom() *rand.Rand { return rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())) }

// Copy returns a server with the same keys and settings and without hooks. Both share the values, and
// a value is copied when one of them first changes it. The time is in proportion to the number
// of keys. Afterwards each may be used on its own goroutine.
func (s *Server) Copy() *Server {
	limits := *s.Limits
	c := &Server{
		Limits: &limits, MaxBulk: s.MaxBulk, MaxMemory: s.MaxMemory, BusyReply: s.BusyReply, KeepDue: s.KeepDue, Hosted: s.Hosted,
		Random: newRandom(), clock: s.clock, now: s.now, events: s.events, eviction: s.eviction.copy(),
		started: s.started, saved: s.saved, runID: s.runID, replID: s.replID, kept: maps.Clone(s.kept),
	}
	for i, db := range s.dbs {
		c.dbs[i] = db.copy()
	}
	return c
}

// SetClock sets another clock.
func (s *Server) SetClock(clock func() time.Time) { s.clock = clock }

// Begin takes the time for the commands that follow, and deletes keys that are due. The caller
// calls it before a command, and once before a script or a transaction, during which time stands still.
func (s *Server) Begin() {
	s.now = s.clock().UnixMilli()
	s.expireDue(duePerCommand)
}

// duePerCommand limits how many keys a command deletes that is not concerned with them.
const duePerCommand = 100

// Run runs a command that commandtable.Check accepts, and appends its reply to dst. If it waits
// for data, nothing is appended.
func (s *Server) Run(session *Session, command commandtable.Command, args []string, dst []byte) (reply []byte, wait *Wait) {
	run := commands[command.Name]
	if run == nil {
		return resp.AppendError(dst, "ERR the embedded database does not have the command '"+strings.ReplaceAll(command.Name, "|", " ")+"'"), nil
	}
	s.effect, s.work = nil, 0
	s.stats.Commands++
	changes, db := s.stats.Changes, session.DB
	c := &s.call
	*c = call{Server: s, session: session, db: s.dbs[session.DB], command: command, args: args, out: dst}
	if err := run(c); err != nil {
		c.out = resp.AppendError(c.out[:len(dst)], err.Error())
	}
	reply, wait = c.out, c.wait
	*c = call{} // it holds no arguments and no reply
	s.weighEdited()
	if s.Hooks.Changed != nil && (s.stats.Changes != changes || s.effect != nil) {
		s.tell(db, s.repetition(command, args)...)
	}
	return reply, wait
}

// tell tells of a change.
func (s *Server) tell(db int, words ...string) {
	if s.Hooks.Changed != nil && !s.replaying {
		s.Hooks.Changed(db, words)
	}
}

// repetition returns the words that repeat the command which has run.
func (s *Server) repetition(command commandtable.Command, args []string) []string {
	w := s.waiting.now
	switch {
	case s.effect != nil:
		return s.effect
	case w == nil || len(w.Keys) < 2:
		return args
	}
	args = slices.Clone(args) // only the key that was written counted
	places, _ := command.Keys(args)
	for _, at := range places {
		if slices.Contains(w.Keys, args[at]) {
			args[at] = s.waiting.on
		}
	}
	return args
}

// Replay repeats a change that Hooks.Changed told of, at its time in milliseconds since 1970. Begin must follow the last
// one.
func (s *Server) Replay(db int, now int64, words []string) error {
	command, problem := commandtable.Check(words)
	if problem != commandtable.Legal || commands[command.Name] == nil || db < 0 || db >= Databases {
		return errors.New("the database does not have a command in it")
	}
	maxBulk := s.MaxBulk
	s.now, s.replaying, s.MaxBulk = now, true, math.MaxInt64 // it was less than the limit then
	defer func() { s.replaying, s.MaxBulk = false, maxBulk }()
	s.Run(&Session{DB: db, NoWait: true}, command, words, nil)
	return nil
}

// Effect returns the words that repeat the effect of the command that ran last on the same keys, at the same
// time. It is nil if that command's own words do, which is so unless it drew at random.
func (s *Server) Effect() []string { return s.effect }

// Work returns about how many elements the command that ran last looked at.
func (s *Server) Work() int { return s.work }

// Has says whether there is a command of that name in commandtable.
func Has(name string) bool { return commands[name] != nil }

// TimedOut appends the reply to a command that has waited in vain.
func TimedOut(session *Session, dst []byte) []byte {
	if session.RESP3 {
		return append(dst, resp.Null3...)
	}
	return append(dst, resp.NullArray...)
}

// Now returns the time of the commands that run, in milliseconds since 1970.
func (s *Server) Now() int64 { return s.now }

// CountError counts a reply for INFO, if it is an error.
func (s *Server) CountError(reply []byte) {
	if len(reply) == 0 || reply[0] != '-' {
		return
	}
	code, _, ok := bytes.Cut(reply[1:min(len(reply), 32)], []byte(" "))
	if !ok {
		code = []byte("ERR")
	}
	if s.errors == nil {
		s.errors = map[string]int64{}
	}
	s.errors[string(code)]++
}

// Stats returns the counts.
func (s *Server) Stats() Stats { return s.stats }

// Exists says whether a key exists. It changes nothing.
func (s *Server) Exists(db int, key string) bool {
	at, expires := s.dbs[db].expires.Get(key)
	return s.dbs[db].keys.Ref(key) != nil && (!expires || at >= s.now)
}

// commands has the function of each command.
var commands = table{}

type table map[string]func(c *call) error

// add adds the commands of a family.
func add(family table) {
	for name, run := range family {
		if _, known := commandtable.Lookup(name); !known || commands[name] != nil {
			panic("data: command " + name) // it is unknown, or here twice
		}
		commands[name] = run
	}
}
