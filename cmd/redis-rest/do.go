package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/urfave/cli/v3"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

const lineFormat = `a command on each line, with its words as redis-cli reads them: separated by spaces, or in 'single' or "double" quotes. Empty
lines and lines that begin with # are left out.`

func doCommand() *cli.Command {
	return &cli.Command{
		Name:      "do",
		Usage:     "run one command, or those of standard input",
		ArgsUsage: "[COMMAND [ARG…]]",
		Description: `Without a COMMAND, standard input has ` + lineFormat + ` If
one fails, the next ones still run, and the exit status is 1.

	redis-rest do SET name Ada
	redis-rest do -x SET page <index.html
	redis-rest do <commands.txt

` + environment,
		Flags:        []cli.Flag{jsonFlag(), memoryFlag(), lastArgumentFlag()},
		StopOnNthArg: new(int(1)),
		Action: func(ctx context.Context, c *cli.Command) error {
			if c.Args().Present() {
				args, err := argsOf(c)
				if err != nil {
					return err
				}
				return show(c, func(rdb *redis.Redis) (redis.Reply, error) { return rdb.Do(ctx, args...) })
			}
			if c.Bool("x") || isTerminal(c.Root().Reader) {
				return errNoCommand
			}
			return doLines(ctx, c)
		},
	}
}

var errNoCommand = errors.New("the command is missing: redis-rest do COMMAND [ARG…], or redis-rest do <FILE")

func publishCommand() *cli.Command {
	return &cli.Command{
		Name:         "publish",
		Usage:        "publish a message, and print how many subscribers it had",
		ArgsUsage:    "CHANNEL MESSAGE",
		Description:  environment,
		Flags:        []cli.Flag{jsonFlag(), lastArgumentFlag()},
		StopOnNthArg: new(int(1)),
		Action: func(ctx context.Context, c *cli.Command) error {
			args, err := argsOf(c)
			if err != nil {
				return err
			}
			if len(args) != 2 {
				return errors.New("publish takes a channel and a message: redis-rest publish CHANNEL MESSAGE")
			}
			return show(c, func(rdb *redis.Redis) (redis.Reply, error) { return rdb.Do(ctx, "PUBLISH", args[0], args[1]) })
		},
	}
}

func lastArgumentFlag() cli.Flag {
	return &cli.BoolFlag{Name: "x", Usage: "read the last argument from standard input, to its end"}
}

// argsOf returns the arguments, and with -x standard input as one more.
func argsOf(c *cli.Command) ([]any, error) {
	args := anys(c.Args().Slice())
	if c.Bool("x") {
		last, err := io.ReadAll(c.Root().Reader)
		if err != nil {
			return nil, err
		}
		args = append(args, string(last))
	}
	return args, nil
}

// doLines runs the commands of standard input and prints their replies. An error of Redis
// stands where the reply would.
func doLines(ctx context.Context, c *cli.Command) error {
	rdb, end, err := open(c)
	if err != nil {
		return err
	}
	defer end()
	failed, total := 0, 0
	err = runCommands(ctx, rdb, newCommandReader(c.Root().Reader), func(_ lineCommand, reply redis.Reply, err error) error {
		total++
		if err == nil {
			return printReply(c, reply)
		}
		failed++
		text := "(error) " + redisError(err)
		if c.Bool("json") {
			text = jsonLine(map[string]string{"error": redisError(err)})
		}
		_, err = fmt.Fprintln(c.Root().Writer, text)
		return err
	})
	switch {
	case err != nil:
		return err
	case total == 0:
		return errNoCommand
	case failed > 0:
		return fmt.Errorf("%d of %d commands failed", failed, total)
	}
	return nil
}

func redisError(err error) string {
	if e, ok := errors.AsType[*redis.Error](err); ok {
		return e.Message
	}
	return err.Error()
}

func importCommand() *cli.Command {
	return &cli.Command{
		Name:      "import",
		Usage:     "run the commands of a file, to fill a database",
		ArgsUsage: "FILE",
		Description: `FILE has ` + lineFormat + ` It is checked to
its end before the first command runs. If one fails, the next ones still run, and the exit status is 1. FILE - means standard input, of which
only a part is checked before its commands run.

	# users.txt
	HSET user:1 name "Ada Lovelace" born 1815
	EXPIRE user:1 3600

With --rdb the file is an RDB file of Redis, as redis-server saves it:

	redis-rest import --rdb dump.rdb
	redis-rest import --rdb dump.rdb --data app.data    # for serve --data app.data

It is checked to its end first. A key that is there already is an error. A server over REST has one database; --data has all.

` + environment,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "rdb", Usage: "RDB `FILE` of Redis to import", Validator: notEmpty},
			dataFlag("new `FILE` for serve --data, to fill with --rdb instead of a server"),
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			if c.IsSet("rdb") {
				return importRDB(ctx, c)
			}
			if c.IsSet("data") {
				return errors.New("--data needs --rdb")
			}
			if c.Args().Len() != 1 {
				return errors.New("import takes one file: redis-rest import FILE")
			}
			return importFile(ctx, c, c.Args().First())
		},
	}
}

func importFile(ctx context.Context, c *cli.Command, path string) error {
	in, total := c.Root().Reader, 0
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		if total, err = countCommands(newCommandReader(file)); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		in = file
	}
	rdb, _, err := open(c)
	if err != nil {
		return err
	}
	notes := c.Root().ErrWriter
	p := newProgress(notes, "commands imported", total)
	done, failed := 0, 0
	err = runCommands(ctx, rdb, newCommandReader(in), func(cmd lineCommand, _ redis.Reply, err error) error {
		if done++; err != nil {
			const shown = 10
			if failed++; failed <= shown {
				p.clear()
				fmt.Fprintf(notes, "%s: line %d: %v\n", path, cmd.line, err)
			}
		}
		p.at(done)
		return nil
	})
	p.clear()
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w (%d commands were answered before)", path, err, done)
	case failed > 0:
		return fmt.Errorf("%d of %d commands failed", failed, done)
	}
	_, err = fmt.Fprintf(c.Root().Writer, "%d commands imported\n", done)
	return err
}

func countCommands(r *commandReader) (n int, err error) {
	for {
		switch cmd, err := r.next(); {
		case err == io.EOF:
			return n, nil
		case err != nil:
			return 0, err
		case len(cmd.words) > 0:
			n++
		}
	}
}

// A lineCommand is a command of a line.
type lineCommand struct {
	line  int
	words []string
}

// A commandReader reads commands, one from each line.
type commandReader struct {
	lines *bufio.Reader
	line  int
}

func newCommandReader(r io.Reader) *commandReader {
	return &commandReader{lines: bufio.NewReaderSize(r, 1<<16)}
}

// next reads a line. A blank one and a comment have no words. The error is io.EOF if
// there are no more lines.
func (r *commandReader) next() (lineCommand, error) {
	line, err := r.lines.ReadString('\n')
	if err != nil && (err != io.EOF || line == "") {
		return lineCommand{}, err
	}
	r.line++
	if strings.HasPrefix(strings.TrimSpace(line), "#") {
		return lineCommand{}, nil
	}
	words, ok := resp.SplitWords(line)
	switch {
	case !ok:
		return lineCommand{}, fmt.Errorf("line %d: a quote is not closed, or is followed by something other than a space", r.line)
	case strings.Contains(line, "\x00"):
		return lineCommand{}, fmt.Errorf(`line %d: has a byte 0; write it as "\x00"`, r.line)
	case !utf8.ValidString(strings.Join(words, "")):
		return lineCommand{}, fmt.Errorf("line %d: has a word that is not UTF-8, which this protocol cannot send", r.line)
	}
	return lineCommand{r.line, words}, nil
}

// more says whether another whole line has arrived.
func (r *commandReader) more() bool {
	arrived, _ := r.lines.Peek(r.lines.Buffered())
	return bytes.IndexByte(arrived, '\n') >= 0
}

// runCommands runs commands in order, and calls each with the reply or the error of Redis. It
// sends those that have arrived together, but does not wait for more. It ends at the
// first line that is no command, and at the first request without an answer.
func runCommands(ctx context.Context, rdb *redis.Redis, r *commandReader, each func(lineCommand, redis.Reply, error) error) error {
	const most = 1000 // in one request; all but the first are in the buffer of lines, so they are small
	for {
		var cmds []lineCommand
		var failed error
		for failed == nil && (len(cmds) == 0 || r.more() && len(cmds) < most) {
			var cmd lineCommand
			if cmd, failed = r.next(); len(cmd.words) > 0 {
				cmds = append(cmds, cmd)
			}
		}
		if err := runTogether(ctx, rdb, cmds, each); err != nil {
			return err
		}
		if failed == io.EOF {
			return nil
		}
		if failed != nil {
			return failed
		}
	}
}

func runTogether(ctx context.Context, rdb *redis.Redis, cmds []lineCommand, each func(lineCommand, redis.Reply, error) error) error {
	if len(cmds) == 0 {
		return nil
	}
	batch := rdb.Pipeline()
	replies := make([]*redis.Future[redis.Reply], len(cmds))
	for i, cmd := range cmds {
		replies[i] = redis.Cmd[redis.Reply](anys(cmd.words)...).Queue(batch)
	}
	batch.Exec(ctx)
	for i, cmd := range cmds {
		reply, err := replies[i].Result()
		if e, ok := errors.AsType[*redis.Error](err); err != nil && (!ok || e.Status >= http.StatusBadRequest) { // the request failed
			lines := fmt.Sprintf("line %d", cmd.line)
			if last := cmds[len(cmds)-1].line; last > cmd.line {
				lines = fmt.Sprintf("lines %d to %d", cmd.line, last)
			}
			return fmt.Errorf("%s: %w", lines, err)
		}
		if err := each(cmd, reply, err); err != nil {
			return err
		}
	}
	return nil
}

// A progress shows on a terminal how far long work is. It is nil where there is no terminal.
type progress struct {
	w     io.Writer
	what  string
	total int // 0 if it is not known
	shown time.Time
}

func newProgress(w io.Writer, what string, total int) *progress {
	if !isTerminal(w) {
		return nil
	}
	return &progress{w: w, what: what, total: total, shown: time.Now()}
}

// at shows a number, at most ten times a second.
func (p *progress) at(n int) {
	if p == nil || time.Since(p.shown) < 100*time.Millisecond {
		return
	}
	p.shown = time.Now()
	if p.total > 0 {
		fmt.Fprintf(p.w, "\r\x1b[K%d of %d %s (%d %%)", n, p.total, p.what, 100*n/p.total)
	} else {
		fmt.Fprintf(p.w, "\r\x1b[K%d %s", n, p.what)
	}
}

// clear removes what is shown.
func (p *progress) clear() {
	if p != nil {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

// isTerminal says whether a file is a device such as a terminal.
func isTerminal(file any) bool {
	f, ok := file.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
