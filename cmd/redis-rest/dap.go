package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/urfave/cli/v3"

	"github.com/redis-rest/redis-rest-go/internal/workbench/dap"
)

// serveDAP serves editors.
func serveDAP(ctx context.Context, c *cli.Command) error {
	for _, name := range []string{"function", "seed", "data", "copy", "keep"} {
		if c.IsSet(name) {
			return fmt.Errorf("with --dap, the editor's launch request has the field %s; the flag --%[1]s is for the terminal", name)
		}
	}
	if c.Args().Present() {
		return errors.New("with --dap, the editor's launch request names the file")
	}
	host := dap.Host{Open: func(ctx context.Context, launch dap.Launch) (dap.Program, error) { return openProgram(ctx, c, launch) }}
	if !c.IsSet("listen") {
		return dap.Serve(ctx, c.Root().Reader, c.Root().Writer, host)
	}
	address := c.String("listen")
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	defer listener.Close()
	if !listener.Addr().(*net.TCPAddr).IP.IsLoopback() {
		return fmt.Errorf("--listen %s: the debugger reads files and runs scripts for everybody who connects, so it listens on this machine only: 127.0.0.1:4711", address)
	}
	fmt.Fprintln(c.Root().Writer, listener.Addr())
	defer context.AfterFunc(ctx, func() { listener.Close() })()
	var clients sync.WaitGroup
	defer clients.Wait()
	for {
		conn, err := listener.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		clients.Go(func() {
			defer conn.Close()
			defer context.AfterFunc(ctx, func() { conn.Close() })()
			if err := dap.Serve(ctx, conn, conn, host); err != nil && ctx.Err() == nil {
				fmt.Fprintln(c.Root().ErrWriter, err)
			}
		})
	}
}

// openProgram makes the database and the command for a launch.
func openProgram(ctx context.Context, c *cli.Command, launch dap.Launch) (dap.Program, error) {
	what := scriptRun{file: launch.Program, function: launch.Function, keys: launch.Keys, args: launch.Args, seed: launch.Seed, data: launch.Data, copies: launch.Copy, keep: launch.Keep}
	if launch.Program == "-" {
		return dap.Program{}, errors.New("the field program must name a file")
	}
	db, end, err := what.database(ctx, c)
	if err != nil {
		return dap.Program{}, err
	}
	words, err := what.words(ctx, c, db)
	if err != nil {
		end()
		return dap.Program{}, err
	}
	return dap.Program{DB: db, Words: words, Close: end}, nil
}
