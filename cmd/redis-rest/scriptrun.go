package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
	"github.com/redis-rest/redis-rest-go/internal/engine/persistence"
	"github.com/redis-rest/redis-rest-go/internal/workbench/trace"
)

// runFlags are those of commands that run a script on a database of their own.
func runFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "function", Usage: "the file is a library: call this function of it"},
		&cli.StringFlag{Name: "seed", Usage: "run the commands of this `FILE` first, as import does"},
		&cli.StringFlag{Name: "data", Usage: "begin with the data of this `FILE` of serve --data, which stays as it is"},
		&cli.StringSliceFlag{Name: "copy", Usage: "begin with a copy of this `KEY` of the database of the environment, read with commands that write nothing; may be repeated"},
	}
}

// do runs a command of the embedded database.
func do(ctx context.Context, db *keyspace.DB, words ...string) ([]byte, error) {
	reply := db.Do(ctx, words)
	if reply == nil {
		return nil, cmp.Or(ctx.Err(), errors.New("interrupted"))
	}
	return reply, nil
}

// A scriptRun says what to run: a script or a function, on which database.
type scriptRun struct {
	file, function string
	keys, args     []string
	seed, data     string
	copies         []string
	keep           bool // the changes, in the file of data
}

// newScriptRun reads the flags and arguments of a command line.
func newScriptRun(c *cli.Command) (scriptRun, error) {
	r := scriptRun{file: c.Args().First(), function: c.String("function"), seed: c.String("seed"), data: c.String("data"), copies: c.StringSlice("copy"), keep: c.Bool("keep")}
	keys, args, err := keysAndArgs(c.Args().Tail())
	r.keys = keys
	for _, arg := range args {
		r.args = append(r.args, arg.(string))
	}
	return r, err
}

// words returns the command that runs the file. If it is a library, it is loaded.
func (r scriptRun) words(ctx context.Context, c *cli.Command, db *keyspace.DB) ([]string, error) {
	source, err := read(c, r.file)
	if err != nil {
		return nil, err
	}
	words := []string{"EVAL", source}
	if r.function != "" {
		reply, err := do(ctx, db, "FUNCTION", "LOAD", "REPLACE", source)
		if err != nil {
			return nil, err
		}
		if failure, ok := trace.Value(reply).(trace.Error); ok {
			return nil, failure
		}
		words = []string{"FCALL", r.function}
	}
	return slices.Concat(words, []string{strconv.Itoa(len(r.keys))}, r.keys, r.args), nil
}

// database makes the database. end must be called.
func (r scriptRun) database(ctx context.Context, c *cli.Command) (db *keyspace.DB, end func(), err error) {
	remove := func() {}
	switch {
	case r.data == "":
		db = keyspace.New()
	case r.keep:
		db, _, err = keyspace.Open(persistence.Config{Path: r.data})
	default:
		db, remove, err = openCopy(r.data)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("--data: %w", err)
	}
	end = func() {
		db.Close()
		remove()
	}
	if len(r.copies) > 0 {
		if err := copyKeys(ctx, c, db, r.copies); err != nil {
			end()
			return nil, nil, fmt.Errorf("--copy: %w", err)
		}
	}
	if r.seed != "" {
		if err := seed(ctx, db, r.seed); err != nil {
			end()
			return nil, nil, fmt.Errorf("--seed: %s: %w", r.seed, err)
		}
	}
	return db, end, nil
}

// openCopy opens a copy of a data file, which stays as it is, also while a server uses it.
func openCopy(path string) (db *keyspace.DB, end func(), err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	dir, err := os.MkdirTemp("", "redis-rest-trace-")
	if err != nil {
		return nil, nil, err
	}
	end = func() { os.RemoveAll(dir) }
	copied := filepath.Join(dir, "data")
	if err = os.WriteFile(copied, data, 0o600); err == nil {
		db, _, err = keyspace.Open(persistence.Config{Path: copied})
	}
	if err != nil {
		end()
		return nil, nil, err
	}
	return db, end, nil
}

// seed runs the commands of a file.
func seed(ctx context.Context, db *keyspace.DB, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	for r := newCommandReader(file); ; {
		cmd, err := r.next()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case len(cmd.words) == 0:
			continue
		}
		reply := db.Do(ctx, cmd.words)
		if reply == nil {
			return ctx.Err()
		}
		if failure, ok := trace.Value(reply).(trace.Error); ok {
			return fmt.Errorf("line %d: %w", cmd.line, failure)
		}
	}
}

// copyKeys copies keys of the database of the environment.
func copyKeys(ctx context.Context, c *cli.Command, db *keyspace.DB, names []string) error {
	rdb, end, err := open(c)
	if err != nil {
		return err
	}
	defer end()
	for _, key := range names {
		if err := copyKey(ctx, rdb, db, key); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	return nil
}

func copyKey(ctx context.Context, rdb *redis.Redis, db *keyspace.DB, key string) error {
	kind, err := redis.Cmd[string]("TYPE", key).Do(ctx, rdb)
	if err != nil {
		return err
	}
	list := func(words ...any) ([]string, error) { return redis.Cmd[[]string](words...).Do(ctx, rdb) }
	var words [][]string
	add := func(command string, values []string) {
		if len(values) > 0 {
			words = append(words, append([]string{command, key}, values...))
		}
	}
	var values []string
	switch kind {
	case "none":
		return nil
	case "string":
		var text string
		text, err = redis.Cmd[string]("GET", key).Do(ctx, rdb)
		add("SET", []string{text})
	case "list":
		values, err = list("LRANGE", key, 0, -1)
		add("RPUSH", values)
	case "hash":
		values, err = list("HGETALL", key)
		add("HSET", values)
	case "set":
		values, err = list("SMEMBERS", key)
		add("SADD", values)
	case "zset":
		values, err = list("ZRANGE", key, 0, -1, "WITHSCORES")
		for i := 0; i+1 < len(values); i += 2 {
			values[i], values[i+1] = values[i+1], values[i]
		}
		add("ZADD", values)
	case "stream":
		var entries []struct {
			ID     string   `redis:"0"`
			Fields []string `redis:"1"`
		}
		entries, err = redis.Cmd[[]struct {
			ID     string   `redis:"0"`
			Fields []string `redis:"1"`
		}]("XRANGE", key, "-", "+").Do(ctx, rdb)
		for _, e := range entries {
			add("XADD", append([]string{e.ID}, e.Fields...))
		}
	case "ReJSON-RL":
		var text string
		text, err = redis.Cmd[string]("JSON.GET", key).Do(ctx, rdb)
		add("JSON.SET", []string{"$", text})
	default:
		return fmt.Errorf("values of the type %q cannot be copied", kind)
	}
	if err != nil {
		return err
	}
	ttl, err := redis.Cmd[int64]("PTTL", key).Do(ctx, rdb)
	if err != nil {
		return err
	}
	if ttl > 0 {
		add("PEXPIREAT", []string{strconv.FormatInt(time.Now().UnixMilli()+ttl, 10)})
	}
	for _, w := range words {
		if failure, ok := trace.Value(db.Do(ctx, w)).(trace.Error); ok {
			return fmt.Errorf("%s: %w", strings.ToLower(w[0]), failure)
		}
	}
	return nil
}
