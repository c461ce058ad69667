// Package keyspace is a database in memory: the commands of miniredis and the scripts
// of luaredis, in this process and without a connection.
//
// What a caller sees is to be what redis-server 7.0 would show: one command runs at
// a time, scripts and transactions are whole, keys expire as time goes by. What
// still differs is listed in testdata/differences.txt, which a test keeps true.
package keyspace

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"

	"github.com/redis-rest/redis-rest-go/internal/engine/script"
	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
)

// A DB is a database. It is safe for concurrent use.
type DB struct {
	mini    *miniredis.Miniredis
	scripts *script.Engine
	ahead   atomic.Int64 // how far its clock is ahead, in nanoseconds

	turn   chan struct{} // holds one element while a command runs
	closed context.Context
	close  context.CancelFunc
	busy   atomic.Int64  // after how many milliseconds of a script others are told
	grace  time.Duration // for a script that has written and whose caller is gone

	channels broker // of those who subscribe
	lines    broker // of those who monitor

	// What only the one whose turn it is touches.
	peer     *server.Peer
	out      bytes.Buffer
	writer   *bufio.Writer
	selected int   // the number of the database that SELECT chose
	now      int64 // in milliseconds; it stands still during a turn
	expiries expiries
	orders   map[place]*fieldOrder
}

// A place is where a key is.
type place struct {
	db  int
	key string
}

const databases = 16

// New makes an empty database.
func New() *DB {
	db := &DB{
		mini:     miniredis.NewMiniRedis(),
		turn:     make(chan struct{}, 1),
		grace:    10 * time.Second,
		expiries: expiries{at: map[place]int64{}},
		orders:   map[place]*fieldOrder{},
	}
	db.closed, db.close = context.WithCancel(context.Background())
	db.busy.Store(defaultBusy.Milliseconds())
	// The way to start it without a listener.
	conn, err := db.mini.Dial()
	if err != nil {
		panic(err) // it opens no socket
	}
	conn.Close()
	db.writer = bufio.NewWriter(&db.out)
	db.peer = server.NewPeer(db.writer)
	db.scripts = script.New(db)
	return db
}

// Close ends the database, what runs, and all subscriptions.
func (db *DB) Close() {
	if db.closed.Err() != nil {
		return
	}
	db.close()
	db.turn <- struct{}{} // and it is nobody's again
	db.channels.close()
	db.lines.close()
	db.mini.Close()
}

// Advance moves the clock ahead.
func (db *DB) Advance(d time.Duration) { db.ahead.Add(int64(d)) }

func (db *DB) time() time.Time { return time.Now().Add(time.Duration(db.ahead.Load())) }

// Do runs one command and returns its reply, in RESP2. When ctx ends, a script is cut
// off, unless it has written: then it is given 10 seconds to come to its end. The
// reply is nil where ctx ended before the command's turn came, so that nothing ran.
func (db *DB) Do(ctx context.Context, args []string) []byte {
	c, refusal := check(args)
	if refusal != nil {
		return refusal
	}
	switch c.Name { // these get through while a script runs
	case "SCRIPT|KILL", "FUNCTION|KILL":
		return db.scripts.Kill(args)
	case "FUNCTION|STATS":
		return db.scripts.Stats()
	}
	if refusal, ok := db.begin(ctx); !ok {
		return refusal
	}
	defer db.end()
	return db.run(ctx, c, args)
}

// Pipeline runs commands in order and returns the reply of each. Like Redis, which
// takes what has come before it turns to others, it lets no other command in
// between. The replies are nil where ctx ended before the commands' turn came.
func (db *DB) Pipeline(ctx context.Context, cmds [][]string) (replies [][]byte) {
	refusal, ok := db.begin(ctx)
	if !ok && refusal == nil {
		return nil
	}
	if ok {
		defer db.end()
	}
	replies = make([][]byte, len(cmds))
	for i, args := range cmds {
		if !ok { // some get through all the same
			if replies[i] = db.Do(ctx, args); replies[i] == nil {
				replies[i] = refusal
			}
			continue
		}
		c, refusal := check(args)
		if replies[i] = refusal; refusal == nil {
			db.start()
			replies[i] = db.run(ctx, c, args)
		}
	}
	return replies
}

// Transaction runs commands with nothing in between, like MULTI and EXEC. It returns
// the reply of each, or the one that refused them all. Both are nil where ctx ended
// before their turn came.
func (db *DB) Transaction(ctx context.Context, cmds [][]string) (replies [][]byte, refusal []byte) {
	checked := make([]commandtable.Command, len(cmds))
	for i, args := range cmds {
		if checked[i], refusal = check(args); refusal != nil {
			return nil, refusal
		}
		if checked[i].Flags.Has(commandtable.NoMulti) {
			return nil, errorReply("ERR Command not allowed inside a transaction")
		}
	}
	refusal, ok := db.begin(ctx)
	if !ok {
		return nil, refusal
	}
	defer db.end()
	replies = make([][]byte, len(cmds))
	for i, args := range cmds {
		replies[i] = db.run(ctx, checked[i], args)
	}
	return replies, nil
}

// Call runs a command of a script, which luaredis has checked.
func (db *DB) Call(args []string, resp3 bool) []byte {
	c := find(args)
	db.tell(c, "lua", args)
	if c.Name == "XREAD" || c.Name == "XREADGROUP" {
		if keys, _ := c.Keys(args); len(keys) > 0 && hasWord(args[:keys[0]], "BLOCK") {
			return errorReply("ERR " + args[0] + " command is not allowed with BLOCK option from scripts")
		}
	}
	return convert(c.Name, args, db.execute(c, args), resp3)
}

// run runs a command whose turn it is.
func (db *DB) run(ctx context.Context, c commandtable.Command, args []string) []byte {
	db.tell(c, "127.0.0.1:0", args)
	switch c.Name {
	case "EVAL", "EVAL_RO", "EVALSHA", "EVALSHA_RO", "SCRIPT|LOAD", "SCRIPT|EXISTS", "SCRIPT|FLUSH",
		"FCALL", "FCALL_RO", "FUNCTION|LOAD", "FUNCTION|DELETE", "FUNCTION|FLUSH", "FUNCTION|LIST", "FUNCTION|DUMP", "FUNCTION|RESTORE":
		return db.script(ctx, args)
	case "SCRIPT|KILL", "FUNCTION|KILL":
		return db.scripts.Kill(args)
	case "FUNCTION|STATS":
		return db.scripts.Stats()
	}
	return convert(c.Name, args, db.execute(c, args), false)
}

// script runs a command of script.
func (db *DB) script(ctx context.Context, args []string) (reply []byte) {
	defer db.survive(args[0], &reply)
	defer db.choose(db.selected) // a SELECT in a script ends with it
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
		select {
		case <-time.After(db.grace):
			end()
		case <-running.Done():
		}
	})
	defer func() {
		end()
		if !stop() {
			<-ended // else it may end the script of another
		}
	}()
	return db.scripts.Do(running, args)
}

// survive makes a panic the error of a command, and has all go on.
func (db *DB) survive(command string, reply *[]byte) {
	if err := recover(); err != nil {
		db.mini.TryLock() // it is locked where miniredis was at work
		db.mini.Unlock()
		db.choose(db.selected)
		*reply = errorReply(fmt.Sprintf("ERR the database in memory failed at the command '%s': %v", command, err))
	}
}

// execute runs any command but those for scripts.
func (db *DB) execute(c commandtable.Command, args []string) (reply []byte) {
	defer db.survive(c.Name, &reply)
	if own := db.own(c.Name); own != nil {
		return own(args)
	}
	return db.call(args...)
}

// find is a command that there is.
func find(args []string) commandtable.Command {
	c, _ := commandtable.Find(args)
	return c
}

// call has miniredis run a command.
func (db *DB) call(args ...string) []byte {
	c := find(args)
	reply := db.dispatch(args...)
	db.settle(c, args)
	if reply[0] == '-' {
		return asRedisSays(c.Name, reply)
	}
	return reply
}

// dispatch hands a command to miniredis. One that could block runs as in a
// transaction, where it does not.
func (db *DB) dispatch(args ...string) []byte {
	name := strings.ToUpper(args[0])
	if !db.mini.Server().IsRegisteredCommand(name) {
		return notHere(name)
	}
	if c, _ := commandtable.Lookup(name); !c.Flags.Has(commandtable.Blocking) {
		return db.send(args)
	}
	db.send([]string{"MULTI"})
	if reply := db.send(args); reply[0] == '-' {
		db.send([]string{"DISCARD"})
		return reply
	}
	_, reply, _ := bytes.Cut(db.send([]string{"EXEC"}), []byte("\r\n")) // of an array of one
	return reply
}

func (db *DB) send(args []string) []byte {
	db.out.Reset()
	db.writer.Reset(&db.out)
	db.mini.Server().Dispatch(db.peer, args)
	db.peer.Flush()
	return bytes.Clone(db.out.Bytes())
}

// choose has the commands that follow work on a database.
func (db *DB) choose(n int) {
	db.selected, db.peer.Ctx = n, nil
	if n > 0 {
		db.dispatch("SELECT", fmt.Sprint(n))
	}
}
