package unsentbatch

import (
	"context"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/command"
)

type holder struct{ b *redis.Batch }

func add(b *redis.Batch) { command.Incr("a").Queue(b) }

var global *redis.Batch

func found(ctx context.Context, rdb *redis.Redis, tx bool) {
	a := rdb.Pipeline() // want `the batch a is never executed, so its commands are never sent: call a.Exec`
	command.Incr("a").Queue(a)

	b := rdb.Multi() // want `the batch b is never executed`
	f := redis.Cmd[int]("INCR", "a").Queue(b)
	f.Result()

	var c *redis.Batch
	if tx {
		c = rdb.Multi() // want `the batch c is never executed`
	} else {
		c = rdb.Pipeline()
	}
	if c != nil {
		func() { command.Incr("a").Queue(c) }()
	}

	d, e := rdb.Pipeline(), rdb.Pipeline() // want `the batch d is never executed`
	command.Incr("a").Queue(d)
	command.Incr("a").Queue(e)
	e.Exec(ctx)

	command.Incr("a").Queue(rdb.Pipeline()) // want `this batch is never executed`
	rdb.Multi()                             // want `this batch is never executed`

	for range 3 {
		g := rdb.Pipeline() // want `the batch g is never executed`
		defer command.Incr("a").Queue(g)
	}
}

func silent(ctx context.Context, rdb *redis.Redis, h *holder, given *redis.Batch) (named *redis.Batch) {
	a := rdb.Pipeline()
	command.Incr("a").Queue(a)
	if err := a.Exec(ctx); err != nil {
		return nil
	}

	b := rdb.Pipeline()
	defer b.Exec(ctx)
	command.Incr("a").Queue(b)

	c := rdb.Pipeline()
	add(c)

	d := rdb.Pipeline()
	h.b = d
	command.Incr("a").Queue(d)

	e := rdb.Pipeline()
	command.Incr("a").Queue(e)
	func() { e.Exec(ctx) }()

	f := rdb.Pipeline()
	command.Incr("a").Queue(f)
	exec := f.Exec
	exec(ctx)

	g := rdb.Pipeline()
	command.Incr("a").Queue(g)
	other := g
	other.Exec(ctx)

	i := rdb.Pipeline()
	command.Incr("a").Queue(i)
	batches := []*redis.Batch{i}
	batches[0].Exec(ctx)

	j := rdb.Pipeline()
	command.Incr("a").Queue(j)
	p := &j
	(*p).Exec(ctx)

	k := given
	command.Incr("a").Queue(k)

	l := rdb.Pipeline()
	l = h.b
	command.Incr("a").Queue(l)

	queue := command.Incr("a").Queue
	m := rdb.Pipeline()
	queue(m)

	n := rdb.Pipeline()
	_ = n // on purpose

	h.b = rdb.Pipeline()
	global = rdb.Pipeline()
	command.Incr("a").Queue(h.b)
	command.Incr("a").Queue(global)
	command.Incr("a").Queue(given)

	ch := make(chan *redis.Batch, 1)
	o := rdb.Pipeline()
	command.Incr("a").Queue(o)
	ch <- o

	named = rdb.Pipeline()
	command.Incr("a").Queue(named)

	q := rdb.Pipeline()
	command.Incr("a").Queue(q)
	return q
}

// A user's own pipeline is none of ours.
type own struct{ b *redis.Batch }

func (o own) Pipeline() *redis.Batch { return o.b }

func ofOwn(ctx context.Context, o own) {
	b := o.Pipeline()
	command.Incr("a").Queue(b)
	o.b.Exec(ctx)
}
