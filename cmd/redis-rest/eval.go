package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v3"

	redis "github.com/redis-rest/redis-rest-go"
)

const environment = `The database is the one of the environment: UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN, or its other variables.`

func evalCommand() *cli.Command {
	return &cli.Command{
		Name:      "eval",
		Usage:     "run a Lua script",
		ArgsUsage: "FILE [KEY…] [, ARG…]",
		Description: `What stands before a lone comma are the script's KEYS, and behind it its ARGV. A FILE that is - is standard input.
` + environment,
		Flags:        []cli.Flag{jsonFlag()},
		StopOnNthArg: new(int(1)),
		Action: func(ctx context.Context, c *cli.Command) error {
			file := c.Args().First()
			if file == "" {
				return errors.New("which script? redis-rest eval FILE [KEY…] [, ARG…]")
			}
			keys, args, err := keysAndArgs(c.Args().Tail())
			if err != nil {
				return err
			}
			name := filepath.Base(file)
			if file == "-" {
				name = "stdin"
			}
			source, err := read(c, file)
			if err != nil {
				return err
			}
			script := redis.NewScript[redis.Reply](source, redis.Named(name))
			return show(c, func(rdb *redis.Redis) (redis.Reply, error) { return script.Run(ctx, rdb, keys, args...) })
		},
	}
}

func doCommand() *cli.Command {
	return &cli.Command{
		Name:         "do",
		Usage:        "run one command",
		ArgsUsage:    "COMMAND [ARG…]",
		Description:  environment,
		Flags:        []cli.Flag{jsonFlag()},
		StopOnNthArg: new(int(1)),
		Action: func(ctx context.Context, c *cli.Command) error {
			if !c.Args().Present() {
				return errors.New("which command? redis-rest do COMMAND [ARG…]")
			}
			return show(c, func(rdb *redis.Redis) (redis.Reply, error) { return rdb.Do(ctx, anys(c.Args().Slice())...) })
		},
	}
}

func jsonFlag() cli.Flag {
	return &cli.BoolFlag{Name: "json", Usage: "print the reply as JSON, for machines"}
}

func read(c *cli.Command, file string) (string, error) {
	if file == "-" {
		source, err := io.ReadAll(c.Root().Reader)
		return string(source), err
	}
	source, err := os.ReadFile(file)
	return string(source), err
}

// keysAndArgs splits arguments at the lone comma, as redis-cli --eval does. Where
// there is none, one at the end of a word was meant to be it, most likely, and what
// follows would be keys.
func keysAndArgs(words []string) (keys []string, args []any, err error) {
	comma := slices.Index(words, ",")
	if comma >= 0 {
		return words[:comma], anys(words[comma+1:]), nil
	}
	for i, word := range words {
		if strings.HasSuffix(word, ",") { // the word itself is not shown, like any argument
			return nil, nil, fmt.Errorf("argument %d of the script ends with a comma: a space belongs before it, or, if that is part of the key, a lone comma behind the keys", i+1)
		}
	}
	return words, nil, nil
}

func anys(words []string) []any {
	args := make([]any, len(words))
	for i, word := range words {
		args[i] = word
	}
	return args
}

// show prints the reply that run brings.
func show(c *cli.Command, run func(*redis.Redis) (redis.Reply, error)) error {
	rdb, err := redis.FromEnv()
	if err != nil {
		return err
	}
	reply, err := run(rdb)
	if err != nil {
		return err
	}
	out := c.Root().Writer
	if c.Bool("json") {
		fmt.Fprintln(out, reply)
		return nil
	}
	value, err := redis.Decode[any](reply)
	if err != nil {
		return err
	}
	fmt.Fprint(out, readable(value, ""))
	return nil
}

// readable is a reply as redis-cli prints it.
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
