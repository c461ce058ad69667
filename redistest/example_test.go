package redistest_test

import (
	"testing"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/redistest"
)

// Functions that take a testing.TB are shown as the tests that call them, and
// those run.
var (
	_ = ExampleNew
	_ = ExampleNewServer
)

func ExampleNew() {
	_ = func(t *testing.T) {
		rdb := redistest.New(t)
		n, err := redis.Cmd[int]("INCR", "hits").Do(t.Context(), rdb)
		if n != 1 || err != nil {
			t.Fatal(n, err)
		}
	}
}

func ExampleNewServer() {
	_ = func(t *testing.T) {
		server := redistest.NewServer(t)
		t.Log(server.URL, server.Token)
	}
}

func ExampleServer() {
	_ = func(t *testing.T) {
		server := redistest.NewServer(t)
		rdb, err := redis.New(server.URL, server.Token)
		if err != nil {
			t.Fatal(err)
		}
		t.Log(rdb)
	}
}

func ExampleServer_Client() {
	_ = func(t *testing.T) {
		rdb := redistest.NewServer(t).Client(redis.WithMaxReplyBytes(1 << 20))
		t.Log(rdb)
	}
}

func ExampleServer_Setenv() {
	_ = func(t *testing.T) {
		redistest.NewServer(t).Setenv()
		rdb, err := redis.FromEnv() // as the code under test does
		if err != nil {
			t.Fatal(err)
		}
		t.Log(rdb)
	}
}
