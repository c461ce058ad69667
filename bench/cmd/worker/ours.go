package main

import (
	"context"
	"net/http"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/bench/internal/script"
)

func oursWith(opts ...redis.Option) (*redis.Redis, error) {
	if *protocol != "" {
		transport := redis.NewTransport()
		transport.Protocols = protocols()
		opts = append(opts, redis.WithHTTPClient(&http.Client{Transport: transport}))
	}
	return redis.New(*url, *token, opts...)
}

func protocols() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(*protocol == "1")
	p.SetHTTP2(*protocol == "2")
	return p
}

func ours() (call, error) {
	rdb, err := oursWith()
	return one(rdb), err
}

func oursAuto() (call, error) {
	rdb, err := oursWith(redis.WithAutoPipelining())
	return one(rdb), err
}

var limited = redis.NewScript[int64](script.Source)

func one(rdb *redis.Redis) call {
	return func(ctx context.Context) (int, error) {
		return check(limited.Run(ctx, rdb, []string{key}, limit, window))
	}
}

// pipelined is how many commands a pipeline holds.
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
