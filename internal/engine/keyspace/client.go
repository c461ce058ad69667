package keyspace

import (
	"context"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/data"
	"github.com/redis-rest/redis-rest-go/internal/engine/script"
	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// A Port says how connections of clients are served.
type Port struct {
	// Login checks a password. If it is nil, clients need none.
	Login func(user, password string) bool
	// Debug permits DEBUG.
	Debug bool
	// Debugger is for SCRIPT DEBUG. It may be nil.
	Debugger Debugger
}

// A client is a connection of the port.
//
// Its own goroutine runs its commands. What others may look at changes only during a turn, or with the mutex of clients if
// no turn can be had because a script runs.
type client struct {
	data.Session

	db       *DB
	port     Port
	conn     net.Conn
	in       resp.Requests
	out      []byte // replies that are not written yet
	turn     bool   // it has the turn
	readable chan readResult

	addr, laddr  string
	from         string // as MONITOR shows it
	created      time.Time
	used         time.Time
	command      string // the last one
	loggedIn     bool
	closing      bool   // after the replies
	debug        string // the mode of SCRIPT DEBUG, or empty
	silent, skip bool   // CLIENT REPLY OFF; SKIP for this reply
	skipNext     bool
	noEvict      bool
	multi        *transaction
	watch        *data.Watch
	channels     []string
	patterns     []string
	shards       []string
	monitoring   bool
	blocked      *parked
	paused       bool
	unwatchLater bool
	begins       int      // where the reply to the command begins in out
	wrote        [][2]int // where the replies to commands that wrote are in out
	loud         bool     // the reply is a message, which CLIENT REPLY does not drop

	gone  atomic.Bool
	queue *writer // if others may write to the connection
}

// A transaction is what follows MULTI.
type transaction struct {
	queue  []queued
	failed bool // a command was refused
}

type queued struct {
	command commandtable.Command
	args    []string
}

// clients are the connections of the port.
type clients struct {
	mu   sync.Mutex
	byID map[int64]*client
	last int64
}

// Serve runs the commands of a connection until it ends, and closes it.
func (db *DB) Serve(conn net.Conn, port Port) {
	defer conn.Close()
	c := &client{db: db, port: port, conn: conn, created: db.time(), loggedIn: port.Login == nil}
	c.addr, c.laddr = address(conn.RemoteAddr(), conn.LocalAddr()), address(conn.LocalAddr(), conn.LocalAddr())
	if c.from = c.addr; conn.LocalAddr().Network() == "unix" {
		c.from = "unix:" + conn.LocalAddr().String()
	}
	c.used, c.in.Limited = c.created, !c.loggedIn
	db.clients.add(c)
	defer context.AfterFunc(db.closed, func() { conn.Close() })()
	defer c.leave()
	for !c.closing {
		n, err := c.read()
		if err != nil {
			break
		}
		c.in.Read(n)
		c.process()
		if !c.flush() {
			break
		}
	}
	if c.queue != nil {
		c.queue.finish()
	}
}

// address returns an address as CLIENT LIST shows it. That of a unix socket is the path of the server.
func address(a, server net.Addr) string {
	if server.Network() == "unix" {
		return server.String() + ":0"
	}
	return a.String()
}

// A readResult is what a read returned.
type readResult struct {
	n   int
	err error
}

// read reads from the connection, or waits for the read that has begun while the client was blocked.
func (c *client) read() (int, error) {
	if c.readable != nil {
		r := <-c.readable
		c.readable = nil
		return r.n, r.err
	}
	return c.conn.Read(c.in.Room())
}

// process runs the commands that have arrived.
func (c *client) process() {
	c.in.MaxBulk = c.db.maxBulk.Load()
	for !c.closing && !c.gone.Load() {
		args, ok, err := c.in.Next()
		if err != nil {
			c.out = resp.AppendError(c.out, "ERR Protocol error: "+err.Error())
			c.closing = true
		}
		if !ok {
			break
		}
		c.run(args)
		if c.queue != nil {
			if len(c.wrote) > 0 {
				c.end()
			}
			c.queue.put(c.out)
			c.out = c.out[:0]
		} else if len(c.out) > flushAt && !c.flush() {
			c.closing = true
		}
	}
	c.end()
}

// flushAt is the size of the replies, in bytes, that are written before more commands run.
const flushAt = 1 << 20

// flush writes the replies. It returns false if the connection is broken.
func (c *client) flush() bool {
	c.end()
	if c.begins = 0; len(c.out) == 0 {
		return true
	}
	if c.queue != nil {
		c.queue.put(c.out)
		c.out = c.out[:0]
		return true
	}
	_, err := c.conn.Write(c.out)
	if c.out = c.out[:0]; cap(c.out) > keptReply {
		c.out = nil
	}
	return err == nil
}

// begin gets the turn for the next command. If there is none, the refusal is the reply.
func (c *client) begin() (refusal []byte, ok bool) {
	if c.turn {
		c.db.start()
	} else if refusal, ok := c.db.begin(context.Background()); !ok {
		return refusal, false
	}
	c.turn = true
	c.db.client, c.db.session, c.blocked = c, &c.Session, nil
	if c.paused {
		c.paused = false
		c.db.data.Paused--
	}
	if c.unwatchLater {
		c.unwatchLater = false
		c.unwatch()
	}
	return nil, true
}

// end gives the turn back, if the client has it.
func (c *client) end() {
	if c.turn {
		c.turn = false
		c.commit(c.db.end())
	}
}

// commit waits until what the commands wrote is safe. Otherwise it replaces their replies.
func (c *client) commit(position int64) {
	if c.db.log == nil {
		return
	}
	if failure := c.db.commit(position); failure != nil {
		for _, part := range slices.Backward(c.wrote) {
			c.out = slices.Replace(c.out, part[0], part[1], failure...)
		}
	}
	c.wrote = c.wrote[:0]
}

// run runs one command and adds its reply.
func (c *client) run(args []string) {
	if name := args[0]; len(name) <= len("host:") && (strings.EqualFold(name, "host:") || strings.EqualFold(name, "post")) {
		c.out, c.closing = c.out[:0], true // it is not a client of Redis
		return
	}
	c.skip, c.skipNext = c.skipNext, false
	c.begins, c.loud = len(c.out), false
	if c.try(args); (c.silent || c.skip) && !c.loud {
		c.out = c.out[:c.begins]
	}
}

// try is run, whose replies may be dropped later.
func (c *client) try(args []string) {
	command, problem := commandtable.Check(args)
	if problem != commandtable.Legal {
		c.reject(command, problem.Message(args))
		return
	}
	if refusal := c.refusal(command); refusal != "" {
		c.reject(command, refusal)
		return
	}
	if c.runsAlways(command, args) || c.debugs(command, args) {
		return
	}
	if refusal, ok := c.begin(); !ok {
		c.reject(command, errorText(refusal))
		return
	}
	c.used, c.command = time.UnixMilli(c.db.data.Now()), command.Name
	if c.db.refusal != nil && c.writes(command) {
		c.reject(command, errorText(c.db.refusal))
		return
	}
	if c.db.full = !c.db.data.Evict(); c.db.full && c.needsMemory(command) {
		c.reject(command, script.OutOfMemory)
		return
	}
	if c.db.pause.until > 0 {
		args = slices.Clone(args) // more is read meanwhile
		if refusal, ok := c.postpone(command); !ok {
			if !c.closing {
				c.reject(command, errorText(refusal))
			}
			return
		}
	}
	if c.multi != nil && !controls(command) {
		if c.out = append(c.out, "+QUEUED\r\n"...); !c.multi.failed {
			c.multi.queue = append(c.multi.queue, queued{command, slices.Clone(args)})
		}
		return
	}
	before := c.db.progress()
	wait := c.execute(command, args)
	if c.db.progress() > before {
		c.wrote = append(c.wrote, [2]int{c.begins, len(c.out)})
	}
	if wait != nil {
		c.block(wait)
		return
	}
	c.db.serve()
}

// execute runs a command and adds its reply.
func (c *client) execute(command commandtable.Command, args []string) *data.Wait {
	var wait *data.Wait
	c.out, wait = c.db.execute(context.Background(), command, args, c.out)
	if wait != nil {
		wait.Args, wait.Keys = slices.Clone(wait.Args), slices.Clone(wait.Keys) // the next command reuses args
	}
	return wait
}

// errorText returns the text of an error reply.
func errorText(reply []byte) string { return strings.TrimRight(string(reply[1:]), "\r\n") }

// reject adds the error of a command that does not run.
func (c *client) reject(command commandtable.Command, text string) {
	if c.multi != nil {
		c.multi.failed = true
	}
	if command.Name == "EXEC" {
		c.discard()
		text = "EXECABORT Transaction discarded because of: " + strings.TrimPrefix(text, "ERR ")
	}
	before := len(c.out)
	if c.out = resp.AppendError(c.out, text); c.turn {
		c.db.data.CountError(c.out[before:])
	}
}

// refusal returns why the client may not run a command.
func (c *client) refusal(command commandtable.Command) string {
	switch {
	case command.Name == "DEBUG" && !c.port.Debug:
		return noDebug
	case !c.loggedIn && !command.Flags.Has(commandtable.NoAuth):
		return "NOAUTH Authentication required."
	case c.multi != nil && command.Flags.Has(commandtable.NoMulti):
		return "ERR Command not allowed inside a transaction"
	}
	if !c.RESP3 && c.subscribed() {
		switch command.Name {
		case "PING", "SUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "SUNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE", "QUIT", "RESET":
		default:
			return "ERR Can't execute '" + strings.ToLower(command.Name) + "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context"
		}
	}
	return ""
}

// writes says whether a command, or a command of the transaction that it ends, writes.
func (c *client) writes(command commandtable.Command) bool { return c.has(command, commandtable.Write) }

// needsMemory says whether a command is refused when memory is full. To queue one needs memory too.
func (c *client) needsMemory(command commandtable.Command) bool {
	return c.has(command, commandtable.DenyOOM) || c.multi != nil && !controls(command)
}

// has says whether a command, or a command of the transaction that it ends, has a flag.
func (c *client) has(command commandtable.Command, flag commandtable.Flags) bool {
	return command.Flags.Has(flag) || command.Name == "EXEC" && c.multi != nil &&
		slices.ContainsFunc(c.multi.queue, func(one queued) bool { return one.command.Flags.Has(flag) })
}

// controls says whether a command runs at once after MULTI.
func controls(command commandtable.Command) bool {
	switch command.Name {
	case "EXEC", "DISCARD", "MULTI", "WATCH", "QUIT", "RESET":
		return true
	}
	return false
}

// runsAlways runs a command that needs no turn while a script has it.
func (c *client) runsAlways(command commandtable.Command, args []string) bool {
	if c.turn || !command.Flags.Has(commandtable.AllowBusy) {
		return false
	}
	if _, running := c.db.scripts.Running(); !running {
		return false
	}
	switch command.Name {
	case "SCRIPT|KILL", "FUNCTION|KILL", "FUNCTION|STATS":
		if c.multi != nil {
			return false
		}
	case "MULTI", "DISCARD", "AUTH", "HELLO", "QUIT":
	default:
		return false
	}
	c.db.clients.mu.Lock()
	defer c.db.clients.mu.Unlock()
	c.out = append(c.out, clientCommands[command.Name](c, args)...)
	return true
}

// subscribed says whether the client receives messages.
func (c *client) subscribed() bool { return len(c.channels)+len(c.patterns)+len(c.shards) > 0 }

// leave forgets the client.
func (c *client) leave() {
	c.gone.Store(true)
	c.db.clients.remove(c)
	select {
	case c.db.turn <- struct{}{}:
		c.db.start()
		c.forget()
		c.db.end()
	case <-c.db.closed.Done():
	}
}

// forget ends what the client has in the database. The caller has the turn.
func (c *client) forget() {
	if c.paused {
		c.paused = false
		c.db.data.Paused--
	}
	c.discard()
	c.unsubscribeAll()
	c.db.lines.remove(c, false, monitorChannel)
	if c.blocked != nil {
		c.db.waiting.end(c.blocked, nil)
	}
}

// kill closes the connection of another client. The caller has the turn.
func (c *client) kill() {
	c.gone.Store(true)
	c.db.clients.remove(c)
	c.forget()
	c.conn.Close()
}

func (cs *clients) add(c *client) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.byID == nil {
		cs.byID = map[int64]*client{}
		cs.last = 1 // 1 is who has no connection
	}
	cs.last++
	c.ID = cs.last
	cs.byID[c.ID] = c
}

func (cs *clients) remove(c *client) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	delete(cs.byID, c.ID)
}
