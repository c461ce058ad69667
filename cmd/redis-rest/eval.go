package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	redis "github.com/redis-rest/redis-rest-go"
)

func evalCommand() *cli.Command {
	return &cli.Command{
		Name:      "eval",
		Usage:     "run a Lua script",
		ArgsUsage: "FILE [KEY…] [, ARG…]",
		Description: `The words before a lone comma are the script's KEYS, and the words after it are its ARGV. FILE - means standard input.

	redis-rest eval --memory limit.lua user:1 , 10 60

` + environment,
		Flags:        []cli.Flag{jsonFlag(), memoryFlag()},
		StopOnNthArg: new(int(1)),
		Action: func(ctx context.Context, c *cli.Command) error {
			file := c.Args().First()
			if file == "" {
				return errors.New("the file of the script is missing: redis-rest eval FILE [KEY…] [, ARG…]")
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

func read(c *cli.Command, file string) (string, error) {
	if file == "-" {
		source, err := io.ReadAll(c.Root().Reader)
		return string(source), err
	}
	source, err := os.ReadFile(file)
	return string(source), err
}

// keysAndArgs splits arguments at the lone comma, as redis-cli --eval does. Without a lone
// comma, a comma at either end of a word is an error: it was probably meant to be the lone
// one, and the arguments after it would become keys.
func keysAndArgs(words []string) (keys []string, args []any, err error) {
	comma := slices.Index(words, ",")
	if comma >= 0 {
		return words[:comma], anys(words[comma+1:]), nil
	}
	for i, word := range words {
		side, place := "ends", "before"
		if strings.HasPrefix(word, ",") {
			side, place = "begins", "after"
		} else if !strings.HasSuffix(word, ",") {
			continue
		}
		// Arguments are secret, so the word is not shown.
		return nil, nil, fmt.Errorf("argument %d of the script %s with a comma: put a space %s the comma; if it is part of the key, put a lone comma after the keys", i+1, side, place)
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
