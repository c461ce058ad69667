package command

import redis "github.com/redis-rest/redis-rest-go"

// PFAdd adds elements to the HyperLogLog at key, which may not exist (PFADD), and says
// whether this changed the count. Without elements it makes an empty one where there
// is no key.
//
// O(1), since Redis 2.8.9.
func PFAdd(key string, elements ...string) redis.Command[bool] {
	c := newCall("PFADD", key)
	for _, e := range elements {
		c.add(e)
	}
	return command[bool](c)
}

// PFCount returns about how many different elements were added to the HyperLogLog at
// key, or to any of them where there are several (PFCOUNT). The error is 0.81 % as a
// rule. A key that does not exist counts as empty.
//
// O(N), since Redis 2.8.9.
func PFCount(keys ...string) redis.Command[int64] {
	c := newCall("PFCOUNT")
	addAll(c, "key", keys)
	return command[int64](c)
}

// PFMerge adds what was added to the HyperLogLogs at sources to that at destination,
// which may not exist (PFMERGE), and returns OK.
//
// O(N), since Redis 2.8.9.
func PFMerge(destination string, sources ...string) redis.Command[string] {
	c := newCall("PFMERGE", destination)
	addAll(c, "source", sources)
	return command[string](c)
}
