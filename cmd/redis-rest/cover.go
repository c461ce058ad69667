package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v3"

	"github.com/redis-rest/redis-rest-go/internal/workbench/cover"
)

func coverCommand() *cli.Command {
	return &cli.Command{
		Name:      "cover",
		Usage:     "show which lines of Lua the tests have run",
		ArgsUsage: "DIR",
		Description: `Tests with package redistest write into DIR when REDISTEST_LUACOVER names it, with its full path. The profile is for Go's tool, the names of the
files are those of the *.lua below the current folder with the same text. Other sources are written beside the profile.

	REDISTEST_LUACOVER=$PWD/cover go test -count=1 ./...
	redis-rest cover cover -o lua.out
	go tool cover -html=lua.out`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "o", Usage: "write the profile to this `FILE`"},
			&cli.BoolFlag{Name: "lcov", Usage: "write it in the format of lcov"},
		},
		Action: func(_ context.Context, c *cli.Command) error {
			if c.Args().Len() != 1 {
				return errors.New("cover takes one folder: redis-rest cover DIR")
			}
			dir, out := c.Args().First(), c.String("o")
			set, err := cover.Read(dir)
			if err != nil {
				return err
			}
			beside := out + ".d"
			if out == "" {
				beside = filepath.Join(dir, "sources")
			}
			files, err := set.Files(".", beside)
			if err != nil {
				return err
			}
			for _, f := range files {
				fmt.Fprintf(c.Root().Writer, "%5.1f%%  %s\n", f.Percent(), f.Path)
			}
			if out == "" {
				return nil
			}
			file, err := os.Create(out)
			if err != nil {
				return err
			}
			write := cover.WriteProfile
			if c.Bool("lcov") {
				write = cover.WriteLCOV
			}
			return errors.Join(write(file, files), file.Close())
		},
	}
}
