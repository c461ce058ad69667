package keyspace

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
	"github.com/redis-rest/redis-rest-go/internal/protocol/glob"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// commands are the commands that package data does not run alone.
var commands map[string]func(db *DB, ctx context.Context, args []string) []byte

func init() {
	plain := func(run func(db *DB, args []string) []byte) func(*DB, context.Context, []string) []byte {
		return func(db *DB, _ context.Context, args []string) []byte { return run(db, args) }
	}
	commands = map[string]func(db *DB, ctx context.Context, args []string) []byte{
		"SAVE":         (*DB).save,
		"BGREWRITEAOF": (*DB).save,
		"DEBUG":        (*DB).debug,
		"PUBLISH": plain(func(db *DB, args []string) []byte {
			return resp.AppendInt(nil, int64(db.channels.publish(args[1], args[2])))
		}),
		"SPUBLISH": plain(func(db *DB, args []string) []byte {
			return resp.AppendInt(nil, int64(db.shards.publish(args[1], args[2])))
		}),
		"SCRIPT|KILL":    plain(func(db *DB, args []string) []byte { return db.scripts.Kill(args) }),
		"FUNCTION|KILL":  plain(func(db *DB, args []string) []byte { return db.scripts.Kill(args) }),
		"FUNCTION|STATS": plain(func(db *DB, _ []string) []byte { return db.scripts.Stats(db.session.RESP3) }),
	}
	for _, name := range []string{"CHANNELS", "NUMSUB", "NUMPAT", "SHARDCHANNELS", "SHARDNUMSUB"} {
		commands["PUBSUB|"+name] = plain((*DB).pubsub)
	}
	for _, name := range []string{
		"EVAL", "EVAL_RO", "EVALSHA", "EVALSHA_RO", "SCRIPT|LOAD", "SCRIPT|EXISTS", "SCRIPT|FLUSH",
		"FCALL", "FCALL_RO", "FUNCTION|LOAD", "FUNCTION|DELETE", "FUNCTION|FLUSH", "FUNCTION|LIST", "FUNCTION|DUMP", "FUNCTION|RESTORE",
	} {
		commands[name] = (*DB).script
	}
	addClientCommands()
}

// noDebug is what Redis replies unless it is configured.
const noDebug = `ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.`

// debug runs DEBUG.
func (db *DB) debug(_ context.Context, args []string) []byte {
	if db.client == nil || !db.client.port.Debug {
		return resp.Error(noDebug)
	}
	switch sub := strings.ToUpper(args[1]); {
	case sub == "SLEEP" && len(args) == 3:
		seconds, _, _ := ctext.ParseFloat(args[2])
		select {
		case <-time.After(time.Duration(seconds * float64(time.Second))):
		case <-db.closed.Done():
		}
	case sub == "SET-DISABLE-DENY-SCRIPTS" && len(args) == 3:
		db.scripts.AllowDenied = args[2] != "0"
		return resp.OK
	case sub == "RELOAD" && len(db.scripts.Libraries()) > 0 && hasWord(args[2:], "NOFLUSH") && !hasWord(args[2:], "MERGE"):
		return resp.Error("ERR Error trying to load the RDB dump, check server logs.") // the libraries are there already
	}
	return db.runAlone(args)
}

func hasWord(words []string, word string) bool {
	return slices.ContainsFunc(words, func(one string) bool { return strings.EqualFold(one, word) })
}

// runAlone runs a command as package data does.
func (db *DB) runAlone(args []string) []byte {
	c, _ := commandtable.Find(args)
	reply, _ := db.data.Run(db.session, c, args, nil)
	return reply
}

// pubsub runs PUBSUB.
func (db *DB) pubsub(args []string) []byte {
	b := &db.channels
	if sub := strings.ToUpper(args[1]); strings.HasPrefix(sub, "SHARD") {
		b = &db.shards
	}
	switch sub := strings.ToUpper(args[1]); sub {
	case "CHANNELS", "SHARDCHANNELS":
		match := func(string) bool { return true }
		switch {
		case len(args) > 3:
			return resp.Error("ERR unknown subcommand or wrong number of arguments for '" + args[1] + "'. Try PUBSUB HELP.")
		case len(args) == 3:
			match = func(channel string) bool { return glob.Match(args[2], channel) }
		}
		return resp.AppendBulks(nil, b.names(match))
	case "NUMPAT":
		return resp.AppendInt(nil, int64(db.channels.patternCount()))
	default:
		reply := resp.AppendArray(nil, 2*len(args[2:]))
		for _, channel := range args[2:] {
			reply = resp.AppendInt(resp.AppendBulk(reply, channel), int64(b.subscribers(channel)))
		}
		return reply
	}
}

// save runs SAVE and BGREWRITEAOF: all that was written is on the disk, or the file begins to be compacted.
func (db *DB) save(_ context.Context, args []string) []byte {
	if db.log != nil && strings.EqualFold(args[0], "SAVE") {
		db.seal()
		if err := db.log.Flush(); err != nil {
			return resp.Error("ERR the data file could not be written: " + reason(err))
		}
	} else if db.log != nil {
		db.log.Compact()
	}
	return db.runAlone(args)
}
