package lint

import (
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/engine/lua/ast"
	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
)

// A class is what a command replies in RESP2.
type class int

const (
	other      class = iota // not known
	integer                 // always
	status                  // OK, or another word
	maybe                   // a text, or null
	maybeCount              // an integer, or null
	some                    // a list of texts
	fixed                   // a list with one text or null for each argument
	cursor                  // of SCAN: a cursor and a list
	clock                   // of TIME
	pairs                   // of HGETALL
)

var classes = func() map[string]class {
	m := map[string]class{}
	for c, names := range map[class]string{
		integer: "APPEND BITCOUNT BITOP BITPOS COPY DBSIZE DECR DECRBY DEL EXISTS EXPIRE EXPIREAT EXPIRETIME GEOADD GEOSEARCHSTORE GETBIT HDEL HEXISTS " +
			"HINCRBY HLEN HSET HSETNX HSTRLEN INCR INCRBY LINSERT LLEN LPUSH LPUSHX LREM MOVE MSETNX PERSIST PEXPIRE PEXPIREAT PEXPIRETIME PFADD PFCOUNT " +
			"PTTL PUBLISH RENAMENX RPUSH RPUSHX SADD SCARD SDIFFSTORE SETBIT SETNX SETRANGE SINTERCARD SINTERSTORE SISMEMBER SMOVE SREM STRLEN SUNIONSTORE " +
			"TOUCH TTL UNLINK XACK XDEL XLEN XTRIM ZCARD ZCOUNT ZDIFFSTORE ZINTERCARD ZINTERSTORE ZLEXCOUNT ZRANGESTORE ZREM ZREMRANGEBYLEX ZREMRANGEBYRANK " +
			"ZREMRANGEBYSCORE ZUNIONSTORE",
		status:     "FLUSHALL FLUSHDB HMSET LSET LTRIM MSET PFMERGE PSETEX RENAME RESTORE SELECT SETEX TYPE",
		maybe:      "GET GETDEL GETEX GETSET HGET LINDEX LMOVE RANDOMKEY RPOPLPUSH ZSCORE DUMP BRPOPLPUSH",
		maybeCount: "ZRANK ZREVRANK",
		some: "HKEYS HVALS KEYS LRANGE SDIFF SINTER SMEMBERS SUNION ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZREVRANGE ZREVRANGEBYLEX ZREVRANGEBYSCORE ZPOPMIN ZPOPMAX " +
			"ZDIFF ZINTER ZUNION",
		fixed:  "HMGET MGET ZMSCORE",
		cursor: "SCAN HSCAN SSCAN ZSCAN",
		clock:  "TIME",
		pairs:  "HGETALL",
	} {
		for _, name := range strings.Fields(names) {
			m[name] = c
		}
	}
	return m
}()

// replyOf returns the reply to a call of redis.call.
func (l *linter) replyOf(c *ast.Call, pcall bool) *reply {
	if r := l.replies[c]; r != nil {
		return r
	}
	r := &reply{call: c, words: c.Args, pcall: pcall, resp3: l.resp3 >= 0 && l.resp3 < c.Pos}
	l.replies[c] = r // before the words are looked at, which may depend on it
	words, _ := l.words(c)
	if len(words) == 0 || words[0] == nil {
		return r
	}
	r.command = strings.ToUpper(*words[0])
	r.class = classes[r.command]
	has := func(option string, from int) bool {
		for _, w := range words[min(from, len(words)):] {
			if w == nil || strings.EqualFold(*w, option) {
				return true // or it may be
			}
		}
		return false
	}
	switch r.command {
	case "SET":
		if !has("GET", 3) {
			r.class = status
		}
	case "LPOP", "RPOP", "SPOP", "SRANDMEMBER":
		if len(c.Args) == 2 && !isMulti(c.Args[1]) {
			r.class = maybe
		}
	case "ZADD":
		if !has("INCR", 2) {
			r.class = integer
		}
	}
	return r
}

func (r *reply) value() value {
	v := value{kinds: kAnything &^ kNil, from: fromReply, reply: r, built: true}
	switch r.class {
	case integer:
		v.kinds = kNumber
	case maybe:
		v.kinds, v.nulls = kString|kFalse, []*reply{r}
	case maybeCount:
		v.kinds, v.nulls = kNumber|kFalse, []*reply{r}
	case status:
		v.kinds = kTable | kFalse
	case some, fixed, cursor, clock, pairs:
		v.kinds = kTable
	}
	if r.resp3 {
		v.kinds = kAnything
		if r.class == integer {
			v.kinds = kNumber
		}
	}
	if r.pcall {
		v.kinds |= kTable
	}
	return v
}

// element returns the n-th element of a reply; 0 is any.
func (r *reply) element(n int) value {
	v := value{kinds: kAnything, from: fromReply, reply: r, elem: true, index: n, built: true}
	switch {
	case r.resp3:
	case r.class == some || r.class == pairs:
		v.kinds = kString | kNil
	case r.class == fixed:
		v.kinds, v.nulls = kString|kFalse, []*reply{r}
		if n == 0 {
			v.kinds |= kNil
		}
	case r.class == cursor && n == 1:
		v.kinds = kString
	case r.class == clock:
		v.kinds = kString
		if n == 1 {
			v.size = 1.7e9
		}
	}
	return v
}

// words returns the words of a call of redis.call, nil for one that is not known. more says that there may be more of
// them.
func (l *linter) words(c *ast.Call) (words []*string, more bool) {
	for i, arg := range c.Args {
		if i == len(c.Args)-1 && isMulti(arg) {
			if call, ok := arg.(*ast.Call); !ok || !single(l.valueOf(call.Function).name) {
				return words, true
			}
		}
		var word *string
		if text, ok := lua.ToText(l.valueOf(arg).constant); ok {
			word = &text
		}
		words = append(words, word)
	}
	return words, false
}

// single says whether a function returns one value.
func single(name string) bool {
	switch name {
	case "tostring", "tonumber", "redis.call", "redis.pcall", "cjson.encode", "cjson.decode", "cmsgpack.pack", "string.format", "string.sub", "string.lower", "string.upper",
		"math.floor", "math.ceil", "math.max", "math.min", "table.concat", "redis.sha1hex":
		return true
	}
	return false
}

// laterCommands are commands that the table does not have, and the version that has them.
var laterCommands = map[string]int{
	"MSETEX": 804, "DELEX": 804, "DIGEST": 804,
	"VADD": 800, "VCARD": 800, "VDIM": 800, "VEMB": 800, "VGETATTR": 800, "VINFO": 800, "VISMEMBER": 802, "VLINKS": 800, "VRANDMEMBER": 800, "VREM": 800,
	"GCRA": 808, "VSETATTR": 800, "VSIM": 800, "VRANGE": 804,
}

// has says whether the target has a command.
func (t Target) has(c commandtable.Command) bool {
	name, _, _ := strings.Cut(c.Name, "|")
	if t.hosted {
		return commandtable.Hosted(name)
	}
	since := c.Doc().Since
	if _, module := strings.CutPrefix(since, "RedisJSON "); module {
		return t.version >= 800
	}
	v, ok := versionOf(since)
	return !ok || v <= t.version
}

// checkCommand checks the words of a call of redis.call.
func (l *linter) checkCommand(c *ast.Call) {
	words, more := l.words(c)
	if len(words) == 0 {
		if !more {
			l.report("R05", c.Pos, "redis.call needs the name of a command")
		}
		return
	}
	if words[0] == nil {
		return
	}
	args := make([]string, len(words))
	for i, w := range words {
		if args[i] = "\x00"; w != nil {
			args[i] = *w
		}
	}
	name := strings.ToUpper(args[0])
	command, problem := commandtable.Check(args)
	if problem == commandtable.UnknownSubcommand && words[1] == nil {
		return // it is not known
	}
	if problem == commandtable.UnknownCommand {
		// The table does not have all commands of modules and of the latest versions.
		v, ok := laterCommands[name]
		if !l.target.hosted && l.target.version >= 800 && (ok && v <= l.target.version || strings.Contains(name, ".") || strings.HasPrefix(name, "AR")) {
			return
		}
	}
	switch {
	case problem == commandtable.UnknownCommand:
		l.report("R04", c.Pos, "there is no command %s", name)
		return
	case problem == commandtable.UnknownSubcommand:
		if l.target.version == 700 {
			l.report("R04", c.Pos, "%s has no subcommand %s", name, strings.ToUpper(args[1]))
		}
		return
	case !l.target.has(command):
		if l.target.hosted {
			l.report("R04", c.Pos, "the hosted service does not have %s", shown(command.Name))
		} else {
			l.report("R04", c.Pos, "%s exists since version %s", shown(command.Name), command.Doc().Since)
		}
		return
	case command.Flags.Has(commandtable.NoScript):
		l.report("R06", c.Pos, "scripts may not call %s", shown(command.Name))
		return
	}
	arity := int(command.Arity)
	fits := problem == commandtable.Legal
	if l.target.version > 700 {
		fits = command.Takes(len(args))
	}
	if !fits && !(more && (arity < 0 || len(args) < arity)) {
		l.report("R05", c.Pos, "%s takes %s, and this call has %d", shown(command.Name), arguments(arity), len(args)-1)
		return
	}
	writes := command.Flags.Has(commandtable.Write) || command.Name == "PUBLISH" || command.Name == "SPUBLISH" || command.Name == "PFCOUNT"
	if l.readOnly && writes {
		l.report("R07", c.Pos, "%s writes, and the flag no-writes or ---@readonly forbids that", shown(command.Name))
	}
	if command.Name == "KEYS" {
		l.report("M11", c.Pos, "KEYS looks at every key of the database, and nothing else runs meanwhile: keep the names in a set, or use SCAN from the client")
	}
	if more && !keysFirst(command) {
		return
	}
	if more {
		args = append(args, "\x00", "\x00", "\x00", "\x00") // so that the command has enough words
	}
	keys, err := command.Keys(args)
	if err != nil {
		return
	}
	for _, k := range keys {
		if k < len(words) {
			l.checkKey(c.Args[k], command)
		}
	}
}

// keysFirst says whether the places of a command's keys are known without its later words.
func keysFirst(c commandtable.Command) bool {
	return !c.Flags.Has(commandtable.MovableKeys)
}

func shown(name string) string { return strings.ReplaceAll(name, "|", " ") }

func arguments(arity int) string {
	switch {
	case arity == 1:
		return "no arguments"
	case arity == 2:
		return "1 argument"
	case arity > 0:
		return plural(arity-1) + " arguments"
	case arity == -2:
		return "at least 1 argument"
	}
	return "at least " + plural(-arity-1) + " arguments"
}

func plural(n int) string { return lua.FormatNumber(float64(n)) }

func (l *linter) checkKey(e ast.Expr, c commandtable.Command) {
	v := l.valueOf(e)
	pos := l.posOf(e)
	switch {
	case v.from&fromUnknown != 0 || v.kinds&kString == 0 && v.kinds != kNumber || v.from == 0:
	case v.from&fromKeys != 0 && v.built:
		l.report("K01", pos, "this key of %s is built from a key of KEYS, and may be in another slot: pass it in KEYS, or give both the same {hash tag}", shown(c.Name))
	case v.from&fromKeys != 0:
	case v.from&fromArgs != 0:
		l.report("K02", pos, "this key of %s comes from an argument: pass it in KEYS", shown(c.Name))
	case v.from&fromReply != 0:
		l.report("K02", pos, "this key of %s comes from data: Redis cannot know it before the script runs", shown(c.Name))
	default:
		l.report("K02", pos, "this key of %s is in the script itself: pass it in KEYS", shown(c.Name))
	}
}
