package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/redis-rest/redis-rest-go/bench/internal/slice"
)

// A process is a program that answers each line with a line.
type process struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   *bufio.Reader
	notes *bytes.Buffer // its standard error
}

func start(env []string, program string, args ...string) (*process, error) {
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), env...)
	notes := new(bytes.Buffer)
	cmd.Stderr = notes
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &process{cmd, in, bufio.NewReader(out), notes}, nil
}

// line reads the next line that the program prints.
func (p *process) line() (string, error) {
	line, err := p.out.ReadString('\n')
	if err != nil {
		ended := p.stop() // its notes are complete now
		return "", fmt.Errorf("%s: %w: %s", filepath.Base(p.cmd.Path), errors.Join(err, ended), p.notes)
	}
	return line[:len(line)-1], nil
}

func (p *process) ask(question string) (string, error) {
	if _, err := io.WriteString(p.in, question+"\n"); err != nil {
		return "", err
	}
	return p.line()
}

// slice lets the program do n operations.
func (p *process) slice(n int) (s slice.Sample, err error) {
	line, err := p.ask(strconv.Itoa(n))
	if err == nil {
		err = json.Unmarshal([]byte(line), &s)
	}
	return s, err
}

// finish closes the program's input and waits until it ends.
func (p *process) finish() error {
	p.in.Close()
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(p.cmd.Path), err, p.notes)
	}
	return nil
}

// stop closes the program's input and ends the program.
func (p *process) stop() error {
	p.in.Close()
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	p.cmd.Wait()
	return nil
}
