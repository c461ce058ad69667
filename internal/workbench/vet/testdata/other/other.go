// Package other makes commands for another package.
package other

import (
	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/command"
)

func Forget(id string) redis.Command[int64] { return command.Del("user:" + id) }

func ForgetAll(ids ...string) redis.Command[int64] { return command.Del(ids...) }

func Later(b *redis.Batch, id string) redis.Command[int64] {
	c := Forget(id)
	c.Queue(b)
	return c
}

type Users struct{ queue *redis.Batch }

func (u Users) Forget(id string) redis.Command[int64] { return Later(u.queue, id) }
