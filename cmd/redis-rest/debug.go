package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/urfave/cli/v3"
	"golang.org/x/term"

	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
	"github.com/redis-rest/redis-rest-go/internal/workbench/debug"
	"github.com/redis-rest/redis-rest-go/internal/workbench/trace"
)

func debugCommand() *cli.Command {
	return &cli.Command{
		Name:      "debug",
		Usage:     "run a Lua script step by step, forwards and backwards",
		ArgsUsage: "FILE [KEY…] [, ARG…]",
		Description: `It has the commands of redis-cli's debugger, and more: help lists them. They are typed, or come from standard input. Ctrl-C stops the script where it is.
The database is empty, unless a flag fills it; it ends with the command.

	redis-rest debug limit.lua user:1 , 10 60
	redis-rest debug --function take library.lua user:1 , 10
	redis-rest debug --dap                             # an editor starts it, and says what to debug
	redis-rest debug --dap --listen 127.0.0.1:4711     # editors connect to it

` + environment + ` Only --copy reads it.`,
		Flags: append(runFlags(),
			&cli.BoolFlag{Name: "keep", Usage: "if the script has ended, keep what it changed in the file of --data, which no server may use meanwhile"},
			&cli.BoolFlag{Name: "dap", Usage: "speak the Debug Adapter Protocol with an editor, on standard input and output"},
			&cli.StringFlag{Name: "listen", Usage: "with --dap: `ADDRESS` of this machine at which editors connect instead; port 0 chooses a free one"},
		),
		StopOnNthArg: new(int(1)),
		Action:       debugScript,
	}
}

func debugScript(ctx context.Context, c *cli.Command) error {
	file := c.Args().First()
	switch {
	case c.Bool("dap"):
		return serveDAP(ctx, c)
	case c.IsSet("listen"):
		return errors.New("--listen needs --dap")
	case file == "":
		return errors.New("the file of the script is missing: redis-rest debug FILE [KEY…] [, ARG…]")
	case file == "-":
		return errors.New("the script must be in a file, because the commands come from standard input")
	case c.Bool("keep") && c.String("data") == "":
		return errors.New("--keep needs --data, the file in which the changes are kept")
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
	start := func(ctx context.Context) (*debug.Session, error) {
		words, err := what.words(ctx, c, db)
		if err != nil {
			return nil, err
		}
		return debug.Start(ctx, db, words)
	}
	in, ctx := newDebugInput(ctx, c)
	defer in.close()
	var s *debug.Session
	if err := in.interruptible(ctx, func(ctx context.Context) { s, err = start(ctx) }); err != nil {
		return err
	}
	if err != nil {
		return err
	}
	console := debug.NewConsole(s, in.write)
	console.Restarted = start
	defer func() { console.Session().Close() }()
	in.loop(ctx, console, file)
	if !c.Bool("keep") {
		in.write("(the changes were rolled back)")
		return nil
	}
	s = console.Session()
	if s.Now().Reason != debug.Ended {
		in.write("(nothing was kept: the script had not ended)")
		return nil
	}
	reply, err := s.Commit(ctx, db)
	if err != nil {
		return err
	}
	if failure, ok := trace.Value(reply).(trace.Error); ok {
		in.write("(the script failed: " + failure.Error() + ")")
	}
	in.write("(the changes are kept in " + c.String("data") + ")")
	return nil
}

// debugInput is where the commands of a debugger come from, and where it writes.
type debugInput struct {
	out      io.Writer
	lines    *bufio.Scanner // nil if a person types
	terminal *term.Terminal
	fd       int
	signals  chan os.Signal

	mu     sync.Mutex
	cancel context.CancelFunc // of the command that runs
	ended  bool               // by SIGTERM
}

// newDebugInput also returns the context for what does not end with Ctrl-C.
func newDebugInput(ctx context.Context, c *cli.Command) (*debugInput, context.Context) {
	in := &debugInput{out: c.Root().Writer, signals: make(chan os.Signal, 4)}
	signal.Notify(in.signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		for s := range in.signals {
			in.mu.Lock()
			if in.ended = in.ended || s == syscall.SIGTERM; in.cancel != nil {
				in.cancel()
			}
			in.mu.Unlock()
		}
	}()
	if f, ok := c.Root().Reader.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		in.fd = int(f.Fd())
		in.terminal = term.NewTerminal(struct {
			io.Reader
			io.Writer
		}{f, in.out}, debugPrompt)
	} else {
		in.lines = bufio.NewScanner(c.Root().Reader)
		in.lines.Buffer(nil, 1<<20)
	}
	return in, context.WithoutCancel(ctx)
}

const debugPrompt = "lua debugger> "

func (in *debugInput) close() {
	signal.Stop(in.signals)
	close(in.signals)
}

// write writes a line. What a terminal might take for a command to itself is shown as text.
func (in *debugInput) write(line string) {
	fmt.Fprintln(in.out, strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '·'
		}
		return r
	}, line))
}

// interruptible runs f with a context that Ctrl-C ends.
func (in *debugInput) interruptible(ctx context.Context, f func(ctx context.Context)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	in.mu.Lock()
	in.cancel = cancel
	if in.ended {
		cancel()
	}
	in.mu.Unlock()
	f(ctx)
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.cancel = nil; in.ended {
		return errors.New("terminated")
	}
	return nil
}

// next returns the next line that was typed.
func (in *debugInput) next() (string, bool) {
	if in.lines != nil {
		if !in.lines.Scan() {
			return "", false
		}
		fmt.Fprintln(in.out, debugPrompt+in.lines.Text())
		return in.lines.Text(), true
	}
	state, err := term.MakeRaw(in.fd)
	if err != nil {
		return "", false
	}
	defer term.Restore(in.fd, state) // so that Ctrl-C is a signal while the script runs
	if width, height, err := term.GetSize(in.fd); err == nil && width > 0 {
		in.terminal.SetSize(width, height)
	}
	line, err := in.terminal.ReadLine()
	return line, err == nil
}

// loop runs commands until they end.
func (in *debugInput) loop(ctx context.Context, console *debug.Console, file string) {
	last, said := "", ""
	for {
		line, ok := in.next()
		if !ok {
			return
		}
		if strings.TrimSpace(line) == "" {
			line = last
		}
		words, ok := resp.SplitWords(line)
		if !ok {
			words = strings.Fields(line) // a quote that is part of Lua code
		}
		if last = ""; len(words) > 0 && debug.Repeats(words[0]) {
			last = line
		}
		_, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		more := true
		if in.interruptible(ctx, func(ctx context.Context) { more = console.Do(ctx, words, rest) }) != nil || !more {
			return
		}
		source := console.Session().About().Source // another after a restart
		if now, err := os.ReadFile(file); err == nil && string(now) != source && string(now) != said {
			said = string(now)
			in.write("* " + filepath.Base(file) + " has changed on disk; restart runs the new text")
		}
	}
}
