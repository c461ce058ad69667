package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// cpuOf is the CPU time that another process has taken. Its clock has a number of
// its own, made of the process' id (clock_getcpuclockid).
func cpuOf(pid int) time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(int32(^pid<<3|2), &t) != nil {
		return 0
	}
	return time.Duration(t.Nano())
}
