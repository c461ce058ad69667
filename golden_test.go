package redis_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
)

var update = flag.Bool("update", false, "write the goldens of testdata/replies anew")

// TestReplyGoldens decodes each answer of testdata/replies as many types and compares the
// results with the golden files. The answers were recorded from a server.
func TestReplyGoldens(t *testing.T) {
	type user struct {
		Name string `redis:"name" json:"name"`
		Age  int    `redis:"age" json:"age"`
	}
	answers, err := filepath.Glob("testdata/replies/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, answers)
	for _, path := range answers {
		t.Run(filepath.Base(path), func(t *testing.T) {
			body, err := os.ReadFile(path)
			require.NoError(t, err)
			rdb := fake(t, answer(200, string(body)))
			var got strings.Builder
			become[string](t, rdb, &got)
			become[*string](t, rdb, &got)
			become[[]byte](t, rdb, &got)
			become[int64](t, rdb, &got)
			become[uint8](t, rdb, &got)
			become[float64](t, rdb, &got)
			become[bool](t, rdb, &got)
			become[any](t, rdb, &got)
			become[[]string](t, rdb, &got)
			become[[]any](t, rdb, &got)
			become[map[string]string](t, rdb, &got)
			become[user](t, rdb, &got)
			become[redis.Reply](t, rdb, &got)
			golden := strings.TrimSuffix(path, ".json") + ".golden"
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got.String()), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), got.String())
		})
	}
}

func become[T any](t *testing.T, rdb *redis.Redis, out *strings.Builder) {
	v, err := redis.Cmd[T]("GET", "k").Do(t.Context(), rdb)
	name := strings.ReplaceAll(reflect.TypeFor[T]().String(), "redis_test.", "")
	text := ""
	switch p := any(v).(type) {
	case *string:
		text = "nil"
		if p != nil {
			text = fmt.Sprintf("&%q", *p)
		}
	case []any: // it may have an error in it
		for _, x := range p {
			text += fmt.Sprintf("%T(%v) ", x, x)
		}
	case redis.Reply:
		text = p.String()
	default:
		text = strings.ReplaceAll(fmt.Sprintf("%#v", v), "redis_test.", "")
	}
	if err != nil {
		text = err.Error()
	}
	fmt.Fprintf(out, "%-18s %s\n", name, strings.TrimSpace(text))
}
