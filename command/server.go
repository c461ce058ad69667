package command

import (
	"strings"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
)

// DBSize returns the number of keys in the database (DBSIZE).
//
// O(1), since Redis 1.0.0.
func DBSize() redis.Command[int64] { return redis.Cmd[int64]("DBSIZE") }

// Echo returns message (ECHO).
//
// O(1), since Redis 1.0.0.
func Echo(message string) redis.Command[string] { return redis.Cmd[string]("ECHO", message) }

// FlushAll deletes all keys of all databases (FLUSHALL) and returns OK.
//
// O(N), since Redis 1.0.0.
//
// Options: [Async], [Sync].
func FlushAll(opts ...FlushOption) redis.Command[string] {
	return command[string](flush(newCall("FLUSHALL"), opts))
}

// FlushDB deletes all keys of the database (FLUSHDB) and returns OK.
//
// O(N), since Redis 1.0.0.
//
// Options: [Async], [Sync].
func FlushDB(opts ...FlushOption) redis.Command[string] {
	return command[string](flush(newCall("FLUSHDB"), opts))
}

// Info returns information about the server (INFO) as a map from names such as
// redis_version to values. Without sections the server sends its default sections.
//
// O(1), since Redis 1.0.0.
func Info(sections ...string) redis.Command[map[string]string] {
	c := newCall("INFO")
	for _, s := range sections {
		c.add(s)
	}
	return commandWithDecoder(c, info)
}

func info(r redis.Reply) (map[string]string, error) {
	text, err := redis.Decode[string](r)
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok && !strings.HasPrefix(name, "#") {
			values[name] = value
		}
	}
	return values, nil
}

// Ping returns PONG (PING).
//
// O(1), since Redis 1.0.0.
func Ping() redis.Command[string] { return redis.Cmd[string]("PING") }

// Time returns the time of the server, to the microsecond (TIME).
//
// O(1), since Redis 2.6.0.
func Time() redis.Command[time.Time] { return redis.CmdWithDecoder(clock, "TIME") }

func clock(r redis.Reply) (time.Time, error) {
	parts, err := partsOf[time.Time, [2]int64](r)
	return time.Unix(parts[0], parts[1]*1000), err
}
