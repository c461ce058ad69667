package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/urfave/cli/v3"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/restserver"
)

const environment = `The environment names the database: UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN, or the other variables that redis.FromEnv reads.`

func jsonFlag() cli.Flag {
	return &cli.BoolFlag{Name: "json", Usage: "print replies as JSON, for machines"}
}

func memoryFlag() cli.Flag {
	return &cli.BoolFlag{Name: "memory", Usage: "use an empty embedded database, in memory; no server is needed"}
}

// open returns a client of the database that the environment names, or with --memory of
// one that ends with close.
func open(c *cli.Command, opts ...redis.Option) (rdb *redis.Redis, close func() error, err error) {
	if !c.Bool("memory") {
		if rdb, err = redis.FromEnv(opts...); err != nil {
			err = fmt.Errorf("%w (redis-rest doctor says what to do)", err)
		}
		return rdb, func() error { return nil }, err
	}
	server, err := restserver.Start(restserver.Config{Backend: "memory"})
	if err != nil {
		return nil, nil, err
	}
	rdb, err = redis.New(server.URL, server.Token, redis.WithTimeout(0))
	return rdb, server.Close, err
}

// show calls f with the database, and prints the reply.
func show(c *cli.Command, f func(*redis.Redis) (redis.Reply, error)) error {
	rdb, end, err := open(c)
	if err != nil {
		return err
	}
	defer end()
	reply, err := f(rdb)
	if err != nil {
		return err
	}
	return printReply(c, reply)
}

// printReply prints a reply, as JSON on a line or as redis-cli does.
func printReply(c *cli.Command, reply redis.Reply) error {
	if c.Bool("json") {
		_, err := fmt.Fprintln(c.Root().Writer, reply)
		return err
	}
	value, err := redis.Decode[any](reply)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(c.Root().Writer, readable(value, ""))
	return err
}

// readable formats a reply as redis-cli does.
func readable(value any, indent string) string {
	switch v := value.(type) {
	case nil:
		return "(nil)\n"
	case int64:
		return fmt.Sprintf("(integer) %d\n", v)
	case json.Number:
		return "(integer) " + v.String() + "\n"
	case string:
		return strconv.Quote(v) + "\n"
	case []any:
		if len(v) == 0 {
			return "(empty array)\n"
		}
		var b strings.Builder
		width := len(strconv.Itoa(len(v)))
		for i, item := range v {
			if i > 0 {
				b.WriteString(indent)
			}
			number := fmt.Sprintf("%*d) ", width, i+1)
			b.WriteString(number + readable(item, indent+strings.Repeat(" ", len(number))))
		}
		return b.String()
	}
	return fmt.Sprintln(value)
}
