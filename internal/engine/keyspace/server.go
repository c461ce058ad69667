package keyspace

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/engine/script"
	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/protocol/glob"
)

// unavailable says of a command that Redis has whether it makes no sense here: it
// is for connections, or what miniredis has by its name is another command.
func unavailable(name string) bool {
	command, _, _ := strings.Cut(name, "|")
	switch command {
	case "MULTI", "EXEC", "DISCARD", "WATCH", "UNWATCH", "AUTH", "HELLO", "QUIT", "RESET", "CLIENT", "MONITOR",
		"SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE",
		"DUMP", "RESTORE", "COMMAND":
		return true
	}
	return name == "XGROUP|SETID"
}

// tellTime is TIME.
func (db *DB) tellTime([]string) []byte {
	now := db.time()
	return stringsReply([]string{strconv.FormatInt(now.Unix(), 10), strconv.Itoa(now.Nanosecond() / int(time.Microsecond))})
}

// wait is WAIT: there are no replicas.
func (db *DB) wait(args []string) []byte {
	if _, ok := parseInt(args[1]); !ok {
		return errorReply(notInteger)
	}
	switch timeout, ok := parseInt(args[2]); {
	case !ok:
		return errorReply("ERR timeout is not an integer or out of range")
	case timeout < 0:
		return errorReply("ERR timeout is negative")
	}
	return integer(0)
}

// pubsub is PUBSUB.
func (db *DB) pubsub(args []string) []byte {
	switch sub := strings.ToUpper(args[1]); sub {
	case "CHANNELS", "SHARDCHANNELS":
		pattern := "*"
		switch {
		case len(args) > 3:
			return errorReply("ERR unknown subcommand or wrong number of arguments for '" + args[1] + "'. Try PUBSUB HELP.")
		case sub == "SHARDCHANNELS":
			return emptyArray
		case len(args) == 3:
			pattern = args[2]
		}
		return stringsReply(db.channels.channels(pattern))
	case "NUMPAT":
		return integer(int64(db.channels.patterns()))
	default:
		reply := appendArray(nil, 2*len(args[2:]))
		for _, channel := range args[2:] {
			n := 0
			if sub == "NUMSUB" {
				n = db.channels.subscribers(channel)
			}
			reply = appendInteger(appendBulk(reply, channel), int64(n))
		}
		return reply
	}
}

// redis70 goes through the commands of Redis 7.0, without subcommands.
func redis70(yield func(string) bool) {
	for c := range commandtable.All {
		if !strings.Contains(c.Name, "|") && c.Doc().Since < "7.1" && !yield(strings.ToLower(c.Name)) {
			return
		}
	}
}

// commandCount is COMMAND COUNT.
func commandCount([]string) []byte {
	n := int64(0)
	for range redis70 {
		n++
	}
	return integer(n)
}

// commandList is COMMAND LIST.
func commandList(args []string) []byte {
	pattern := "*"
	switch {
	case len(args) == 5 && strings.EqualFold(args[2], "FILTERBY") && strings.EqualFold(args[3], "PATTERN"):
		pattern = strings.ToLower(args[4])
	case len(args) != 2:
		return errorReply(syntaxError)
	}
	var names []string
	for name := range redis70 {
		if glob.Match(pattern, name) {
			names = append(names, name)
		}
	}
	return stringsReply(names)
}

// commandKeys is COMMAND GETKEYS.
func commandKeys(args []string) []byte {
	call := args[2:]
	c, ok := commandtable.Find(call)
	switch n := int(c.Arity); {
	case !ok || c.Flags.Has(commandtable.Container):
		return errorReply("ERR Invalid command specified")
	case !hasKeys(c):
		return errorReply("ERR The command has no key arguments")
	case n >= 0 && len(call) != n || len(call) < -n:
		return errorReply("ERR Invalid number of arguments specified for command")
	}
	places, err := c.Keys(call)
	if err != nil && !c.Flags.Has(commandtable.NoMandatoryKeys) {
		return errorReply("ERR Invalid arguments specified for command")
	}
	keys := make([]string, len(places))
	for i, at := range places {
		keys[i] = call[at]
	}
	return stringsReply(keys)
}

// hasKeys says whether a command may be called with keys.
func hasKeys(c commandtable.Command) bool {
	if c.Flags&(commandtable.MovableKeys|commandtable.NoMandatoryKeys) != 0 {
		return true
	}
	keys, _ := c.Keys(slices.Repeat([]string{"1"}, max(int(c.Arity), -int(c.Arity))))
	return len(keys) > 0
}

// settings are parameters that cannot be changed here.
var settings = map[string]string{
	"appendonly": "no", "databases": strconv.Itoa(databases), "hash-max-listpack-entries": strconv.Itoa(maxListEntries),
	"hash-max-listpack-value": strconv.Itoa(maxListValue), "maxmemory": "0", "maxmemory-policy": "noeviction",
	"notify-keyspace-events": "", "port": "0", "proto-max-bulk-len": strconv.Itoa(maxString), "save": "",
	"set-max-intset-entries": strconv.Itoa(maxIntegers), "timeout": "0", "zset-max-listpack-entries": strconv.Itoa(maxSortedEntries),
	"zset-max-listpack-value": strconv.Itoa(maxListValue),
}

// isBusyLimit says whether a parameter is the one that can be changed, which has
// two names.
func isBusyLimit(name string) bool { return name == "busy-reply-threshold" || name == "lua-time-limit" }

// configGet is CONFIG GET.
func (db *DB) configGet(args []string) []byte {
	var found []string
	seen := map[string]bool{}
	add := func(name, value string) {
		for _, pattern := range args[2:] {
			if !seen[name] && glob.Match(strings.ToLower(pattern), name) {
				seen[name] = true
				found = append(found, name, value)
			}
		}
	}
	limit := strconv.FormatInt(db.busy.Load(), 10)
	add("busy-reply-threshold", limit)
	add("lua-time-limit", limit)
	for name, value := range settings {
		add(name, value)
	}
	return stringsReply(found)
}

// configSet is CONFIG SET.
func (db *DB) configSet(args []string) []byte {
	if len(args)%2 != 0 {
		return wrongArguments("config|set")
	}
	limit := int64(-1)
	for i := 2; i < len(args); i += 2 {
		name := strings.ToLower(args[i])
		if !isBusyLimit(name) {
			if _, ok := settings[name]; ok {
				return errorReply("ERR CONFIG SET failed (possibly related to argument '" + args[i] + "') - the database in memory cannot change it")
			}
			return errorReply("ERR Unknown option or number of arguments for CONFIG SET - '" + args[i] + "'")
		}
		var ok bool
		failed := "ERR CONFIG SET failed (possibly related to argument '" + args[i] + "') - argument "
		if limit, ok = parseInt(args[i+1]); !ok {
			return errorReply(failed + "couldn't be parsed into an integer")
		} else if limit < 0 {
			return errorReply(failed + "must be between 0 and 9223372036854775807 inclusive")
		}
	}
	db.busy.Store(limit)
	return okReply
}

// info is INFO, with what is known here.
func (db *DB) info(args []string) []byte {
	var keyspace strings.Builder
	for n := range databases {
		expire := 0
		for p := range db.expiries.at {
			if p.db == n {
				expire++
			}
		}
		if keys := len(db.mini.DB(n).Keys()); keys > 0 {
			fmt.Fprintf(&keyspace, "db%d:keys=%d,expires=%d,avg_ttl=0\r\n", n, keys, expire)
		}
	}
	sections := []struct{ name, text string }{
		{"Server", fmt.Sprintf("redis_version:%s\r\nredis_mode:standalone\r\nprocess_id:%d\r\n", script.Version, os.Getpid())},
		{"Clients", "connected_clients:1\r\nblocked_clients:0\r\n"},
		{"Replication", "role:master\r\nconnected_slaves:0\r\n"},
		{"Keyspace", keyspace.String()},
	}
	var text strings.Builder
	for _, s := range sections {
		if len(args) > 1 && !hasWord(args[1:], s.name) && !hasWord(args[1:], "all") && !hasWord(args[1:], "everything") && !hasWord(args[1:], "default") {
			continue
		}
		if text.Len() > 0 {
			text.WriteString("\r\n")
		}
		fmt.Fprintf(&text, "# %s\r\n%s", s.name, s.text)
	}
	return bulk(text.String())
}
