// Redis-rest is the command line: a local server for development and tests, and a
// client.
//
//	redis-rest serve --env-file .env          the embedded database, on 127.0.0.1:8079
//	redis-rest serve --redis redis://…        in front of an existing Redis
//	redis-rest eval limit.lua user:1 , 10 60  a script, with its KEYS and ARGV
//	redis-rest do GET name                    one command
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/urfave/cli/v3"
	_ "golang.org/x/crypto/x509roots/fallback" // roots of TLS where there are none, as in an image from scratch

	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
)

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		signal.Stop(signals) // the second signal ends the process at once; who waits for ctx may rely on that
		cancel()
	}()
	if err := program().Run(ctx, os.Args); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(status(err))
	}
}

// status is the exit status for an error.
func status(err error) int {
	if coder, ok := errors.AsType[cli.ExitCoder](err); ok {
		return coder.ExitCode()
	}
	return 1
}

// pages is where the documentation is.
const pages = "https://github.com/redis-rest/redis-rest-go/tree/main/docs"

// program makes the command line. It prints to the command's writers and returns
// errors.
func program() *cli.Command {
	p := &cli.Command{
		Name:  "redis-rest",
		Usage: "Redis over REST: a local server, and a client",
		Description: `To try a script, with no server:

	redis-rest eval --memory limit.lua user:1 , 10 60

To start a server, and use it in another terminal:

	redis-rest serve --env-file .env
	set -a; . ./.env; set +a
	redis-rest do SET name Ada

All pages: ` + pages,
		EnableShellCompletion: true,
		Version:               version(),
		ExitErrHandler:        func(context.Context, *cli.Command, error) {},
		Commands: []*cli.Command{
			serveCommand(), evalCommand(), lintCommand(), genCommand(), traceCommand(), debugCommand(), coverCommand(), doCommand(), importCommand(), exportCommand(), publishCommand(), subscribeCommand(), monitorCommand(), replayCommand(), doctorCommand(), helpCommand(),
		},
		Action: withoutCommand,
	}
	p.Walk(func(c *cli.Command) error {
		c.OnUsageError = usageError
		return nil
	})
	return p
}

// withoutCommand runs if the first word is not the name of a command.
func withoutCommand(_ context.Context, c *cli.Command) error {
	name := c.Args().First()
	if name == "" {
		c.Root().Writer = c.Root().ErrWriter // nobody asked for help
		if err := cli.ShowRootCommandHelp(c); err != nil {
			return err
		}
		return errors.New("a command is missing")
	}
	return unknownCommand(c, name)
}

func helpCommand() *cli.Command {
	return &cli.Command{
		Name:      "help",
		Aliases:   []string{"h"},
		Usage:     "show the commands, or the flags of one",
		ArgsUsage: "[COMMAND]",
		HideHelp:  true,
		Action: func(ctx context.Context, c *cli.Command) error {
			root, name := c.Root(), c.Args().First()
			switch {
			case name == "":
				return cli.ShowRootCommandHelp(root)
			case root.Command(name) == nil:
				return unknownCommand(root, name)
			}
			return cli.ShowCommandHelp(ctx, root, name)
		},
	}
}

// unknownCommand suggests what may have been meant.
func unknownCommand(c *cli.Command, name string) error {
	text := fmt.Sprintf("%q is not a command of redis-rest", name)
	if _, ok := commandtable.Find([]string{name}); ok {
		return fmt.Errorf("%s; did you mean redis-rest do %s?", text, name)
	}
	var names []string
	for _, command := range c.Commands {
		names = append(names, command.Names()...)
	}
	return fmt.Errorf("%s%s (redis-rest --help lists the commands)", text, didYouMean("", name, names))
}

// usageError makes one line of a mistake in the flags. It has no value that may be secret:
// flags with such values are checked elsewhere.
func usageError(_ context.Context, c *cli.Command, err error, _ bool) error {
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "flag provided but not defined: -"); ok {
		var names []string
		for _, flag := range c.Flags {
			names = append(names, flag.Names()...)
		}
		text = fmt.Sprintf("there is no flag --%s%s", name, didYouMean("--", name, names))
	}
	text = strings.Replace(text, " for flag -", " for flag --", 1)
	return fmt.Errorf("%s (%s --help lists the flags)", text, c.FullName())
}

// didYouMean suggests the name that is most like a mistaken one, if one is.
func didYouMean(prefix, mistaken string, names []string) string {
	best, least := "", len(mistaken)/3+2
	for _, name := range names {
		d := distance(mistaken, name)
		if strings.HasPrefix(name, mistaken) {
			d = 1
		}
		if d < least {
			best, least = name, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %s%s?", prefix, best)
}

// distance returns how many letters must be inserted, removed or replaced to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := corner
			if a[i] != b[j] {
				replaced++
			}
			corner = row[j+1]
			row[j+1] = min(replaced, corner+1, row[j]+1)
		}
	}
	return row[len(b)]
}

// version returns the version of the module: a tag, or what Go makes of a commit, or
// "(devel)" if it was built without git.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "unknown"
}
