package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/redis-rest/redis-rest-go/internal/workbench/gen"
)

func genCommand() *cli.Command {
	return &cli.Command{
		Name:      "gen",
		Usage:     "write Go functions for annotated Lua scripts",
		ArgsUsage: "[DIR…]",
		Description: `It reads the .lua files of each DIR, the folder of a Go package, and writes ` + gen.File + ` beside them. Without a DIR it is the current folder. DIR/... stands for each package in DIR that has annotated scripts.

	redis-rest gen ./scripts
	redis-rest gen --check ./...

In Go code: //go:generate go tool redis-rest gen

` + pages + `/gen.md explains the annotations.`,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "check", Usage: "write nothing, and fail if a file would change"},
		},
		Action: func(_ context.Context, c *cli.Command) error {
			dirs := c.Args().Slice()
			if len(dirs) == 0 {
				dirs = []string{"."}
			}
			var failed error
			for _, dir := range dirs {
				root, all := strings.CutSuffix(filepath.ToSlash(dir), "...")
				if !all {
					failed = errors.Join(failed, generate(c, dir))
					continue
				}
				found, err := scriptFolders(filepath.Clean(filepath.FromSlash(root)))
				failed = errors.Join(failed, err)
				generated := 0
				for _, dir := range found {
					err := generate(c, dir)
					if _, none := os.Stat(filepath.Join(dir, gen.File)); none != nil && errors.Is(err, gen.ErrNothing) {
						continue // its scripts are used in another way
					}
					failed = errors.Join(failed, err)
					generated++
				}
				if err == nil && generated == 0 {
					failed = errors.Join(failed, fmt.Errorf("%s: %w", dir, gen.ErrNothing))
				}
			}
			return failed
		},
	}
}

// generate writes the file of one folder, or checks it.
func generate(c *cli.Command, dir string) error {
	code, err := gen.Package(dir)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, gen.File)
	old, err := os.ReadFile(path)
	switch {
	case err == nil && bytes.Equal(bytes.ReplaceAll(old, []byte("\r\n"), []byte("\n")), code): // git may write \r\n on Windows
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	case c.Bool("check"):
		return fmt.Errorf("%s is not what redis-rest gen writes: run redis-rest gen %s", filepath.ToSlash(path), filepath.ToSlash(dir))
	case err == nil && !bytes.HasPrefix(old, []byte(strings.TrimSpace(gen.Header))):
		return fmt.Errorf("%s was not written by redis-rest gen: rename it", filepath.ToSlash(path))
	}
	if err := os.WriteFile(path, code, 0o644); err != nil {
		return err
	}
	fmt.Fprintln(c.Root().Writer, filepath.ToSlash(path))
	return nil
}

// scriptFolders returns the folders in a folder that have .lua and .go files. As for Go itself, names that begin with . or _, and
// testdata and vendor are left out.
func scriptFolders(root string) (dirs []string, err error) {
	kinds := map[string]int{} // 1 for .go, 2 for .lua
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		switch {
		case d.IsDir() && path != root && (strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata" || name == "vendor" || name == "node_modules"):
			return filepath.SkipDir
		case !d.IsDir():
			dir := filepath.Dir(path)
			kinds[dir] |= map[string]int{".go": 1, ".lua": 2}[filepath.Ext(name)]
		}
		return nil
	})
	for dir, kind := range kinds {
		if kind == 3 {
			dirs = append(dirs, dir)
		}
	}
	slices.Sort(dirs)
	return dirs, err
}
