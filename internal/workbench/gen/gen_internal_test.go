package gen

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever the annotations are, the code is Go, or the mistake is told.
func FuzzCode(f *testing.F) {
	for _, seed := range []string{
		"--- Reads \x00\ufeff it.\n---@name X\n---@key a?\n---@arg b... {a: string, type: json:net/url.URL}\n---@error x y\n---@once 24h\n---@return {[\"b c\"]: seconds?, [d]: {a: unixtime}[]}\nreturn {KEYS, ARGV}",
		"---@key a\n---@key ...\n---@arg ... json:[]net/url/v2.URL\n---@readonly\n---@return table<integer, bytes?>\nreturn {KEYS, ARGV}",
		"#!lua name=l\n--- x\n\n---@arg a? bytes\n---@arg b? unixtime\n---@arg c? json:X\n---@return milliseconds[]\nredis.register_function{function_name='a-b', callback=function(_, a) return a end, flags={'no-writes'}}",
		"---@error a-b.c /* */ `\n---@error B\n---@return any\nreturn 1", "---@name é\n---@return any\nreturn 1", "---  -\n---\n---  *\n---@return any */\nreturn 1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		w := newWriter()
		w.pkg = "scripts"
		if !w.read("a.lua", source) {
			return
		}
		_, err := w.code()
		if len(w.problems) == 0 {
			require.NoError(t, err)
		}
	})
}
