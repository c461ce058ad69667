package command_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/command"
)

func ExamplePublish() {
	fmt.Println(command.Publish("news", "nobody listens").Do(ctx, rdb))
	// Output: 0 <nil>
}

func TestPublish(t *testing.T) {
	s := newServer(t)
	stream, err := s.Subscribe(t.Context(), "news")
	require.NoError(t, err)
	defer stream.Close()
	returns(s, 1, command.Publish("news", 42))
	for m, err := range stream.Messages() {
		require.NoError(t, err)
		assert.Equal(t, "42", m.Payload)
		break
	}
	sends(t, "PUBLISH c 1", command.Publish("c", true))
}
