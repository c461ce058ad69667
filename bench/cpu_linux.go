package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// cpuOf returns the CPU time that another process has used. The id of that process' clock is
// computed from the process id (clock_getcpuclockid).
func cpuOf(pid int) time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(int32(^pid<<3|2), &t) != nil {
		return 0
	}
	return time.Duration(t.Nano())
}
