package docs

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/internal/testkit/mdtable"
	"github.com/redis-rest/redis-rest-go/internal/testkit/realredis"
	"github.com/redis-rest/redis-rest-go/redistest"
)

// The tables of docs/scripts.md are what a real Redis answers.

var update = flag.Bool("update", false, "draw the pictures and write the tables of docs/scripts.md anew")

func onRedis(t *testing.T) *redistest.Server {
	t.Helper()
	switch os.Getenv("REDISTEST_BACKEND") {
	case "memory":
		t.Skip("needs a real Redis")
	case "", "auto":
		realredis.Need(t)
		t.Setenv("REDISTEST_BACKEND", "redis-server")
	}
	return redistest.NewServer(t)
}

// holdTable compares a table of the page, or writes it with -update.
func holdTable(t *testing.T, name string, rows [][]string) {
	t.Helper()
	const page = "docs/scripts.md"
	if *update {
		require.NoError(t, mdtable.Write(page, name, rows))
	}
	got, err := mdtable.Read(page, name)
	require.NoError(t, err)
	require.Len(t, got, len(rows), "go test -run TestScriptsPage ./docs -update writes the table")
	for i, row := range rows {
		assert.Equal(t, row, got[i])
	}
}

func code(text string) string { return "`" + text + "`" }

// in says what a reply is as a T.
func in[T any](r redis.Reply) string {
	v, err := redis.Decode[T](r)
	switch {
	case err == nil && reflect.TypeFor[T]() == reflect.TypeFor[any]():
		text := fmt.Sprintf("%#v", v)
		if reflect.ValueOf(v).Kind() == reflect.Int64 {
			text = "int64(" + text + ")"
		}
		return code(strings.NewReplacer("interface {}", "any", "<nil>", "nil").Replace(text))
	case err == nil && reflect.ValueOf(&v).Elem().Kind() == reflect.Pointer && !reflect.ValueOf(v).IsNil():
		return code(fmt.Sprintf("&%#v", reflect.ValueOf(v).Elem()))
	case err == nil:
		text := fmt.Sprintf("%#v", v)
		if reflect.TypeFor[T]().Kind() != reflect.String && reflect.ValueOf(v).IsZero() && strings.Contains(text, "(nil)") {
			text = "nil"
		}
		return code(text)
	case errors.Is(err, redis.ErrNil):
		return code("ErrNil")
	}
	_, ok := errors.AsType[*redis.DecodeError](err)
	if !ok {
		return err.Error()
	}
	return "–"
}

func TestScriptsPageValues(t *testing.T) {
	t.Chdir("..") // so that paths are those of the pages
	rdb := onRedis(t).Client()
	rows := [][]string{{"`return …`", "reply", "`any`", "`int64`", "`string`", "`bool`", "`*int64`", "`[]string`"}}
	for _, lua := range []string{
		"nil", "false", "true", "0", "1", "42", "3.99", "-3.99", "2^53", "2^53 + 1",
		"'text'", "''", "'42'", "'3.5'", "tostring(2^53 + 1)", "string.format('%.0f', 2^53)",
		"{}", "{1, 2, 3}", "{'a', 1}", "{1, nil, 3}", "{1, false, 3}", "{a = 1}", "{1, a = 2}", "{{1}, {2}}",
		"{ok = 'DONE'}", "redis.status_reply('DONE')", "{err = 'sold_out'}", "redis.error_reply('sold_out')",
		"redis.call('SET', KEYS[1], 5)", "redis.call('INCR', KEYS[1])", "redis.call('GET', KEYS[1])", "redis.call('GET', KEYS[2])", "redis.call('TYPE', KEYS[1])",
		"cjson.encode({n = 1})", "cjson.encode({1, 2})", "redis.call('HGETALL', KEYS[2])",
	} {
		reply, err := redis.Eval[redis.Reply](t.Context(), rdb, "return "+lua, []string{"{k}1", "{k}2"})
		row := []string{code(lua)}
		if err != nil {
			require.NotEmpty(t, redis.Code(err))
			row = append(row, "an error")
			for range 6 {
				row = append(row, code("*Error"))
			}
		} else {
			row = append(row, code(reply.String()), in[any](reply), in[int64](reply), in[string](reply), in[bool](reply), in[*int64](reply), in[[]string](reply))
		}
		rows = append(rows, row)
	}
	holdTable(t, "values", rows)
}

func TestScriptsPageErrors(t *testing.T) {
	t.Chdir("..") // so that paths are those of the pages
	rdb := onRedis(t).Client()
	require.NoError(t, lastOf(rdb.Do(t.Context(), "SET", "s", "text")))
	rows := [][]string{{"limit.lua", "`err.Error()`", "`Code`", "`Line`"}}
	for _, lua := range []string{
		"return {err = 'sold_out'}",
		"return {err = 'sold_out: 2 of 5 are left'}",
		"return redis.error_reply('MYCODE words')",
		"error({err = 'MYCODE words'})",
		"error('words')",
		"local n = ARGV[1] + 1",
		"return redis.call('INCR', KEYS[1])",
		"return redis.pcall('INCR', KEYS[1])",
		"return redis.call('NOSUCH')",
		"return nosuch",
		"n = 1",
		"return 1 +",
	} {
		_, err := redis.NewScript[any](lua, redis.Named("limit.lua")).Run(t.Context(), rdb, []string{"s"})
		failed, ok := err.(*redis.Error)
		require.True(t, ok, "%v", err)
		line := ""
		if failed.Line > 0 {
			line = fmt.Sprint(failed.Line)
		}
		rows = append(rows, []string{code(lua), code(err.Error()), code(failed.Code), line})
	}
	holdTable(t, "errors", rows)
}

func lastOf(_ any, err error) error { return err }
