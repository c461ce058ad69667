package restserver

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
)

// An inMemory database is one in this process.
type inMemory struct{ *keyspace.DB }

func (m inMemory) run(ctx context.Context, c *command) ([]byte, error) {
	reply := m.Do(ctx, c.own())
	if reply == nil {
		return nil, notRun{ctx.Err()}
	}
	return reply, nil
}

func (m inMemory) pipeline(ctx context.Context, cmds []*command) ([][]byte, error) {
	replies := m.Pipeline(ctx, allWords(cmds))
	if replies == nil {
		return nil, notRun{ctx.Err()}
	}
	return replies, nil
}

func (m inMemory) transaction(ctx context.Context, cmds []*command) (replies [][]byte, refusal []byte, err error) {
	replies, refusal = m.Transaction(ctx, allWords(cmds))
	if replies == nil && refusal == nil {
		err = notRun{ctx.Err()}
	}
	return replies, refusal, err
}

func allWords(cmds []*command) [][]string {
	words := make([][]string, len(cmds))
	for i, c := range cmds {
		words[i] = c.own()
	}
	return words
}

func (m inMemory) nodes(ctx context.Context, do func(context.Context, node) error) error {
	return do(ctx, m)
}

func (m inMemory) Close() error {
	m.DB.Close()
	return nil
}

func (m inMemory) subscribe(_ context.Context, channel string) subscription {
	return memorySubscription{m.Subscribe(channel)}
}

func (m inMemory) psubscribe(_ context.Context, pattern string) subscription {
	return memorySubscription{m.PSubscribe(pattern)}
}

type memorySubscription struct{ *keyspace.Subscription }

func (s memorySubscription) Receive(ctx context.Context) (any, error) {
	m, err := s.Subscription.Receive(ctx)
	switch {
	case err != nil:
		return nil, err
	case m.Kind == "subscribe" || m.Kind == "psubscribe":
		return &redis.Subscription{Kind: m.Kind, Channel: m.Channel, Count: 1}, nil
	}
	return &redis.Message{Channel: m.Channel, Pattern: m.Pattern, Payload: m.Payload}, nil
}
