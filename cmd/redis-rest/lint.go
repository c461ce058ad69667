package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v3"

	"github.com/redis-rest/redis-rest-go/internal/workbench/lint"
)

func lintCommand() *cli.Command {
	return &cli.Command{
		Name:      "lint",
		Usage:     "find mistakes in Lua scripts and libraries",
		ArgsUsage: "FILE…",
		Description: `Each finding has a place, a code and one sentence. FILE - means standard input. The exit status is 1 if there is a warning or an error, and 2 if a file cannot be read.
A comment -- lint:ignore CODE reason at the end of a line, or above it, ignores one finding.

	redis-rest lint limit.lua

` + pages + `/lint.md explains the codes.`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "target", Value: "7.0", Usage: "the `VERSION` of Redis that runs the scripts, from 7.0, or hosted"},
			&cli.StringFlag{Name: "format", Value: "text", Usage: "text, json, sarif or github"},
		},
		Action: func(_ context.Context, c *cli.Command) error {
			if c.Args().Len() == 0 {
				return errors.New("the files are missing: redis-rest lint FILE…")
			}
			target, err := lint.ParseTarget(c.String("target"))
			if err != nil {
				return fmt.Errorf("--target: %w", err)
			}
			var files []lint.File
			var unread error
			bad := 0
			for _, name := range c.Args().Slice() {
				source, err := read(c, name)
				if err != nil {
					unread = errors.Join(unread, err)
					continue
				}
				if name == "-" {
					name = "stdin"
				}
				file := lint.File{Name: name, Findings: lint.Run(source, target)}
				for _, f := range file.Findings {
					if f.Severity != lint.Note {
						bad++
					}
				}
				files = append(files, file)
			}
			if err := lint.Write(c.Root().Writer, c.String("format"), files); err != nil {
				return err
			}
			switch {
			case unread != nil:
				return cli.Exit(unread, 2)
			case bad == 1:
				return errors.New("1 mistake")
			case bad > 0:
				return fmt.Errorf("%d mistakes", bad)
			}
			return nil
		},
	}
}
