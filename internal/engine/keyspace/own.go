package keyspace

import (
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/script"
)

// own is how a command runs that is not, or not only, miniredis' business: it has no
// such command, or another one than Redis 7.0.
func (db *DB) own(name string) func(args []string) []byte {
	switch name {
	case "EXPIRE", "PEXPIRE", "EXPIREAT", "PEXPIREAT":
		return db.expireCommand
	case "TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME":
		return db.tellExpiry
	case "PERSIST":
		return db.persist
	case "SELECT":
		return db.selectDatabase
	case "SWAPDB":
		return db.swap
	case "MOVE":
		return db.move
	case "COPY":
		return db.copy
	case "RENAME", "RENAMENX":
		return db.rename
	case "FLUSHALL", "FLUSHDB":
		return db.flush
	case "TYPE":
		return db.tellType
	case "KEYS":
		return db.keys
	case "SCAN":
		return db.scan
	case "OBJECT|ENCODING", "OBJECT|REFCOUNT":
		return db.object
	case "OBJECT|FREQ":
		return fixed(errorReply("ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust."))

	case "SET":
		return db.set
	case "SETEX", "PSETEX":
		return db.setex
	case "GETEX":
		return db.getex
	case "INCR", "DECR", "INCRBY", "DECRBY":
		return db.increment
	case "INCRBYFLOAT":
		return db.incrementFloat
	case "SETRANGE":
		return db.setRange
	case "APPEND":
		return db.appendText
	case "SUBSTR":
		return db.as("GETRANGE")
	case "GETBIT", "SETBIT":
		return db.bit
	case "BITCOUNT":
		return db.bitCount
	case "BITPOS":
		return db.bitPosition
	case "BITFIELD", "BITFIELD_RO":
		return db.bitField
	case "MSET", "MSETNX":
		return func(args []string) []byte {
			if len(args)%2 == 0 {
				return wrongArguments(name)
			}
			return db.call(args...)
		}

	case "HSET", "HMSET":
		return func(args []string) []byte { return db.addFields(args, everySecond(args[2:], 0)...) }
	case "HSETNX":
		return func(args []string) []byte { return db.addFields(args, args[2]) }
	case "HINCRBY":
		return db.incrementField
	case "HINCRBYFLOAT":
		return db.incrementFieldFloat
	case "HDEL":
		return db.removeFields
	case "HGETALL", "HKEYS", "HVALS":
		return db.readHash
	case "HSCAN":
		return func(args []string) []byte { return db.scanValue(args, 2, "HGETALL", args[1]) }
	case "HEXPIRE", "HSETEX":
		return db.expireFields
	case "HRANDFIELD", "SRANDMEMBER", "ZRANDMEMBER":
		return db.random

	case "SORT", "SORT_RO":
		return db.sort
	case "LCS":
		return db.lcs
	case "SMEMBERS", "SINTER", "SUNION", "SDIFF":
		return db.readSet
	case "SSCAN":
		return func(args []string) []byte { return db.scanValue(args, 1, "SMEMBERS", args[1]) }
	case "SINTERCARD", "ZINTERCARD":
		return db.interCard
	case "SINTERSTORE", "SUNIONSTORE", "SDIFFSTORE", "ZINTERSTORE", "ZUNIONSTORE":
		return db.stored
	case "LPOP", "RPOP":
		return db.positive
	case "LINDEX":
		return func(args []string) []byte {
			if !db.exists(args[1]) {
				return nullReply
			}
			return db.call(args...)
		}
	case "LPOS":
		return db.positions
	case "SPOP":
		return func(args []string) []byte {
			if len(args) > 3 {
				return errorReply(syntaxError)
			}
			return sortedIntegers(db.positive(args))
		}
	case "BLMPOP":
		return db.blockingPop
	case "LMOVE", "RPOPLPUSH":
		return db.moveElement
	case "BLMOVE", "BRPOPLPUSH":
		return db.blockingMove

	case "ZADD":
		return db.add
	case "ZINCRBY":
		return db.incrementMember
	case "ZDIFF":
		return db.diff
	case "ZDIFFSTORE":
		return db.diffStore
	case "ZRANGE":
		return db.rangeOf
	case "ZRANGESTORE":
		return db.rangeStore
	case "ZPOPMIN", "ZPOPMAX":
		return db.popScored
	case "ZSCAN":
		return func(args []string) []byte { return db.scanValue(args, 2, "ZRANGE", args[1], "0", "-1", "WITHSCORES") }

	case "XADD":
		return db.addToStream
	case "XRANGE", "XREVRANGE":
		return db.streamRange
	case "XREAD", "XREADGROUP":
		return db.streamRead
	case "XCLAIM":
		return db.claim
	case "XAUTOCLAIM":
		return db.claimNext
	case "XGROUP|CREATE":
		return db.createGroup
	case "XINFO|STREAM":
		return db.streamInfo

	case "GEOADD":
		return db.geoAdd
	case "GEOPOS":
		return db.geoPosition
	case "GEODIST":
		return db.geoDistance
	case "GEOHASH":
		return db.geoHash
	case "GEORADIUS", "GEORADIUS_RO", "GEORADIUSBYMEMBER", "GEORADIUSBYMEMBER_RO", "GEOSEARCH", "GEOSEARCHSTORE":
		return db.geoSearch

	case "PFADD":
		return db.pfAdd
	case "PFCOUNT":
		return db.pfCount
	case "PFMERGE":
		return db.pfMerge

	case "PING":
		return func(args []string) []byte {
			switch len(args) {
			case 1:
				return appendStatus(nil, "PONG")
			case 2:
				return bulk(args[1])
			}
			return wrongArguments(name)
		}
	case "TIME":
		return db.tellTime
	case "PUBLISH":
		return func(args []string) []byte { return integer(int64(db.channels.publish(args[1], args[2]))) }
	case "SPUBLISH":
		return fixed(integer(0)) // nobody subscribes to shards
	case "PUBSUB|CHANNELS", "PUBSUB|NUMSUB", "PUBSUB|NUMPAT", "PUBSUB|SHARDCHANNELS", "PUBSUB|SHARDNUMSUB":
		return db.pubsub
	case "COMMAND|COUNT":
		return commandCount
	case "COMMAND|LIST":
		return commandList
	case "COMMAND|GETKEYS":
		return commandKeys
	case "CONFIG|GET":
		return db.configGet
	case "CONFIG|SET":
		return db.configSet
	case "CONFIG|RESETSTAT":
		return fixed(okReply)
	case "INFO":
		return db.info
	case "ROLE":
		return fixed([]byte("*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n"))
	case "LOLWUT":
		return fixed(bulk("Redis ver. " + script.Version + "\n"))
	case "WAIT":
		return db.wait
	}
	switch {
	case strings.HasPrefix(name, "CLUSTER"), name == "ASKING", name == "READONLY", name == "READWRITE":
		return fixed(errorReply("ERR This instance has cluster support disabled"))
	case unavailable(name):
		return fixed(notHere(name))
	}
	return nil
}

// fixed is a command that has one reply.
func fixed(reply []byte) func([]string) []byte {
	return func([]string) []byte { return reply }
}

// as is a command that another one runs.
func (db *DB) as(name string) func(args []string) []byte {
	return func(args []string) []byte { return db.call(append([]string{name}, args[1:]...)...) }
}
