package restserver_test

import (
	"bufio"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/restserver"
)

// Single commands of many requests travel together: each gets its own reply, and an
// error is its own too.
func TestTogether(t *testing.T) {
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

// Where Redis does not answer, who is told that the command may have run is exactly
// those whose command left; the others are told that it did not.
func TestTogetherWithoutAnswer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	var arrived atomic.Int64
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
			go silentRedis(conn, &arrived)
		}
	}()
	s := start(t, restserver.Config{Backend: "redis://" + l.Addr().String(), Timeout: 300 * time.Millisecond})
	const requests = 40
	var unknown, not atomic.Int64
	var all sync.WaitGroup
	for range requests {
		all.Go(func() {
			switch a := post(t, s, "/", `["INCR","k"]`); a.status {
			case 504:
				assert.Contains(t, a.body, "may have run")
				unknown.Add(1)
			case 503:
				assert.Contains(t, a.body, "did not run")
				not.Add(1)
			default:
				assert.Fail(t, "answered", "%d %s", a.status, a.body)
			}
		})
	}
	all.Wait()
	require.Equal(t, int64(requests), unknown.Load()+not.Load())
	require.Equal(t, arrived.Load(), unknown.Load())
	require.Positive(t, not.Load())
}

// silentRedis knows no command and does not answer INCR, which it counts.
func silentRedis(conn net.Conn, arrived *atomic.Int64) {
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		words, _ := strconv.Atoi(strings.TrimPrefix(lines.Text(), "*"))
		var name string
		for i := range words {
			lines.Scan() // the length
			lines.Scan()
			if i == 0 {
				name = lines.Text()
			}
		}
		if name == "INCR" {
			arrived.Add(1)
		} else {
			fmt.Fprint(conn, "-ERR unknown command\r\n")
		}
	}
}
