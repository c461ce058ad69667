package restserver_test

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/restserver"
)

// writeTokens writes a file of tokens.
func writeTokens(t *testing.T, file string, entries ...string) {
	t.Helper()
	// Renamed, so that the server never reads a part.
	require.NoError(t, os.WriteFile(file+".new", []byte(`{"tokens": [`+strings.Join(entries, ",\n")+`]}`), 0o600))
	require.NoError(t, os.Rename(file+".new", file))
}

func TestTokensFile(t *testing.T) {
	t.Parallel() // it waits
	file := filepath.Join(t.TempDir(), "tokens.json")
	one, two, reader := "token-of-database-one", "token-of-database-two", "read-token-of-one---"
	writeTokens(t, file, `{"token": "`+one+`", "redis": "memory:one"}`, `{"token": "`+two+`", "redis": "memory:two", "requestsPerSecond": 3}`, `{"token": "`+reader+`", "redis": "memory:one", "readOnly": true}`)
	var log lines
	s := start(t, restserver.Config{TokensFile: file, Log: log.logger()})
	as := func(token, path string, args ...string) answer {
		return send(t, "POST", s.URL+path, command(args...), "Authorization", "Bearer "+token)
	}
	require.Equal(t, `{"result":"OK"}`, as(one, "/", "SET", "k", "one").body)
	require.Equal(t, `{"result":null}`, as(two, "/", "GET", "k").body)
	require.Equal(t, `{"result":null}`, as(token, "/", "GET", "k").body, "the server's own token has its own database")
	require.Equal(t, `{"result":"one"}`, as(reader, "/", "GET", "k").body)
	require.Equal(t, noPerm("set"), as(reader, "/", "SET", "k", "x").body)
	require.Equal(t, 401, as("token-of-nobody-at-all", "/", "PING").status)
	require.Equal(t, 200, as(one, "/", "SCRIPT", "LOAD", "return 'one'").status)
	require.Contains(t, as(two, "/", "EVALSHA", sha1Of("return 'one'"), "0").body, "NOSCRIPT")

	// Limits.
	refused := 0
	for range 20 {
		if a := as(two, "/", "PING"); a.status == http.StatusTooManyRequests {
			refused++
			require.NotEmpty(t, a.header.Get("Retry-After"))
			require.Contains(t, a.body, "did not run")
		}
	}
	require.Positive(t, refused)
	require.Equal(t, 200, as(one, "/", "PING").status, "the limit is that of one token")

	// It is read again. The streams of a token that is removed end, and others stay.
	stream := func(token string) *bufio.Reader {
		req, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+"/subscribe/c", nil)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		t.Cleanup(func() { resp.Body.Close() })
		require.Equal(t, 200, resp.StatusCode)
		r := bufio.NewReader(resp.Body)
		for range 2 {
			_, err := r.ReadString('\n')
			require.NoError(t, err)
		}
		return r
	}
	ofOne, ofReader := stream(one), stream(reader)
	writeTokens(t, file, `{"token": "`+one+`", "redis": "memory:one"}`, `{"token": "token-of-database-3", "redis": "memory:three"}`)
	_, err := ofReader.ReadString('\n')
	require.Error(t, err)
	require.Equal(t, 401, as(reader, "/", "PING").status)
	require.Equal(t, 401, as(two, "/", "PING").status)
	require.Equal(t, 200, as("token-of-database-3", "/", "PING").status)
	require.Equal(t, `{"result":"one"}`, as(one, "/", "GET", "k").body, "its data stays")
	require.Equal(t, `{"result":1}`, as(one, "/", "PUBLISH", "c", "still").body)
	line, err := ofOne.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "data: message,c,still\n", line)

	// A file with an error changes nothing.
	require.NoError(t, os.WriteFile(file, []byte(`{"tokens": [{"token": "`+two+`" "redis"`), 0o600))
	require.Eventually(t, func() bool { return len(log.with(t, "the tokens cannot be read, and the old ones stay")) == 1 }, 10*time.Second, time.Millisecond)
	require.Equal(t, 200, as(one, "/", "PING").status)
	require.NotContains(t, log.String(), two)
}

// Each time that the file cannot be read is told, and the end of it too.
func TestTokensFileIsAwayTwice(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for three looks at the file")
	}
	file := filepath.Join(t.TempDir(), "tokens.json")
	entry := `{"token": "token-of-database-one", "redis": "memory:one"}`
	writeTokens(t, file, entry)
	var log lines
	s := start(t, restserver.Config{TokensFile: file, Log: log.logger()})
	require.Equal(t, `{"result":"OK"}`, mounted(s, "token-of-database-one", "SET", "k", "v").Body.String())
	told := func(message string, times int) {
		t.Helper()
		require.Eventually(t, func() bool { return len(log.with(t, message)) == times }, 10*time.Second, time.Millisecond)
	}
	require.NoError(t, os.Remove(file))
	told("the tokens cannot be read, and the old ones stay", 1)
	writeTokens(t, file, entry)
	told("the tokens were read again", 1)
	require.Equal(t, `{"result":"v"}`, mounted(s, "token-of-database-one", "GET", "k").Body.String())
	require.NoError(t, os.Remove(file))
	told("the tokens cannot be read, and the old ones stay", 2)
}

// Close closes the connections to a database whose token was removed a moment before.
func TestCloseAfterRemovalOfAToken(t *testing.T) {
	needRedisServer(t)
	n := startNode(t)
	admin := start(t, restserver.Config{Backend: "redis://" + n.addr})
	connected := func() string {
		_, text := try(admin, "/", command("INFO", "clients"))
		_, text, _ = strings.Cut(text, "connected_clients:")
		text, _, _ = strings.Cut(text, "\\r")
		return text
	}
	before := connected()
	file := filepath.Join(t.TempDir(), "tokens.json")
	writeTokens(t, file, `{"token": "token-of-database-one", "redis": "redis://`+n.addr+`/1"}`)
	s, err := restserver.New(restserver.Config{TokensFile: file, Token: token})
	require.NoError(t, err)
	require.Equal(t, 200, mounted(s, "token-of-database-one", "PING").Code)
	require.NotEqual(t, before, connected())
	writeTokens(t, file)
	require.Eventually(t, func() bool { return mounted(s, "token-of-database-one", "PING").Code == 401 }, 10*time.Second, time.Millisecond)
	require.NoError(t, s.Close())
	require.Eventually(t, func() bool { return connected() == before }, 10*time.Second, time.Millisecond)
}

func TestBadTokensFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tokens.json")
	for text, want := range map[string]string{
		``:                        "not JSON",
		`{"tokens": [}`:           "line 1: it is not JSON",
		"{\n\n\"tokens\": 5}":     "line 3: tokens must be a",
		`{"tokens": []} x`:        "text after",
		`{"tokens": [{"tok":1}]}`: `unknown field "tok"`,
		`{"tokens": [{"token": "S3CRET", "redis": "memory:a"}]}`:                                                                         "tokens[0]: its token has less than 16",
		`{"tokens": [{"token": "S3CRET with a space", "redis": "memory:a"}]}`:                                                            "characters that a header cannot carry",
		`{"tokens": [{"token": "S3CRET-is-long-enough"}]}`:                                                                               "redis is missing",
		`{"tokens": [{"token": "S3CRET-is-long-enough", "redis": "memory:"}]}`:                                                           "memory:NAME",
		`{"tokens": [{"token": "S3CRET-is-long-enough", "redis": "redis://u:S3CRET@h:port"}]}`:                                           "tokens[0]",
		`{"tokens": [{"token": "S3CRET-is-long-enough", "redis": "redis://alice@h/0"}]}`:                                                 "tokens[0]: the user in redis needs a password",
		`{"tokens": [{"token": "S3CRET-is-long-enough", "redis": "http://u:S3CRET@h"}]}`:                                                 "redis://",
		`{"tokens": [{"token": "S3CRET-is-long-enough", "redis": "memory:a", "requestsPerSecond": -1}]}`:                                 "must not be negative",
		`{"tokens": [{"token": "S3CRET-is-long-enough", "redis": "memory:a"}, {"token": "S3CRET-is-long-enough", "redis": "memory:b"}]}`: "tokens[1]: its token is there twice",
		`{"tokens": [{"token": "S3CRET-of-the-server", "redis": "memory:a"}]}`:                                                           "tokens[0]: its token is that of the whole server",
	} {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		_, err := restserver.New(restserver.Config{TokensFile: file, Token: "S3CRET-of-the-server"})
		if assert.ErrorContains(t, err, want, text) {
			assert.NotContains(t, err.Error(), "S3CRET")
		}
	}
	_, err := restserver.New(restserver.Config{TokensFile: file + ".none"})
	require.ErrorIs(t, err, os.ErrNotExist)
}

// Behind sentinels the user of the address is that of the sentinels, and username is that of Redis.
func TestUsersBehindSentinels(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tokens.json")
	writeTokens(t, file, `{"token": "token-of-the-sentinels", "redis": "redis://alice:pw@127.0.0.1:1/1?master_name=m"}`,
		`{"token": "token-of-the-user-of-redis", "redis": "redis://127.0.0.1:1?master_name=m&username=alice&password=pw"}`)
	s := start(t, restserver.Config{TokensFile: file})
	as := func(token string, args ...string) string {
		return send(t, "POST", s.URL+"/", command(args...), "Authorization", "Bearer "+token).body
	}
	require.Equal(t, noPerm("publish"), as("token-of-the-sentinels", "PUBLISH", "c", "x"))
	require.Contains(t, as("token-of-the-sentinels", "KEYS", "*"), "did not run")
	require.Equal(t, noPerm("keys"), as("token-of-the-user-of-redis", "KEYS", "*"))
	require.Contains(t, as("token-of-the-user-of-redis", "PUBLISH", "c", "x"), "did not run")
}

// One token never reaches the data, scripts, functions or channels of another, neither by commands nor by scripts.
func TestTokensAreSeparate(t *testing.T) {
	needRedisServer(t)
	n := startNode(t)
	admin := start(t, restserver.Config{Backend: "redis://" + n.addr})
	for _, c := range [][]string{
		{"ACL", "SETUSER", "alice", "on", ">pw-a", "~a:*", "&a:*", "+@all"},
		{"ACL", "SETUSER", "bob", "on", ">pw-b", "~b:*", "&b:*", "+@all"},
		{"FUNCTION", "LOAD", "#!lua name=lib\nredis.register_function('f', function(keys) return redis.call('KEYS', '*') end)"},
	} {
		require.Equal(t, 200, post(t, admin, "/", command(c...)).status, c)
	}
	file := filepath.Join(t.TempDir(), "tokens.json")
	address := func(user, db string) string { return "redis://" + user + n.addr + "/" + db }
	tokens := map[string]string{ // token, address
		"token-of-number-1-----": address("", "1"), "token-of-number-2-----": address("", "2"),
		"token-of-alice--------": address("alice:pw-a@", "0"), "token-of-bob----------": address("bob:pw-b@", "0"),
	}
	var entries []string
	for token, address := range tokens {
		entries = append(entries, fmt.Sprintf(`{"token": %q, "redis": %q}`, token, address))
		entries = append(entries, fmt.Sprintf(`{"token": %q, "redis": %q, "readOnly": true}`, "reading-"+token, address))
	}
	writeTokens(t, file, entries...)
	s := start(t, restserver.Config{TokensFile: file})
	as := func(token string, args ...string) string {
		return send(t, "POST", s.URL+"/", command(args...), "Authorization", "Bearer "+token).body
	}
	victims := map[string]string{"token-of-number-2-----": "secret", "token-of-bob----------": "b:secret"}
	for victim, key := range victims {
		require.Equal(t, `{"result":"OK"}`, as(victim, "SET", key, "TREASURE"))
		require.Contains(t, as(victim, "SCRIPT", "LOAD", "return 'TREASURE'"), sha1Of("return 'TREASURE'"))
	}
	own := map[string]string{"token-of-number-1-----": "mine", "token-of-alice--------": "a:mine"}
	for attacker, mine := range own {
		// What it may do.
		require.Equal(t, `{"result":"OK"}`, as(attacker, "SET", mine, "1"))
		require.Equal(t, `{"result":2}`, as(attacker, "EVAL", "return redis.call('INCR', KEYS[1])", "1", mine))
		require.Equal(t, `{"result":"2"}`, as(attacker, "EVAL_RO", "return redis.call('GET', KEYS[1])", "1", mine))
		require.Equal(t, `{"result":"2"}`, as("reading-"+attacker, "EVAL_RO", "return redis.call('GET', KEYS[1])", "1", mine))
		require.Equal(t, `{"result":"2"}`, as(attacker, "EVAL_RO", "return server.call('GET', KEYS[1])", "1", mine), "Valkey's name of the same table")
		require.Contains(t, as(attacker, "EVAL_RO", "return server.call('SELECT', 2)", "1", mine), "NOPERM")
		sha := sha1Of("return redis.call('INCR', KEYS[1])")
		require.Equal(t, `{"result":3}`, as(attacker, "EVALSHA", sha, "1", mine))
		require.Equal(t, `{"result":[1]}`, as(attacker, "SCRIPT", "EXISTS", sha))

		var attacks [][]string
		for _, key := range []string{"secret", "b:secret"} {
			attacks = append(attacks, []string{"GET", key}, []string{"DUMP", key}, []string{"COPY", key, mine}, []string{"COPY", mine, key, "DB", "2", "REPLACE"}, []string{"MOVE", mine, "2"},
				[]string{"SORT", mine + "list", "BY", "nosort", "GET", key}, []string{"RENAME", key, mine})
			for _, body := range []string{
				"return redis.call('GET', '" + key + "')", "redis.call('SELECT', 2) return redis.call('GET', '" + key + "')", "redis.call('SELECT', 0) return redis.call('GET', '" + key + "')",
				"server.call('SELECT', 2) return server.call('GET', '" + key + "')", "server.pcall('SELECT', 2) return redis.call('GET', '" + key + "')",
				"return redis.pcall('SELECT', 2)", "local c = redis.call c('select', '2') return c('GET', '" + key + "')", "return _G.redis.call('SELECT', 2)",
				"return loadstring(\"redis.call('SELECT', 2) return redis.call('GET', '" + key + "')\")()", "return redis.call('COPY', '" + key + "', KEYS[1], 'DB', 2)", "return redis.call('SWAPDB', 1, 2)",
				"return redis.call('MOVE', KEYS[1], 2)", "return redis.call('FLUSHALL')", "return redis.call('CONFIG', 'GET', '*')", "return redis.call('FCALL', 'f', 0)",
				"#!lua\nredis.call('SELECT', 2) return redis.call('GET', '" + key + "')", "#!lua flags=allow-key-locking\nredis.call('SELECT', 2) return redis.call('GET', '" + key + "')",
				"#!lua flags=no-cluster,allow-cross-slot-keys\nredis.call('SELECT', 2) return redis.call('GET', '" + key + "')",
			} {
				attacks = append(attacks, []string{"EVAL", body, "1", mine}, []string{"EVAL_RO", body, "1", mine})
			}
		}
		attacks = append(attacks,
			[]string{"SELECT", "2"}, []string{"SWAPDB", "1", "2"}, []string{"FLUSHALL"}, []string{"CONFIG", "GET", "*"}, []string{"ACL", "LIST"}, []string{"CLIENT", "LIST"}, []string{"INFO"}, []string{"DEBUG", "JMAP"},
			[]string{"FUNCTION", "LIST"}, []string{"FUNCTION", "DELETE", "lib"}, []string{"FUNCTION", "FLUSH"}, []string{"FUNCTION", "DUMP"}, []string{"FCALL", "f", "0"}, []string{"FCALL_RO", "f", "0"}, []string{"SCRIPT", "FLUSH"}, []string{"SCRIPT", "KILL"},
			[]string{"EVALSHA", sha1Of("return 'TREASURE'"), "0"}, []string{"EVALSHA_RO", sha1Of("return 'TREASURE'"), "0"}, []string{"PUBSUB", "CHANNELS"}, []string{"SLOWLOG", "GET"}, []string{"MONITOR"}, []string{"MIGRATE", "h", "1", "k", "0", "1"},
			[]string{"REPLICAOF", "NO", "ONE"}, []string{"SHUTDOWN"}, []string{"MODULE", "LIST"}, []string{"LATENCY", "DOCTOR"}, []string{"PUBLISH", "b:c", "x"}, []string{"PUBLISH", "c", "x"}, []string{"NO.SUCH"})
		for _, args := range attacks {
			for _, token := range []string{attacker, "reading-" + attacker} {
				got := as(token, args...)
				assert.NotContains(t, got, "TREASURE", args)
				if got != `{"result":null}` && got != `{"result":0}` && got != `{"result":[]}` { // nothing of that name in its own database
					assert.Contains(t, got, `{"error":`, args)
				}
			}
		}
		for _, path := range []string{"/monitor", "/subscribe/b:c", "/psubscribe/*", "/psubscribe/b:*"} {
			a := send(t, "GET", s.URL+path, "", "Authorization", "Bearer "+attacker)
			assert.NotEqual(t, 200, a.status, path)
		}
		require.Equal(t, `{"result":[0]}`, as(attacker, "SCRIPT", "EXISTS", sha1Of("return 'TREASURE'")))
		require.Equal(t, `{"result":"3"}`, as(attacker, "GET", mine))
	}
	for victim, key := range victims {
		require.Equal(t, `{"result":"TREASURE"}`, as(victim, "GET", key))
		require.Equal(t, `{"result":"TREASURE"}`, as(victim, "EVALSHA", sha1Of("return 'TREASURE'"), "0"))
	}
	require.Equal(t, `{"result":["mine"]}`, as("token-of-number-1-----", "KEYS", "*"))
	require.Equal(t, noPerm("keys"), as("token-of-alice--------", "KEYS", "*"), "it would show the keys of other users")
	require.Equal(t, `{"result":"OK"}`, as("token-of-number-1-----", "FLUSHDB"))
	require.Equal(t, `{"result":0}`, as("token-of-alice--------", "PUBLISH", "a:c", "x"))
	require.Equal(t, `{"result":"TREASURE"}`, as("token-of-number-2-----", "GET", "secret"))
}
