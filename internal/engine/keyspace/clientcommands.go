package keyspace

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/data"
	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// clientCommands are the commands on a connection of the port. A reply may be empty.
var clientCommands map[string]func(c *client, args []string) []byte

// addClientCommands adds the client commands to the table.
func addClientCommands() {
	clientCommands = map[string]func(c *client, args []string) []byte{
		"AUTH":    (*client).auth,
		"HELLO":   (*client).hello,
		"QUIT":    func(c *client, _ []string) []byte { c.closing = true; return resp.OK },
		"RESET":   (*client).reset,
		"PING":    (*client).ping,
		"MONITOR": (*client).monitor,

		"MULTI":   (*client).multiCommand,
		"EXEC":    (*client).exec,
		"DISCARD": (*client).discardCommand,
		"WATCH":   (*client).watchCommand,
		"UNWATCH": func(c *client, _ []string) []byte { c.unwatch(); return resp.OK },

		"SUBSCRIBE":    func(c *client, args []string) []byte { return c.subscribe(&c.channels, "subscribe", args[1:]) },
		"PSUBSCRIBE":   func(c *client, args []string) []byte { return c.subscribe(&c.patterns, "psubscribe", args[1:]) },
		"SSUBSCRIBE":   func(c *client, args []string) []byte { return c.subscribe(&c.shards, "ssubscribe", args[1:]) },
		"UNSUBSCRIBE":  func(c *client, args []string) []byte { return c.unsubscribe(&c.channels, "unsubscribe", args[1:]) },
		"PUNSUBSCRIBE": func(c *client, args []string) []byte { return c.unsubscribe(&c.patterns, "punsubscribe", args[1:]) },
		"SUNSUBSCRIBE": func(c *client, args []string) []byte { return c.unsubscribe(&c.shards, "sunsubscribe", args[1:]) },

		"CLIENT|INFO":     func(c *client, _ []string) []byte { return c.verbatim(c.line() + "\n") },
		"CLIENT|KILL":     (*client).clientKill,
		"CLIENT|LIST":     (*client).clientList,
		"CLIENT|NO-EVICT": (*client).clientNoEvict,
		"CLIENT|PAUSE":    (*client).clientPause,
		"CLIENT|REPLY":    (*client).clientReply,
		"CLIENT|TRACKING": (*client).clientTracking,
		"CLIENT|UNBLOCK":  (*client).clientUnblock,
		"CLIENT|UNPAUSE":  func(c *client, _ []string) []byte { c.db.pause.end(); return resp.OK },

		"SCRIPT|DEBUG": (*client).scriptDebug,

		// They need no turn.
		"SCRIPT|KILL":    func(c *client, args []string) []byte { return c.db.scripts.Kill(args) },
		"FUNCTION|KILL":  func(c *client, args []string) []byte { return c.db.scripts.Kill(args) },
		"FUNCTION|STATS": func(c *client, _ []string) []byte { return c.db.scripts.Stats(c.RESP3) },
	}
	for name, run := range clientCommands {
		otherwise := commands[name]
		commands[name] = func(db *DB, ctx context.Context, args []string) []byte {
			if c := db.client; c != nil && !db.session.Script {
				return run(c, args)
			}
			if otherwise != nil {
				return otherwise(db, ctx, args)
			}
			return db.runAlone(args)
		}
	}
}

func (c *client) verbatim(text string) []byte {
	if c.RESP3 {
		return resp.AppendVerbatim(nil, text)
	}
	return resp.AppendBulk(nil, text)
}

var errSyntax = resp.Error("ERR syntax error")

// login logs a user in.
func (c *client) login(user, password string) bool {
	if c.port.Login == nil {
		return user == "default"
	}
	ok := c.port.Login(user, password)
	if ok {
		c.loggedIn, c.in.Limited = true, false
	}
	return ok
}

var errPassword = resp.Error("WRONGPASS invalid username-password pair or user is disabled.")

func (c *client) auth(args []string) []byte {
	user := "default"
	switch {
	case len(args) > 3:
		return errSyntax
	case len(args) == 3:
		user = args[1]
	case c.port.Login == nil:
		return resp.Error("ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?")
	}
	if !c.login(user, args[len(args)-1]) {
		return errPassword
	}
	return resp.OK
}

func (c *client) hello(args []string) []byte {
	version := int64(0)
	if len(args) > 1 {
		var ok bool
		if version, ok = ctext.ParseInt(args[1]); !ok {
			return resp.Error("ERR Protocol version is not an integer or out of range")
		}
		if version < 2 || version > 3 {
			return resp.Error("NOPROTO unsupported protocol version")
		}
	}
	for i := 2; i < len(args); i++ {
		more := len(args) - 1 - i
		switch {
		case strings.EqualFold(args[i], "AUTH") && more >= 2:
			if !c.login(args[i+1], args[i+2]) {
				return errPassword
			}
			i += 2
		case strings.EqualFold(args[i], "SETNAME") && more >= 1:
			if refusal := data.SetName(&c.Session, args[i+1]); refusal != nil {
				return resp.Error(refusal.Error())
			}
			i++
		default:
			return resp.Error("ERR Syntax error in HELLO option '" + ctext.String(args[i]) + "'")
		}
	}
	if !c.loggedIn {
		return resp.Error("NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time")
	}
	if version > 0 {
		c.setRESP3(version == 3)
	}
	reply := resp.AppendMap(nil, c.RESP3, 7)
	add := func(name, value string) { reply = resp.AppendBulk(resp.AppendBulk(reply, name), value) }
	add("server", "redis")
	add("version", data.Version)
	reply = resp.AppendInt(resp.AppendBulk(reply, "proto"), c.protocol())
	reply = resp.AppendInt(resp.AppendBulk(reply, "id"), c.ID)
	add("mode", "standalone")
	add("role", "master")
	return append(resp.AppendBulk(reply, "modules"), resp.EmptyArray...)
}

func (c *client) protocol() int64 {
	if c.RESP3 {
		return 3
	}
	return 2
}

func (c *client) setRESP3(yes bool) {
	c.RESP3 = yes
	if c.queue != nil {
		c.queue.resp3.Store(yes)
	}
}

func (c *client) reset([]string) []byte {
	c.discard()
	c.unsubscribeAll()
	if c.monitoring {
		c.monitoring = false
		c.db.lines.remove(c, false, monitorChannel)
	}
	c.DB, c.Name = 0, ""
	c.setRESP3(false)
	c.loggedIn = c.port.Login == nil
	c.in.Limited = !c.loggedIn
	c.silent, c.skip, c.skipNext = false, false, false
	return []byte("+RESET\r\n")
}

func (c *client) ping(args []string) []byte {
	if !c.subscribed() || c.RESP3 || len(args) > 2 {
		return c.db.runAlone(args)
	}
	text := ""
	if len(args) == 2 {
		text = args[1]
	}
	return resp.AppendBulks(nil, []string{"pong", text})
}

func (c *client) multiCommand([]string) []byte {
	if c.multi != nil {
		return resp.Error("ERR MULTI calls can not be nested")
	}
	c.multi = &transaction{}
	return resp.OK
}

func (c *client) discardCommand([]string) []byte {
	if c.multi == nil {
		return resp.Error("ERR DISCARD without MULTI")
	}
	c.discard()
	return resp.OK
}

// discard forgets the transaction and what is watched.
func (c *client) discard() {
	c.multi = nil
	c.unwatch()
}

func (c *client) unwatch() {
	switch {
	case c.watch == nil:
	case c.db.client == c || c.gone.Load():
		c.watch.End()
		c.watch = nil
	default:
		c.unwatchLater = true // a script has the turn
	}
}

func (c *client) watchCommand(args []string) []byte {
	if c.multi != nil {
		return resp.Error("ERR WATCH inside MULTI is not allowed")
	}
	if c.watch == nil {
		c.watch = c.db.data.Watch()
	}
	for _, key := range args[1:] {
		c.watch.Add(c.DB, key)
	}
	return resp.OK
}

func (c *client) exec([]string) []byte {
	if c.multi == nil {
		return resp.Error("ERR EXEC without MULTI")
	}
	multi, failed := c.multi, c.watch != nil && c.watch.Failed()
	c.discard()
	switch {
	case multi.failed:
		return resp.Error("EXECABORT Transaction discarded because of previous errors.")
	case failed:
		return data.TimedOut(&c.Session, nil)
	}
	reply := resp.AppendArray(nil, len(multi.queue))
	c.NoWait = true
	for _, one := range multi.queue {
		reply, _ = c.db.execute(context.Background(), one.command, one.args, reply)
	}
	c.NoWait = false
	return reply
}

func (c *client) monitor([]string) []byte {
	if c.NoWait {
		return resp.Error("ERR MONITOR isn't allowed for DENY BLOCKING client")
	}
	if c.monitoring {
		return nil
	}
	c.monitoring = true
	c.openQueue()
	c.db.lines.add(c, false, monitorChannel)
	return resp.OK
}

// subscriptions returns the broker of a list of channels or patterns, and whether they are patterns.
func (c *client) broker(names *[]string) (b *broker, pattern bool) {
	if names == &c.shards {
		return &c.db.shards, false
	}
	return &c.db.channels, names == &c.patterns
}

// count is the number in the replies to SUBSCRIBE and the like.
func (c *client) count(names *[]string) int64 {
	if names == &c.shards {
		return int64(len(c.shards))
	}
	return int64(len(c.channels) + len(c.patterns))
}

func (c *client) subscribe(names *[]string, kind string, more []string) (reply []byte) {
	if names == &c.shards && c.NoWait {
		return resp.Error("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client")
	}
	c.openQueue()
	b, pattern := c.broker(names)
	for _, name := range more {
		if !slices.Contains(*names, name) {
			*names = append(*names, name)
			b.add(c, pattern, name)
		}
		reply = c.appendPush(reply, 3, kind, name)
		reply = resp.AppendInt(reply, c.count(names))
	}
	c.loud = true
	return reply
}

func (c *client) unsubscribe(names *[]string, kind string, less []string) (reply []byte) {
	b, pattern := c.broker(names)
	c.loud = true
	if len(less) == 0 {
		less = slices.Clone(*names)
	}
	for _, name := range less {
		if i := slices.Index(*names, name); i >= 0 {
			*names = slices.Delete(*names, i, i+1)
			b.remove(c, pattern, name)
		}
		reply = c.appendPush(reply, 3, kind, name)
		reply = resp.AppendInt(reply, c.count(names))
	}
	if len(less) == 0 {
		reply = c.appendPush(reply, 3, kind)
		reply = resp.AppendNull(reply, c.RESP3)
		reply = resp.AppendInt(reply, c.count(names))
	}
	return reply
}

func (c *client) unsubscribeAll() {
	for _, names := range []*[]string{&c.channels, &c.patterns, &c.shards} {
		b, pattern := c.broker(names)
		for _, name := range *names {
			b.remove(c, pattern, name)
		}
		*names = nil
	}
}

// appendPush appends the head and the first words of a message.
func (c *client) appendPush(dst []byte, n int, words ...string) []byte {
	return appendPush(dst, c.RESP3, n, words...)
}

func appendPush(dst []byte, resp3 bool, n int, words ...string) []byte {
	if resp3 {
		dst = resp.AppendHead(dst, '>', n)
	} else {
		dst = resp.AppendArray(dst, n)
	}
	for _, word := range words {
		dst = resp.AppendBulk(dst, word)
	}
	return dst
}

// kinds are the types of clients in CLIENT KILL and LIST.
func (c *client) isKind(kind string) bool {
	switch kind {
	case "pubsub":
		return c.subscribed()
	case "normal":
		return !c.subscribed()
	}
	return false
}

// parseKind reads a type of clients.
func parseKind(word string) (kind string, refusal []byte) {
	switch kind = strings.ToLower(word); kind {
	case "normal", "master", "replica", "slave", "pubsub":
		return kind, nil
	}
	return "", resp.Error("ERR Unknown client type '" + ctext.String(word) + "'")
}

// each returns the clients in the order in which they came.
func (cs *clients) each() []*client {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	list := make([]*client, 0, len(cs.byID))
	for _, c := range cs.byID {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b *client) int { return int(a.ID - b.ID) })
	return list
}

func (cs *clients) find(id int64) *client {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return cs.byID[id]
}

func (cs *clients) count() int {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return len(cs.byID)
}

func (c *client) clientKill(args []string) []byte {
	var addr, laddr, kind string
	id, skipMe := int64(0), true
	switch {
	case len(args) == 3:
		addr, skipMe = args[2], false
	case len(args)%2 != 0:
		return errSyntax
	}
	for i := 2; len(args) > 3 && i < len(args); i += 2 {
		value, ok := args[i+1], true
		switch strings.ToLower(args[i]) {
		case "id":
			if id, ok = ctext.ParseInt(value); !ok || id < 1 {
				return resp.Error("ERR client-id should be greater than 0")
			}
		case "type":
			var refusal []byte
			if kind, refusal = parseKind(value); refusal != nil {
				return refusal
			}
		case "addr":
			addr = value
		case "laddr":
			laddr = value
		case "user":
			if value != "default" {
				return resp.Error("ERR No such user '" + ctext.String(value) + "'")
			}
		case "skipme":
			if skipMe = strings.EqualFold(value, "yes"); !skipMe && !strings.EqualFold(value, "no") {
				return errSyntax
			}
		default:
			return errSyntax
		}
	}
	killed := 0
	for _, other := range c.db.clients.each() {
		switch {
		case addr != "" && other.addr != addr, laddr != "" && other.laddr != laddr, kind != "" && !other.isKind(kind), id != 0 && other.ID != id, other == c && skipMe:
			continue
		case other == c:
			c.closing = true
		default:
			other.kill()
		}
		killed++
	}
	switch {
	case len(args) > 3:
		return resp.AppendInt(nil, int64(killed))
	case killed == 0:
		return resp.Error("ERR No such client")
	}
	return resp.OK
}

func (c *client) clientList(args []string) []byte {
	list := c.db.clients.each()
	switch {
	case len(args) == 4 && strings.EqualFold(args[2], "TYPE"):
		kind, refusal := parseKind(args[3])
		if refusal != nil {
			return refusal
		}
		list = slices.DeleteFunc(list, func(other *client) bool { return !other.isKind(kind) })
	case len(args) > 3 && strings.EqualFold(args[2], "ID"):
		list = nil
		for _, word := range args[3:] {
			id, ok := ctext.ParseInt(word)
			if !ok {
				return resp.Error("ERR Invalid client ID")
			}
			if other := c.db.clients.find(id); other != nil {
				list = append(list, other)
			}
		}
	case len(args) != 2:
		return errSyntax
	}
	var text strings.Builder
	for _, other := range list {
		text.WriteString(other.line() + "\n")
	}
	return c.verbatim(text.String())
}

// line describes the client as CLIENT LIST does. What is not known is 0.
func (c *client) line() string {
	flags := ""
	for _, flag := range []struct {
		set    bool
		letter string
	}{{c.monitoring, "O"}, {c.subscribed(), "P"}, {c.multi != nil, "x"}, {c.db.waiting.waits(c.blocked), "b"}, {c.watch != nil && c.watch.Failed(), "d"}, {c.closing, "c"}, {strings.HasPrefix(c.from, "unix:"), "U"}, {c.noEvict, "e"}} {
		if flag.set {
			flags += flag.letter
		}
	}
	if flags == "" {
		flags = "N"
	}
	multi, memory := -1, 0
	if c.multi != nil {
		multi = len(c.multi.queue)
		for _, one := range c.multi.queue {
			for _, word := range one.args {
				memory += len(word)
			}
		}
	}
	command := "NULL"
	if c.command != "" {
		command = strings.ToLower(c.command)
	}
	now := c.db.time()
	return fmt.Sprintf("id=%d addr=%s laddr=%s fd=%d name=%s age=%d idle=%d flags=%s db=%d sub=%d psub=%d ssub=%d multi=%d qbuf=0 qbuf-free=0 argv-mem=0 multi-mem=%d rbs=1024 rbp=0 obl=0 oll=0 omem=0 tot-mem=%d events=r cmd=%s user=default redir=-1 resp=%d",
		c.ID, c.addr, c.laddr, c.ID, c.Name, int64(now.Sub(c.created).Seconds()), int64(now.Sub(c.used).Seconds()), flags, c.DB, len(c.channels), len(c.patterns), len(c.shards), multi, memory, 1024+memory, command, c.protocol())
}

func (c *client) clientNoEvict(args []string) []byte {
	reply := c.db.runAlone(args)
	if reply[0] == '+' {
		c.noEvict = strings.EqualFold(args[2], "ON")
	}
	return reply
}

func (c *client) clientReply(args []string) []byte {
	switch strings.ToUpper(args[2]) {
	case "ON":
		c.silent, c.skip = false, false
		return resp.OK
	case "OFF":
		c.silent = true
	case "SKIP":
		c.skipNext = !c.silent
	default:
		return errSyntax
	}
	return nil
}

func (c *client) clientTracking(args []string) []byte {
	switch strings.ToUpper(args[2]) {
	case "ON":
		return resp.Error("ERR the embedded database does not have CLIENT TRACKING")
	case "OFF":
		return resp.OK
	}
	return errSyntax
}

func (c *client) clientUnblock(args []string) []byte {
	failed := false
	if len(args) > 3 {
		if failed = strings.EqualFold(args[3], "ERROR"); !failed && !strings.EqualFold(args[3], "TIMEOUT") {
			return resp.Error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR")
		}
	}
	id, ok := ctext.ParseInt(args[2])
	if !ok {
		return resp.Error("ERR value is not an integer or out of range")
	}
	other := c.db.clients.find(id)
	if other == nil {
		return resp.AppendInt(nil, 0)
	}
	reply := data.TimedOut(&other.Session, nil)
	if failed {
		reply = resp.Error("UNBLOCKED client unblocked via CLIENT UNBLOCK")
	}
	if !c.db.waiting.end(other.blocked, reply) {
		return resp.AppendInt(nil, 0)
	}
	return resp.AppendInt(nil, 1)
}

func (c *client) clientPause(args []string) []byte {
	all := true
	if len(args) > 3 {
		if all = strings.EqualFold(args[3], "ALL"); !all && !strings.EqualFold(args[3], "WRITE") {
			return resp.Error("ERR CLIENT PAUSE mode must be WRITE or ALL")
		}
	}
	ms, ok := ctext.ParseInt(args[2])
	switch {
	case !ok:
		return resp.Error("ERR timeout is not an integer or out of range")
	case ms < 0:
		return resp.Error("ERR timeout is negative")
	case ms > math.MaxInt64-c.db.data.Now():
		return resp.Error("ERR timeout is out of range")
	}
	c.db.pause.begin(c.db.data.Now()+ms, all)
	return resp.OK
}

// redacted returns the words of a command as MONITOR shows them: without passwords.
func redacted(name string, args []string) []string {
	const hidden = "(redacted)"
	switch name {
	case "AUTH":
		args = slices.Clone(args)
		for i := 1; i < len(args); i++ {
			args[i] = hidden
		}
	case "HELLO":
		args = slices.Clone(args)
		for i := 2; i+2 < len(args); i++ {
			switch {
			case strings.EqualFold(args[i], "AUTH"):
				args[i+1], args[i+2] = hidden, hidden
				i += 2
			case strings.EqualFold(args[i], "SETNAME"):
				i++
			}
		}
	}
	return args
}
