package restserver_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/engine/script"
	"github.com/redis-rest/redis-rest-go/restserver"
)

func ExampleStart() {
	server, err := restserver.Start(restserver.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	rdb, err := redis.New(server.URL, server.Token)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(redis.Cmd[int]("INCR", "hits").Do(context.Background(), rdb))
	// Output: 1 <nil>
}

// A server is a handler that can be mounted anywhere.
func ExampleNew() {
	server, err := restserver.New(restserver.Config{Token: "token"})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	mux := http.NewServeMux()
	mux.Handle("/redis", http.StripPrefix("/redis", server))
	mux.Handle("/redis/", http.StripPrefix("/redis", server))
	web := httptest.NewServer(mux)
	defer web.Close()
	rdb, err := redis.New(web.URL+"/redis", "token")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(redis.Cmd[string]("PING").Do(context.Background(), rdb))
	// Output: PONG <nil>
}

func ExampleServer_ServeHTTP() {
	server, err := restserver.New(restserver.Config{Token: "token"})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	req := httptest.NewRequest("POST", "/pipeline", strings.NewReader(`[["SET","k","v"],["GET","k"]]`))
	req.Header.Set("Authorization", "Bearer token")
	w := httptest.NewRecorder()
	server.ServeHTTP(w, req)
	body, _ := io.ReadAll(w.Body)
	fmt.Println(w.Code, string(body))
	// Output: 200 [{"result":"OK"},{"result":"v"}]
}

func ExampleConfig() {
	server, err := restserver.New(restserver.Config{
		Backend:      "memory", // or redis-server, auto, redis://…
		Token:        "token",
		MaxBodyBytes: 1 << 20,
	})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	fmt.Println(server.Token)
	// Output: token
}

func ExampleServer() {
	server, err := restserver.Start(restserver.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	fmt.Println(strings.HasPrefix(server.URL, "http://127.0.0.1:"), server.Token != "")
	// Output: true true
}

func ExampleServer_Backend() {
	server, err := restserver.New(restserver.Config{Backend: "memory"})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	fmt.Println(server.Backend())
	// Output: memory
}

func ExampleServer_Close() {
	server, err := restserver.Start(restserver.Config{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(server.Close())
	// Output: <nil>
}

func ExampleServer_Serve() {
	server, err := restserver.New(restserver.Config{Token: "token"})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go server.Serve(l)
	rdb, err := redis.New("http://"+l.Addr().String(), "token")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(redis.Cmd[string]("PING").Do(context.Background(), rdb))
	// Output: PONG <nil>
}

func ExampleServer_ServeRESP() {
	server, err := restserver.New(restserver.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go server.ServeRESP(l)
	client := goredis.NewClient(&goredis.Options{Addr: l.Addr().String()})
	defer client.Close()
	fmt.Println(client.Incr(context.Background(), "hits").Result())
	// Output: 1 <nil>
}

func ExampleServer_ServeDebug() {
	server, err := restserver.New(restserver.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go server.ServeDebug(l)
	editor, err := net.Dial("tcp", l.Addr().String()) // it attaches with the Debug Adapter Protocol
	if err != nil {
		log.Fatal(err)
	}
	defer editor.Close()
	fmt.Println("editors attach here:", editor.RemoteAddr().Network())
	// Output: editors attach here: tcp
}

func ExampleServer_Shutdown() {
	server, err := restserver.Start(restserver.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	fmt.Println(server.Shutdown(ctx))
	// Output: <nil>
}

func ExampleRequest() {
	server, err := restserver.Start(restserver.Config{Observe: func(r restserver.Request) {
		fmt.Println(r.Kind, r.Commands, r.Status)
	}})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	rdb, err := redis.New(server.URL, server.Token)
	if err != nil {
		log.Fatal(err)
	}
	rdb.Do(context.Background(), "SET", "name", "Ada")
	// Output: command [[SET name Ada]] 200
}

func ExampleServer_Advance() {
	server, err := restserver.Start(restserver.Config{Backend: "memory"})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	rdb, err := redis.New(server.URL, server.Token)
	if err != nil {
		log.Fatal(err)
	}
	rdb.Do(context.Background(), "SET", "session", "x", "EX", 3600)
	if err := server.Advance(time.Hour); err != nil {
		log.Fatal(err)
	}
	fmt.Println(redis.Cmd[*string]("GET", "session").Do(context.Background(), rdb))
	// Output: <nil> <nil>
}

// A calls writes down the calls of scripts.
type calls struct{}

func (calls) Begin(r script.Run)                 { fmt.Println(r.Keys) }
func (calls) Called(_ *lua.State, c script.Call) { fmt.Println(c.Words) }
func (calls) End(reply []byte)                   { fmt.Printf("%q\n", reply) }

func ExampleServer_Watch() {
	server, err := restserver.Start(restserver.Config{Backend: "memory"})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	if err := server.Watch(calls{}); err != nil {
		log.Fatal(err)
	}
	rdb, err := redis.New(server.URL, server.Token)
	if err != nil {
		log.Fatal(err)
	}
	rdb.Do(context.Background(), "EVAL", "return redis.call('INCR', KEYS[1])", 1, "n")
	// Output:
	// [n]
	// [INCR n]
	// ":1\r\n"
}

func ExampleServer_FlushScripts() {
	server, err := restserver.Start(restserver.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	fmt.Println(server.FlushScripts(context.Background()))
	// Output: <nil>
}

func ExampleDefaultMaxBodyBytes() {
	fmt.Println(restserver.DefaultMaxBodyBytes>>20, "MiB")
	// Output: 10 MiB
}

func ExampleDefaultMaxConcurrent() {
	fmt.Println(restserver.DefaultMaxConcurrent, "requests")
	// Output: 1000 requests
}

func ExampleDefaultTimeout() {
	fmt.Println(restserver.DefaultTimeout)
	// Output: 1m0s
}

// Log gets a line after each request, and a line when Redis cannot be used any more.
func ExampleConfig_log() {
	handler := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		switch a.Key {
		case "time", "id", "peer", "ms":
			return slog.Attr{} // they differ each time
		}
		return a
	}})
	server, err := restserver.New(restserver.Config{Token: "token", Log: slog.New(handler)})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	req := httptest.NewRequest("POST", "/pipeline", strings.NewReader(`[["SET","k","v"],["SET","l","v"],["INCR","k"]]`))
	req.Header.Set("Authorization", "Bearer token")
	server.ServeHTTP(httptest.NewRecorder(), req)
	// Output: level=INFO msg=request method=POST kind=pipeline commands="SET×2 INCR" status=200 errors=ERR received=46 sent=89
}

// Serve the metrics on an address that only the monitoring can reach.
func ExampleServer_Metrics() {
	server, err := restserver.New(restserver.Config{Token: "token"})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	metrics := server.Metrics()
	req := httptest.NewRequest("POST", "/", strings.NewReader(`["PING"]`))
	req.Header.Set("Authorization", "Bearer token")
	server.ServeHTTP(httptest.NewRecorder(), req)

	w := httptest.NewRecorder()
	metrics.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for line := range strings.Lines(w.Body.String()) {
		if strings.HasPrefix(line, "redis_rest_requests_total{") {
			fmt.Print(line)
		}
	}
	// Output: redis_rest_requests_total{kind="command",outcome="ok"} 1
}

// A server whose private redis-server has ended cannot go on. Serve returns the same error.
func ExampleServer_Done() {
	server, err := restserver.Start(restserver.Config{Backend: "auto"})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	select {
	case <-server.Done():
		log.Fatal(server.Err())
	default:
		fmt.Println("it runs")
	}
	// Output: it runs
}

func ExampleServer_Err() {
	server, err := restserver.New(restserver.Config{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(server.Close(), server.Err()) // it has not ended by itself
	// Output: <nil> <nil>
}

func ExampleDefaultMaxMemory() {
	fmt.Println(restserver.DefaultMaxMemory>>20, "MiB")
	// Output: 1024 MiB
}

func ExampleDefaultHeartbeat() {
	fmt.Println(restserver.DefaultHeartbeat)
	// Output: 15s
}

// Two tokens with a database each, behind one server.
func ExampleConfig_tokensFile() {
	dir, err := os.MkdirTemp("", "tokens")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "tokens.json")
	text := `{"tokens": [
		{"token": "token-of-the-shop", "redis": "memory:shop"},
		{"token": "token-of-the-blog", "redis": "memory:blog", "requestsPerSecond": 100}
	]}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		log.Fatal(err)
	}
	server, err := restserver.Start(restserver.Config{TokensFile: file})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	for _, token := range []string{"token-of-the-shop", "token-of-the-shop", "token-of-the-blog"} {
		rdb, err := redis.New(server.URL, token)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(redis.Cmd[int]("INCR", "hits").Do(context.Background(), rdb))
	}
	// Output:
	// 1 <nil>
	// 2 <nil>
	// 1 <nil>
}

// Every answer is lost, after the command ran. The client knows that it may have run.
func ExampleConditions() {
	server, err := restserver.Start(restserver.Config{Conditions: restserver.Conditions{
		Fail: map[restserver.Failure]float64{restserver.FailLost: 1},
	}})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	rdb, err := redis.New(server.URL, server.Token)
	if err != nil {
		log.Fatal(err)
	}
	_, err = redis.Cmd[int]("INCR", "hits").Do(context.Background(), rdb)
	fmt.Println(errors.Is(err, redis.ErrOutcomeUnknown))
	// Output: true
}

func ExampleFailure() {
	server, err := restserver.New(restserver.Config{Token: "token", Conditions: restserver.Conditions{
		Fail: map[restserver.Failure]float64{restserver.FailTooMany: 1},
	}})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	req := httptest.NewRequest("POST", "/", strings.NewReader(`["PING"]`))
	req.Header.Set("Authorization", "Bearer token")
	w := httptest.NewRecorder()
	server.ServeHTTP(w, req)
	fmt.Println(w.Code, w.Header().Get("Retry-After"))
	// Output: 429 1
}

func ExampleParseFailure() {
	fmt.Println(restserver.ParseFailure("502=5%"))
	// Output: 502 0.05 <nil>
}

func ExampleReplay() {
	var session bytes.Buffer
	server, err := restserver.New(restserver.Config{Token: "token", Record: &session})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	req := httptest.NewRequest("POST", "/", strings.NewReader(`["INCR","hits"]`))
	req.Header.Set("Authorization", "Bearer token")
	server.ServeHTTP(httptest.NewRecorder(), req)

	other, err := restserver.Start(restserver.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer other.Close()
	fmt.Println(restserver.Replay(context.Background(), &session, other.URL, other.Token))
	// Output: 1 [] <nil>
}

func ExampleDifference() {
	session := `{"method":"POST","path":"/","body":"[\"GET\",\"k\"]","status":200,"answer":"{\"result\":\"v\"}"}`
	server, err := restserver.Start(restserver.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	_, different, err := restserver.Replay(context.Background(), strings.NewReader(session), server.URL, server.Token)
	if err != nil {
		log.Fatal(err)
	}
	for _, d := range different {
		fmt.Println(d.Path, "was", d.Want, "and is", d.Got)
	}
	// Output: / was {"result":"v"} and is {"result":null}
}

// The data of the embedded database outlives the server.
func ExampleConfig_dataFile() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for range 2 {
		server, err := restserver.Start(restserver.Config{DataFile: filepath.Join(dir, "data"), Fsync: "always"})
		if err != nil {
			log.Fatal(err)
		}
		rdb, err := redis.New(server.URL, server.Token)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(redis.Cmd[int]("INCR", "starts").Do(context.Background(), rdb))
		if err := server.Close(); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// 1 <nil>
	// 2 <nil>
}
