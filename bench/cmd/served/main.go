// Served is redis-rest serve with a CPU profile, which it writes when standard
// input ends. It prints its URL.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"runtime/debug"

	"github.com/redis-rest/redis-rest-go/bench/internal/slice"
	"github.com/redis-rest/redis-rest-go/restserver"
)

func main() {
	backend := flag.String("redis", "", "`URL` of the Redis behind it")
	token := flag.String("token", "", "`TOKEN` that requests must show")
	file := flag.String("cpuprofile", "", "`FILE` for the profile")
	flag.Parse()
	if *backend != "" {
		debug.SetGCPercent(400) // as redis-rest serve does
	}
	s, err := restserver.Start(restserver.Config{Backend: *backend, Token: *token})
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	fmt.Println(s.URL)
	if err := slice.Profiled(*file, func() error {
		_, err := io.Copy(io.Discard, os.Stdin)
		return err
	}); err != nil {
		log.Fatal(err)
	}
}
