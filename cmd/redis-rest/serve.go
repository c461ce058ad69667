package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/urfave/cli/v3"

	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
	"github.com/redis-rest/redis-rest-go/restserver"
)

func serveCommand() *cli.Command {
	return &cli.Command{
		Name:  "serve",
		Usage: "answer Redis commands over HTTP, as the hosted services do",
		Description: `Without --redis or --redis-server the database is one in memory, which ends with the server. It runs commands,
scripts and functions as Redis 7.0 does, but for what the README lists.

The two lines that are printed go into the environment of whoever is to use the server.`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "listen", Value: "127.0.0.1:8079", Usage: "`ADDRESS` to listen on; port 0 is any that is free"},
			&cli.StringSliceFlag{Name: "redis", Usage: "`URL` of the Redis behind it, redis://, rediss:// or unix://; many for a cluster, ?cluster for one address of one, ?master_name=NAME for sentinels"},
			&cli.BoolFlag{Name: "memory", Usage: "a database in memory, which is what there is by default"},
			&cli.BoolFlag{Name: "redis-server", Usage: "a private redis-server or valkey-server, found on PATH"},
			&cli.StringFlag{Name: "token", Usage: "`TOKEN` that requests must show; made up if none is given", Sources: cli.EnvVars("REDIS_REST_TOKEN")},
			&cli.StringFlag{Name: "token-file", Usage: "`FILE` that holds it"},
			&cli.StringFlag{Name: "read-only-token", Usage: "second `TOKEN`, for requests that only read; made up if none is given", Sources: cli.EnvVars("REDIS_REST_READ_ONLY_TOKEN")},
			&cli.StringFlag{Name: "read-only-token-file", Usage: "`FILE` that holds it"},
			&cli.StringFlag{Name: "tls-cert", Usage: "`FILE` with the certificate, to answer https"},
			&cli.StringFlag{Name: "tls-key", Usage: "`FILE` with its key"},
			&cli.BoolFlag{Name: "insecure", Usage: "allow to listen beyond this machine without TLS"},
			&cli.Int64Flag{Name: "max-body", Value: restserver.DefaultMaxBodyBytes, Usage: "most `BYTES` of a request's body"},
			&cli.IntFlag{Name: "max-concurrent", Value: restserver.DefaultMaxConcurrent, Usage: "most `REQUESTS` at a time"},
			&cli.DurationFlag{Name: "timeout", Value: restserver.DefaultTimeout, Usage: "most `TIME` for a request; a script that takes longer is ended"},
			&cli.StringFlag{Name: "log", Value: "none", Usage: "log of requests to standard error: none, text or json"},
		},
		Action: serve,
	}
}

func serve(ctx context.Context, c *cli.Command) error {
	if c.Args().Present() {
		return fmt.Errorf("serve takes no arguments, and got %q", c.Args().First())
	}
	backend, err := backend(c)
	if err != nil {
		return err
	}
	token, shown, err := secret(c, "token", "UPSTASH_REDIS_REST_TOKEN", "REDIS_REST_TOKEN")
	if err != nil {
		return err
	}
	reader, readerShown, err := secret(c, "read-only-token", "UPSTASH_REDIS_REST_READ_ONLY_TOKEN", "REDIS_REST_READ_ONLY_TOKEN")
	if err != nil {
		return err
	}
	certificate, err := certificate(c)
	if err != nil {
		return err
	}
	logger, err := logger(c)
	if err != nil {
		return err
	}
	if !c.Bool("insecure") && certificate == nil && !onLoopback(c.String("listen")) {
		return fmt.Errorf("%s is reached from beyond this machine, where the token would travel in the clear: use --tls-cert and --tls-key, or allow it with --insecure", c.String("listen"))
	}
	config := restserver.Config{
		Backend:       backend,
		Token:         token,
		ReadOnlyToken: reader,
		MaxBodyBytes:  c.Int64("max-body"),
		MaxConcurrent: c.Int("max-concurrent"),
		Timeout:       c.Duration("timeout"),
	}
	if logger != nil {
		config.Observe = func(r restserver.Request) {
			names := make([]string, len(r.Commands)) // and no arguments
			for i, command := range r.Commands {
				names[i] = wire.CommandName([]any{command[0]})
			}
			logger.Info("request", "method", r.Method, "kind", r.Kind, "commands", names, "status", r.Status, "took", r.Duration, "received", r.BytesIn, "sent", r.BytesOut)
		}
	}
	if os.Getenv("GOGC") == "" {
		// What a request takes is gone when it is answered, and little else is kept: to
		// collect a quarter as often costs some memory, and saves a tenth of the CPU.
		debug.SetGCPercent(400)
	}
	server, err := restserver.New(config)
	if err != nil {
		return err
	}
	defer server.Close()
	l, err := net.Listen("tcp", c.String("listen"))
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%w; --listen takes another address, 127.0.0.1:0 is any that is free", err)
	}
	if err != nil {
		return err
	}
	scheme := "http"
	if certificate != nil {
		scheme = "https"
		l = tls.NewListener(l, &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{*certificate}, NextProtos: []string{"h2", "http/1.1"}})
	}

	out, notes := c.Root().Writer, c.Root().ErrWriter
	fmt.Fprintf(notes, "redis-rest: %s behind %s://%s\n", server.Backend(), scheme, l.Addr())
	if server.Backend() == "memory" {
		fmt.Fprintln(notes, "redis-rest: nothing is kept; --redis-server has a real Redis")
	}
	fmt.Fprintf(out, "UPSTASH_REDIS_REST_URL=%q\n%s\n", scheme+"://"+l.Addr().String(), shown)
	fmt.Fprintf(notes, "redis-rest: for requests that only read: %s\n", readerShown)

	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	fmt.Fprintln(notes, "redis-rest: finishing what runs")
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.Duration("timeout"))
	defer cancel()
	if err := server.Shutdown(limit); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("some requests did not finish: %w", err)
	}
	return nil
}

// backend is what restserver.Config calls so.
func backend(c *cli.Command) (string, error) {
	chosen := 0
	name := "memory"
	for flag, is := range map[string]string{"memory": "memory", "redis-server": "redis-server"} {
		if c.Bool(flag) {
			chosen++
			name = is
		}
	}
	if urls := c.StringSlice("redis"); len(urls) > 0 {
		chosen++
		name = strings.Join(urls, ",")
	}
	if chosen > 1 {
		return "", errors.New("--redis, --redis-server and --memory exclude each other")
	}
	return name, nil
}

// secret is a token, and the line for the environment of who is to use it. One
// that was given by the environment or by a file is not repeated.
func secret(c *cli.Command, flag, variable, from string) (token, line string, err error) {
	token = c.String(flag)
	file := c.String(flag + "-file")
	switch {
	case file != "" && token != "":
		return "", "", fmt.Errorf("--%s and --%s-file exclude each other", flag, flag)
	case file != "":
		content, err := os.ReadFile(file)
		if err != nil {
			return "", "", err
		}
		if token = strings.TrimSpace(string(content)); token == "" {
			return "", "", fmt.Errorf("%s is empty", file)
		}
		return token, fmt.Sprintf("%s_FILE=%q", variable, file), nil
	case token != "" && os.Getenv(from) == token:
		return token, fmt.Sprintf(`%s="$%s"`, variable, from), nil
	case token == "":
		token = rand.Text()
	}
	return token, fmt.Sprintf("%s=%q", variable, token), nil
}

func certificate(c *cli.Command) (*tls.Certificate, error) {
	cert, key := c.String("tls-cert"), c.String("tls-key")
	switch {
	case cert == "" && key == "":
		return nil, nil
	case cert == "" || key == "":
		return nil, errors.New("--tls-cert and --tls-key belong together")
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	return &pair, err
}

func logger(c *cli.Command) (*slog.Logger, error) {
	var w io.Writer = c.Root().ErrWriter
	switch c.String("log") {
	case "none":
		return nil, nil
	case "text":
		return slog.New(slog.NewTextHandler(w, nil)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, nil)), nil
	}
	return nil, fmt.Errorf("--log is none, text or json, and not %q", c.String("log"))
}

func onLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
