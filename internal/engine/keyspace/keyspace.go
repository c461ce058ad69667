// Package keyspace is the embedded database: it runs commands and scripts in this
// process, without a connection. Package data runs the commands, and package script runs the
// scripts.
//
// It replies as redis-server 7.0 does: one command runs at a time, scripts and
// transactions are atomic, and keys expire. testdata/differences.txt lists the
// differences, and a test checks the list.
package keyspace

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/data"
	"github.com/redis-rest/redis-rest-go/internal/engine/persistence"
	"github.com/redis-rest/redis-rest-go/internal/engine/script"
	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// A DB is a database. It is safe for concurrent use.
type DB struct {
	scripts  *script.Engine
	ahead    atomic.Int64 // how far its clock is ahead, in nanoseconds
	advanced atomic.Bool  // Advance moved the clock after the last turn began

	turn      chan struct{} // holds one element while a command runs
	closed    context.Context
	close     context.CancelFunc
	debugging atomic.Bool   // a client debugs a script, and others wait
	busy      atomic.Int64  // milliseconds until other callers get BUSY while a script runs
	grace     time.Duration // for a script that has written after its caller has gone

	channels broker // of SUBSCRIBE
	shards   broker // of SSUBSCRIBE
	lines    broker // of MONITOR
	waiting  waiters
	clients  clients
	maxBulk  atomic.Int64 // proto-max-bulk-len

	// Only the holder of the turn uses these.
	log       *persistence.Log // nil if the data is not kept
	changes   []byte           // of this turn, for the log
	logged    int64            // the position after the last record
	refusal   []byte           // of commands that write, because the log cannot be written
	data      *data.Server
	client    *client       // whose turn it is, or nil if it has no connection
	session   *data.Session // of the caller whose turn it is
	own       data.Session  // of a caller without a connection
	number    int           // of the database that such a caller uses
	intercept Interceptor   // see Intercept
	pause     pause
	full      bool   // see Full
	reply     []byte // to a command of a script; the next one overwrites it
	alarm     alarm
}

// New makes an empty database.
func New() *DB {
	db := &DB{turn: make(chan struct{}, 1), grace: 10 * time.Second, channels: broker{kind: "message"}, shards: broker{kind: "smessage"}}
	db.closed, db.close = context.WithCancel(context.Background())
	db.use(data.New(db.time))
	db.scripts = script.New(db)
	return db
}

// use sets the keys.
func (db *DB) use(keys *data.Server) {
	db.data = keys
	db.busy.Store(db.data.BusyReply)
	db.maxBulk.Store(db.data.MaxBulk)
	db.data.Hooks = data.Hooks{
		Written: func(int, string) { db.alarm.stale = true },
		Publish: func(channel, message string) { db.channels.publish(channel, message) },
		Clients: func() int { return db.clients.count() },
		Scripts: func() int { return db.scripts.Scripts() },
	}
}

// Clone returns a database with the same keys, settings, functions and scripts, and without a file, clients and subscriptions. Each
// changes without the other: they share the values, and a value is copied when one of them first changes it. The time is in
// proportion to the number of keys, and not to the size of their values.
func (db *DB) Clone() (*DB, error) {
	refusal, ok := db.begin(context.Background())
	if !ok {
		return nil, errors.New(strings.TrimRight(string(refusal[1:]), "\r\n"))
	}
	defer db.end()
	return db.copy()
}

// copy is Clone for who has the turn.
func (db *DB) copy() (*DB, error) {
	c := New()
	c.ahead.Store(db.ahead.Load())
	c.number = db.session.DB
	c.grace = db.grace
	c.use(db.data.Copy())
	c.data.SetClock(c.time)
	c.alarm.stale = true
	if db.data.Hosted {
		c.LikeHosted()
	}
	if err := db.scripts.CopyTo(c.scripts); err != nil {
		c.Close()
		return nil, err
	}
	c.turn <- struct{}{}
	c.end() // sets the alarm
	return c, nil
}

// Repeat lets commands read another clock, and draw at random what they draw in each database with the same seed. Nothing may run. So a
// command does the same in each copy of a database.
func (db *DB) Repeat(clock func() time.Time, seed uint64) {
	db.data.SetClock(clock)
	db.data.Random = rand.New(rand.NewPCG(seed, seed))
}

// LikeHosted makes commands reply as the hosted service documents where that differs from Redis. It must be called before
// anything runs.
func (db *DB) LikeHosted() {
	db.data.Hosted = true
	db.scripts.LikeHosted()
}

// SetMaxMemory sets maxmemory, which is also the most that a script may hold, up to 1 GB.
func (db *DB) SetMaxMemory(bytes int64) {
	db.turn <- struct{}{} // a compaction may want it
	defer func() { <-db.turn }()
	db.data.MaxMemory = bytes
	db.scripts.Limit(int(min(bytes, script.MaxMemory)), 0)
}

// Full says whether memory was above maxmemory when the turn began.
func (db *DB) Full() bool { return db.full }

// Refusal is why commands that write do not run, or nil.
func (db *DB) Refusal() []byte { return db.refusal }

var noReplicas = resp.Error("NOREPLICAS Not enough good replicas to write.")

// SetLog sets the function that gets the lines of redis.log. It must be called before anything
// runs, and the function must not call the database.
func (db *DB) SetLog(log func(script.LogLine)) { db.scripts.SetLog(log) }

// Watch sets who gets what scripts and functions do; nil ends that. It waits until no command runs.
func (db *DB) Watch(w script.Watcher) {
	select {
	case db.turn <- struct{}{}:
		db.scripts.Watch(w)
		<-db.turn
	case <-db.closed.Done():
	}
}

// OnlyRead refuses commands that write, of the script that runs, until it is called with false. A watcher calls it while the script
// waits.
func (db *DB) OnlyRead(on bool) { db.scripts.OnlyRead(on) }

// Close ends the database, running scripts, and all subscriptions. The error says that changes could not be written to the
// file.
func (db *DB) Close() error {
	if db.closed.Err() != nil {
		return nil
	}
	db.close()
	db.turn <- struct{}{} // it is never given back
	db.channels.close()
	db.shards.close()
	db.lines.close()
	db.alarm.stop()
	if db.log == nil {
		return nil
	}
	return db.log.Close()
}

// Advance moves the clock forward. What has d left to live expires, although Redis keeps a key for the
// whole millisecond in which it is due.
func (db *DB) Advance(d time.Duration) {
	db.ahead.Add(int64(d))
	db.advanced.Store(true)
	select {
	case db.turn <- struct{}{}:
		db.start()
		db.serve()
		db.end()
	default:
		go db.ring()
	}
}

// Now returns the time of the database's clock.
func (db *DB) Now() time.Time { return db.time() }

func (db *DB) time() time.Time { return time.Now().Add(time.Duration(db.ahead.Load())) }

// Do runs one command and returns its reply in RESP2. When ctx ends, a running script is
// stopped. If the script has written, it may run for 10 more seconds. The
// reply is nil if ctx ended before the command's turn; then nothing ran.
func (db *DB) Do(ctx context.Context, args []string) (reply []byte) {
	c, refusal := check(args)
	if refusal != nil {
		return refusal
	}
	switch c.Name { // these run even while a script runs
	case "SCRIPT|KILL", "FUNCTION|KILL":
		return db.scripts.Kill(args)
	case "FUNCTION|STATS":
		return db.scripts.Stats(false)
	}
	if refusal, ok := db.begin(ctx); !ok {
		return refusal
	}
	before := db.progress()
	defer func() {
		wrote := db.progress() > before
		if failure := db.commit(db.end()); failure != nil && wrote {
			reply = failure
		}
	}()
	defer db.serve()
	return db.run(ctx, c, args)
}

// Pipeline runs commands in order and returns the reply to each. No other command runs in
// between, as in Redis, which reads all commands that have arrived from one connection first. A
// command that has not begun when ctx ends does not begin, so there may be fewer replies. They
// are nil if ctx ended before the commands' turn.
func (db *DB) Pipeline(ctx context.Context, cmds [][]string) (replies [][]byte) {
	refusal, ok := db.begin(ctx)
	if !ok && refusal == nil {
		return nil
	}
	var wrote []int // indexes of commands
	if ok {
		defer func() { db.commitAll(replies, wrote) }()
	}
	replies = make([][]byte, len(cmds))
	for i, args := range cmds {
		if i > 0 && ctx.Err() != nil {
			return replies[:i]
		}
		if !ok { // some commands can run anyway
			if replies[i] = db.Do(ctx, args); replies[i] == nil {
				replies[i] = refusal
			}
			continue
		}
		c, refusal := check(args)
		if replies[i] = refusal; refusal == nil {
			db.start()
			before := db.progress()
			replies[i] = db.run(ctx, c, args)
			db.serve()
			if db.progress() > before {
				wrote = append(wrote, i)
			}
		}
	}
	return replies
}

// Transaction runs commands with nothing in between, like MULTI and EXEC. It returns
// the reply to each, or the refusal of all of them. Both are nil if ctx ended
// before their turn. at is the index of the command that was refused, or -1.
func (db *DB) Transaction(ctx context.Context, cmds [][]string) (replies [][]byte, refusal []byte, at int) {
	checked := make([]commandtable.Command, len(cmds))
	for i, args := range cmds {
		if checked[i], refusal = check(args); refusal != nil {
			return nil, refusal, i
		}
		if checked[i].Flags.Has(commandtable.NoMulti) {
			return nil, resp.Error("ERR Command not allowed inside a transaction"), i
		}
	}
	refusal, ok := db.begin(ctx)
	if !ok {
		return nil, refusal, -1
	}
	if db.refusal != nil {
		if at := slices.IndexFunc(checked, func(c commandtable.Command) bool { return c.Flags.Has(commandtable.Write) }); at >= 0 {
			db.end()
			return nil, db.refusal, at
		}
	}
	if db.full { // Redis refuses to queue commands
		db.end()
		return nil, resp.Error(script.OutOfMemory), 0
	}
	var wrote []int // indexes of commands
	defer func() { db.commitAll(replies, wrote) }()
	var ended atomic.Int64 // when ctx ended, in nanoseconds: all scripts share one grace
	defer context.AfterFunc(ctx, func() { ended.Store(time.Now().UnixNano()) })()
	ctx = context.WithValue(ctx, endedKey{}, &ended)
	replies = make([][]byte, len(cmds))
	for i, args := range cmds {
		before := db.progress()
		replies[i] = db.run(ctx, checked[i], args)
		if db.progress() > before {
			wrote = append(wrote, i)
		}
	}
	db.serve()
	return replies, nil, -1
}

type endedKey struct{}

// Call runs a command of a script, which package script has checked. The next call overwrites the reply.
func (db *DB) Call(c commandtable.Command, args []string, resp3 bool) (reply []byte, work int) {
	db.session.RESP3 = resp3
	reply, _ = db.execute(context.Background(), c, args, db.reply[:0])
	if db.reply = reply; cap(reply) > keptReply {
		db.reply = nil
	}
	return reply, db.data.Work()
}

// keptReply is the largest buffer for replies that is kept, in bytes.
const keptReply = 1 << 16

// run runs a command. The caller has the turn.
func (db *DB) run(ctx context.Context, c commandtable.Command, args []string) []byte {
	reply, _ := db.runOrWait(ctx, c, args)
	return reply
}

// runOrWait is run for a command that may wait for data, if the session says so.
func (db *DB) runOrWait(ctx context.Context, c commandtable.Command, args []string) ([]byte, *data.Wait) {
	return db.execute(ctx, c, args, nil)
}

// execute runs a command and appends its reply to dst.
func (db *DB) execute(ctx context.Context, c commandtable.Command, args []string, dst []byte) (reply []byte, wait *data.Wait) {
	defer db.recoverPanic(c.Name, &reply)
	if db.refusal != nil && c.Flags.Has(commandtable.Write) {
		return append(dst, db.refusal...), nil
	}
	if db.full && c.Flags.Has(commandtable.DenyOOM) && !db.session.Script {
		return resp.AppendError(dst, script.OutOfMemory), nil
	}
	if db.lines.count.Load() > 0 {
		defer db.tellMonitors(c, args)()
	}
	if run := commands[c.Name]; run != nil {
		reply := run(db, ctx, args)
		if !(db.scripts.Counted && runsScript(c)) {
			db.data.CountError(reply)
		}
		if strings.HasPrefix(c.Name, "FUNCTION|") && c.Flags.Has(commandtable.Write) && reply[0] != '-' {
			db.note(db.session.DB, args)
		}
		return append(dst, reply...), nil
	}
	reply, wait = db.data.Run(db.session, c, args, dst)
	db.data.CountError(reply[len(dst):])
	return reply, wait
}

// runsScript says whether a command runs a script or a function.
func runsScript(c commandtable.Command) bool {
	return strings.HasPrefix(c.Name, "EVAL") || strings.HasPrefix(c.Name, "FCALL")
}

// script runs a command of package script.
func (db *DB) script(ctx context.Context, args []string) []byte {
	if db.intercept != nil && debuggable(args[0]) {
		defer db.debugFirst(args)()
		ctx = context.WithoutCancel(ctx) // it may have ended meanwhile
	}
	caller := *db.session
	defer func() { *db.session = caller }() // a SELECT in a script ends with it
	db.session.Script, db.session.NoWait = true, true
	running, end := context.WithCancel(context.WithoutCancel(ctx))
	defer context.AfterFunc(db.closed, end)()
	kill := []string{"SCRIPT", "KILL"}
	if strings.HasPrefix(strings.ToUpper(args[0]), "F") {
		kill[0] = "FUNCTION"
	}
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		if db.scripts.Kill(kill)[0] != '-' {
			return
		}
		grace := db.grace
		if ended, ok := ctx.Value(endedKey{}).(*atomic.Int64); ok && ended.Load() > 0 {
			grace -= time.Since(time.Unix(0, ended.Load()))
		}
		select {
		case <-time.After(grace):
			end()
		case <-running.Done():
		}
	})
	defer func() {
		end()
		if !stop() {
			<-ended // otherwise it might kill another caller's script
		}
	}()
	db.scripts.RESP3 = caller.RESP3
	return db.scripts.Do(running, args)
}

// recoverPanic turns a panic into the error of a command, so that the database continues.
func (db *DB) recoverPanic(command string, reply *[]byte) {
	if err := recover(); err != nil {
		*reply = data.Failed(command, err)
	}
}

// Has says whether the database has the command that these words call.
func Has(args []string) bool {
	c, known := commandtable.Find(args)
	return known && (data.Has(c.Name) || commands[c.Name] != nil)
}

// check finds the command that these words call. If the call is not legal, the refusal is Redis'
// error.
func check(args []string) (c commandtable.Command, refusal []byte) {
	c, problem := commandtable.Check(args)
	if problem != commandtable.Legal {
		return c, resp.Error(problem.Message(args))
	}
	return c, nil
}
