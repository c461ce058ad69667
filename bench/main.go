// Bench compares this library with its alternatives and writes the results to
// RESULTS.md, with pictures.
//
//	go run .            everything, in about a quarter of an hour
//	go run . -quick     everything, in two minutes, to see that it works
//	go run . -only decode
//	go run . -draw      only the pictures and the table of the README, from RESULTS.md
//
// It uses node and npm, redis-server, redis-benchmark and webdis if they are on PATH.
// The report says which measurements are missing.
package main

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"
)

var (
	quick    = flag.Bool("quick", false, "short slices and few rounds")
	drawOnly = flag.Bool("draw", false, "measure nothing; make the pictures and the README's table from RESULTS.md")
	only     = flag.String("only", "", "`PATTERN` of the parts to run; RESULTS.md does not change")
)

// A part is a group of measurements.
type part struct {
	name string
	run  func(*bench) error
}

var parts = []part{
	{"call", (*bench).call},
	{"redis", (*bench).callRedis},
	{"tls", (*bench).overTLS},
	{"reconnect", (*bench).reconnect},
	{"cancel", (*bench).cancel},
	{"protocol", (*bench).protocols},
	{"auto", (*bench).autoPipelining},
	{"pipeline", (*bench).pipeline},
	{"decode", (*bench).decode},
	{"memory", (*bench).memory},
	{"start", (*bench).coldStart},
	{"binary", (*bench).binary},
	{"server", (*bench).server},
	{"database", (*bench).database},
	{"limit", (*bench).limit},
	{"growth", (*bench).growth},
	{"init", (*bench).initWork},
}

// A bench is one run.
type bench struct {
	dir    string        // the programs; it is deleted at the end
	length time.Duration // of a slice
	warmUp time.Duration // of each subject
	report report
	ends   []func() error

	redisPID int // of the Redis that was started last
	profiles int // the number of profiles
}

func main() {
	log.SetFlags(0)
	flag.Parse()
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() (err error) {
	if *drawOnly {
		return draw(".")
	}
	chosen, err := regexp.Compile(*only)
	if err != nil {
		return err
	}
	b := &bench{length: 60 * time.Millisecond, warmUp: time.Second}
	if *quick {
		b.length, b.warmUp = 20*time.Millisecond, 200*time.Millisecond
	}
	if b.dir, err = os.MkdirTemp("", "redis-rest-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.end()) }()
	if err := b.build(); err != nil {
		return err
	}
	begun := time.Now()
	for _, p := range parts {
		if !chosen.MatchString(p.name) {
			continue
		}
		before := time.Now()
		if err := p.run(b); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		log.Printf("%s: %v", p.name, time.Since(before).Round(time.Second/10))
	}
	b.report.took = time.Since(begun)
	fmt.Print(b.report.table())
	if *only != "" {
		fmt.Print(b.report.details())
		return nil
	}
	return b.report.write(".")
}

// rounds returns the number of rounds: full, or less for a quick run.
func (b *bench) rounds(full int) int {
	if *quick {
		return max(5, full/10)
	}
	return full
}

// build builds the programs.
func (b *bench) build() error {
	for folder, packages := range map[string]string{".": "./cmd/...", "..": "./cmd/redis-rest"} {
		cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", b.dir+"/", packages)
		cmd.Dir, cmd.Stderr = folder, os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("go build: %w", err)
		}
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return nil
	}
	cmd := exec.Command("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
	cmd.Dir, cmd.Stderr = "node", os.Stderr
	return cmd.Run()
}

func (b *bench) program(name string) string { return filepath.Join(b.dir, name) }

// atEnd registers f to be called when the run ends, in reverse order.
func (b *bench) atEnd(f func() error) { b.ends = append(b.ends, f) }

func (b *bench) end() error {
	var errs []error
	for i := len(b.ends) - 1; i >= 0; i-- {
		errs = append(errs, b.ends[i]())
	}
	return errors.Join(append(errs, os.RemoveAll(b.dir))...)
}

// hasNode says whether the published client is installed.
func hasNode() bool {
	_, err := os.Stat("node/node_modules")
	_, missing := exec.LookPath("node")
	return err == nil && missing == nil
}
