// Probe prints, as JSON, how the client behaves on the host that it is compiled for. It uses
// the database that the environment names, a server with faults at FAULTS, and
// an address without a server at ABSENT.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math"
	"os"
	"sync"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
)

// A Line names a trial and its outcome.
type Line struct{ What, Outcome string }

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	rdb, err := redis.FromEnv()
	if err != nil {
		log.Fatal(err)
	}
	var lines []Line
	for _, try := range []struct {
		what string
		do   func(ctx context.Context, rdb *redis.Redis) string
	}{
		{"scripts, every kind of reply, bytes and integers exact", replies},
		{"read your writes: the sync token", syncToken},
		{"a pipeline of 1,000 commands", pipeline},
		{"`WithAutoPipelining`, 100 goroutines", autoPipelining},
		{"`Subscribe`, until its context ends", subscribe},
		{"`WithTimeout`, on a server that does not answer", timeout},
		{"`WithTimeout`, on a reply that stops half-way", halfWay},
		{"a context's deadline, on a server that does not answer", deadline},
		{"a context's cancellation, the same", cancellation},
		{"503 with Retry-After", refusal},
		{"502, of a write", badGateway},
		{"nobody listens, a read", absentRead},
		{"nobody listens, a write", absentWrite},
		{"a redirect", redirect},
	} {
		lines = append(lines, Line{try.what, try.do(ctx, rdb)})
	}
	out, err := json.Marshal(lines)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(out))
}

// faulty makes a client for a server that fails in a certain way.
func faulty(url string, opts ...redis.Option) *redis.Redis {
	rdb, err := redis.New(url, "token", opts...)
	if err != nil {
		log.Fatal(err)
	}
	return rdb
}

// outcome describes what an error says about the command.
func outcome(err error) string {
	known := ", certainly not run"
	if errors.Is(err, redis.ErrOutcomeUnknown) {
		known = ", `ErrOutcomeUnknown`"
	}
	status, isStatus := errors.AsType[*redis.HTTPError](err)
	switch {
	case err == nil:
		return "works"
	case errors.Is(err, context.DeadlineExceeded):
		return "`DeadlineExceeded`" + known
	case errors.Is(err, context.Canceled):
		return "`Canceled`" + known
	case isStatus:
		return fmt.Sprintf("`HTTPError` %d%s", status.Status, known)
	}
	return "an error" + known
}

func replies(ctx context.Context, rdb *redis.Redis) string {
	bytes := make([]byte, 256)
	for i := range bytes {
		bytes[i] = byte(i)
	}
	got, err := redis.Eval[[]byte](ctx, rdb, "local t = {} for i = 0, 255 do t[#t + 1] = string.char(i) end return table.concat(t)", nil)
	if err != nil || string(got) != string(bytes) {
		return fmt.Sprint(got, err)
	}
	n, err := redis.Cmd[int64]("INCRBY", "probe:n", int64(math.MaxInt64)).Do(ctx, rdb)
	if err != nil || n != math.MaxInt64 {
		return fmt.Sprint(n, err)
	}
	if p, err := redis.Eval[*string](ctx, rdb, "return false", nil); err != nil || p != nil {
		return fmt.Sprint(p, err)
	}
	if _, err := redis.Eval[int](ctx, rdb, "return {err = 'insufficient_stock'}", nil); redis.Code(err) != "insufficient_stock" {
		return fmt.Sprint(err)
	}
	limit := redis.NewScript[bool]("return redis.call('INCR', KEYS[1]) <= tonumber(ARGV[1])")
	for range 2 {
		if ok, err := limit.Run(ctx, rdb, []string{"probe:limit"}, 2); err != nil || !ok {
			return fmt.Sprint(ok, err)
		}
	}
	return "works"
}

func syncToken(ctx context.Context, rdb *redis.Redis) string {
	before := rdb.SyncToken()
	if _, err := rdb.Do(ctx, "PING"); err != nil {
		return fmt.Sprint(err)
	}
	if after := rdb.SyncToken(); after == "" || after == before {
		return "does not arrive"
	}
	return "works"
}

func pipeline(ctx context.Context, rdb *redis.Redis) string {
	b := rdb.Pipeline()
	var last *redis.Future[int64]
	for range 1000 {
		last = redis.Cmd[int64]("INCR", "probe:pipeline").Queue(b)
	}
	if err := b.Exec(ctx); err != nil {
		return fmt.Sprint(err)
	}
	if n, err := last.Result(); n != 1000 || err != nil {
		return fmt.Sprint(n, err)
	}
	return "works"
}

func autoPipelining(ctx context.Context, _ *redis.Redis) string {
	requests := 0
	var mu sync.Mutex
	rdb, err := redis.FromEnv(redis.WithAutoPipelining(true), redis.WithHook(redis.Hook{Attempt: func(context.Context, redis.AttemptInfo) (context.Context, func(redis.AttemptOutcome)) {
		mu.Lock()
		requests++
		mu.Unlock()
		return nil, nil
	}}))
	if err != nil {
		return fmt.Sprint(err)
	}
	var all sync.WaitGroup
	errs := make([]error, 100)
	for i := range errs {
		all.Go(func() { _, errs[i] = rdb.Do(ctx, "INCR", "probe:auto") })
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return fmt.Sprint(err)
	}
	if requests > 50 {
		return "shares no requests"
	}
	return "works"
}

func subscribe(ctx context.Context, rdb *redis.Redis) string {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	news, err := rdb.Subscribe(ctx, "probe:news")
	if err != nil {
		return fmt.Sprint(err)
	}
	if _, err := rdb.Do(ctx, "PUBLISH", "probe:news", "hello"); err != nil {
		return fmt.Sprint(err)
	}
	got := ""
	for m, err := range news.Messages() {
		if err != nil {
			return fmt.Sprint(err)
		}
		got += m.Payload
		cancel()
	}
	if got != "hello" {
		return "brings " + got
	}
	return "works"
}

const short = 200 * time.Millisecond

var once = redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 1})

func timeout(ctx context.Context, _ *redis.Redis) string {
	_, err := faulty(os.Getenv("FAULTS")+"/silent", once, redis.WithTimeout(short)).Do(ctx, "INCR", "n")
	return outcome(err)
}

func halfWay(ctx context.Context, _ *redis.Redis) string {
	_, err := faulty(os.Getenv("FAULTS")+"/half", once, redis.WithTimeout(short)).Do(ctx, "INCR", "n")
	return outcome(err)
}

func deadline(ctx context.Context, _ *redis.Redis) string {
	ctx, cancel := context.WithTimeout(ctx, short)
	defer cancel()
	_, err := faulty(os.Getenv("FAULTS")+"/silent").Do(ctx, "INCR", "n")
	return outcome(err)
}

func cancellation(ctx context.Context, _ *redis.Redis) string {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	time.AfterFunc(short, cancel)
	_, err := faulty(os.Getenv("FAULTS")+"/silent").Do(ctx, "INCR", "n")
	return outcome(err)
}

// attempts adds the number of attempts to an outcome.
func attempts(ctx context.Context, url, command string) string {
	n := 0
	hook := redis.WithHook(redis.Hook{Attempt: func(_ context.Context, a redis.AttemptInfo) (context.Context, func(redis.AttemptOutcome)) {
		n = a.Number
		return nil, nil
	}})
	_, err := faulty(url, hook, redis.WithRetryPolicy(redis.RetryPolicy{BaseDelay: 1, MaxDelay: time.Millisecond})).Do(ctx, command, "n")
	return fmt.Sprintf("%s, after %d", outcome(err), n)
}

func refusal(ctx context.Context, _ *redis.Redis) string {
	return attempts(ctx, os.Getenv("FAULTS")+"/busy", "INCR")
}
func badGateway(ctx context.Context, _ *redis.Redis) string {
	return attempts(ctx, os.Getenv("FAULTS")+"/bad", "INCR")
}
func absentRead(ctx context.Context, _ *redis.Redis) string {
	return attempts(ctx, os.Getenv("ABSENT"), "GET")
}
func absentWrite(ctx context.Context, _ *redis.Redis) string {
	return attempts(ctx, os.Getenv("ABSENT"), "INCR")
}

func redirect(ctx context.Context, _ *redis.Redis) string {
	_, err := faulty(os.Getenv("FAULTS")+"/away", once).Do(ctx, "INCR", "n")
	return outcome(err)
}
