package debug

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
	"github.com/redis-rest/redis-rest-go/internal/engine/script"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// moveTime is how long a script may run until it stops, as with busy-reply-threshold in Redis.
const moveTime = 5 * time.Second

// Client debugs a script for a client of Redis, such as redis-cli --ldb. It is a keyspace.Debugger.
func Client(ctx context.Context, db *keyspace.DB, words []string, client keyspace.Conversation) (reply []byte, again func(*keyspace.DB) script.Watcher) {
	var lines []string
	end := func() { _ = client.Say(append(lines, "<endsession>")) } // if the client has gone, nobody reads the reply either
	within := func(f func(ctx context.Context)) {
		ctx, cancel := context.WithTimeout(ctx, moveTime)
		defer cancel()
		f(ctx)
	}
	var s *Session
	var err error
	within(func(ctx context.Context) { s, err = Start(ctx, db, words) })
	if err != nil {
		end()
		return resp.Error(err.Error()), nil
	}
	defer func() { s.Close() }()
	if s.Now().Reason != Ended {
		c := newConsole(s, func(line string) { lines = append(lines, line) }, true)
		for s.Now().Reason != Ended {
			if len(lines) > 0 && client.Say(lines) != nil {
				return nil, nil
			}
			lines = nil
			words, err := client.Hear()
			if err != nil {
				return nil, nil
			}
			more := true
			within(func(ctx context.Context) { more = c.Do(ctx, words, strings.Join(words[min(1, len(words)):], " ")) })
			if !more {
				end()
				return resp.Error(fmt.Sprintf("ERR script aborted for user request script: %s, on @user_script:%d.", s.About().Script, s.Now().Line)), nil
			}
			if len(lines) == 0 && s.Now().Reason != Ended {
				lines = []string{""} // each command has an answer
			}
		}
	}
	end()
	return s.Now().Reply, s.Follow
}

// asInRedis returns a reply as the debugger of Redis shows it (ldbRedisProtocolToHuman).
func asInRedis(reply []byte) string {
	at := resp.NewCursor(reply)
	var b strings.Builder
	var one func()
	one = func() {
		p := at.Next()
		switch {
		case p.Null || p.Kind == '_':
			b.WriteString("NULL")
		case p.Kind == '+' || p.Kind == '-':
			b.WriteString(strconv.Quote(string(p.Kind) + string(p.Text)))
		case p.Kind == '*' || p.Kind == '~' || p.Kind == '%':
			b.WriteByte('[')
			for i := range p.N {
				if i > 0 {
					b.WriteByte(',')
				}
				one()
			}
			b.WriteByte(']')
		case p.Kind == '$' || p.Kind == '=':
			b.WriteString(strconv.Quote(string(p.Text)))
		default: // a number
			b.Write(p.Text)
		}
	}
	one()
	return b.String()
}
