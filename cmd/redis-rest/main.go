// Redis-rest is Redis over REST on the command line: a server for development and
// tests, and a client.
//
//	redis-rest serve                          a database in memory, on 127.0.0.1:8079
//	redis-rest serve --redis redis://…        in front of a Redis that runs
//	redis-rest eval limit.lua user:1 , 10 60  a script, with its KEYS and ARGV
//	redis-rest do GET name                    one command
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/urfave/cli/v3"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := program().Run(ctx, os.Args); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// program makes the command line. It prints to the writers of the command, and
// returns errors to be printed.
func program() *cli.Command {
	return &cli.Command{
		Name:                  "redis-rest",
		Usage:                 "Redis over REST: a local server, and a client",
		EnableShellCompletion: true,
		Suggest:               true,
		Version:               version(),
		ExitErrHandler:        func(context.Context, *cli.Command, error) {},
		Commands:              []*cli.Command{serveCommand(), evalCommand(), doCommand()},
	}
}

// version is that of the module that was installed, "(devel)" for a copy of its
// sources.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "unknown"
}
