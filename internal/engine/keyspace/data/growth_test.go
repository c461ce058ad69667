package data

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/value"
	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/testkit/growth"
)

// steady are commands whose time does not grow with the number of keys, of keys that expire, of hashes with
// fields that expire, and of elements of the key big, beyond a logarithm.
var steady = []string{
	"GET k0", "SET k0 v", "SET new v EX 100", "SET k1 v EX 100", "EXPIRE k1 1000", "TTL k1", "PERSIST k2", "EXISTS k1", "TYPE k1", "INCR number", "APPEND a x", "STRLEN big",
	"GETRANGE big 0 9", "SETRANGE big 5 xy", "GETBIT big 77", "SETBIT big 77 1", "BITFIELD big GET u8 9 SET u8 9 1", "BITPOS big 1", "BITCOUNT big 0 9",
	"SCAN 0 COUNT 10", "RANDOMKEY", "DBSIZE", "RENAME number number2", "RENAME number2 number", "COPY big big2 REPLACE", "OBJECT ENCODING big",
	"SORT list BY nosort LIMIT 0 10", "SORT list BY nosort DESC LIMIT 0 10", "SORT sorted BY nosort LIMIT 0 10",
}

func TestCommandsAreSteady(t *testing.T) {
	fill := func(n int) *Server {
		s := New(time.Now)
		db := s.dbs[0]
		list, sorted := value.NewList(), value.NewSortedSet()
		for i := range n {
			key := fmt.Sprint("k", i)
			s.put(db, key, value.Text("v"))
			db.expires.Set(key, s.now+1_000_000+int64(i*7919%n))
			h := value.NewHash()
			h.Set("f", "v", s.Limits)
			h.SetExpiry("f", s.now+1_000_000+int64(i*7919%n))
			s.put(db, "h"+key, h)
			s.written(db, "h"+key)
			list.PushRight(key)
			sorted.Set(key, float64(i), s.Limits)
		}
		s.put(db, "big", &value.Bytes{B: []byte(strings.Repeat("\xff", 10*n))})
		s.put(db, "list", list)
		s.put(db, "sorted", sorted)
		return s
	}
	small, large := fill(1000), fill(50_000)
	for _, line := range steady {
		args := strings.Fields(line)
		command, problem := commandtable.Check(args)
		require.Equal(t, commandtable.Legal, problem)
		run := func(s *Server) func() {
			return func() {
				for range 500 {
					s.Begin()
					s.Run(&Session{}, command, args, nil)
				}
			}
		}
		growth.AtMost(t, 12, run(small), run(large), line)
	}
}
