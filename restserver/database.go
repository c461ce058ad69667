package restserver

import (
	"context"
	"errors"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// A database runs commands and returns their replies as they are on the wire. An
// error means that a reply is missing. It is a notRun if nothing can have run.
type database interface {
	run(ctx context.Context, c *command) ([]byte, error)
	pipeline(ctx context.Context, cmds []*command) ([][]byte, error)
	// transaction returns the reply to each command, or the refusal of all of them.
	transaction(ctx context.Context, cmds []*command) (replies [][]byte, refused *refusal, err error)
	// subscribe subscribes to channels, or to patterns.
	subscribe(ctx context.Context, pattern bool, names []string) subscription
	// nodes calls do for each Redis that runs scripts independently.
	nodes(ctx context.Context, do func(context.Context, node) error) error
	// connections returns the number of connections to Redis.
	connections() int
	Close() error
}

// A node runs commands independently.
type node interface {
	run(ctx context.Context, c *command) ([]byte, error)
	// kill runs SCRIPT KILL or FUNCTION KILL, also while a script runs for too long.
	kill(ctx context.Context, kind string) ([]byte, error)
}

// A subscription delivers a *redis.Subscription when it has begun, and then each
// *redis.Message.
type subscription interface {
	Receive(ctx context.Context) (any, error)
	Close() error
}

// A single database is one Redis, or the master of sentinels.
//
// The type Server refers to go-redis clients only through interfaces. Otherwise
// each package that imports this one would compile the clients' methods again.
type single struct{ client *redis.Client }

func newSingle(opts *redis.Options) single { return single{redis.NewClient(clientOptions(opts))} }

func (s single) run(ctx context.Context, c *command) ([]byte, error) {
	if c.blocks() {
		return s.wait(ctx, c)
	}
	cmd := &gated(ctx, []*command{c})[0]
	err := s.client.Process(ctx, cmd)
	if err != nil {
		return nil, unsent(err, c)
	}
	return cmd.reply, nil
}

// unsent returns err as a notRun if no command can have been sent.
func unsent(err error, cmds ...*command) error {
	if slices.ContainsFunc(cmds, func(c *command) bool { return c.attempt.begun() }) {
		return err
	}
	return didNotRun(err)
}

// pipeline sends commands together, but nothing after a script until the script has ended: what
// has been sent cannot be stopped any more. If there is an error, the replies are those
// that arrived before.
func (s single) pipeline(ctx context.Context, cmds []*command) (replies [][]byte, err error) {
	replies = make([][]byte, 0, len(cmds))
	for len(cmds) > 0 {
		n := 1 + slices.IndexFunc(cmds, (*command).mayTakeLong)
		switch {
		case n == 0:
			n = len(cmds)
		case n > 1 && cmds[n-1].blocks():
			n-- // it has a connection of its own
		}
		if len(replies) > 0 && cmds[0].attempt.over() {
			return replies, errPart{errEnded}
		}
		if replies, err = s.send(ctx, replies, cmds[:n]); err != nil {
			return replies, err
		}
		cmds = cmds[n:]
	}
	return replies, nil
}

var errEnded = errors.New("the request has ended")

// send sends commands together, and appends their replies to replies.
func (s single) send(ctx context.Context, replies [][]byte, cmds []*command) ([][]byte, error) {
	if cmds[0].blocks() {
		reply, err := s.wait(ctx, cmds[0])
		if err != nil {
			if len(replies) > 0 {
				err = partly(err)
			}
			return replies, err
		}
		return append(replies, reply), nil
	}
	pipe := s.client.Pipeline()
	sent := gated(ctx, cmds)
	for i := range sent {
		pipe.Process(ctx, &sent[i])
	}
	_, err := pipe.Exec(ctx)
	if err != nil {
		err = unsent(err, cmds...)
	}
	for i := range sent {
		reply := sent[i].reply
		if len(reply) == 0 || sent[i].Err() != nil {
			break
		}
		replies = append(replies, reply)
	}
	if err != nil && len(replies) > 0 {
		err = partly(err)
	}
	return replies, err
}

// A refusal is why none of the commands of a transaction ran.
type refusal struct {
	reply []byte // an error
	at    int    // the index of the command that was refused; -1 if it is not one command
}

// transaction sends EXEC only if all commands are queued, because not every Redis
// discards the transaction otherwise.
func (s single) transaction(ctx context.Context, cmds []*command) (replies [][]byte, refused *refusal, err error) {
	conn := s.client.Conn()
	defer conn.Close()
	begin := conn.Pipeline()
	queued := raw(ctx, append([]*command{{args: []string{"MULTI"}}}, cmds...))
	for i := range queued {
		queued[i].share = nil // the reply is QUEUED, or why it is not
		begin.Process(ctx, &queued[i])
	}
	if _, err := begin.Exec(ctx); err != nil {
		return nil, nil, didNotRun(err)
	}
	for i := range queued {
		if reply := queued[i].reply; reply[0] == '-' {
			if err := conn.Process(ctx, redis.NewRawCmd(ctx, "DISCARD")); err != nil {
				return nil, nil, didNotRun(err)
			}
			return nil, &refusal{reply, i - 1}, nil // the first is MULTI
		}
	}
	if !cmds[0].attempt.begin() {
		conn.Process(ctx, redis.NewRawCmd(ctx, "DISCARD"))
		return nil, nil, notRun{errEnded}
	}
	exec := &raw(ctx, []*command{{args: []string{"EXEC"}, attempt: cmds[0].attempt}})[0]
	if err := conn.Process(ctx, exec); err != nil {
		return nil, nil, err
	}
	if isLost(exec.reply) {
		return nil, nil, errReplyMemory
	}
	c := resp.NewCursor(exec.reply)
	if p := c.Next(); p.Kind != '*' || p.N != len(cmds) {
		return nil, &refusal{exec.reply, -1}, nil
	}
	replies = make([][]byte, len(cmds))
	for i := range replies {
		replies[i] = c.Skip()
	}
	return replies, nil, nil
}

func (s single) subscribe(ctx context.Context, pattern bool, names []string) subscription {
	if pattern {
		return s.client.PSubscribe(ctx, names...)
	}
	return s.client.Subscribe(ctx, names...)
}

func (s single) nodes(ctx context.Context, do func(context.Context, node) error) error {
	return do(ctx, s)
}

func (s single) connections() int { return int(s.client.PoolStats().TotalConns) }

func (s single) Close() error { return s.client.Close() }

// errNoNode says that no known node of a cluster has a slot.
var errNoNode = notRun{errors.New("no node of the cluster has the slot")}
