package restserver_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/restserver"
)

// Single commands of many requests are combined. Each gets its own reply, and its own
// error.
func TestCombinedCommands(t *testing.T) {
	needRedisServer(t)
	s := start(t, restserver.Config{Backend: "redis-server"})
	var all sync.WaitGroup
	for i := range 32 {
		all.Go(func() {
			for round := range 50 {
				value := fmt.Sprintf("%d-%d", i, round)
				set := post(t, s, "/", fmt.Sprintf(`["SET","k%d",%q]`, i, value))
				assert.Equal(t, `{"result":"OK"}`, set.body)
				wrong := post(t, s, "/", fmt.Sprintf(`["LPUSH","k%d","x"]`, i))
				assert.Equal(t, 400, wrong.status)
				assert.Contains(t, wrong.body, "WRONGTYPE")
				get := post(t, s, "/", fmt.Sprintf(`["GET","k%d"]`, i))
				assert.Equal(t, fmt.Sprintf(`{"result":%q}`, value), get.body)
			}
		})
	}
	all.Wait()
}

// If Redis does not answer, a request whose command was sent may have run,
// and a request whose command was not sent did not run.
func TestCombinedCommandsWithoutAnswer(t *testing.T) {
	t.Parallel() // it waits
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	arrived := new(sync.Map) // keys
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
			go silentRedis(conn, arrived)
		}
	}()
	s := start(t, restserver.Config{Backend: "redis://" + l.Addr().String(), Timeout: 300 * time.Millisecond})
	ask := func(i int) (status int) {
		path, body := "/", fmt.Sprintf(`["INCR","k%d"]`, i)
		if i%2 == 1 {
			path, body = "/pipeline", "["+body+"]"
		}
		a := post(t, s, path, body)
		if a.status == 504 {
			assert.Contains(t, a.body, "may have run")
		} else {
			assert.Contains(t, a.body, "did not run")
		}
		return a.status
	}
	came := func(i int) bool { _, ok := arrived.Load(fmt.Sprintf("k%d", i)); return ok }
	const atOnce, requests = 4, 40 // running pipelines, and all requests
	var all sync.WaitGroup
	for i := range requests {
		want := 503
		if i < atOnce {
			want = 504
		}
		all.Go(func() { assert.Equal(t, want, ask(i), i) })
		if i < atOnce {
			require.Eventually(t, func() bool { return came(i) }, 5*time.Second, time.Millisecond/10)
		}
	}
	all.Wait()
	// Each of these gets a free pipeline; commands that waited before it have been sent.
	for range 2 * atOnce {
		require.Eventually(t, func() bool { return post(t, s, "/", `["PING"]`).status == 200 }, 10*time.Second, time.Millisecond)
	}
	for i := range requests {
		assert.Equal(t, i < atOnce, came(i), i)
	}
}

// silentRedis answers only PING. It does not answer INCR, but records its keys.
func silentRedis(conn net.Conn, arrived *sync.Map) {
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		count, _ := strconv.Atoi(strings.TrimPrefix(lines.Text(), "*"))
		words := make([]string, count)
		for i := range words {
			lines.Scan() // the length
			lines.Scan()
			words[i] = lines.Text()
		}
		switch strings.ToUpper(words[0]) {
		case "INCR":
			arrived.Store(words[1], true)
		case "PING":
			fmt.Fprint(conn, "+PONG\r\n")
		default:
			fmt.Fprint(conn, "-ERR unknown command\r\n")
		}
	}
}

// Combined pipelines keep the order of their commands and of their replies.
// Large requests are sent alone.
func TestCombinedPipelines(t *testing.T) {
	needRedisServer(t)
	s := start(t, restserver.Config{Backend: "redis-server"})
	large := strings.Repeat("x", 100<<10)
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			for round := range 30 {
				value := fmt.Sprintf("%d-%d", i, round)
				if i%8 == 0 {
					value += large
				}
				a := post(t, s, "/pipeline", fmt.Sprintf(`[["SET","k%d",%q],["LPUSH","k%d","x"],["GET","k%d"],["WATCH","k"],["STRLEN","k%d"]]`, i, value, i, i, i))
				var items []struct {
					Result any
					Error  string
				}
				require.NoError(t, json.Unmarshal([]byte(a.body), &items))
				require.Len(t, items, 5)
				assert.Equal(t, "OK", items[0].Result)
				assert.Contains(t, items[1].Error, "WRONGTYPE")
				assert.Equal(t, value, items[2].Result)
				assert.Contains(t, items[3].Error, "'WATCH'")
				assert.EqualValues(t, len(value), items[4].Result)
			}
		})
	}
	all.Wait()
}
