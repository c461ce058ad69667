package restserver

import (
	"context"
	"errors"
	"strconv"

	"github.com/redis/go-redis/v9"
)

// A database runs commands, and returns their replies as they are on the wire. An
// error says that there is no reply; it is a notRun where nothing can have run.
type database interface {
	run(ctx context.Context, c *command) ([]byte, error)
	pipeline(ctx context.Context, cmds []*command) ([][]byte, error)
	// transaction returns the reply of each command, or the one that refused them all.
	transaction(ctx context.Context, cmds []*command) (replies [][]byte, refusal []byte, err error)
	subscribe(ctx context.Context, channel string) subscription
	psubscribe(ctx context.Context, pattern string) subscription
	// nodes calls do for each Redis that runs scripts by itself.
	nodes(ctx context.Context, do func(context.Context, node) error) error
	Close() error
}

// A node runs commands by itself.
type node interface {
	run(ctx context.Context, c *command) ([]byte, error)
}

// A subscription brings a *redis.Subscription when it has begun, and then each
// *redis.Message.
type subscription interface {
	Receive(ctx context.Context) (any, error)
	Close() error
}

// notRun is an error that came before anything could run.
type notRun struct{ error }

func (e notRun) Unwrap() error { return e.error }

// A single database is one Redis, or the master that sentinels know.
type single struct{ *redis.Client }

func (s single) run(ctx context.Context, c *command) ([]byte, error) {
	cmd := c.raw(ctx)
	err := s.Process(ctx, cmd)
	return cmd.Val(), err
}

func (s single) pipeline(ctx context.Context, cmds []*command) ([][]byte, error) {
	pipe := s.Client.Pipeline()
	sent := raw(ctx, cmds)
	for i := range sent {
		pipe.Process(ctx, &sent[i])
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, err
	}
	replies := make([][]byte, len(cmds))
	for i := range sent {
		replies[i] = sent[i].Val()
	}
	return replies, nil
}

// transaction sends EXEC only where all commands are queued, since not every Redis
// discards the rest by itself.
func (s single) transaction(ctx context.Context, cmds []*command) (replies [][]byte, refusal []byte, err error) {
	conn := s.Conn()
	defer conn.Close()
	begin := conn.Pipeline()
	queued := append([]redis.RawCmd{*redis.NewRawCmd(ctx, "MULTI")}, raw(ctx, cmds)...)
	for i := range queued {
		begin.Process(ctx, &queued[i])
	}
	if _, err := begin.Exec(ctx); err != nil {
		return nil, nil, notRun{err}
	}
	for i := range queued {
		if reply := queued[i].Val(); reply[0] == '-' {
			if err := conn.Process(ctx, redis.NewRawCmd(ctx, "DISCARD")); err != nil {
				return nil, nil, notRun{err}
			}
			return nil, reply, nil
		}
	}
	exec := redis.NewRawCmd(ctx, "EXEC")
	if err := conn.Process(ctx, exec); err != nil {
		return nil, nil, err
	}
	count, rest := cutLine(exec.Val())
	if string(count) != "*"+strconv.Itoa(len(cmds)) {
		return nil, exec.Val(), nil
	}
	replies = make([][]byte, len(cmds))
	for i := range cmds {
		replies[i], rest = cutReply(rest)
	}
	return replies, nil, nil
}

func (s single) subscribe(ctx context.Context, channel string) subscription {
	return s.Client.Subscribe(ctx, channel)
}

func (s single) psubscribe(ctx context.Context, pattern string) subscription {
	return s.Client.PSubscribe(ctx, pattern)
}

func (s single) nodes(ctx context.Context, do func(context.Context, node) error) error {
	return do(ctx, s)
}

// errNoNode says that a cluster has nobody for a slot, as far as is known.
var errNoNode = notRun{errors.New("no node of the cluster has the slot")}
