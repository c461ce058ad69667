package data

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/testkit/realredis"
)

var update = flag.Bool("update", false, "write commands.resp.gz from redis-server")

// What COMMAND tells of each command is what redis-server tells.
func TestCommandDescriptions(t *testing.T) {
	p := newPair(t)
	if *update {
		real := realredis.Start(t)
		real.Do("HELLO", "3")
		var file bytes.Buffer
		w, err := gzip.NewWriterLevel(&file, gzip.BestCompression)
		require.NoError(t, err)
		w.Write(real.Do("COMMAND"))
		w.Write(real.Do("COMMAND", "DOCS"))
		require.NoError(t, w.Close())
		require.NoError(t, os.WriteFile("commands.resp.gz", file.Bytes(), 0o644))
		t.Skip("written")
	}
	for _, resp3 := range []bool{false, true} {
		p.reset(resp3)
		d := described()
		for _, name := range d.top {
			for _, one := range append([]string{name}, d.info[name].subs...) {
				want, got := p.both("COMMAND", "INFO", one)
				require.Equal(t, sorted(want), sorted(got), one) // the order of subcommands is open
			}
			want, got := p.both("COMMAND", "DOCS", strings.ToUpper(name))
			require.Equal(t, sorted(want), sorted(got), name)
		}
		for _, words := range []string{"COMMAND", "COMMAND INFO", "COMMAND DOCS", "COMMAND COUNT", "COMMAND LIST", "COMMAND DOCS get none SET", "COMMAND INFO none"} {
			want, got := p.both(strings.Fields(words)...)
			require.Equal(t, sorted(want), sorted(got), words)
		}
		for _, category := range categories {
			want, got := p.both("ACL", "CAT", category)
			require.Equal(t, sorted(want), sorted(got), category)
			want, got = p.both("COMMAND", "LIST", "FILTERBY", "ACLCAT", category)
			require.Equal(t, sorted(want), sorted(got), category)
		}
	}
}

// Each HELP has the words of redis-server.
func TestHelp(t *testing.T) {
	p := newPair(t)
	for command := range commandtable.All {
		if container, sub, _ := strings.Cut(command.Name, "|"); sub == "HELP" && Has(command.Name) && container != "CLUSTER" && !strings.HasPrefix(container, "JSON") {
			want, got := p.both(container, "HELP")
			require.Equal(t, want, got, container)
		}
	}
}

// What COMMAND GETKEYSANDFLAGS tells of the lines of testdata is what redis-server tells.
func TestKeysAndFlags(t *testing.T) {
	p := newPair(t)
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	lines := [][]string{
		{"MIGRATE", "h", "1", "", "0", "1", "KEYS", "a", "b"}, {"MIGRATE", "h", "1", "k", "0", "1"}, {"EVAL", "s", "2", "a", "b", "c"}, {"EVAL_RO", "s", "1", "a"}, {"EVAL", "s", "0"}, {"EVAL", "s", "x"},
		{"FCALL", "f", "1", "a"}, {"FCALL_RO", "f", "1", "a"}, {"PING"}, {"NONE", "x"}, {"SET", "GET", "v", "EX", "1"}, {"SET", "k", "GET"}, {"SET", "k", "v", "get"}, {"BITFIELD", "k", "incrby", "u8", "0", "1"}, {"BITFIELD", "k"},
	}
	seen := map[string]int{}
	for _, file := range files {
		for _, c := range readCases(t, file) {
			for _, line := range c.lines {
				command, problem := commandtable.Check(line.args)
				if one := fmt.Sprint(command.Name, len(line.args)); problem == commandtable.Legal && seen[one] < 2 && command.Doc().Since < "7.1" {
					seen[one]++
					lines = append(lines, line.args)
				}
			}
		}
	}
	for _, resp3 := range []bool{false, true} {
		p.reset(resp3)
		for _, line := range lines {
			for _, sub := range []string{"GETKEYS", "GETKEYSANDFLAGS"} {
				want, got := p.both(append([]string{"COMMAND", sub}, line...)...)
				assert.Equal(t, want, got, "%q", line)
			}
		}
	}
}
