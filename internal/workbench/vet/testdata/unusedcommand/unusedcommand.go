package unusedcommand

import (
	"context"
	"fmt"
	"log"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/command"

	"vettest/other"
)

type alias = redis.Command[bool]

var limit = redis.NewScript[bool]("return 1")

func forget(id string) redis.Command[int64] {
	key := "user:" + id
	if id == "" {
		key = "user"
	}
	return command.Del(key)
}

func later(b *redis.Batch, id string) redis.Command[int64] {
	c := forget(id)
	c.Queue(b)
	return c
}

func run(ctx context.Context, d redis.Doer) redis.Command[int64] {
	c := forget("")
	n, err := c.Do(ctx, d)
	if err != nil || n == 0 {
		return c
	}
	return c
}

var last redis.Command[int64]

func remember(id string) redis.Command[int64] {
	last = forget(id)
	return last
}

type user struct{ id string }

func (u *user) forget() redis.Command[int64] { return forget(u.id) }

func (u *user) rename(id string) redis.Command[int64] {
	u.id = id
	return forget(u.id)
}

func commandOf[T any](key string) redis.Command[T] { return command.Get[T](key) }

type maker interface{ Make() redis.Command[int64] }

func take(...any) {}

func statements(ctx context.Context, rdb *redis.Redis, b *redis.Batch, u *user, m maker) {
	command.Del("a")                         // want `command.Del makes a command, and this one is never run: call its Do, or Queue with a batch`
	(command.Del("a"))                       // want `command.Del makes a command`
	command.Get[string]("a")                 // want `command.Get makes a command`
	redis.Cmd[int]("INCR", "a")              // want `redis.Cmd makes a command`
	redis.Cmd[int]("INCR", "a").Idempotent() // want `Command.Idempotent makes a command`
	limit.Cmd(nil, 1)                        // want `Script.Cmd makes a command`
	limit.OnceCmd("id", []string{"k"})       // want `Script.OnceCmd makes a command`
	command.Eval[int]("return 1", nil)       // want `command.Eval makes a command`
	go command.Del("a")                      // want `command.Del makes a command`
	defer command.Del("a")                   // want `command.Del makes a command`
	forget("1")                              // want `unusedcommand.forget makes a command`
	u.forget()                               // want `user.forget makes a command`
	commandOf[int]("a")                      // want `unusedcommand.commandOf makes a command`
	other.Forget("1")                        // want `other.Forget makes a command`
	other.ForgetAll("1", "2")                // want `other.ForgetAll makes a command`
	func() {
		command.Del("a") // want `command.Del makes a command`
	}()

	// These run or queue a command, or may.
	command.Del("a").Do(ctx, rdb)
	command.Del("a").Queue(b)
	go command.Del("a").Do(ctx, rdb)
	defer command.Del("a").Do(ctx, rdb)
	_ = command.Del("a") // on purpose
	take(command.Del("a"))
	later(b, "1")
	run(ctx, rdb)
	remember("1")
	u.rename("2")
	m.Make()
	other.Later(b, "1")
	other.Users{}.Forget("1")
	make := func() redis.Command[int64] { return later(b, "1") }
	make()
	limit.Run(ctx, rdb, nil)
}

func idempotent(ctx context.Context, rdb *redis.Redis) {
	c := command.Set("a", 1)
	c.Idempotent() // want `Idempotent does not change c, it returns another command`
	c.Do(ctx, rdb)
	d := command.Set("a", 1)
	d = d.Idempotent()
	d.Do(ctx, rdb)
	e := command.Set("a", 1).Idempotent()
	e.Idempotent().Do(ctx, rdb)
}

func variables(ctx context.Context, rdb *redis.Redis, keys []string) (result redis.Command[int64]) {
	c := command.Del("a") // want `the command in c is never run`
	c = c.Idempotent()
	var d alias // want `the command in d is never run`
	if len(keys) > 0 {
		d = command.Set("a", 1)
		d = d.Idempotent()
	}
	pair, err := two() // want `the command in pair is never run`
	pair = pair.Idempotent()
	fmt.Println(err)
	var list []redis.Command[int64] // want `the commands in list are never run`
	for _, key := range keys {
		list = append(list, command.Incr(key))
	}
	made := make([]redis.Command[int64], len(keys)) // want `the commands in made are never run`
	for i, key := range keys {
		made[i] = command.Incr(key)
	}
	byKey := map[string]redis.Command[int64]{} // want `the commands in byKey are never run`
	for _, key := range keys {
		func() { byKey[key] = command.Incr(key) }()
	}

	// These are run, or may be.
	e := command.Del("a")
	e = e.Idempotent()
	e.Do(ctx, rdb)
	f := command.Del("a")
	log.Print(f)
	g := command.Del("a")
	_ = g
	h := command.Del("a")
	h = h.Idempotent()
	func() { h.Do(ctx, rdb) }()
	j := command.Del("a")
	k := j.Idempotent()
	k.Do(ctx, rdb)
	i := command.Del("a")
	p := &i
	p.Do(ctx, rdb)
	all := []redis.Command[int64]{e}
	all = append(all, f)
	for _, c := range all {
		c.Do(ctx, rdb)
	}
	shared := keep
	shared[0] = command.Del("a")
	tail := append(keep, e)
	tail[0] = command.Del("a")
	inner := keep[:1]
	inner = append(inner, e)
	result = command.Del("a")
	return result
}

var keep = make([]redis.Command[int64], 2)

func two() (redis.Command[int64], error) { return command.Del("a"), nil }

// A user's own type with the same name is none of ours.
type Command[T any] struct{ v T }

func own() Command[int] { return Command[int]{} }

func ownStatement() { own() }

func generic[T any](ctx context.Context, d redis.Doer) {
	command.Get[T]("a") // want `command.Get makes a command`
	command.Get[T]("a").Do(ctx, d)
}
