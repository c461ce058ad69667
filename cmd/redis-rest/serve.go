package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/urfave/cli/v3"

	"github.com/redis-rest/redis-rest-go/restserver"
)

func serveCommand() *cli.Command {
	return &cli.Command{
		Name:  "serve",
		Usage: "answer Redis commands over HTTP, as the hosted services do",
		Description: `Without --redis or --redis-server the server uses the embedded database. Its data is in memory and is lost when the server ends, unless
--data names a file for it.
It runs commands, scripts and functions as Redis 7.0 does. ` + pages + `/database.md lists the differences.

The server prints two lines for the environment of its clients, or puts them into a file. The address in the comment after them opens the console in a browser.

	redis-rest serve --env-file .env

It changes only the lines of these variables, and uses the token that it finds there.`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "listen", Value: "127.0.0.1:8079", Usage: "`ADDRESS` to listen on; port 0 chooses a free one", Validator: checkListen},
			&cli.StringFlag{Name: "env-file", Usage: "`FILE` whose lines for the environment are changed, such as .env, once the server listens; its token is used if its URL is of this machine", Validator: notEmpty},
			&cli.BoolFlag{Name: "vercel", Usage: "set KV_REST_API_URL and KV_REST_API_TOKEN too, the names that Vercel uses"},
			&cli.StringSliceFlag{Name: "redis", Usage: "`URL` of the Redis to use: redis://, rediss:// or unix://; several for the nodes of a cluster, or one with ?cluster; ?master_name=NAME for sentinels"},
			&cli.BoolFlag{Name: "memory", Usage: "use the embedded database, in memory (the default)"},
			&cli.StringFlag{Name: "data", Usage: "`FILE` that keeps the data of the embedded database; it is made if it is not there", Validator: notEmpty},
			&cli.StringFlag{Name: "fsync", Value: "everysec", Usage: "`WHEN` changes are on the disk: always (before the reply), everysec (within a second) or no (when the operating system decides)", Validator: oneOf("always", "everysec", "no")},
			&cli.BoolFlag{Name: "redis-server", Usage: "start a private redis-server or valkey-server from PATH"},
			&cli.StringFlag{Name: "token", Usage: "`TOKEN` that requests must have; the default is a random one", Sources: cli.EnvVars("REDIS_REST_TOKEN")},
			&cli.StringFlag{Name: "token-file", Usage: "`FILE` that contains it", Validator: notEmpty},
			&cli.StringFlag{Name: "read-only-token", Usage: "second `TOKEN`, for requests that only read; the default is a random one", Sources: cli.EnvVars("REDIS_REST_READ_ONLY_TOKEN")},
			&cli.StringFlag{Name: "read-only-token-file", Usage: "`FILE` that contains it", Validator: notEmpty},
			&cli.StringFlag{Name: "tokens", Usage: "`FILE` of further tokens, as JSON: {\"tokens\": [{\"token\": …, \"redis\": URL or memory:NAME, \"readOnly\": true, \"requestsPerSecond\": 100}]}; it is read again when it changes", Validator: notEmpty},
			&cli.StringFlag{Name: "tls-cert", Usage: "`FILE` with the certificate for https; it is read again when it changes", Validator: notEmpty},
			&cli.StringFlag{Name: "tls-key", Usage: "`FILE` with its key", Validator: notEmpty},
			&cli.BoolFlag{Name: "insecure", Usage: "allow other machines to connect without TLS"},
			&cli.StringFlag{Name: "max-body", Value: "10MB", Usage: "maximum `SIZE` of a command; a pipeline may be ten times as large", Validator: checkSize},
			&cli.StringFlag{Name: "max-memory", Value: "1GB", Usage: "maximum `SIZE` of the memory that requests take, and of the data of each embedded database (maxmemory); what goes beyond it is refused", Validator: checkSize},
			&cli.IntFlag{Name: "max-concurrent", Value: restserver.DefaultMaxConcurrent, Usage: "maximum `REQUESTS` at the same time", Validator: positive[int]},
			&cli.DurationFlag{Name: "timeout", Value: restserver.DefaultTimeout, Usage: "maximum `TIME` for a request; a script that takes longer is stopped", Validator: positive[time.Duration]},
			&cli.DurationFlag{Name: "latency", Usage: "`TIME` to wait before each request, on purpose", Validator: positive[time.Duration]},
			&cli.FloatFlag{Name: "rps", Usage: "`REQUESTS` per second after which requests get 429 with Retry-After", Validator: positive[float64]},
			&cli.Int64Flag{Name: "quota", Usage: "`REQUESTS` after which all get 429, as when a hosted service's quota is used up", Validator: positive[int64]},
			&cli.StringSliceFlag{Name: "fail", Usage: "`KIND=RATE` of requests that fail on purpose, such as lost=0.1 or 502=5%: refused (503, did not run), lost (ran, no answer), 429, 502 (ran), cut (an event stream ends), frozen (never answered); may be repeated", Validator: checkFailures},
			&cli.StringFlag{Name: "resp", Usage: "`ADDRESS`, or unix:PATH, at which clients of Redis such as redis-cli reach the embedded database. Beyond this machine it needs the token as the password", Validator: checkRESP},
			&cli.StringFlag{Name: "debug-port", Usage: "`ADDRESS` of this machine at which an editor attaches, with the Debug Adapter Protocol, to debug the scripts that clients send; requests have no time limit then, unless --timeout says so"},
			&cli.BoolFlag{Name: "enable-debug-command", Usage: "let them run DEBUG, as the option of Redis with that name does"},
			&cli.BoolFlag{Name: "like-hosted", Usage: "refuse the commands that the hosted service does not document, and reply as it does where that differs from Redis"},
			&cli.BoolFlag{Name: "no-console", Usage: "serve no page for browsers"},
			&cli.StringFlag{Name: "record", Usage: "new `FILE` that gets each request with its answer, and the arguments of commands, for redis-rest replay", Validator: notEmpty},
			&cli.StringFlag{Name: "log", Value: "none", Usage: "`FORMAT` of a log of requests on standard error: none, text or json", Validator: oneOf("none", "text", "json")},
			&cli.BoolFlag{Name: "log-keys", Usage: "log the keys of requests too"},
			&cli.StringFlag{Name: "metrics", Usage: "`ADDRESS` at which /metrics has numbers for Prometheus; it needs no token", Validator: checkListen},
			&cli.BoolFlag{Name: "otlp", Usage: "send traces to an OpenTelemetry collector over OTLP/HTTP, at http://localhost:4318 or where OTEL_EXPORTER_OTLP_ENDPOINT says; the other OTEL_ variables count too"},
			&cli.BoolFlag{Name: "otlp-scripts", Usage: "add what scripts of the embedded database do to their traces: each redis.call with its command, line and time"},
		},
		Action: serve,
	}
}

func notEmpty(value string) error {
	if value == "" {
		return errors.New("it is empty")
	}
	return nil
}

func positive[T int | int64 | float64 | time.Duration](value T) error {
	if !(value > 0) { // NaN is not either
		return errors.New("it must be more than 0")
	}
	return nil
}

func oneOf(values ...string) func(string) error {
	return func(value string) error {
		if !slices.Contains(values, value) {
			return fmt.Errorf("it must be %s or %s", strings.Join(values[:len(values)-1], ", "), values[len(values)-1])
		}
		return nil
	}
}

func checkFailures(values []string) error {
	_, err := failuresOf(values)
	return err
}

// failuresOf reads the values of --fail.
func failuresOf(values []string) (map[restserver.Failure]float64, error) {
	rates := map[restserver.Failure]float64{}
	total := 0.0
	for _, value := range values {
		kind, rate, err := restserver.ParseFailure(value)
		if err != nil {
			return nil, errors.New(strings.TrimPrefix(err.Error(), "restserver: "))
		}
		if _, twice := rates[kind]; twice {
			return nil, fmt.Errorf("%s is there twice", kind)
		}
		rates[kind] = rate
		total += rate
	}
	if total > 1+1e-9 {
		return nil, errors.New("all rates together must be at most 1")
	}
	return rates, nil
}

// conditions are what is to go wrong on purpose.
func conditions(c *cli.Command) (bad restserver.Conditions, any bool) {
	rates, _ := failuresOf(c.StringSlice("fail")) // checkFailures has checked them
	any = c.IsSet("latency") || c.IsSet("rps") || c.IsSet("quota") || c.IsSet("fail")
	return restserver.Conditions{Latency: c.Duration("latency"), RequestsPerSecond: c.Float64("rps"), Quota: c.Int64("quota"), Fail: rates}, any
}

func size(c *cli.Command, flag string) int64 {
	n, _ := sizeOf(c.String(flag)) // checkSize has checked it
	return n
}

func checkSize(text string) error {
	_, err := sizeOf(text)
	return err
}

// sizeOf reads a number of bytes: 1000000, 64KB, 10MB, 1GB. As in redis.conf, a KB is 1024
// bytes.
func sizeOf(text string) (int64, error) {
	text = strings.ToUpper(text)
	shift := 0
	for i, unit := range []string{"KB", "MB", "GB"} {
		if number, ok := strings.CutSuffix(text, unit); ok {
			text, shift = number, 10*(i+1)
		}
	}
	n, err := strconv.ParseUint(text, 10, 63-shift)
	if err != nil || n == 0 {
		return 0, errors.New("it must be a size such as 64KB, 10MB or 1GB, or a number of bytes")
	}
	return int64(n) << shift, nil
}

func checkListen(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		example := "127.0.0.1:8079"
		if _, err := strconv.ParseUint(address, 10, 16); err == nil {
			example = "127.0.0.1:" + address
		} else if address != "" && !strings.HasSuffix(address, ":") && !strings.Contains(address, "]") {
			example = net.JoinHostPort(address, "8079")
		}
		return fmt.Errorf("it must be an address with a port, such as %s", example)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return errors.New("the port must be a number from 0 to 65535")
	}
	if strings.ContainsAny(host, "/ ") {
		return errors.New("it must be an address with a port, without http://")
	}
	return nil
}

// checkRESP checks the address of --resp.
func checkRESP(address string) error {
	if path, unix := strings.CutPrefix(address, "unix:"); unix {
		return notEmpty(path)
	}
	return checkListen(address)
}

func serve(ctx context.Context, c *cli.Command) (err error) {
	if c.Args().Present() {
		return errors.New("serve takes no arguments; the address of a Redis follows --redis") // it may hold a password
	}
	backend, err := backend(c)
	if err != nil {
		return err
	}
	var file *envFile
	if c.IsSet("env-file") {
		if file, err = readEnvFile(c.String("env-file")); err != nil {
			return err
		}
	}
	token, err := findToken(c, file, mainToken)
	if err != nil {
		return err
	}
	reader, err := findToken(c, file, readOnlyToken)
	if err != nil {
		return err
	}
	certificate, err := certificate(c)
	if err != nil {
		return err
	}
	if c.Bool("log-keys") && c.String("log") == "none" {
		return errors.New("--log-keys needs --log text or --log json")
	}
	for _, flag := range []string{"listen", "resp"} {
		if address := c.String(flag); address != "" && !c.Bool("insecure") && certificate == nil && !onLoopback(address) {
			return fmt.Errorf("%s is reachable from other machines, and the token would be sent unencrypted: use --tls-cert and --tls-key, or allow it with --insecure", address)
		}
	}
	if c.IsSet("resp") && backend != "memory" {
		return errors.New("--resp needs the embedded database: a Redis has a port of its own")
	}
	if c.IsSet("debug-port") && backend != "memory" {
		return errors.New("--debug-port needs the embedded database")
	}
	if address := c.String("debug-port"); address != "" && !onLoopback(address) {
		return fmt.Errorf("--debug-port %s: who reaches the debugger can read and change everything, so it listens on this machine only: 127.0.0.1:4711", address)
	}
	if c.Bool("enable-debug-command") && !c.IsSet("resp") {
		return errors.New("--enable-debug-command needs --resp")
	}
	if c.Bool("otlp-scripts") && !c.Bool("otlp") {
		return errors.New("--otlp-scripts needs --otlp")
	}
	if c.Bool("otlp-scripts") && backend != "memory" {
		return errors.New("--otlp-scripts needs the embedded database: a Redis does not tell what its scripts do")
	}
	bad, onPurpose := conditions(c)
	config := restserver.Config{
		Backend:       backend,
		DataFile:      c.String("data"),
		Token:         token.value,
		ReadOnlyToken: reader.value,
		TokensFile:    c.String("tokens"),
		MaxBodyBytes:  size(c, "max-body"),
		MaxMemory:     size(c, "max-memory") / 4 * 3, // the rest is for garbage and what is not counted
		MaxData:       size(c, "max-memory"),
		MaxConcurrent: c.Int("max-concurrent"),
		Timeout:       requestTime(c),
		Log:           logger(c),
		LogKeys:       c.Bool("log-keys"),
		Conditions:    bad,
		LikeHosted:    c.Bool("like-hosted"),
		Console:       !c.Bool("no-console"),

		EnableDebugCommand: c.Bool("enable-debug-command"),
	}
	switch {
	case c.IsSet("data") && backend != "memory":
		return errors.New("--data is for the embedded database, and not for --redis or --redis-server")
	case c.IsSet("data"):
		config.Fsync = c.String("fsync")
	case c.IsSet("fsync"):
		return errors.New("--fsync needs --data")
	}
	redis.SetLogger(redisLog{config.Log})
	if c.IsSet("record") {
		file, end, err := record(c.String("record"))
		if err != nil {
			return err
		}
		defer end()
		config.Record = file
	}
	var collector string
	if c.Bool("otlp") {
		traces, err := newTraces(ctx, config.Log)
		if err != nil {
			return err
		}
		defer traces.end()
		config.TracerProvider, config.TraceScripts, collector = traces.provider, c.Bool("otlp-scripts"), traces.collector
	}
	if os.Getenv("GOGC") == "" && backend != "memory" {
		// Most memory is garbage when a request ends, and little is kept. Collecting a
		// quarter as often uses some more memory and saves a tenth of the CPU.
		debug.SetGCPercent(400)
	}
	if os.Getenv("GOMEMLIMIT") == "" && (backend != "memory" || c.IsSet("max-memory")) {
		limit := size(c, "max-memory") / 8 * 7
		if backend == "memory" { // its data is in the same memory
			limit += size(c, "max-memory")
		}
		debug.SetMemoryLimit(limit)
	}
	server, err := restserver.New(config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }() // the last changes may not fit onto the disk
	l, err := listen(c, "listen")
	if err != nil {
		return err
	}
	defer l.Close()
	var metrics net.Listener
	if c.IsSet("metrics") {
		if metrics, err = listen(c, "metrics"); err != nil {
			return err
		}
		defer metrics.Close()
	}
	var port net.Listener
	if c.IsSet("resp") {
		if port, err = listen(c, "resp"); err != nil {
			return err
		}
		defer port.Close()
	}
	var debugPort net.Listener
	if c.IsSet("debug-port") {
		if debugPort, err = listen(c, "debug-port"); err != nil {
			return err
		}
		defer debugPort.Close()
	}
	scheme := "http"
	if certificate != nil {
		scheme = "https"
		l = tls.NewListener(l, &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: certificate.get, NextProtos: []string{"h2", "http/1.1"}})
		if port != nil && port.Addr().Network() != "unix" {
			port = tls.NewListener(port, &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: certificate.get})
		}
	}
	address := scheme + "://" + reachable(c.String("listen"), l.Addr())
	if err := tell(c, address, token); err != nil {
		return err
	}
	notes := c.Root().ErrWriter
	fmt.Fprintf(notes, "redis-rest: %s behind %s\n", server.Backend(), address)
	switch {
	case c.IsSet("data"):
		fmt.Fprintf(notes, "redis-rest: data is kept in %s (--fsync %s)\n", c.String("data"), c.String("fsync"))
	case server.Backend() == "memory":
		fmt.Fprintln(notes, "redis-rest: data is lost when the server ends; --data FILE keeps it")
	}
	if onPurpose {
		fmt.Fprintln(notes, "redis-rest: requests are delayed, refused or fail on purpose")
	}
	fmt.Fprintf(notes, "redis-rest: read-only: %s\n", reader.line(readOnlyToken.variable))
	switch {
	case !config.Console:
	case token.from == "" && file == nil: // the token is on standard output already
		fmt.Fprintf(c.Root().Writer, "# console: %s/#token=%s\n", address, token.value)
	default:
		fmt.Fprintf(notes, "redis-rest: the console is at %s/ and asks for the token\n", address)
	}
	if collector != "" {
		fmt.Fprintf(notes, "redis-rest: traces go to %s (OTLP)\n", collector)
	}

	if metrics != nil {
		fmt.Fprintf(notes, "redis-rest: metrics at http://%s/metrics\n", reachable(c.String("metrics"), metrics.Addr()))
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", server.Metrics())
		s := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
		defer s.Close()
		go s.Serve(metrics)
	}
	served := make(chan error, 3)
	go func() { served <- server.Serve(l) }()
	if port != nil {
		fmt.Fprintf(notes, "redis-rest: clients of Redis reach it at %s\n", respAddress(c.String("resp"), port.Addr(), certificate != nil))
		go func() { served <- server.ServeRESP(port) }()
	}
	if debugPort != nil {
		fmt.Fprintf(notes, "redis-rest: editors attach at %s\n", debugPort.Addr())
		go func() { served <- server.ServeDebug(debugPort) }()
	}
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	fmt.Fprintln(notes, "redis-rest: finishing running requests; to end at once, press Ctrl-C again")
	// A request has c.Duration("timeout"), and then a moment for its answer.
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.Duration("timeout")+2*time.Second)
	defer cancel()
	if err := server.Shutdown(limit); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("some requests did not finish: %w", err)
	}
	return nil
}

// requestTime is the time limit of a request.
func requestTime(c *cli.Command) time.Duration {
	if c.IsSet("debug-port") && !c.IsSet("timeout") {
		return 100 * 24 * time.Hour // a script may wait in the debugger
	}
	return c.Duration("timeout")
}

func listen(c *cli.Command, flag string) (net.Listener, error) {
	network, address := "tcp", c.String(flag)
	if path, unix := strings.CutPrefix(address, "unix:"); unix {
		network, address = "unix", path
	}
	l, err := net.Listen(network, address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%w: choose another address with --%s; 127.0.0.1:0 chooses a free port", err, flag)
	}
	return l, err
}

// record makes the file of a session. One that stays empty is removed at the end.
func record(path string) (file *os.File, end func(), err error) {
	file, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil, nil, fmt.Errorf("%s is there already: remove it, or choose another file with --record", path)
	}
	return file, func() {
		info, err := file.Stat()
		file.Close()
		if err == nil && info.Size() == 0 {
			os.Remove(path)
		}
	}, err
}

// tell gives the address and the token to clients: in a file, or else on standard output.
func tell(c *cli.Command, address string, token token) error {
	names := []string{"UPSTASH_REDIS_REST_URL", mainToken.variable}
	if c.Bool("vercel") {
		names = append(names, "KV_REST_API_URL", "KV_REST_API_TOKEN")
	}
	file := c.String("env-file")
	if file == "" {
		for _, name := range names {
			if strings.HasSuffix(name, "_URL") {
				fmt.Fprintf(c.Root().Writer, "%s=%s\n", name, address)
			} else {
				fmt.Fprintln(c.Root().Writer, token.line(name))
			}
		}
		return nil
	}
	vars := make([]variable, len(names))
	for i, name := range names {
		vars[i] = variable{name, token.value}
		if strings.HasSuffix(name, "_URL") {
			vars[i].value = address
		}
	}
	if err := updateEnvFile(file, vars); err != nil {
		return fmt.Errorf("%s was not changed: %w", file, err)
	}
	fmt.Fprintf(c.Root().ErrWriter, "redis-rest: %s has %s; a shell reads it with: set -a; . %s; set +a\n", file, strings.Join(names, ", "), sourceable(file))
	return nil
}

// sourceable returns a path as a shell reads it after a dot: one without a slash would be
// looked for on PATH.
func sourceable(path string) string {
	if !strings.ContainsAny(path, `/\`) {
		path = "./" + path
	}
	if !readAlike(path) {
		path = "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}

// reachable returns the host and port at which a client of this machine finds the server.
func reachable(listen string, addr net.Addr) string {
	host, _, _ := net.SplitHostPort(listen)
	_, port, _ := net.SplitHostPort(addr.String())
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// respAddress returns the address of the port for clients of Redis, as they take it.
func respAddress(listen string, addr net.Addr, encrypted bool) string {
	switch {
	case addr.Network() == "unix":
		return "unix://" + addr.String()
	case encrypted:
		return "rediss://" + reachable(listen, addr)
	}
	return "redis://" + reachable(listen, addr)
}

// backend returns the value for restserver.Config.Backend.
func backend(c *cli.Command) (string, error) {
	chosen := 0
	name := "memory"
	for _, flag := range []string{"memory", "redis-server"} {
		if c.Bool(flag) {
			chosen++
			name = flag
		}
	}
	if c.IsSet("redis") {
		urls := c.StringSlice("redis")
		if len(urls) == 0 || slices.Contains(urls, "") { // an address may hold a password, so it is not shown
			return "", errors.New("a value of --redis is empty")
		}
		chosen++
		name = strings.Join(urls, ",")
	}
	if chosen > 1 {
		return "", errors.New("--redis, --redis-server and --memory exclude each other")
	}
	return name, nil
}

// logger makes the log. Without requests it has what the user must know, such as a Redis
// that is away.
func logger(c *cli.Command) *slog.Logger {
	w := c.Root().ErrWriter
	switch c.String("log") {
	case "text":
		return slog.New(slog.NewTextHandler(w, nil))
	case "json":
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// A redisLog takes the lines that go-redis logs. The server tells what they mean by itself.
type redisLog struct{ *slog.Logger }

// Printf logs a line.
func (l redisLog) Printf(ctx context.Context, format string, args ...any) {
	l.InfoContext(ctx, "go-redis", "text", fmt.Sprintf(format, args...))
}

func onLoopback(address string) bool {
	if strings.HasPrefix(address, "unix:") {
		return true
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	return isLoopback(host)
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
