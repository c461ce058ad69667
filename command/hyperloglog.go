package command

import redis "github.com/redis-rest/redis-rest-go"

// PFAdd adds elements to the HyperLogLog at key (PFADD), and says whether this changed
// the estimated count. It creates the HyperLogLog if the key does not exist, even
// without elements.
//
// O(1), since Redis 2.8.9.
func PFAdd(key string, elements ...string) redis.Command[bool] {
	c := newCall("PFADD", key)
	for _, e := range elements {
		c.add(e)
	}
	return command[bool](c)
}

// PFCount returns the approximate number of different elements that were added to the
// HyperLogLog at key (PFCOUNT). For several keys it counts the elements of all of them
// together. The standard error is 0.81 %. A key that does not exist counts as empty.
//
// O(N), since Redis 2.8.9.
func PFCount(keys ...string) redis.Command[int64] {
	c := newCall("PFCOUNT")
	addAll(c, "key", keys)
	return command[int64](c)
}

// PFMerge adds the elements of the HyperLogLogs at sources to the HyperLogLog at
// destination (PFMERGE), and returns OK. It creates destination if that key does not
// exist.
//
// O(N), since Redis 2.8.9.
func PFMerge(destination string, sources ...string) redis.Command[string] {
	c := newCall("PFMERGE", destination)
	addAll(c, "source", sources)
	return command[string](c)
}
