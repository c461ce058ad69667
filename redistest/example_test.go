package redistest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/redistest"
	"github.com/redis-rest/redis-rest-go/restserver"
)

// The functions take a testing.TB, so the examples show them in tests. The test framework does not run
// those.
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

func ExampleServer_Addr() {
	_ = func(t *testing.T) {
		server := redistest.NewServer(t, redistest.Backend("memory"))
		client := goredis.NewClient(&goredis.Options{Addr: server.Addr()}) // of package github.com/redis/go-redis/v9
		defer client.Close()
		if err := client.Set(t.Context(), "k", "v", 0).Err(); err != nil {
			t.Fatal(err)
		}
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

func ExampleBackend() {
	_ = func(t *testing.T) {
		rdb := redistest.New(t, redistest.Backend("memory"))
		t.Log(rdb)
	}
}

// One request of ten gets no answer, though it runs.
func ExampleConditions() {
	_ = func(t *testing.T) {
		rdb := redistest.New(t, redistest.Conditions(restserver.Conditions{
			Latency: time.Millisecond,
			Fail:    map[restserver.Failure]float64{restserver.FailLost: 0.1},
		}))
		_, err := redis.Cmd[int]("INCR", "hits").Do(t.Context(), rdb)
		t.Log(err, errors.Is(err, redis.ErrOutcomeUnknown))
	}
}

func ExampleOption() {
	_ = func(t *testing.T) {
		opts := []redistest.Option{redistest.Backend("memory")}
		t.Log(redistest.New(t, opts...))
	}
}

func ExampleServer_Requests() {
	_ = func(t *testing.T) {
		server := redistest.NewServer(t)
		redis.Cmd[int]("INCR", "hits").Do(t.Context(), server.Client()) // by the code under test
		requests := server.Requests()
		if len(requests) != 1 || requests[0].Commands[0][0] != "INCR" {
			t.Fatal(requests)
		}
	}
}

func ExampleServer_Freeze() {
	_ = func(t *testing.T) {
		server := redistest.NewServer(t)
		thaw := server.Freeze()
		defer thaw()
		rdb := server.Client(redis.WithTimeout(10 * time.Millisecond))
		if _, err := rdb.Do(t.Context(), "INCR", "hits"); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
	}
}

func ExampleServer_FlushScripts() {
	_ = func(t *testing.T) {
		server := redistest.NewServer(t)
		script := redis.NewScript[int]("return 1")
		for range 2 {
			if _, err := script.Run(t.Context(), server.Client(), nil); err != nil {
				t.Fatal(err)
			}
			server.FlushScripts()
		}
	}
}

func ExampleServer_Restart() {
	_ = func(t *testing.T) {
		server := redistest.NewServer(t)
		rdb := server.Client()
		for range 2 {
			if _, err := redis.Cmd[int]("INCR", "hits").Do(t.Context(), rdb); err != nil {
				t.Fatal(err)
			}
			server.Restart()
		}
	}
}

func ExampleServer_Advance() {
	_ = func(t *testing.T) {
		server := redistest.NewServer(t, redistest.Backend("memory"))
		rdb := server.Client()
		rdb.Do(t.Context(), "SET", "session", "x", "EX", 3600)
		server.Advance(time.Hour)
		if s, err := redis.Cmd[*string]("GET", "session").Do(t.Context(), rdb); s != nil || err != nil {
			t.Fatal(s, err)
		}
	}
}
