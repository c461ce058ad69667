package restserver_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
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

// A server is a handler, to be mounted wherever it is wanted.
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
