package commandtable

// newerArity returns the arity in Redis 8.8 of a command of Redis 7.0 that takes more or fewer words
// since then. The positions of the keys of such commands, and whether they write, have
// not changed.
func newerArity(name string) (arity int, ok bool) {
	switch name {
	case "ZRANK", "ZREVRANK": // with WITHSCORE, since 7.2
		return -3, true
	case "COMMAND|GETKEYS", "COMMAND|GETKEYSANDFLAGS": // with a command that has no arguments
		return -3, true
	}
	return 0, false
}

// Commands added after Redis 7.0, and RedisJSON's commands, from Redis' documentation.
// RedisJSON declares no number of arguments; these are the numbers it needs.
var newer = [...]Command{
	{"DELEX", -2, Write | Fast, oneKey},
	{"DIGEST", 2, ReadOnly | Fast, oneKey},
	{"HEXPIRE", -6, Write | DenyOOM | Fast, oneKey},
	{"HEXPIREAT", -6, Write | DenyOOM | Fast, oneKey},
	{"HEXPIRETIME", -5, ReadOnly | Fast, oneKey},
	{"HGETDEL", -5, Write | Fast, oneKey},
	{"HGETEX", -5, Write | Fast, oneKey},
	{"HPERSIST", -5, Write | Fast, oneKey},
	{"HPEXPIRE", -6, Write | DenyOOM | Fast, oneKey},
	{"HPEXPIREAT", -6, Write | DenyOOM | Fast, oneKey},
	{"HPEXPIRETIME", -5, ReadOnly | Fast, oneKey},
	{"HPTTL", -5, ReadOnly | Fast, oneKey},
	{"HSETEX", -6, Write | DenyOOM | Fast, oneKey},
	{"HTTL", -5, ReadOnly | Fast, oneKey},
	{"JSON.ARRAPPEND", -4, Write | DenyOOM, oneKey},
	{"JSON.ARRINDEX", -4, ReadOnly, oneKey},
	{"JSON.ARRINSERT", -5, Write | DenyOOM, oneKey},
	{"JSON.ARRLEN", -2, ReadOnly, oneKey},
	{"JSON.ARRPOP", -2, Write, oneKey},
	{"JSON.ARRTRIM", 5, Write, oneKey},
	{"JSON.CLEAR", -2, Write, oneKey},
	{"JSON.DEBUG", -2, Container, 0},
	{"JSON.DEBUG|HELP", 2, ReadOnly, 0},
	{"JSON.DEBUG|MEMORY", -3, ReadOnly, secondWord},
	{"JSON.DEL", -2, Write, oneKey},
	{"JSON.FORGET", -2, Write, oneKey},
	{"JSON.GET", -2, ReadOnly, oneKey},
	{"JSON.MERGE", 4, Write | DenyOOM, oneKey},
	{"JSON.MGET", -3, ReadOnly, allButLast},
	{"JSON.MSET", -4, Write | DenyOOM, everyThird},
	{"JSON.NUMINCRBY", 4, Write, oneKey},
	{"JSON.NUMMULTBY", 4, Write, oneKey},
	{"JSON.OBJKEYS", -2, ReadOnly, oneKey},
	{"JSON.OBJLEN", -2, ReadOnly, oneKey},
	{"JSON.RESP", -2, ReadOnly, oneKey},
	{"JSON.SET", -4, Write | DenyOOM, oneKey},
	{"JSON.STRAPPEND", -3, Write | DenyOOM, oneKey},
	{"JSON.STRLEN", -2, ReadOnly, oneKey},
	{"JSON.TOGGLE", 3, Write | DenyOOM, oneKey},
	{"JSON.TYPE", -2, ReadOnly, oneKey},
	{"MSETEX", -4, Write | DenyOOM | MovableKeys, countedPairs},
	{"XACKDEL", -6, Write | Fast, oneKey},
	{"XDELEX", -5, Write | Fast, oneKey},
}

var newerDocs = [...]Doc{
	{"DELEX", "string", "8.4.0", "O(1) for IFEQ/IFNE, O(N) for IFDEQ/IFDNE where N is the length of the string value."},
	{"DIGEST", "string", "8.4.0", "O(N) where N is the length of the string value."},
	{"HEXPIRE", "hash", "7.4.0", "O(N) where N is the number of specified fields"},
	{"HEXPIREAT", "hash", "7.4.0", "O(N) where N is the number of specified fields"},
	{"HEXPIRETIME", "hash", "7.4.0", "O(N) where N is the number of specified fields"},
	{"HGETDEL", "hash", "8.0.0", "O(N) where N is the number of specified fields"},
	{"HGETEX", "hash", "8.0.0", "O(N) where N is the number of specified fields"},
	{"HPERSIST", "hash", "7.4.0", "O(N) where N is the number of specified fields"},
	{"HPEXPIRE", "hash", "7.4.0", "O(N) where N is the number of specified fields"},
	{"HPEXPIREAT", "hash", "7.4.0", "O(N) where N is the number of specified fields"},
	{"HPEXPIRETIME", "hash", "7.4.0", "O(N) where N is the number of specified fields"},
	{"HPTTL", "hash", "7.4.0", "O(N) where N is the number of specified fields"},
	{"HSETEX", "hash", "8.0.0", "O(N) where N is the number of fields being set."},
	{"HTTL", "hash", "7.4.0", "O(N) where N is the number of specified fields"},
	{"JSON.ARRAPPEND", "json", "RedisJSON 1.0.0", "O(1) for each value added where the path is one value, O(N) where it is many, N the size of the key"},
	{"JSON.ARRINDEX", "json", "RedisJSON 1.0.0", "O(N) where the path is one value, N the size of the array; O(N) where it is many, N the size of the key"},
	{"JSON.ARRINSERT", "json", "RedisJSON 1.0.0", "O(N) where the path is one value, N the size of the array; O(N) where it is many, N the size of the key"},
	{"JSON.ARRLEN", "json", "RedisJSON 1.0.0", "O(1) where the path is one value, O(N) where it is many, N the size of the key"},
	{"JSON.ARRPOP", "json", "RedisJSON 1.0.0", "O(N) where the path is one value, N the size of the array, and O(1) for its last element; O(N) where it is many, N the size of the key"},
	{"JSON.ARRTRIM", "json", "RedisJSON 1.0.0", "O(N) where the path is one value, N the size of the array; O(N) where it is many, N the size of the key"},
	{"JSON.CLEAR", "json", "RedisJSON 2.0.0", "O(N) where the path is one value, N the size of the value; O(N) where it is many, N the size of the key"},
	{"JSON.DEBUG", "json", "RedisJSON 1.0.0", ""},
	{"JSON.DEBUG|HELP", "json", "RedisJSON 1.0.0", ""},
	{"JSON.DEBUG|MEMORY", "json", "RedisJSON 1.0.0", "O(N), N the size of the value"},
	{"JSON.DEL", "json", "RedisJSON 1.0.0", "O(N) where the path is one value, N the size of what is deleted; O(N) where it is many, N the size of the key"},
	{"JSON.FORGET", "json", "RedisJSON 1.0.0", "O(N) where the path is one value, N the size of what is deleted; O(N) where it is many, N the size of the key"},
	{"JSON.GET", "json", "RedisJSON 1.0.0", "O(N) where the path is one value, N the size of the value; O(N) where it is many, N the size of the key"},
	{"JSON.MERGE", "json", "RedisJSON 2.6.0", "O(M+N) where the path is one value, M the size of the original value and N of the new one; O(M+N) where it is many, M the size of the key and N the size of the new value times the number of originals"},
	{"JSON.MGET", "json", "RedisJSON 1.0.0", "O(M*N) where the path is one value, M the number of keys and N the size of the value; O(N1+N2+...+Nm) where it is many, N the size of each key"},
	{"JSON.MSET", "json", "RedisJSON 2.6.0", "O(K*(M+N)) where the path is one value, K the number of keys, M the size of the original value and N of the new one; O(K*(M+N)) where it is many, M the size of the key and N the size of the new value times the number of originals"},
	{"JSON.NUMINCRBY", "json", "RedisJSON 1.0.0", "O(1) where the path is one value, O(N) where it is many, N the size of the key"},
	{"JSON.NUMMULTBY", "json", "RedisJSON 1.0.0", "O(1) where the path is one value, O(N) where it is many, N the size of the key"},
	{"JSON.OBJKEYS", "json", "RedisJSON 1.0.0", "O(N) where the path is one value, N the number of keys in the object; O(N) where it is many, N the size of the key"},
	{"JSON.OBJLEN", "json", "RedisJSON 1.0.0", "O(1) where the path is one value, O(N) where it is many, N the size of the key"},
	{"JSON.RESP", "json", "RedisJSON 1.0.0", "O(N) where the path is one value, N the size of the value; O(N) where it is many, N the size of the key"},
	{"JSON.SET", "json", "RedisJSON 1.0.0", "O(M+N) where the path is one value, M the size of the original value and N of the new one; O(M+N) where it is many, M the size of the key and N the size of the new value times the number of originals"},
	{"JSON.STRAPPEND", "json", "RedisJSON 1.0.0", "O(1) where the path is one value, O(N) where it is many, N the size of the key"},
	{"JSON.STRLEN", "json", "RedisJSON 1.0.0", "O(1) where the path is one value, O(N) where it is many, N the size of the key"},
	{"JSON.TOGGLE", "json", "RedisJSON 2.0.0", "O(1) where the path is one value, O(N) where it is many, N the size of the key"},
	{"JSON.TYPE", "json", "RedisJSON 1.0.0", "O(1) where the path is one value, O(N) where it is many, N the size of the key"},
	{"MSETEX", "string", "8.4.0", "O(N) where N is the number of keys to set."},
	{"XACKDEL", "stream", "8.2.0", "O(1) for each message ID processed."},
	{"XDELEX", "stream", "8.2.0", "O(1) for each single item to delete in the stream, regardless of the stream size."},
}

var newerMultiples = [...]multiple{
	{"HEXPIRE", "FIELDS", 2, 1},
	{"HEXPIREAT", "FIELDS", 2, 1},
	{"HEXPIRETIME", "FIELDS", 2, 1},
	{"HGETDEL", "FIELDS", 2, 1},
	{"HGETEX", "FIELDS", 2, 1},
	{"HPERSIST", "FIELDS", 2, 1},
	{"HPEXPIRE", "FIELDS", 2, 1},
	{"HPEXPIREAT", "FIELDS", 2, 1},
	{"HPEXPIRETIME", "FIELDS", 2, 1},
	{"HPTTL", "FIELDS", 2, 1},
	{"HSETEX", "FIELDS", 2, 2},
	{"HTTL", "FIELDS", 2, 1},
	{"JSON.ARRAPPEND", "", 3, 1},
	{"JSON.ARRINSERT", "", 4, 1},
	{"XACKDEL", "IDS", 3, 1},
	{"XDELEX", "IDS", 2, 1},
}
