package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/urfave/cli/v3"

	"github.com/redis-rest/redis-rest-go/internal/workbench/trace"
)

func traceCommand() *cli.Command {
	return &cli.Command{
		Name:      "trace",
		Usage:     "run a Lua script on an embedded database, and show what it does",
		ArgsUsage: "FILE [KEY…] [, ARG…]",
		Description: `It shows each call of Redis with its line, reply and time, what changed, the keys that the script touched, and the hits and the time of each line.
The database is empty, unless a flag fills it; it ends with the command. FILE - means standard input.

	redis-rest trace limit.lua user:1 , 10 60
	redis-rest trace --format speedscope limit.lua user:1 , 10 60 > limit.json    # for speedscope.app

` + environment + ` Only --copy reads it.`,
		Flags:        append([]cli.Flag{&cli.StringFlag{Name: "format", Value: "text", Usage: "text, json or speedscope"}}, runFlags()...),
		StopOnNthArg: new(int(1)),
		Action:       traceScript,
	}
}

func traceScript(ctx context.Context, c *cli.Command) error {
	file, format := c.Args().First(), c.String("format")
	switch {
	case file == "":
		return errors.New("the file of the script is missing: redis-rest trace FILE [KEY…] [, ARG…]")
	case format != "text" && format != "json" && format != "speedscope":
		return fmt.Errorf("there is no format %q: text, json, speedscope", format)
	}
	what, err := newScriptRun(c)
	if err != nil {
		return err
	}
	db, end, err := what.database(ctx, c)
	if err != nil {
		return err
	}
	defer end()
	words, err := what.words(ctx, c, db)
	if err != nil {
		return err
	}
	before := trace.Snap(ctx, db)
	recorder := &trace.LineRecorder{}
	if format == "speedscope" {
		recorder.Profile = trace.NewProfile()
	}
	db.Watch(recorder)
	reply, err := do(ctx, db, words...)
	db.Watch(nil)
	if err != nil {
		return err
	}
	runs := recorder.Runs()
	if len(runs) == 0 { // it did not begin
		return trace.Value(reply).(trace.Error)
	}
	name := filepath.Base(file)
	if file == "-" {
		name = "stdin"
	}
	report := trace.Report{Name: name, Run: runs[0], Changes: trace.Changes(before, trace.Snap(context.WithoutCancel(ctx), db))}
	out := c.Root().Writer
	switch format {
	case "json":
		err = report.WriteJSON(out)
	case "speedscope":
		err = recorder.Profile.Write(out, name)
	default:
		err = report.WriteText(out)
	}
	if failure, ok := trace.Value(reply).(trace.Error); ok && err == nil {
		return failure
	}
	return err
}
