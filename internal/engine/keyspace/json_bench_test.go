package keyspace_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
)

// document makes a JSON text of about so many bytes: users in an array, and in an object by their names.
func document(size int) string {
	user := func(i int) string {
		return fmt.Sprintf(`{"id":%d,"name":"user %d","email":"user%d@example.com","score":%d.5,"active":true,"tags":["a","b","c"],"manager":null}`, 1e15+i, i, i, i)
	}
	n := max(size/2/len(user(0)), 1)
	var list, byName []string
	for i := range n {
		list = append(list, user(i))
		byName = append(byName, fmt.Sprintf(`"u%d":%s`, i, user(i)))
	}
	return `{"list":[` + strings.Join(list, ",") + `],"byName":{` + strings.Join(byName, ",") + `}}`
}

// BenchmarkJSON compares JSON.GET of a document with the time that encoding/json takes to read it, and a change of one value in a
// document with HSET.
//
//	go test -run '^$' -bench JSON ./internal/engine/keyspace
func BenchmarkJSON(b *testing.B) {
	large := document(1 << 20)
	run := func(b *testing.B, setup []string, args ...string) {
		db := keyspace.New()
		defer db.Close()
		require.NotEqual(b, byte('-'), db.Do(b.Context(), setup)[0])
		for b.Loop() {
			if reply := db.Do(b.Context(), args); reply[0] == '-' || string(reply) == "$-1\r\n" {
				b.Fatalf("%s", reply)
			}
		}
	}
	b.Run("unmarshal 1MB", func(b *testing.B) {
		for b.Loop() {
			var v any
			require.NoError(b, json.Unmarshal([]byte(large), &v))
		}
	})
	b.Run("GET 1MB", func(b *testing.B) { run(b, []string{"JSON.SET", "k", "$", large}, "JSON.GET", "k") })
	b.Run("SET 1MB", func(b *testing.B) { run(b, []string{"PING"}, "JSON.SET", "k", "$", large) })
	b.Run("HSET", func(b *testing.B) { run(b, []string{"HSET", "k", "f", "1"}, "HSET", "k", "f", "2") })
	for _, size := range []int{1 << 10, 1 << 20} {
		text := document(size)
		last := strings.Count(text, `"manager"`)/2 - 1
		for name, args := range map[string][]string{
			"SET": {"JSON.SET", "k", fmt.Sprintf("$.byName.u%d.id", last), "2"}, "SET in an array": {"JSON.SET", "k", "$.list[0].id", "2"},
			"NUMINCRBY": {"JSON.NUMINCRBY", "k", "$.byName.u0.id", "2"},
		} {
			b.Run(fmt.Sprintf("%s in %d KB", name, size>>10), func(b *testing.B) { run(b, []string{"JSON.SET", "k", "$", text}, args...) })
		}
	}
}
