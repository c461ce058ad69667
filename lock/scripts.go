package lock

import (
	_ "embed"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
)

var (
	//go:embed acquire.lua
	acquireSource string
	//go:embed extend.lua
	extendSource string
	//go:embed release.lua
	releaseSource string

	acquireScript = redis.NewScript[acquireReply](acquireSource, redis.Named("acquire.lua"), redis.Idempotent())
	extendScript  = redis.NewScript[bool](extendSource, redis.Named("extend.lua"), redis.Idempotent())
	releaseScript = redis.NewScript[bool](releaseSource, redis.Named("release.lua"), redis.Idempotent())
)

type acquireReply struct {
	Acquired bool  `redis:"0"`
	Token    int64 `redis:"1"`
	Wait     int64 `redis:"2"`
}

func acquire(keys []string, owner string, ttl time.Duration) redis.Command[acquireReply] {
	return acquireScript.Cmd(keys, owner, ttl.Milliseconds())
}

func extend(keys []string, owner string, ttl time.Duration) redis.Command[bool] {
	return extendScript.Cmd(keys, owner, ttl.Milliseconds())
}

func release(keys []string, owner string) redis.Command[bool] { return releaseScript.Cmd(keys, owner) }
