package wire

import (
	"slices"
	"strings"
)

// readOnly says whether Redis flags a command as readonly. These are the commands
// that 7.0.15 flags so in its answer to COMMAND, where a subcommand has the name
// OBJECT|FREQ; a test compares them. What has no such flag and is listed beside
// them touches no key.
func readOnly(name string) bool {
	switch name {
	case "BITCOUNT", "BITFIELD_RO", "BITPOS", "DBSIZE", "DUMP", "EVALSHA_RO", "EVAL_RO", "EXISTS",
		"EXPIRETIME", "FCALL_RO", "GEODIST", "GEOHASH", "GEOPOS", "GEORADIUSBYMEMBER_RO",
		"GEORADIUS_RO", "GEOSEARCH", "GET", "GETBIT", "GETRANGE", "HEXISTS", "HGET", "HGETALL",
		"HKEYS", "HLEN", "HMGET", "HRANDFIELD", "HSCAN", "HSTRLEN", "HVALS", "KEYS", "LCS",
		"LINDEX", "LLEN", "LOLWUT", "LPOS", "LRANGE", "MGET", "PEXPIRETIME", "PFCOUNT", "PTTL",
		"RANDOMKEY", "SCAN", "SCARD", "SDIFF", "SINTER", "SINTERCARD", "SISMEMBER", "SMEMBERS",
		"SMISMEMBER", "SORT_RO", "SRANDMEMBER", "SSCAN", "STRLEN", "SUBSTR", "SUNION", "TOUCH",
		"TTL", "TYPE", "XLEN", "XPENDING", "XRANGE", "XREAD", "XREVRANGE", "ZCARD", "ZCOUNT",
		"ZDIFF", "ZINTER", "ZINTERCARD", "ZLEXCOUNT", "ZMSCORE", "ZRANDMEMBER", "ZRANGE",
		"ZRANGEBYLEX", "ZRANGEBYSCORE", "ZRANK", "ZREVRANGE", "ZREVRANGEBYLEX", "ZREVRANGEBYSCORE",
		"ZREVRANK", "ZSCAN", "ZSCORE", "ZUNION",
		"MEMORY|USAGE", "OBJECT|ENCODING", "OBJECT|FREQ", "OBJECT|IDLETIME", "OBJECT|REFCOUNT",
		"XINFO|CONSUMERS", "XINFO|GROUPS", "XINFO|STREAM":
		return true
	case "HEXPIRETIME", "HPEXPIRETIME", "HPTTL", "HTTL": // Redis 7.4
		return true
	case "PING", "ECHO", "TIME", "SCRIPT|EXISTS", "SCRIPT|LOAD":
		return true
	}
	return false
}

// ReadOnly says whether a command changes nothing. One that is not known does,
// and so does one whose options are not plain strings and numbers, where they
// decide.
func ReadOnly(args []any) bool {
	name := CommandName(args)
	switch {
	case readOnly(name):
		return true
	case len(args) < 2:
		return false
	}
	switch name {
	case "SCRIPT", "OBJECT", "MEMORY", "XINFO":
		sub, _ := args[1].(string)
		return readOnly(name + "|" + strings.ToUpper(sub))
	case "GETEX":
		return len(args) == 2
	case "SORT":
		return without(args[2:], "STORE")
	case "GEORADIUS", "GEORADIUSBYMEMBER":
		return without(args[2:], "STORE", "STOREDIST")
	case "BITFIELD":
		return without(args[2:], "SET", "INCRBY")
	}
	return false
}

// without says that no option is one of these, whatever its case.
func without(options []any, names ...string) bool {
	for _, o := range options {
		switch o := o.(type) {
		case string:
			if slices.Contains(names, strings.ToUpper(o)) {
				return false
			}
		case int, int64, float64:
		default:
			return false
		}
	}
	return true
}
