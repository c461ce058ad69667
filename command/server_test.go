package command_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/redis-rest/redis-rest-go/command"
)

func ExampleTime() {
	now, err := command.Time().Do(ctx, rdb)
	fmt.Println(time.Since(now).Abs() < time.Minute, err)
	fmt.Println(command.Ping().Do(ctx, rdb))
	// Output:
	// true <nil>
	// PONG <nil>
}

func TestServer(t *testing.T) {
	s := newServer(t)
	returns(s, "PONG", command.Ping())
	returns(s, "hello: é", command.Echo("hello: é"))
	run(s, command.Set("k", "v"))
	returns(s, 1, command.DBSize())
	assert.WithinDuration(t, time.Now(), run(s, command.Time()), time.Minute)
	info := run(s, command.Info("server", "memory"))
	assert.NotEmpty(t, info["redis_version"])
	assert.NotEmpty(t, info["used_memory"])
	assert.NotContains(t, info, "# Server")
	assert.Contains(t, run(s, command.Info()), "db0")
	returns(s, "OK", command.FlushDB())
	returns(s, "OK", command.FlushAll(command.Async()))
	returns(s, 0, command.DBSize())
}

func TestServerArguments(t *testing.T) {
	sends(t, "INFO", command.Info())
	sends(t, "INFO server memory", command.Info("server", "memory"))
	sends(t, "FLUSHALL ASYNC", command.FlushAll(command.Async()))
	sends(t, "FLUSHDB SYNC", command.FlushDB(command.Sync()))
	refuses(t, "redis: FLUSHDB: ASYNC and SYNC exclude each other", command.FlushDB(command.Async(), command.Sync()))
	info, err := replies(t, `"# x:y\r\n:z\r\na:b:c\r\nno\r\n"`, command.Info())
	assert.NoError(t, err)
	assert.Equal(t, map[string]string{"": "z", "a": "b:c"}, info)
}
