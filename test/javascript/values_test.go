package javascript

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/internal/testkit/mdtable"
	"github.com/redis-rest/redis-rest-go/restserver"
)

const page = "../../docs/moving.md"

type User struct {
	Name string `json:"name"`
	Age  *int   `json:"age"`
}

// A stored value is one that another client stores, and a type that reads it here.
type stored struct {
	expression string // in the other client's language
	text       string // what is stored; "" where the test asks the client
	goType     string
	read       func(redis.Reply) string
}

func as[T any](expression, text string) stored {
	goType := strings.ReplaceAll(reflect.TypeFor[T]().String(), "javascript.", "")
	goType = strings.ReplaceAll(goType, "uint8", "byte")
	return stored{expression, text, strings.ReplaceAll(goType, "interface {}", "any"), func(r redis.Reply) string {
		v, err := redis.Decode[T](r)
		if errors.Is(err, redis.ErrNil) {
			return "`redis.ErrNil`"
		}
		if err != nil {
			return err.Error()
		}
		return "`" + show(reflect.ValueOf(&v).Elem()) + "`"
	}}
}

func show(v reflect.Value) string {
	switch {
	case v.Kind() == reflect.Pointer && v.IsNil():
		return "nil"
	case v.Kind() == reflect.Pointer:
		return show(v.Elem())
	case v.Kind() == reflect.String:
		return strconv.Quote(v.String())
	case v.Type() == reflect.TypeFor[User]():
		return fmt.Sprintf("User{%q, %s}", v.Field(0).String(), show(v.Field(1)))
	case v.Type() == reflect.TypeFor[[]*string]():
		return "[" + show(v.Index(0)) + " " + show(v.Index(1)) + "]"
	case v.Type() == reflect.TypeFor[json.RawMessage]():
		return string(v.Bytes())
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		return strconv.Quote(string(v.Bytes()))
	}
	return fmt.Sprint(v.Interface())
}

var ofTypeScript = []stored{
	as[string](`"Ada"`, ""), as[[]byte](`"Ada"`, ""), as[int](`42`, ""), as[string](`42`, ""), as[float64](`1.5`, ""),
	as[bool](`true`, ""), as[bool](`false`, ""), as[*bool](`true`, ""),
	as[*int](`null`, ""), as[*User](`null`, ""), as[int](`null`, ""), as[string](`null`, ""), as[*string](`null`, ""), as[sql.NullInt64](`null`, ""),
	as[time.Time](`new Date(0)`, ""), as[*time.Time](`null`, ""),
	as[User](`{ name: "Ada", age: 36 }`, ""), as[User](`{ name: null }`, ""), as[map[string]any](`{ name: "Ada", age: 36 }`, ""), as[json.RawMessage](`{ name: "Ada", age: 36 }`, ""),
	as[[]int](`[1, 2]`, ""), as[[]*string](`["a", null]`, ""), as[map[string]bool](`{ a: true }`, ""),
}

var ofPython = []stored{
	as[string](`"Ada"`, `Ada`), as[int](`42`, `42`), as[float64](`1.5`, `1.5`), as[float64](`1e100`, `1e+100`),
	as[bool](`True`, `true`), as[bool](`False`, `false`), as[*int](`None`, `null`), as[int](`None`, `null`), as[*string](`None`, `null`),
	as[User](`{"name": "Zoë", "age": 36}`, `{"name": "Zo\u00eb", "age": 36}`), as[map[string]any](`{"a": 1, "b": None}`, `{"a": 1, "b": null}`),
	as[[]int](`[1, 2]`, `[1, 2]`), as[[]bool](`[True, False]`, `[true, false]`), as[time.Time](`json.dumps(t.isoformat())`, `"1970-01-01T00:00:00+00:00"`),
	as[time.Time](`t.isoformat()`, `1970-01-01T00:00:00+00:00`), as[[]float64](`(1.5, 2)`, `[1.5, 2]`), as[map[int]string](`{7: "a"}`, `{"7": "a"}`),
}

// What is stored from here, by the expression that makes it.
var written = []struct {
	expression string
	value      any
}{
	{`"Ada"`, "Ada"}, {`"42"`, "42"}, {`42`, 42}, {`int64(9007199254740993)`, int64(9007199254740993)}, {`1.5`, 1.5},
	{`true`, true}, {`redis.JSON(true)`, redis.JSON(true)}, {`redis.JSON(nil)`, redis.JSON(nil)}, {`redis.JSON("42")`, redis.JSON("42")},
	{`[]byte("hi")`, []byte("hi")}, {`time.Unix(0, 0).UTC()`, time.Unix(0, 0).UTC()}, {`redis.JSON(time.Unix(0, 0).UTC())`, redis.JSON(time.Unix(0, 0).UTC())},
	{`User{"Ada", nil}`, User{"Ada", nil}}, {`redis.JSON([]int{1, 2})`, redis.JSON([]int{1, 2})}, {`map[string]bool{"a": true}`, map[string]bool{"a": true}},
	{`map[string][]byte{"a": []byte("hi")}`, map[string][]byte{"a": []byte("hi")}}, {`map[string]time.Duration{"a": time.Second}`, map[string]time.Duration{"a": time.Second}},
}

// Values that the published client stores are read here, and the other way round.
// docs/moving.md says as what.
func TestValuesOfThePublishedClient(t *testing.T) {
	needPublishedClients(t)
	s, err := restserver.Start(restserver.Config{Backend: "memory"})
	require.NoError(t, err)
	defer s.Close()
	rdb, err := redis.New(s.URL, s.Token)
	require.NoError(t, err)
	ctx := t.Context()

	var job struct {
		Write []string `json:"write"`
		Read  []string `json:"read"`
	}
	for _, v := range ofTypeScript {
		job.Write = append(job.Write, v.expression)
	}
	for i, w := range written {
		job.Read = append(job.Read, fmt.Sprint("go:", i))
		_, err := redis.Cmd[string]("SET", job.Read[i], w.value).Do(ctx, rdb)
		require.NoError(t, err, w.expression)
	}
	input, err := json.Marshal(job)
	require.NoError(t, err)
	limited, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	node := exec.CommandContext(limited, "node", "values.mjs")
	node.Env = append(os.Environ(), "UPSTASH_REDIS_REST_URL="+s.URL, "UPSTASH_REDIS_REST_TOKEN="+s.Token)
	node.Stdin, node.Stderr = strings.NewReader(string(input)), os.Stderr
	out, err := node.Output()
	require.NoError(t, err)
	var there []string
	require.NoError(t, json.Unmarshal(out, &there))
	require.Len(t, there, len(written))

	rows := [][]string{{"TypeScript", "stored", "Go type", "value"}}
	hash, err := redis.Cmd[map[string]redis.Reply]("HGETALL", "js:hash").Do(ctx, rdb)
	require.NoError(t, err)
	list, err := redis.Cmd[[]redis.Reply]("LRANGE", "js:list", 0, -1).Do(ctx, rdb)
	require.NoError(t, err)
	require.Len(t, list, len(ofTypeScript))
	for i, v := range ofTypeScript {
		alone, err := redis.Cmd[redis.Reply]("GET", fmt.Sprint("js:", i)).Do(ctx, rdb)
		require.NoError(t, err)
		text, err := redis.Decode[string](alone)
		require.NoError(t, err)
		got := v.read(alone)
		require.Equal(t, got, v.read(hash[strconv.Itoa(i)]), v.expression)
		require.Equal(t, got, v.read(list[i]), v.expression)
		rows = append(rows, []string{"`" + v.expression + "`", "`" + text + "`", "`" + v.goType + "`", got})
	}
	checkTable(t, "typescript", rows)

	rows = [][]string{{"Go", "stored", "TypeScript"}}
	for i, w := range written {
		text, err := redis.Cmd[string]("GET", job.Read[i]).Do(ctx, rdb)
		require.NoError(t, err)
		rows = append(rows, []string{"`" + w.expression + "`", "`" + text + "`", "`" + there[i] + "`"})
	}
	checkTable(t, "go", rows)
}

// The texts that upstash-redis for Python stores are read here.
func TestValuesOfThePythonClient(t *testing.T) {
	rows := [][]string{{"Python", "stored", "Go type", "value"}}
	for _, v := range ofPython {
		quoted, err := json.Marshal(v.text)
		require.NoError(t, err)
		reply, err := redis.ParseReply(string(quoted))
		require.NoError(t, err)
		rows = append(rows, []string{"`" + v.expression + "`", "`" + v.text + "`", "`" + v.goType + "`", v.read(reply)})
	}
	checkTable(t, "python", rows)
}

func checkTable(t *testing.T, name string, rows [][]string) {
	if *update {
		require.NoError(t, mdtable.Write(page, name, rows))
	}
	got, err := mdtable.Read(page, name)
	require.NoError(t, err)
	require.Equal(t, rows, got, "go test -update writes the table")
}
