// Package slice is the protocol between the benchmark and the programs that it measures. The
// benchmark writes the number of operations, one number a line. The program writes what they
// cost, as one line of JSON.
package slice

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"strconv"
	"syscall"
	"time"
)

// A Sample is the cost of a slice of operations.
type Sample struct {
	Ops    int
	Wall   time.Duration
	CPU    time.Duration // of the whole process, as the kernel counts it
	Allocs uint64
	Bytes  uint64 // allocated
}

// Serve reads a number n from each line of standard input and does n operations, until
// the input ends.
func Serve(do func(n int) error) error {
	lines := bufio.NewScanner(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		n, err := strconv.Atoi(lines.Text())
		if err != nil {
			return err
		}
		sample, err := Measure(n, do)
		if err != nil {
			return err
		}
		if err := out.Encode(sample); err != nil {
			return err
		}
	}
	return lines.Err()
}

// Measure does n operations. Earlier garbage is collected first and not counted.
func Measure(n int, do func(n int) error) (Sample, error) {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, begun := cpuTime(), time.Now()
	err := do(n)
	s := Sample{Ops: n, Wall: time.Since(begun), CPU: cpuTime() - cpu}
	runtime.ReadMemStats(&after)
	s.Allocs, s.Bytes = after.Mallocs-before.Mallocs, after.TotalAlloc-before.TotalAlloc
	if err != nil {
		return s, fmt.Errorf("after %v: %w", s.Wall, err)
	}
	return s, nil
}

// Profiled calls do and writes a CPU profile to a file. There is no profile if file
// is "".
func Profiled(file string, do func() error) error {
	if file == "" {
		return do()
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	err = do()
	pprof.StopCPUProfile()
	return errors.Join(err, f.Close())
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
