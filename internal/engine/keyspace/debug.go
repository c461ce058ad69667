package keyspace

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/engine/script"
	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// A Debugger debugs a script that a client sends after SCRIPT DEBUG, on copies of db, which nobody else uses. It returns the reply. If the
// script has ended, again prepares a database like db so that the script does the same there: it returns who must watch.
type Debugger func(ctx context.Context, db *DB, words []string, client Conversation) (reply []byte, again func(*DB) script.Watcher)

// A Conversation is the connection of a client that debugs.
type Conversation interface {
	Say(lines []string) error
	Hear() (words []string, err error)
}

// The modes of SCRIPT DEBUG.
const (
	debugAlone = "YES"  // on a copy, while others use the database
	debugSync  = "SYNC" // others wait, and the changes stay
)

func (c *client) scriptDebug(args []string) []byte {
	mode := strings.ToUpper(args[2])
	if c.port.Debugger == nil || mode != debugAlone && mode != debugSync {
		c.debug = ""
		return c.db.runAlone(args)
	}
	c.debug = mode
	return resp.OK
}

// debugs runs a script in the debugger, if the client asked for that. The connection ends with it.
func (c *client) debugs(command commandtable.Command, args []string) bool {
	if c.debug == "" || c.multi != nil {
		return false
	}
	switch command.Name {
	case "EVALSHA", "EVALSHA_RO":
		c.reject(command, "ERR Please use EVAL instead of EVALSHA for debugging")
		return true
	case "EVAL", "EVAL_RO":
	default:
		return false
	}
	args = slices.Clone(args) // more is read meanwhile
	c.closing = true
	if !c.flush() {
		return true
	}
	copied, failure := c.copyToDebug()
	if failure != nil {
		c.reject(command, errorText(failure))
		return true
	}
	defer copied.Close()
	copied.number = c.DB
	if c.debug == debugSync {
		c.db.debugging.Store(true)
		defer c.db.debugging.Store(false)
	}
	reply, again := c.port.Debugger(c.db.closed, copied, args, c)
	if c.debug == debugAlone || again == nil {
		c.out = append(c.out, reply...)
		return true
	}
	defer c.db.follow(again)()
	before := c.db.progress()
	c.execute(command, args)
	if c.db.progress() > before {
		c.wrote = append(c.wrote, [2]int{c.begins, len(c.out)})
	}
	c.db.serve()
	return true
}

// copyToDebug copies the database. For SYNC the client has the turn then, until its reply is written.
func (c *client) copyToDebug() (copied *DB, failure []byte) {
	if c.debug == debugSync {
		if refusal, ok := c.begin(); !ok {
			return nil, refusal
		}
		copied, err := c.db.copy()
		if err != nil {
			return nil, resp.Error("ERR " + err.Error())
		}
		return copied, nil
	}
	copied, err := c.db.Clone()
	if err != nil {
		return nil, resp.Error("ERR " + err.Error())
	}
	return copied, nil
}

// Say writes lines as the debugger of Redis does.
func (c *client) Say(lines []string) error {
	out := resp.AppendArray(nil, len(lines))
	for _, line := range lines {
		out = resp.AppendStatus(out, resp.OneLine(line))
	}
	if c.queue != nil {
		c.queue.put(out)
		return nil
	}
	_, err := c.conn.Write(out)
	return err
}

// Hear returns the words of the next command of the debugger.
func (c *client) Hear() ([]string, error) {
	for {
		words, ok, err := c.in.Next()
		if ok || err != nil {
			return slices.Clone(words), err
		}
		n, err := c.read()
		if err != nil {
			return nil, err
		}
		c.in.Read(n)
	}
}

// follow prepares the database for a script that was debugged on copies. The caller has the turn, and calls end afterwards.
func (db *DB) follow(again func(*DB) script.Watcher) (end func()) {
	watcher := db.scripts.Watcher()
	db.scripts.Watch(again(db))
	db.data.Begin() // with the time of the copies
	return func() {
		db.Repeat(db.time, rand.Uint64())
		db.scripts.Watch(watcher)
	}
}

// An Interceptor debugs a script or a function before it runs, on copies of db, which nobody else uses. It returns what a Debugger does, or nil if
// the script should run as it does without a debugger.
type Interceptor func(db *DB, words []string) (again func(*DB) script.Watcher)

// Intercept sets who debugs scripts and functions; nil ends that. Others wait meanwhile, and the time of the database stands still.
func (db *DB) Intercept(f Interceptor) {
	select {
	case db.turn <- struct{}{}:
		db.intercept = f
		<-db.turn
	case <-db.closed.Done():
	}
}

func debuggable(command string) bool {
	switch strings.ToUpper(command) {
	case "EVAL", "EVAL_RO", "EVALSHA", "EVALSHA_RO", "FCALL", "FCALL_RO":
		return true
	}
	return false
}

// debugFirst lets the interceptor debug a script that is about to run. The caller calls end after the run.
func (db *DB) debugFirst(args []string) (end func()) {
	copied, err := db.copy()
	if err != nil {
		return func() {}
	}
	defer copied.Close()
	began := time.Now()
	db.debugging.Store(true)
	again := db.intercept(copied, args)
	db.debugging.Store(false)
	db.ahead.Add(-int64(time.Since(began)))
	db.alarm.stale = true
	if again == nil {
		return func() {}
	}
	return db.follow(again)
}
