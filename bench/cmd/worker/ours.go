package main

import (
	"context"
	"errors"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/bench/internal/script"
	"github.com/redis-rest/redis-rest-go/ratelimit"
)

func oursWith(opts ...redis.Option) (*redis.Redis, error) {
	return redis.New(*url, *token, append(opts, redis.WithHTTP2(*protocol == "2"))...)
}

func ours() (call, error) {
	rdb, err := oursWith()
	return one(rdb), err
}

func oursAuto() (call, error) {
	rdb, err := oursWith(redis.WithAutoPipelining(true))
	return one(rdb), err
}

var limited = redis.NewScript[int64](script.Source)

func one(rdb *redis.Redis) call {
	return func(ctx context.Context) (int, error) {
		return check(limited.Run(ctx, rdb, []string{key}, limit, window))
	}
}

func limiter() (call, error) {
	rdb, err := oursWith()
	if err != nil {
		return nil, err
	}
	l, err := ratelimit.New(rdb, ratelimit.SlidingWindow(1e9, time.Minute))
	return func(ctx context.Context) (int, error) {
		d, err := l.Limit(ctx, "user:456")
		if err == nil && !d.Allowed {
			err = errors.New("refused")
		}
		return 1, err
	}, err
}

// pipelined is the number of commands in a pipeline.
const pipelined = 1000

func oursPipeline() (call, error) {
	rdb, err := oursWith()
	return func(ctx context.Context) (int, error) {
		b := rdb.Pipeline()
		futures := make([]*redis.Future[int64], pipelined)
		for i := range futures {
			futures[i] = limited.Cmd([]string{key}, limit, window).Queue(b)
		}
		if err := b.Exec(ctx); err != nil {
			return 0, err
		}
		for _, f := range futures {
			if _, err := check(f.Result()); err != nil {
				return 0, err
			}
		}
		return pipelined, nil
	}, err
}
