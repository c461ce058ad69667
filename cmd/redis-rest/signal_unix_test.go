//go:build unix

package main

import (
	"bufio"
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/internal/testkit/built"
)

// startProcess runs serve in a process, and a group of processes, of its own.
func startProcess(t *testing.T, args ...string) (url string, notes *output, pid int, ended <-chan error) {
	t.Helper()
	notes = new(output)
	cmd := exec.Command(built.Path(t, "redis-rest"), append([]string{"serve", "--listen", "127.0.0.1:0", "--token", "t"}, args...)...)
	cmd.Stderr = notes
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill() })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err, notes)
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	_, url, _ = strings.Cut(strings.TrimSpace(line), "=")
	return url, notes, cmd.Process.Pid, done
}

// The first signal lets running requests finish, and the second ends the process.
func TestSecondSignal(t *testing.T) {
	url, notes, pid, ended := startProcess(t)
	rdb, err := redis.New(url, "t", redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 1}), redis.WithTimeout(0))
	require.NoError(t, err)
	failed := make(chan error, 1)
	go func() {
		_, err := redis.Eval[any](t.Context(), rdb, "while true do redis.call('PING') end", nil)
		failed <- err
	}()
	require.Eventually(t, func() bool { // another command is refused, or waits, while the script runs
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err := rdb.Do(ctx, "PING")
		return err != nil
	}, 10*time.Second, time.Millisecond)
	require.NoError(t, syscall.Kill(-pid, syscall.SIGINT))
	require.Eventually(t, func() bool { return strings.Contains(notes.String(), "press Ctrl-C again") }, 10*time.Second, time.Millisecond)
	require.NoError(t, syscall.Kill(-pid, syscall.SIGINT))
	select {
	case err := <-ended: // long before the minute that the script has
		require.Error(t, err)
	case <-time.After(20 * time.Second):
		t.Fatal("it did not end")
	}
	require.Error(t, <-failed)
}

// One signal is enough to end the process, once --timeout has ended the scripts.
func TestSignalAndEndlessScript(t *testing.T) {
	url, notes, pid, ended := startProcess(t, "--timeout", "500ms")
	rdb, err := redis.New(url, "t", redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, err)
	failed := make(chan error, 1)
	go func() {
		_, err := redis.Eval[any](t.Context(), rdb, "redis.call('SET', 'k', 1) local s, t = ('a'):rep(2e5), {} while true do local y = t[s] end", nil)
		failed <- err
	}()
	require.Eventually(t, func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		_, err := rdb.Do(ctx, "PING")
		return err != nil || len(failed) > 0
	}, 10*time.Second, time.Millisecond)
	require.NoError(t, syscall.Kill(pid, syscall.SIGTERM))
	require.NoError(t, <-ended, notes)
	require.Error(t, <-failed)
}

// Ctrl-C in a terminal reaches the process and its group. The private redis-server is not in
// it, because it outlives the requests that use it.
func TestSignalSparesRedisServer(t *testing.T) {
	need(t, "redis-server")
	s := serveWith(t, "--redis-server")
	group, err := syscall.Getpgid(redisProcess(t, s))
	require.NoError(t, err)
	require.NotEqual(t, syscall.Getpgrp(), group)
}

// What was replied to is there after SIGTERM, and after SIGKILL.
func TestSignalsKeepData(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data")
	n := 0
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL, syscall.SIGTERM} {
		url, notes, pid, ended := startProcess(t, "--data", path)
		require.Equal(t, n+1, increment(t, url, "t"))
		require.Equal(t, n+2, increment(t, url, "t"))
		n += 2
		require.NoError(t, syscall.Kill(pid, signal))
		err := <-ended
		require.Equal(t, signal == syscall.SIGTERM, err == nil, "%v %v", err, notes)
	}
}

// Ctrl-C stops a script that is debugged where it is.
func TestSignalInterruptsDebug(t *testing.T) {
	script := write(t, "endless.lua", "local n = 0\nwhile true do\n  n = n + 1\nend")
	cmd := exec.Command(built.Path(t, "redis-rest"), "debug", script)
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out := new(output)
	cmd.Stdout, cmd.Stderr = out, out
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill() })
	says := func(text string) {
		t.Helper()
		require.Eventually(t, func() bool { return strings.Contains(out.String(), text) }, 10*time.Second, time.Millisecond, "%s", out)
	}
	says("reason = entry")
	in.Write([]byte("log 3 running {n}\nb 3 if n == 2\nc\n"))
	says("<point> running 2")
	says("break point")
	in.Write([]byte("b 0\nlog 3 again {n}\nc\n"))
	says("<point> again 9")
	require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
	says("stop reason = interrupt")
	in.Write([]byte("back\nprint n > 8\n"))
	says("stop reason = step back")
	says("<value> true")
	in.Close()
	require.NoError(t, cmd.Wait())
}
