package data

import (
	"bytes"
	"compress/gzip"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

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
