package redis_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
)

// constantServer answers every request with the same body. It allocates nothing, so that
// only the allocations of the client are counted.
func constantServer(tb testing.TB, body string) (url string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(tb, err)
	tb.Cleanup(func() { l.Close() })
	answer := []byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n" +
		"Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go answerAll(conn, answer)
		}
	}()
	return "http://" + l.Addr().String()
}

func answerAll(conn net.Conn, answer []byte) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	for {
		length := 0
		for {
			line, err := r.ReadSlice('\n')
			if err != nil {
				return
			}
			if digits, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
				for _, d := range bytes.TrimSpace(digits) {
					length = 10*length + int(d-'0')
				}
			}
			if len(line) == len("\r\n") {
				break
			}
		}
		if _, err := r.Discard(length); err != nil {
			return
		}
		conn.Write(answer)
	}
}

// A measured is one measurement and the allocations that it may make.
type measured struct {
	name string
	most int // the maximum number of allocations
	run  func(tb testing.TB)
}

// calls are calls through the whole client to a constantServer.
func calls(tb testing.TB) []measured {
	number, err := redis.New(constantServer(tb, `{"result":101}`), "token")
	require.NoError(tb, err)
	const members = 1000
	numbers, err := redis.New(constantServer(tb, "["+strings.Repeat(`{"result":101},`, members-1)+`{"result":101}]`), "token")
	require.NoError(tb, err)
	script := redis.NewScript[int64]("return redis.call('INCRBY', KEYS[1], ARGV[1])")
	keys := []string{"ratelimit:user:456"}
	return []measured{
		{"Script.Run", 33, func(tb testing.TB) {
			if n, err := script.Run(context.Background(), number, keys, 10, 60); n != 101 {
				tb.Fatal(n, err)
			}
		}},
		{"Do", 31, func(tb testing.TB) {
			if _, err := number.Do(context.Background(), "INCR", "counter"); err != nil {
				tb.Fatal(err)
			}
		}},
		{"Batch.Exec of 1000", 3061, func(tb testing.TB) {
			b := numbers.Pipeline()
			var last *redis.Future[int64]
			for range members {
				last = script.Cmd(keys, 10, 60).Queue(b)
			}
			if err := b.Exec(context.Background()); err != nil {
				tb.Fatal(err)
			}
			if n, err := last.Result(); n != 101 {
				tb.Fatal(n, err)
			}
		}},
	}
}

// decodings decode replies, without sending a request.
func decodings(tb testing.TB) []measured {
	text := func(s string) string { return strconv.Quote(base64.StdEncoding.EncodeToString([]byte(s))) }
	list := "[" + strings.Join(slices.Repeat([]string{text("member:12345")}, 10000), ",") + "]"
	hash := make([]string, 0, 200)
	for i := range 100 {
		hash = append(hash, text("field:"+strconv.Itoa(i)), text("value "+strconv.Itoa(i*i)))
	}
	pairs := "[" + strings.Join(hash, ",") + "]"
	type id string
	type user struct {
		Name   string   `json:"name"`
		Age    int      `json:"age"`
		Emails []string `json:"emails"`
	}
	return []measured{
		decoding[int64](tb, "int64", 0, "101"),
		decoding[string](tb, "string of 1 KB", 1, text(strings.Repeat("x", 1<<10))),
		decoding[[]string](tb, "10000 strings", 31, list),
		decoding[[]id](tb, "10000 strings of a named type", 33, list),
		decoding[[]any](tb, "10000 strings as any", 10033, list), // an any of a string is an allocation
		decoding[map[string]string](tb, "HGETALL of 100 pairs", 8, pairs),
		decoding[map[id]any](tb, "HGETALL of 100 pairs as any", 108, pairs),
		decoding[string](tb, "string of 1 MB", 1, text(strings.Repeat("x", 1<<20))),
		decoding[user](tb, "struct from JSON text", 6, text(`{"name":"Ada","age":36,"emails":["ada@example.com","countess@example.com"]}`)),
	}
}

func decoding[T any](tb testing.TB, name string, most int, result string) measured {
	rdb, err := redis.New(constantServer(tb, `{"result":`+result+`}`), "token")
	require.NoError(tb, err)
	reply, err := rdb.Do(context.Background(), "GET", "k")
	require.NoError(tb, err)
	return measured{name, most, func(tb testing.TB) {
		if _, err := redis.Decode[T](reply); err != nil {
			tb.Fatal(err)
		}
	}}
}

func BenchmarkCall(b *testing.B)   { benchmark(b, calls(b)) }
func BenchmarkDecode(b *testing.B) { benchmark(b, decodings(b)) }

func benchmark(b *testing.B, all []measured) {
	for _, m := range all {
		b.Run(m.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m.run(b)
			}
		})
	}
}
