package redis_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
)

func TestSubscriptionOfOtherMessages(t *testing.T) {
	mine, closed := errors.New("mine"), 0
	endless := func(yield func(redis.Message, error) bool) {
		for yield(redis.Message{Payload: "again"}, mine) {
		}
	}
	s := redis.NewSubscription(endless, func() error { closed++; return mine })
	for range 2 { // it goes on after a break
		for m, err := range s.Messages() {
			require.Equal(t, "again", m.Payload)
			require.ErrorIs(t, err, mine)
			break
		}
	}
	n := 0
	for range s.Messages() {
		if n++; n == 3 {
			require.ErrorIs(t, s.Close(), mine)
		}
	}
	require.Equal(t, 3, n, "Close ends the messages")
	require.ErrorIs(t, s.Close(), mine)
	require.Equal(t, 1, closed)

	none := redis.NewSubscription(nil, nil)
	for range none.Messages() {
		t.Fatal("there is none")
	}
	require.NoError(t, none.Close())
}
