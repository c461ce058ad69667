package command

import redis "github.com/redis-rest/redis-rest-go"

// Publish sends a message to those who are subscribed to a channel (PUBLISH), by
// [redis.Redis.Subscribe] for instance, and returns how many they were; on a cluster,
// only those on the same node.
//
// O(N+M), since Redis 2.0.0.
func Publish(channel string, message any) redis.Command[int64] {
	return redis.Cmd[int64]("PUBLISH", channel, message)
}
