package commandtable_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/testkit/realredis"
)

func TestCheck(t *testing.T) {
	for line, want := range map[string]struct {
		command string
		problem commandtable.Problem
	}{
		"get k":               {"GET", commandtable.Legal},
		"PING":                {"PING", commandtable.Legal},
		"mget a b c":          {"MGET", commandtable.Legal},
		"object freq k":       {"OBJECT|FREQ", commandtable.Legal},
		"HTTL h FIELDS 1 f":   {"HTTL", commandtable.Legal},
		"":                    {"", commandtable.EmptyCommand},
		"NOSUCH k":            {"", commandtable.UnknownCommand},
		"OBJECT|FREQ k":       {"", commandtable.UnknownCommand},
		"OBJECT NOSUCH k":     {"OBJECT", commandtable.UnknownSubcommand},
		"OBJECT":              {"OBJECT", commandtable.WrongArity},
		"OBJECT FREQ":         {"OBJECT|FREQ", commandtable.WrongArity},
		"GET":                 {"GET", commandtable.WrongArity},
		"ZRANK k m WITHSCORE": {"ZRANK", commandtable.WrongArity}, // newer than 7.0
	} {
		c, problem := commandtable.Check(strings.Fields(line))
		assert.Equal(t, want.command, c.Name, line)
		assert.Equal(t, want.problem, problem, line)
		assert.Equal(t, problem == commandtable.Legal, problem.Message(strings.Fields(line)) == "", line)
	}
}

// No call here is legal, so Redis runs none of them.
func TestMessagesMatchRedis(t *testing.T) {
	server := realredis.Start(t)
	calls := [][]string{
		{"NOSUCH"}, {"NoSuch", "a", "b c"}, {"a\x00b", "c\x00d"}, {"line\r\nbreak", "x\ny"}, {"", ""}, {"ſET", "k", "v"},
		{strings.Repeat("x", 200)}, {"x", strings.Repeat("y", 100), strings.Repeat("z", 100), "w"}, {"x", strings.Repeat("y", 128), "z"},
		{"config", "NoSuch"}, {"XINFO", strings.Repeat("x", 200)}, {"object|freq", "k"}, {"Object", "a\x00b"},
	}
	for c := range commandtable.All {
		if words := strings.Split(strings.ToLower(c.Name), "|"); c.Doc().Since < "7.1" && !strings.HasPrefix(c.Doc().Since, "R") {
			for len(words) < max(int(c.Arity), -int(c.Arity))-1 {
				words = append(words, "x")
			}
			if len(words) < max(int(c.Arity), -int(c.Arity)) {
				calls = append(calls, words)
			}
			if c.Arity > 0 {
				calls = append(calls, append(words, "x", "x"))
			}
		}
	}
	require.Greater(t, len(calls), 300)
	for _, args := range calls {
		if args[0] == "exec" {
			continue // has other arguments; such calls are not checked anywhere
		}
		_, problem := commandtable.Check(args)
		require.NotEqual(t, commandtable.Legal, problem, "%q", args)
		want := strings.NewReplacer("\r", " ", "\n", " ").Replace(problem.Message(args))
		require.Equal(t, string(server.Do(args...)), "-"+want+"\r\n", "%q", args)
	}
}
