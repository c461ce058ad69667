// Package script runs scripts and functions as Redis 7.0 does: EVAL, SCRIPT, FUNCTION
// and FCALL. It has the Lua table redis, converts values in both directions, and
// runs scripts in a sandbox.
package script
