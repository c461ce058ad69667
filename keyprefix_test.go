package redis_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/internal/client/keyprefix"
	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/redistest"
)

// Commands with a prefix reply what they reply without one, and leave the same keys with the
// prefix. What COMMAND GETKEYS finds in what was sent is the prefix and what it finds in the
// command.
func TestKeyPrefixOnCommands(t *testing.T) {
	prefixes := []string{`"é[p]?\`, "app:"}
	if testing.Short() {
		prefixes = prefixes[:1]
	}
	for _, prefix := range prefixes {
		t.Run(prefix, func(t *testing.T) {
			onEachBackend(t, func(t *testing.T, s *redistest.Server) {
				var sent lastRequest
				plain, prefixed := s.Client(), s.Client(redis.WithKeyPrefix(prefix), redis.WithRoundTripper(sent.wrap))
				count, same := 0, 0
				for _, block := range commandBlocks(t) {
					for try := 1; ; try++ { // a second may end between two commands
						p := &prefixPlay{t: t, sent: &sent, prefix: prefix}
						p.play(plain, prefixed, block)
						if len(p.problems) == 0 || try == 5 {
							assert.Empty(t, p.problems)
							count, same = count+len(block), same+p.same
							break
						}
					}
				}
				require.Greater(t, count, 1000)
				require.Greater(t, same, count*6/10, "replies that are no errors")
			})
		})
	}
}

// commandBlocks are command lines, and begin each with an empty database.
func commandBlocks(t *testing.T) (blocks [][][]string) {
	text, err := os.ReadFile("internal/engine/keyspace/testdata/commands.txt")
	require.NoError(t, err)
	for _, block := range strings.Split(string(text), "\n\n")[1:] {
		var lines [][]string
		for line := range strings.Lines(block) {
			if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
				lines = append(lines, wordsOf(t, line))
			}
		}
		blocks = append(blocks, lines)
	}
	return blocks
}

// wordsOf splits a line. Words in double quotes are Go strings.
func wordsOf(t *testing.T, line string) (words []string) {
	for line != "" {
		word, rest, _ := strings.Cut(line, " ")
		if line[0] == '"' {
			quoted, err := strconv.QuotedPrefix(line)
			require.NoError(t, err, line)
			word, err = strconv.Unquote(quoted)
			require.NoError(t, err, line)
			rest = line[len(quoted):]
		}
		words, line = append(words, word), strings.TrimLeft(rest, " ")
	}
	return words
}

func asArgs(words []string) (args []any) {
	for _, word := range words {
		args = append(args, word)
	}
	return args
}

type prefixPlay struct {
	t        *testing.T
	sent     *lastRequest // of the client with the prefix
	prefix   string
	same     int
	problems []string
}

func (p *prefixPlay) play(plain, prefixed *redis.Redis, lines [][]string) {
	ctx := p.t.Context()
	flush := func() {
		_, err := plain.Do(ctx, "FLUSHALL")
		require.NoError(p.t, err)
	}
	keys := func() []string {
		keys, err := redis.Cmd[[]string]("KEYS", "*").Do(ctx, plain)
		require.NoError(p.t, err)
		slices.Sort(keys)
		return keys
	}
	flush()
	wants, errs := make([]string, len(lines)), make([]error, len(lines))
	for i, words := range lines {
		var reply redis.Reply
		reply, errs[i] = plain.Do(ctx, asArgs(words)...)
		wants[i] = inAnyOrder(words, reply)
	}
	want := underPrefix(p.prefix, keys())
	flush()
	for i, words := range lines {
		reply, err := prefixed.Do(ctx, asArgs(words)...)
		got := inAnyOrder(words, reply)
		c, known := commandtable.Find(words)
		switch {
		case keyprefix.RuleOf(c).Refused != "" || !known:
			p.check(redis.Code(err) == "", words, err, "is refused")
			if _, err := plain.Do(ctx, asArgs(words)...); redis.Code(err) == "" {
				require.NoError(p.t, err)
			}
			continue
		case errs[i] != nil:
			p.check(err != nil, words, got, errs[i])
			p.check(redis.Code(err) == "" || redis.Code(err) == redis.Code(errs[i]), words, err, errs[i])
			continue
		case err != nil || got != wants[i]:
			p.check(false, words, fmt.Sprint(got, err), wants[i])
		}
		p.same++
		var sent []string
		require.NoError(p.t, json.Unmarshal(p.sent.body, &sent))
		p.check(slices.Equal(underPrefix(p.prefix, keysOf(p.t, plain, words)), keysOf(p.t, plain, sent)), words, sent, "keys")
	}
	p.check(slices.Equal(keys(), want), []string{"all keys"}, keys(), want)
}

// A lastRequest keeps the body of the last request.
type lastRequest struct{ body []byte }

func (l *lastRequest) wrap(rt http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		var err error
		if l.body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(l.body))
		return rt.RoundTrip(r)
	})
}

func (p *prefixPlay) check(ok bool, words []string, got, want any) {
	if !ok {
		p.problems = append(p.problems, fmt.Sprintf("%q: %v, and %v was expected", words, got, want))
	}
}

func underPrefix(prefix string, keys []string) []string {
	prefixed := make([]string, len(keys))
	for i, key := range keys {
		prefixed[i] = prefix + key
	}
	slices.Sort(prefixed)
	return prefixed
}

// keysOf asks the server for the keys of a command.
func keysOf(t *testing.T, rdb *redis.Redis, words []string) []string {
	keys, err := redis.Cmd[[]string](append([]any{"COMMAND", "GETKEYS"}, asArgs(words)...)...).Do(t.Context(), rdb)
	if redis.Code(err) == "" {
		require.NoError(t, err)
	}
	slices.Sort(keys)
	return keys
}

// inAnyOrder is a reply without the order that depends on the names of keys or on
// chance.
func inAnyOrder(words []string, reply redis.Reply) string {
	text := reply.String()
	switch strings.ToUpper(words[0]) {
	case "KEYS", "SCAN", "HRANDFIELD", "ZRANDMEMBER":
		parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("[],", r) })
		slices.Sort(parts)
		return strings.Join(parts, ",")
	}
	return text
}

// allKeys returns the keys of the whole database.
func allKeys(t *testing.T, s *redistest.Server) []string {
	t.Helper()
	keys, err := redis.Cmd[[]string]("KEYS", "*").Do(t.Context(), s.Client())
	require.NoError(t, err)
	slices.Sort(keys)
	return keys
}

type namedKey string

type textKey struct{ n int }

func (k textKey) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "text:%d", k.n), nil }

// A key that is not a string has the prefix before its text. The arguments of the caller and
// the Command do not change.
func TestKeyPrefixOfOtherTypes(t *testing.T) {
	s := redistest.NewServer(t)
	for _, rdb := range []*redis.Redis{s.Client(redis.WithKeyPrefix("app:")), s.Client(redis.WithKeyPrefix("app:"), redis.WithAutoPipelining(true))} {
		bytes := []byte("bytes")
		args := []any{"MSET", bytes, 1, namedKey("named"), 2, 7, 3, 1.5, 4, textKey{8}, 5, new("pointer"), 6}
		before := slices.Clone(args)
		mset := redis.Cmd[string](args...)
		for range 2 { // the prefix is put once
			_, err := mset.Do(t.Context(), rdb)
			require.NoError(t, err)
			_, err = rdb.Do(t.Context(), args...)
			require.NoError(t, err)
			b := rdb.Pipeline()
			mset.Queue(b)
			require.NoError(t, b.Exec(t.Context()))
		}
		require.Equal(t, before, args)
		require.Equal(t, "bytes", string(bytes))
		require.Equal(t, []string{"app:1.5", "app:7", "app:bytes", "app:named", "app:pointer", "app:text:8"}, allKeys(t, s))
	}
}

func TestKeyPrefixOfScripts(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx, rdb := t.Context(), s.Client(redis.WithKeyPrefix("app:"))
		incr := redis.NewScript[int](`return redis.call('INCR', KEYS[1])`)
		for i := range 3 { // as the source, as the digest, and again after it was forgotten
			if i == 2 {
				s.FlushScripts()
			}
			n, err := incr.Run(ctx, rdb, []string{"n"})
			require.NoError(t, err)
			require.Equal(t, i+1, n)
		}
		text, err := redis.Eval[string](ctx, rdb, `return KEYS[1] .. ARGV[1]`, []string{"k"}, "k")
		require.NoError(t, err)
		require.Equal(t, "app:kk", text, "what a script returns is not changed")
		_, err = rdb.Do(ctx, "FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('f', function(keys, args) return redis.call('SET', keys[1], args[1]) end)")
		require.NoError(t, err)
		_, err = redis.Fcall[string](ctx, rdb, "f", []string{"f"}, "v")
		require.NoError(t, err)
		require.Equal(t, []string{"app:f", "app:n"}, allKeys(t, s))
	})
}

func TestKeyPrefixInBatches(t *testing.T) {
	inBoth(t, func(t *testing.T, s *redistest.Server, batch func(*redis.Redis) *redis.Batch) {
		ctx, rdb := t.Context(), s.Client(redis.WithKeyPrefix("app:"))
		b := batch(rdb)
		redis.Cmd[string]("MSET", "a", 1, "b", 2).Queue(b)
		keys := redis.Cmd[[]string]("KEYS", "*").Queue(b)
		incr := redis.NewScript[int](`return redis.call('INCR', KEYS[1])`)
		first, second := incr.Cmd([]string{"n"}).Queue(b), incr.Cmd([]string{"{n}2"}).Queue(b)
		redis.Cmd[int]("LPUSH", "l", "x").Queue(b)
		pop := redis.Cmd[[]any]("LMPOP", 2, "none", "l", "LEFT").Queue(b)
		require.NoError(t, b.Exec(ctx))
		require.ElementsMatch(t, []string{"a", "b"}, result(t, keys))
		require.Equal(t, 1, result(t, first))
		require.Equal(t, 1, result(t, second))
		require.Equal(t, []any{"l", []any{"x"}}, result(t, pop))
		require.Equal(t, []string{"app:a", "app:b", "app:n", "app:{n}2"}, allKeys(t, s))

		b = batch(rdb)
		fine := redis.Cmd[int]("INCR", "n").Queue(b)
		refused := redis.Cmd[string]("FLUSHALL").Queue(b)
		require.Error(t, b.Exec(ctx))
		_, err := refused.Result()
		require.ErrorIs(t, err, redis.ErrNotExecuted)
		require.ErrorContains(t, err, "FLUSHALL")
		_, err = fine.Result()
		require.ErrorIs(t, err, redis.ErrNotExecuted)
		require.Len(t, allKeys(t, s), 4)
	})
}

// wrapped hands everything on.
type wrapped struct{ redis.BatchDoer }

// A wrapper sees commands without the prefix, which the client below puts once.
func TestKeyPrefixBelowAWrapper(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		d := wrapped{s.Client(redis.WithKeyPrefix("app:"))}
		incr := redis.NewScript[int](`return redis.call('INCR', KEYS[1])`)
		_, err := incr.RunOnce(t.Context(), d, "id", []string{"n"})
		require.NoError(t, err)
		b := redis.NewBatch(d, redis.Transaction)
		again := incr.OnceCmd("id", []string{"n"}).Queue(b)
		keys := redis.Cmd[[]string]("KEYS", "n").Queue(b)
		require.NoError(t, b.Exec(t.Context()))
		require.Equal(t, 1, result(t, again))
		require.Equal(t, []string{"n"}, result(t, keys))
		require.Equal(t, []string{"app:n", "app:{app:n}:once:id"}, allKeys(t, s))
	})
}

// A script that was missing in a pipeline is sent again with the prefix, once.
func TestKeyPrefixOfScriptsSentAgain(t *testing.T) {
	var bodies []string
	rdb := fake(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(body))
		if len(bodies) == 1 {
			io.WriteString(w, `[{"result":1},{"error":"NOSCRIPT No matching script. Please use EVAL."}]`)
			return
		}
		io.WriteString(w, `[{"result":2}]`)
	}, redis.WithKeyPrefix("app:"))
	count := redis.NewScript[int](countScript)
	b := rdb.Pipeline()
	count.Cmd([]string{"{k}1"}).Queue(b)
	second := count.Cmd([]string{"{k}2"}).Queue(b)
	require.NoError(t, b.Exec(t.Context()))
	require.Equal(t, 2, result(t, second))
	require.Equal(t, fmt.Sprintf(`[["EVAL",%q,"1","app:{k}2"]]`, countScript), bodies[1])
}

// A batch carries a script's source for each hash slot, which is that of the key with its
// prefix.
func TestKeyPrefixAndSlotsOfABatch(t *testing.T) {
	s := redistest.NewServer(t)
	rdb := s.Client(redis.WithKeyPrefix("app:"))
	count := redis.NewScript[int](countScript)
	for _, c := range []struct{ first, second, sent string }{{"k", "{k}2", "EVAL"}, {"{app:k}2", "k", "EVALSHA"}} {
		b := rdb.Pipeline()
		count.Cmd([]string{c.first}).Queue(b)
		count.Cmd([]string{c.second}).Queue(b)
		require.NoError(t, b.Exec(t.Context()))
		requests := s.Requests()
		require.Equal(t, c.sent, requests[len(requests)-1].Commands[1][0])
	}
}

// The record of RunOnce lies in the slot of the first key, which is another with the
// prefix, and programs with other prefixes have records of their own.
func TestKeyPrefixOfRunOnce(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		incr := redis.NewScript[int](`return redis.call('INCR', KEYS[1])`)
		for _, prefix := range []string{"a:", "b:"} {
			rdb := s.Client(redis.WithKeyPrefix(prefix))
			for range 2 {
				n, err := incr.RunOnce(t.Context(), rdb, "id", []string{"n"})
				require.NoError(t, err)
				require.Equal(t, 1, n)
				b := rdb.Pipeline()
				tagged := incr.OnceCmd("id", []string{"{t}n"}).Queue(b)
				require.NoError(t, b.Exec(t.Context()))
				require.Equal(t, 1, result(t, tagged))
			}
		}
		require.Equal(t, []string{
			"a:n", "a:{a:n}:once:id", "a:{t}:once:id", "a:{t}n",
			"b:n", "b:{b:n}:once:id", "b:{t}:once:id", "b:{t}n",
		}, allKeys(t, s))
	})
}

func TestKeyPrefixOfChannels(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx, rdb, plain := t.Context(), s.Client(redis.WithKeyPrefix("a[p],:")), s.Client()
		sub, err := rdb.Subscribe(ctx, "news")
		require.NoError(t, err)
		defer sub.Close()
		psub, err := rdb.PSubscribe(ctx, "n*")
		require.NoError(t, err)
		defer psub.Close()
		channels, err := redis.Cmd[[]string]("PUBSUB", "CHANNELS").Do(ctx, rdb)
		require.NoError(t, err)
		require.Equal(t, []string{"news"}, channels)
		counts, err := redis.Cmd[map[string]int]("PUBSUB", "NUMSUB", "news", "none").Do(ctx, rdb)
		require.NoError(t, err)
		require.Equal(t, map[string]int{"news": 1, "none": 0}, counts)
		for _, channel := range []string{"news", "a[p],:other", "ap,:news"} {
			n, err := redis.Cmd[int]("PUBLISH", channel, "not this").Do(ctx, plain)
			require.NoError(t, err)
			require.Zero(t, n, channel)
		}
		n, err := redis.Cmd[int]("PUBLISH", "news", "a[p],:b").Do(ctx, rdb)
		require.NoError(t, err)
		require.Equal(t, 2, n)
		for m, err := range sub.Messages() {
			require.NoError(t, err)
			require.Equal(t, redis.Message{Channel: "news", Payload: "a[p],:b"}, m)
			break
		}
		for m, err := range psub.Messages() {
			require.NoError(t, err)
			require.Equal(t, redis.Message{Channel: "news", Pattern: "n*", Payload: "a[p],:b"}, m)
			break
		}
		_, err = rdb.Monitor(ctx)
		require.ErrorIs(t, err, redis.ErrNotExecuted)
		require.ErrorContains(t, err, "MONITOR")
	})
}

// A subscription to several channels or patterns has the names of the caller in its
// messages, and ends for all of them.
func TestKeyPrefixOfManyChannels(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx, rdb, plain := t.Context(), s.Client(redis.WithKeyPrefix("a*:")), s.Client()
		sub, err := rdb.Subscribe(ctx, "x", "a*:x", "x,y", "x")
		require.NoError(t, err)
		defer sub.Close()
		psub, err := rdb.PSubscribe(ctx, "x", "[x]*", "*:x")
		require.NoError(t, err)
		defer psub.Close()
		publish := func(d redis.Doer, channel, payload string, receivers int) {
			n, err := redis.Cmd[int]("PUBLISH", channel, payload).Do(ctx, d)
			require.NoError(t, err)
			require.Equal(t, receivers, n, channel)
		}
		for channel, receivers := range map[string]int{"x": 0, "ab:x": 0, "a*:none": 0, "a:x": 0, "a*a*:x": 0} {
			publish(plain, channel, "of others", receivers)
		}
		publish(rdb, "x", "a*:1", 3)           // x; x, [x]*
		publish(plain, "a*:a*:x", "x,2", 2)    // a*:x; *:x
		publish(rdb, "x,y", "3", 2)            // x,y; [x]*
		publish(plain, "a*:b:x", "4", 1)       // *:x
		publish(plain, "a*:x", "last,a*:x", 3) // x; x, [x]*

		take := func(s *redis.Subscription, n int) (got []redis.Message) {
			for m, err := range s.Messages() {
				require.NoError(t, err)
				if got = append(got, m); len(got) == n {
					break
				}
			}
			return got
		}
		require.ElementsMatch(t, []redis.Message{
			{Channel: "x", Payload: "a*:1"}, {Channel: "a*:x", Payload: "x,2"}, {Channel: "x,y", Payload: "3"}, {Channel: "x", Payload: "last,a*:x"},
		}, take(sub, 4))
		require.ElementsMatch(t, []redis.Message{
			{Channel: "x", Pattern: "x", Payload: "a*:1"}, {Channel: "x", Pattern: "[x]*", Payload: "a*:1"}, {Channel: "a*:x", Pattern: "*:x", Payload: "x,2"},
			{Channel: "x", Pattern: "[x]*", Payload: "y,3"}, // the first text before a comma that matches
			{Channel: "b:x", Pattern: "*:x", Payload: "4"},
			{Channel: "x", Pattern: "x", Payload: "last,a*:x"}, {Channel: "x", Pattern: "[x]*", Payload: "last,a*:x"},
		}, take(psub, 7))

		require.NoError(t, sub.Close())
		require.NoError(t, psub.Close())
		for range sub.Messages() {
			t.Fatal("a message after Close")
		}
		require.Eventually(t, func() bool {
			counts, err := redis.Cmd[map[string]int]("PUBSUB", "NUMSUB", "x", "a*:x", "x,y").Do(ctx, rdb)
			require.NoError(t, err)
			patterns, err := redis.Cmd[int]("PUBSUB", "NUMPAT").Do(ctx, plain)
			require.NoError(t, err)
			return maps.Equal(map[string]int{"x": 0, "a*:x": 0, "x,y": 0}, counts) && patterns == 0
		}, 5*time.Second, time.Millisecond)
		publish(rdb, "x", "nobody hears it", 0)
	})
}

// A gap is reported with the caller's name of the channel, and the message of a wrapped
// subscription keeps it.
func TestKeyPrefixAfterAGap(t *testing.T) {
	events := []string{
		"event: message\ndata: subscribe,app:c,1\n\ndata: message,app:c,one\n\ndata: message,c,of others\n\n",
		"data: subscribe,app:c,1\n\ndata: message,app:c,app:two\n\n",
	}
	var paths []string
	rdb := fake(t, func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.URL.Path)
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, events[min(len(paths), 2)-1])
		if len(paths) > 1 {
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}
	}, redis.WithKeyPrefix("app:"), redis.WithResubscribe(true), redis.WithRetryPolicy(redis.RetryPolicy{BaseDelay: 1, MaxDelay: 1}))
	sub, err := rdb.Subscribe(t.Context(), "c")
	require.NoError(t, err)
	var got []redis.Message
	gaps := 0
	for m, err := range sub.Messages() {
		if _, ok := errors.AsType[*redis.GapError](err); ok {
			gaps++
		} else {
			require.NoError(t, err)
		}
		if got = append(got, m); len(got) == 3 {
			break
		}
	}
	require.NoError(t, sub.Close())
	require.Equal(t, 1, gaps)
	require.Equal(t, []redis.Message{{Channel: "c", Payload: "one"}, {Channel: "c"}, {Channel: "c", Payload: "app:two"}}, got)
	require.Equal(t, []string{"/subscribe/app:c", "/subscribe/app:c"}, paths)
}

// Keys in replies have no prefix, however deep they are, and the strings next to them stay.
func TestKeyPrefixOfReplies(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx, rdb := t.Context(), s.Client(redis.WithKeyPrefix("app:"))
		for _, c := range []struct{ command, want string }{
			{"XADD s 1-0 app:f app:v", `"1-0"`},
			{"XREAD STREAMS s none 0 0", `[["s",[["1-0",["app:f","app:v"]]]]]`},
			{"XREAD STREAMS none 0", `null`},
			{"XGROUP CREATE s g 0", `"OK"`},
			{"XREADGROUP GROUP g c STREAMS s >", `[["s",[["1-0",["app:f","app:v"]]]]]`},
			{"RPUSH l app:x y", `2`},
			{"LMPOP 1 l LEFT", `["l",["app:x"]]`},
			{"LMPOP 1 none LEFT", `null`},
			{"ZADD z 1 app:m", `1`},
			{"ZMPOP 1 z MIN", `["z",[["app:m","1"]]]`},
			{"SET k app:v", `"OK"`},
			{"GET k", `"app:v"`},
			{"SCAN 0 MATCH k COUNT 100", `["0",["k"]]`},
			{"COMMAND GETKEYS GET k", `["k"]`},
		} {
			reply, err := rdb.Do(ctx, asArgs(strings.Fields(c.command))...)
			require.NoError(t, err, c.command)
			require.Equal(t, c.want, reply.String(), c.command)
		}
		_, err := s.Client().Do(ctx, "SET", "other", 1)
		require.NoError(t, err)
		keys, err := redis.Cmd[[]string]("KEYS", "*").Do(ctx, rdb)
		require.NoError(t, err)
		require.ElementsMatch(t, []string{"k", "l", "s"}, keys)
	})
}

// A reply without base64 has the prefix removed too, and an answer of another form stays.
func TestKeyPrefixOfOtherReplies(t *testing.T) {
	plain, err := fake(t, answer(200, `{"result":["0",["app:\"é","app:app:k","k"]]}`), redis.WithKeyPrefix("app:"), redis.WithBase64(false)).Do(t.Context(), "SCAN", 0)
	require.NoError(t, err)
	require.Equal(t, `["0",["\"é","app:k","k"]]`, plain.String())
	for body, want := range map[string]string{
		`{"result":["0",["app:\"é","YXBwOms="]]}`: `["0",["\"é","k"]]`,
		`{"result":["0",[null,1,["app:k"]]]}`:     `["0",[null,1,["app:k"]]]`,
		`{"result":"app:k"}`:                      `"app:k"`,
		`{"result":{"app:k":["app:k"]}}`:          `{"app:k":["app:k"]}`,
	} {
		reply, err := fake(t, answer(200, body), redis.WithKeyPrefix("app:")).Do(t.Context(), "SCAN", 0)
		require.NoError(t, err)
		require.Equal(t, want, reply.String())
	}
}

func TestKeyPrefixRefusals(t *testing.T) {
	rdb, r := recorded(redistest.NewServer(t), redis.WithKeyPrefix("app:"))
	for _, command := range []string{"FLUSHDB", "RANDOMKEY", "DBSIZE", "NO.SUCH secret", "DEBUG OBJECT secret", "ZUNIONSTORE d 9 secret"} {
		_, err := rdb.Do(t.Context(), asArgs(strings.Fields(command))...)
		require.ErrorIs(t, err, redis.ErrNotExecuted)
		require.ErrorContains(t, err, strings.Fields(command)[0]+": ")
		require.NotContains(t, err.Error(), "secret")
	}
	require.Empty(t, r.urls)
	for _, prefix := range []string{"", "{app}:", "\xff"} {
		_, err := redis.New("https://redis.example.com", secretToken, redis.WithKeyPrefix(prefix))
		require.ErrorContains(t, err, "WithKeyPrefix")
	}
}
