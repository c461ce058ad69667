package rdb

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
	"github.com/redis-rest/redis-rest-go/internal/testkit/realredis"
)

func FuzzLZF(f *testing.F) {
	f.Add(strings.Repeat("redis.register_function('f', function(keys, args) return keys[1] end)\n", 10))
	f.Add(strings.Repeat("x", 10000))
	f.Add("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz")
	f.Fuzz(func(t *testing.T, s string) {
		if packed := compress(s); packed != nil {
			if len(packed) > len(s)-4 {
				t.Errorf("%d bytes become %d", len(s), len(packed))
			}
			if got, err := decompress(string(packed), len(s)); err != nil || got != s {
				t.Errorf("%q, %v", got, err)
			}
		}
		for _, size := range []int{0, len(s), 10 * len(s), 1 << 40} { // packed need not have this size
			if got, err := decompress(s, size); err == nil && len(got) != size {
				t.Errorf("%d bytes, not %d", len(got), size)
			}
		}
	})
}

func TestLengths(t *testing.T) {
	for _, n := range []uint64{0, 63, 64, 16383, 16384, math.MaxUint32, math.MaxUint32 + 1, math.MaxUint64} {
		data := string(AppendLength(nil, n))
		got, rest, err := CutLength(data + "rest")
		require.NoError(t, err)
		require.Equal(t, []any{n, "rest"}, []any{got, rest})
		for i := range data {
			_, _, err := CutLength(data[:i])
			require.ErrorIs(t, err, ErrFormat)
		}
	}
	_, _, err := CutLength("\x82\x00\x00\x00\x00\x00\x00\x00\x00")
	require.ErrorIs(t, err, ErrFormat)
}

// The payload of a string is that of redis-server, byte by byte, and is read again.
func TestStringsAsRedis(t *testing.T) {
	server := realredis.Start(t)
	texts := []string{"", "a", "-0", "01", "-128", "-129", "127", "128", "32767", "32768", "-32768", "2147483647", "2147483648", "-2147483648", "12345678901"}
	for _, n := range []int{20, 21, 63, 64, 100, 16383, 16384, 70000} {
		texts = append(texts, strings.Repeat("ab1", n)[:n])
		var b strings.Builder
		for i := range n {
			b.WriteString(strconv.Itoa(i * i))
		}
		texts = append(texts, b.String()[:n])
	}
	for _, text := range texts {
		server.Do("SET", "k", text)
		payload := string(AppendFooter(AppendString([]byte{0}, text)))
		require.Equal(t, string(server.Do("DUMP", "k")), string(resp.AppendBulk(nil, payload)), "%.30q", text)
		body, ok := CutFooter(payload)
		require.True(t, ok)
		got, rest, err := CutString(body[1:])
		require.NoError(t, err)
		require.True(t, got == text && rest == "")
	}
}

// Version and checksum are checked as redis-server does.
func TestFooterAsRedis(t *testing.T) {
	server := realredis.Start(t)
	good := string(AppendFooter([]byte("\x00\x01a")))
	zero := good[:len(good)-8] + strings.Repeat("\x00", 8)
	newer := AppendFooter([]byte("\x00\x01a"))[:3]
	newer = append(newer, 11, 0)
	sum := Checksum(0, newer)
	for i := range 8 {
		newer = append(newer, byte(sum>>(8*i)))
	}
	for _, payload := range []string{good, zero, string(newer), "x" + good, good[:9], "", good[1:]} {
		_, ok := CutFooter(payload)
		reply := string(server.Do("RESTORE", "k", "0", payload, "REPLACE"))
		require.Equal(t, !strings.Contains(reply, "payload version or checksum"), ok, "%q: %s", payload, reply)
	}
}
