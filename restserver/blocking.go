package restserver

import (
	"cmp"
	"context"
	"errors"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// blocks says whether the command waits for data. Inside a transaction it does not.
func (c *command) blocks() bool {
	at, _ := commandtable.WaitPlace(c.args)
	return at > 0
}

// patience returns how long a command that waits for data may wait: its own time, or until the limit of
// its request. It is 0 if Redis refuses the command's time.
func (c *command) patience() time.Duration {
	own, _ := commandtable.Blocks(c.args)
	if c.attempt.waiting.Err() != nil {
		return min(own, time.Millisecond)
	}
	return min(own, max(time.Until(c.attempt.limit), time.Millisecond))
}

// bounded returns the arguments with the command's patience as its time, so that Redis ends the
// waiting in time for the answer.
func (c *command) bounded() []string {
	wait := c.patience()
	if wait == 0 {
		return c.args
	}
	at, unit := commandtable.WaitPlace(c.args)
	args := slices.Clone(c.args)
	if unit == time.Second {
		args[at] = strconv.FormatFloat(max(wait.Seconds(), 0.001), 'f', 3, 64)
	} else {
		args[at] = strconv.FormatInt(max(wait.Milliseconds(), 1), 10)
	}
	return args
}

// hold lets a request wait for data: it does not count as a running request, but as a stream.
func (c *call) hold(request *attempt) (leave func(), err error) {
	select {
	case c.streams <- struct{}{}:
	default:
		return nil, errTooMany
	}
	ctx, cancel := context.WithCancel(c.closing)
	context.AfterFunc(c.removed, cancel)
	request.limit, request.waiting = time.Now().Add(c.config.Timeout), ctx
	<-c.running
	return func() {
		cancel()
		<-c.streams
		c.running <- struct{}{}
	}, nil
}

// wait runs a command that waits for data. It has a connection of its own, which is closed if its
// request ends before.
func (s single) wait(ctx context.Context, c *command) ([]byte, error) {
	conn, id, err := s.open(ctx, s.client.Options().DB)
	if err != nil {
		return nil, didNotRun(err)
	}
	defer conn.Close()
	if !c.attempt.begin() {
		return nil, notRun{errEnded}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	context.AfterFunc(ctx, func() { conn.Close() })
	defer context.AfterFunc(c.attempt.waiting, func() { s.unblock(ctx, conn, id) })()
	if _, err := conn.Write(resp.AppendBulks(nil, c.bounded())); err != nil {
		return nil, err
	}
	return readReply(conn, c.attempt.memory())
}

// unblock lets Redis end the waiting of a connection, so that its reply says whether data was taken. If Redis does not,
// the connection is closed, and nobody knows.
func (s single) unblock(ctx context.Context, waits net.Conn, id string) {
	defer waits.Close()
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	conn, _, err := s.open(ctx, 0)
	if err != nil {
		return
	}
	defer conn.Close()
	if conn.RemoteAddr().String() != waits.RemoteAddr().String() {
		return // another Redis, where the number is that of another connection
	}
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		reply, err := exchange(conn, []string{"CLIENT", "UNBLOCK", id})
		if err != nil || reply[0] == '-' {
			return
		}
		select { // it may be that the command had not arrived yet
		case <-ctx.Done():
			return
		case <-again.C:
		}
	}
}

// kill uses a connection of its own without a SELECT, to which Redis would reply BUSY.
func (s single) kill(ctx context.Context, kind string) ([]byte, error) {
	conn, _, err := s.open(ctx, 0)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	return exchange(conn, []string{kind, "KILL"})
}

// open opens a connection that go-redis does not manage, with the user of the client and a database. The string is
// its number in Redis, or "" if Redis does not tell it.
func (s single) open(ctx context.Context, db int) (net.Conn, string, error) {
	opts := s.client.Options()
	dialing, cancel := context.WithTimeout(ctx, opts.DialTimeout)
	defer cancel()
	conn, err := opts.Dialer(dialing, opts.Network, opts.Addr)
	if err != nil {
		return nil, "", err
	}
	stop := context.AfterFunc(dialing, func() { conn.Close() })
	id := ""
	var greeting [][]string
	if opts.Password != "" {
		greeting = append(greeting, []string{"AUTH", cmp.Or(opts.Username, "default"), opts.Password})
	}
	greeting = append(greeting, []string{"hello"})
	if db > 0 {
		greeting = append(greeting, []string{"SELECT", strconv.Itoa(db)})
	}
	for _, args := range greeting {
		reply, err := greetWith(conn, args)
		if err != nil {
			conn.Close()
			return nil, "", err
		}
		if args[0] == "hello" {
			id = idIn(reply)
		}
	}
	if !stop() {
		return nil, "", cmp.Or(context.Cause(dialing), errEnded)
	}
	return conn, id, nil
}

func greetWith(conn net.Conn, args []string) ([]byte, error) {
	reply, err := exchange(conn, args)
	if err != nil {
		return nil, err
	}
	if reply[0] == '-' && args[0] != "hello" { // not every user may run HELLO
		return nil, refusedError(strings.TrimSpace(string(reply[1:])))
	}
	return reply, refusedConnection(reply)
}

// idIn returns the number of the connection from the reply to HELLO, a list of names and values.
func idIn(reply []byte) string {
	c := resp.NewCursor(reply)
	for range c.Next().N / 2 {
		name, value := string(c.Next().Text), resp.NewCursor(c.Skip())
		if name == "id" {
			return string(value.Next().Text)
		}
	}
	return ""
}

var errProtocol = errors.New("can't parse the reply of Redis")

// exchange sends a command and reads its reply, the only one that is to be read.
func exchange(conn net.Conn, args []string) ([]byte, error) {
	if _, err := conn.Write(resp.AppendBulks(nil, args)); err != nil {
		return nil, err
	}
	return readReply(conn, nil)
}

// readReply reads the only reply that is to be read.
func readReply(conn net.Conn, memory *share) ([]byte, error) {
	b := replyBuffer{share: memory}
	for {
		// Twice as much each time, so that Cut does not cost much.
		if len(b.reply) == cap(b.reply) && !b.room(max(512, len(b.reply))) {
			return nil, errReplyMemory
		}
		buf := b.reply
		n, err := conn.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		b.reply = buf
		if len(buf) > 0 && !strings.ContainsRune("+-:$*", rune(buf[0])) {
			return nil, errProtocol
		}
		if reply, _, ok := resp.Cut(buf); ok {
			return reply, nil
		}
		if err != nil {
			return nil, err
		}
	}
}
