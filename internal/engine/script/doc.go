// Package script runs the scripts and functions of a database in memory as Redis
// 7.0 runs them: EVAL and its like, SCRIPT, FUNCTION and FCALL, what the table redis
// offers, the conversion of values both ways, and the sandbox.
package script
