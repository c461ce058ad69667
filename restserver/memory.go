package restserver

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
	"github.com/redis-rest/redis-rest-go/internal/engine/persistence"
)

// An inMemory database is the embedded database.
type inMemory struct{ *keyspace.DB }

func (m inMemory) run(ctx context.Context, c *command) ([]byte, error) {
	var reply []byte
	if c.blocks() && c.patience() > 0 {
		reply = m.Wait(beginning(ctx, c), c.copyArgs(), c.patience(), c.attempt.waiting.Done())
	} else {
		reply = m.Do(beginning(ctx, c), c.copyArgs())
	}
	if reply == nil {
		return nil, notRun{cmp.Or(ctx.Err(), errEnded)}
	}
	return c.attempt.memory().keep(reply), nil
}

func (m inMemory) kill(ctx context.Context, kind string) ([]byte, error) {
	return m.run(ctx, &command{args: []string{kind, "KILL"}, name: kind})
}

// beginning returns a context that says when the commands of a request begin.
func beginning(ctx context.Context, c *command) context.Context {
	return keyspace.OnBegin(ctx, c.attempt.begin)
}

// pipeline runs the commands between those that wait for data together.
func (m inMemory) pipeline(ctx context.Context, cmds []*command) (replies [][]byte, err error) {
	for len(cmds) > 0 {
		n := slices.IndexFunc(cmds, (*command).blocks)
		var got [][]byte
		switch {
		case n == 0:
			n = 1
			var reply []byte
			reply, err = m.run(ctx, cmds[0])
			got = [][]byte{reply}
		case n < 0:
			n = len(cmds)
			fallthrough
		default:
			if got = m.Pipeline(beginning(ctx, cmds[0]), allWords(cmds[:n])); len(got) < n {
				err = notRun{cmp.Or(ctx.Err(), errEnded)}
			}
			for i := range got {
				got[i] = cmds[i].attempt.memory().keep(got[i])
			}
		}
		if err != nil {
			if len(replies)+len(got) > 0 {
				err = partly(err)
			}
			return replies, err
		}
		replies, cmds = append(replies, got...), cmds[n:]
	}
	return replies, nil
}

func (m inMemory) transaction(ctx context.Context, cmds []*command) (replies [][]byte, refused *refusal, err error) {
	replies, reply, at := m.Transaction(beginning(ctx, cmds[0]), allWords(cmds))
	switch {
	case reply != nil:
		return nil, &refusal{reply, at}, nil
	case replies == nil:
		return nil, nil, notRun{cmp.Or(ctx.Err(), errEnded)}
	}
	for i := range replies {
		replies[i] = cmds[i].attempt.memory().keep(replies[i])
	}
	return replies, nil, nil
}

func allWords(cmds []*command) [][]string {
	words := make([][]string, len(cmds))
	for i, c := range cmds {
		words[i] = c.copyArgs()
	}
	return words
}

func (m inMemory) nodes(ctx context.Context, do func(context.Context, node) error) error {
	return do(ctx, m)
}

func (inMemory) connections() int { return 0 }

func (m inMemory) Close() error { return m.DB.Close() }

// startWithFile starts an embedded database whose data is in a file.
func startWithFile(c Config) (*backend, error) {
	sync, err := persistence.ParseSync(cmp.Or(c.Fsync, "everysec"))
	if err != nil {
		return nil, fmt.Errorf("the Fsync: %w", err)
	}
	warn := func(message string, args ...any) {
		if c.Log != nil {
			c.Log.Warn(message, append([]any{"file", c.DataFile}, args...)...)
		}
	}
	db, report, err := keyspace.Open(persistence.Config{Path: c.DataFile, Sync: sync, Trouble: func(err error) {
		if err == nil {
			warn("the data file can be written again")
		} else {
			warn("the data file has a problem", "reason", err.Error())
		}
	}})
	if err != nil {
		return nil, fmt.Errorf("the data file %w", err)
	}
	if report.Cut > 0 {
		warn("the end of the data file was not complete, and was cut off", "bytes", report.Cut, "at", report.At)
	}
	return embedded(db, c), nil
}

func (m inMemory) subscribe(_ context.Context, pattern bool, names []string) subscription {
	if pattern {
		return memorySubscription{m.PSubscribe(names...)}
	}
	return memorySubscription{m.Subscribe(names...)}
}

type memorySubscription struct{ *keyspace.Subscription }

func (s memorySubscription) Receive(ctx context.Context) (any, error) {
	m, err := s.Subscription.Receive(ctx)
	switch {
	case err != nil:
		return nil, err
	case m.Kind == "subscribe" || m.Kind == "psubscribe":
		return &redis.Subscription{Kind: m.Kind, Channel: m.Channel, Count: m.Count}, nil
	}
	return &redis.Message{Channel: m.Channel, Pattern: m.Pattern, Payload: m.Payload}, nil
}
