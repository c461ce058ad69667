package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/urfave/cli/v3"
)

func monitorCommand() *cli.Command {
	return &cli.Command{
		Name:        "monitor",
		Usage:       "print every command that the database runs, until Ctrl-C",
		Description: "The lines have the arguments of the commands, which may be secret.\n" + environment,
		Action: func(ctx context.Context, c *cli.Command) error {
			if c.Args().Present() {
				return errors.New("monitor takes no arguments")
			}
			rdb, _, err := open(c)
			if err != nil {
				return err
			}
			lines, err := rdb.Monitor(ctx)
			if err != nil {
				return err
			}
			fmt.Fprintln(c.Root().ErrWriter, "redis-rest: watching; Ctrl-C ends it")
			for line, err := range lines {
				if err != nil {
					return err
				}
				if _, err := fmt.Fprintln(c.Root().Writer, line); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func subscribeCommand() *cli.Command {
	return &cli.Command{
		Name:      "subscribe",
		Usage:     "print the messages of channels, until Ctrl-C",
		ArgsUsage: "CHANNEL…",
		Description: `Each message is a line, with the channel and the message in quotes.
` + environment,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "pattern", Usage: "the channels are patterns, such as news.*"},
			&cli.BoolFlag{Name: "json", Usage: "print messages as JSON, for machines"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			channels := c.Args().Slice()
			if len(channels) == 0 {
				return errors.New("the channel is missing: redis-rest subscribe CHANNEL…")
			}
			rdb, _, err := open(c)
			if err != nil {
				return err
			}
			subscribe := rdb.Subscribe
			if c.Bool("pattern") {
				subscribe = rdb.PSubscribe
			}
			s, err := subscribe(ctx, channels...)
			if err != nil {
				return err
			}
			defer s.Close()
			fmt.Fprintln(c.Root().ErrWriter, "redis-rest: subscribed; Ctrl-C ends it")
			for m, err := range s.Messages() {
				if err != nil {
					return err
				}
				line := strconv.Quote(m.Channel) + " " + strconv.Quote(m.Payload)
				if c.Bool("json") {
					line = jsonLine(struct {
						Channel string `json:"channel"`
						Pattern string `json:"pattern,omitempty"`
						Payload string `json:"payload"`
					}{m.Channel, m.Pattern, m.Payload})
				}
				if _, err := fmt.Fprintln(c.Root().Writer, line); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func jsonLine(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.Encode(v) // strings always have a JSON form
	return strings.TrimSuffix(b.String(), "\n")
}
