package command

import redis "github.com/redis-rest/redis-rest-go"

// Publish sends a message to the subscribers of a channel (PUBLISH), for example those
// of [redis.Redis.Subscribe]. It returns the number of subscribers that received it. On
// a cluster it counts only the subscribers on the same node.
//
// O(N+M), since Redis 2.0.0.
func Publish(channel string, message any) redis.Command[int64] {
	return redis.Cmd[int64]("PUBLISH", channel, message)
}
