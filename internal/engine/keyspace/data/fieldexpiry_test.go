package data

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// plain returns a reply in one line: the texts of its parts, without heads of arrays. Null is nil.
func plain(reply string) string {
	var words []string
	lines := strings.Split(strings.TrimSuffix(reply, "\r\n"), "\r\n")
	for i := 0; i < len(lines); i++ {
		switch line := lines[i]; {
		case line == "$-1" || line == "_":
			words = append(words, "nil")
		case line[0] == '$':
			i++
			words = append(words, lines[i])
		case line[0] != '*' && line[0] != '%':
			words = append(words, line[1:])
		}
	}
	return strings.Join(words, " ")
}

// steps runs command lines, each with its reply after a tab. A line +1500 lets that many milliseconds go by.
func steps(t *testing.T, s *testServer, lines string) {
	t.Helper()
	for line := range strings.SplitSeq(strings.TrimSpace(lines), "\n") {
		line, want, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if ms, ok := strings.CutPrefix(line, "+"); ok {
			d, err := time.ParseDuration(ms + "ms")
			require.NoError(t, err)
			s.time = s.time.Add(d)
			continue
		}
		require.Equal(t, strings.TrimSpace(want), plain(s.do(line)), line)
	}
}

// The clock of the test begins at 1,000,000,000,000 ms.
func TestFieldExpiry(t *testing.T) {
	const (
		noFields    = "ERR Mandatory argument FIELDS is missing or not at the right position"
		numFields   = "ERR Parameter `numFields` should be greater than 0"
		badNumber   = "ERR Number of fields must be a positive integer"
		notMatching = "ERR The `numfields` parameter must match the number of arguments"
		notInteger  = "ERR value is not an integer or out of range"
		negative    = "ERR invalid expire time, must be >= 0"
		wrongType   = "WRONGTYPE Operation against a key holding the wrong kind of value"
	)
	for name, lines := range map[string]string{
		"times": `
			HSET h a 1 b 2 c 3 d 4	4
			HEXPIRE h 10 FIELDS 2 a none	1 -2
			HPEXPIRE h 2500 FIELDS 1 b	1
			HEXPIREAT h 1000000020 FIELDS 1 c	1
			HTTL h FIELDS 5 a b c d none	10 3 20 -1 -2
			HPTTL h FIELDS 5 a b c d none	10000 2500 20000 -1 -2
			HEXPIRETIME h FIELDS 5 a b c d none	1000000010 1000000003 1000000020 -1 -2
			HPEXPIRETIME h FIELDS 5 a b c d none	1000000010000 1000000002500 1000000020000 -1 -2
			HPEXPIREAT h 1000000000001 FIELDS 1 d	1
			HTTL h FIELDS 1 d	1
			HPTTL h FIELDS 2 d d	1 1
			+1
			HGET h d	nil
			HTTL h FIELDS 1 d	-2
			HLEN h	3
			+2498
			HGETALL h	a 1 b 2 c 3
			+1
			HGETALL h	a 1 c 3
			HKEYS h	a c
			HVALS h	1 3
			HEXISTS h b	0
			HSTRLEN h b	0
			HMGET h a b	1 nil
			HSCAN h 0	0 a 1 c 3
			HRANDFIELD h 5	a c
			HDEL h b	0
			+20000
			EXISTS h	0
			HTTL h FIELDS 1 a	-2`,
		"key and type": `
			SET s v	OK
			HEXPIRE none 10 FIELDS 2 a b	-2 -2
			HEXPIRE none 0 FIELDS 1 a	-2
			HTTL none FIELDS 2 a b	-2 -2
			HPTTL none FIELDS 1 a	-2
			HEXPIRETIME none FIELDS 1 a	-2
			HPEXPIRETIME none FIELDS 1 a	-2
			HPERSIST none FIELDS 2 a b	-2 -2
			EXISTS none	0
			HEXPIRE s x FIELDS 1 a	` + wrongType + `
			HPEXPIRE s 1 bogus 1 a	` + wrongType + `
			HEXPIREAT s 1 FIELDS 1 a	` + wrongType + `
			HPEXPIREAT s 1 FIELDS 1 a	` + wrongType + `
			HTTL s bogus 1 a	` + wrongType + `
			HPTTL s FIELDS 1 a	` + wrongType + `
			HEXPIRETIME s FIELDS 1 a	` + wrongType + `
			HPEXPIRETIME s FIELDS 1 a	` + wrongType + `
			HPERSIST s bogus 1 a	` + wrongType,
		"a time that is past": `
			HSET h a 1 b 2 c 3	3
			HEXPIRE h 0 FIELDS 1 a	2
			HGETALL h	b 2 c 3
			HPEXPIREAT h 1 FIELDS 3 a b b	-2 2 -2
			HEXPIREAT h 1000000000 FIELDS 1 c	2
			EXISTS h	0
			HSET h a 1	1
			HPEXPIRE h 0 XX FIELDS 1 a	0
			HPEXPIRE h 0 GT FIELDS 1 a	0
			HPEXPIRE h 0 NX FIELDS 1 a	2
			EXISTS h	0`,
		"errors": `
			HSET h a 1	1
			HEXPIRE h x FIELDS 1 a	` + notInteger + `
			HEXPIRE h 1.5 bogus 1 a	` + notInteger + `
			HEXPIRE h -1 FIELDS 1 a	` + negative + `
			HPEXPIRE h -1 FIELDS 1 a	` + negative + `
			HEXPIREAT h -1 FIELDS 1 a	` + negative + `
			HPEXPIREAT h -1 bogus 1 a	` + negative + `
			HEXPIRE none -1 FIELDS 1 a	` + negative + `
			HEXPIRE h 9223372036854775807 FIELDS 1 a	ERR invalid expire time in 'hexpire' command
			HPEXPIRE h 9223372036854775807 FIELDS 1 a	ERR invalid expire time in 'hpexpire' command
			HEXPIREAT h 9223372036854775807 FIELDS 1 a	ERR invalid expire time in 'hexpireat' command
			HPEXPIREAT h 9223372036854775807 FIELDS 1 a	ERR invalid expire time in 'hpexpireat' command
			HPEXPIREAT h 70368744177664 FIELDS 1 a	ERR invalid expire time in 'hpexpireat' command
			HPEXPIREAT h 70368744177663 FIELDS 1 a	1
			HEXPIREAT h 70368744178 FIELDS 1 a	ERR invalid expire time in 'hexpireat' command
			HEXPIREAT h 70368744177 FIELDS 1 a	1
			HEXPIRE h 69368744178 FIELDS 1 a	ERR invalid expire time in 'hexpire' command
			HEXPIRE h 69368744177 FIELDS 1 a	1
			HPEXPIRE h 69368744177664 FIELDS 1 a	ERR invalid expire time in 'hpexpire' command
			HPEXPIRE h 69368744177663 FIELDS 1 a	1
			HEXPIRE h 1 bogus 1 a	` + noFields + `
			HEXPIRE h 1 NX bogus 1 a	` + noFields + `
			HEXPIRE h 1 NX XX FIELDS 1 a	` + noFields + `
			HEXPIRE h 1 NX GT FIELDS 1 a	` + noFields + `
			HEXPIRE h 1 FIELDS 0 a	` + numFields + `
			HEXPIRE h 1 FIELDS -1 a	` + numFields + `
			HEXPIRE h 1 FIELDS x a	` + numFields + `
			HEXPIRE h 1 FIELDS 2 a	` + notMatching + `
			HEXPIRE h 1 FIELDS 1 a b	` + notMatching + `
			HEXPIRE h 1 NX FIELDS 1	` + notMatching + `
			HEXPIRE h 1 FIELDS 9223372036854775807 a	` + notMatching + `
			HEXPIRE h 1 FIELDS 1 NX	-2
			HTTL h bogus 1 a	` + noFields + `
			HTTL h FIELDS 0 a	` + badNumber + `
			HTTL h FIELDS x a	` + badNumber + `
			HTTL h FIELDS 2 a	` + notMatching + `
			HPTTL h FIELDS 1 a b	` + notMatching + `
			HEXPIRETIME h FIELDS 3 a b	` + notMatching + `
			HPEXPIRETIME h FIELDS -1 a	` + badNumber + `
			HPERSIST h bogus 1 a	` + noFields + `
			HPERSIST h FIELDS 0 a	` + badNumber + `
			HPERSIST h FIELDS 2 a	` + notMatching + `
			HTTL none FIELDS 2 a	` + notMatching + `
			HTTL h fields 1 a	69368744178`,
		"conditions": `
			HSET h a 1 b 2	2
			HEXPIRE h 10 XX FIELDS 1 a	0
			HEXPIRE h 10 GT FIELDS 1 a	0
			HEXPIRE h 10 XX FIELDS 1 none	-2
			HEXPIRE h 10 NX FIELDS 2 a none	1 -2
			HEXPIRE h 20 NX FIELDS 2 a b	0 1
			HEXPIRE h 10 GT FIELDS 2 a b	0 0
			HEXPIRE h 15 gt FIELDS 2 a b	1 0
			HEXPIRE h 15 LT FIELDS 2 a b	0 1
			HEXPIRE h 12 lt FIELDS 2 a b	1 1
			HEXPIRE h 30 XX FIELDS 2 a b	1 1
			HTTL h FIELDS 2 a b	30 30
			HPERSIST h FIELDS 1 a	1
			HEXPIRE h 40 LT FIELDS 1 a	1
			HEXPIRE h 0 GT FIELDS 1 a	0
			HEXPIRE h 0 LT FIELDS 1 a	2
			HGETALL h	b 2`,
		"what keeps a time": `
			HSET h a 1 b 2 c 3 d 4 e 5	5
			HEXPIRE h 10 FIELDS 5 a b c d e	1 1 1 1 1
			HSET h a 9	0
			HINCRBY h b 1	3
			HINCRBYFLOAT h c 0.5	3.5
			HSETNX h d 1	0
			HMSET h e 1	OK
			HTTL h FIELDS 5 a b c d e	-1 10 10 10 -1
			HDEL h b	1
			HSETNX h b 1	1
			HTTL h FIELDS 1 b	-1
			HPERSIST h FIELDS 4 a c d none	-1 1 1 -2
			HTTL h FIELDS 2 c d	-1 -1
			HPERSIST h FIELDS 2 c c	-1 -1
			+20000
			HLEN h	5`,
		"whole hashes": `
			HSET h a 1 b 2	2
			HEXPIRE h 10 FIELDS 1 a	1
			COPY h i	1
			HSET h c 3	1
			HEXPIRE i 20 FIELDS 1 b	1
			HTTL h FIELDS 2 a b	10 -1
			HTTL i FIELDS 2 a b	10 20
			RENAME i j	OK
			HTTL j FIELDS 2 a b	10 20
			MOVE j 1	1
			SWAPDB 0 2	OK
			HTTL h FIELDS 1 a	-2
			+10000
			SELECT 2	OK
			HGETALL h	b 2 c 3
			SELECT 1	OK
			HGETALL j	b 2
			+10000
			EXISTS j	0
			DBSIZE	0`,
		"a hash table": `
			HSET h a <1..1301>	651
			HPEXPIRE h 100 FIELDS 3 a 2 4	1 1 1
			HLEN h	651
			OBJECT ENCODING h	hashtable
			+100
			HLEN h	648
			HMGET h a 2 4 6	nil nil nil 7`,
		"HGETDEL": `
			HSET h a 1 b 2 c 3	3
			HGETDEL h FIELDS 2 a none	1 nil
			HGETDEL h FIELDS 3 b b c	2 nil 3
			EXISTS h	0
			HGETDEL h FIELDS 1 a	nil
			SET s v	OK
			HGETDEL s bogus 1 a	` + wrongType + `
			HGETDEL none bogus 1 a	` + noFields + `
			HGETDEL none FIELDS 0 a	` + badNumber + `
			HGETDEL none FIELDS 2 a	` + notMatching,
		"HGETEX": `
			HSET h a 1 b 2	2
			HGETEX h FIELDS 2 a none	1 nil
			HTTL h FIELDS 1 a	-1
			HGETEX h EX 10 FIELDS 2 a none	1 nil
			HGETEX h PX 2500 FIELDS 1 b	2
			HPTTL h FIELDS 2 a b	10000 2500
			HGETEX h FIELDS 1 a	1
			HGETEX h PERSIST FIELDS 2 a none	1 nil
			HTTL h FIELDS 1 a	-1
			HGETEX h EXAT 1000000005 FIELDS 1 a	1
			HGETEX h PXAT 1000000000001 FIELDS 1 b	2
			HPEXPIRETIME h FIELDS 2 a b	1000000005000 1000000000001
			HGETEX h EX 0 FIELDS 1 a	1
			HGETEX h PXAT 1 FIELDS 3 a b b	nil 2 nil
			EXISTS h	0
			HGETEX h EX 10 FIELDS 1 a	nil
			EXISTS h	0
			SET s v	OK
			HGETEX s EX x FIELDS 1 a	` + wrongType + `
			HGETEX h EX x FIELDS 1 a	` + notInteger + `
			HGETEX h EX -1 FIELDS 1 a	` + negative + `
			HGETEX h EX 9223372036854775807 FIELDS 1 a	ERR invalid expire time in 'hgetex' command
			HGETEX h EX 1 PX 1 FIELDS 1 a	ERR Only one of EX, PX, EXAT, PXAT or PERSIST arguments can be specified
			HGETEX h EX 1 PERSIST FIELDS 1 a	ERR Only one of EX, PX, EXAT, PXAT or PERSIST arguments can be specified
			HGETEX h PERSIST EX 1 FIELDS 1 a	ERR Only one of EX, PX, EXAT, PXAT or PERSIST arguments can be specified
			HGETEX h KEEPTTL FIELDS 1 a	` + noFields + `
			HGETEX h a b EX	` + noFields + `
			HGETEX h EX 1 EX 1	ERR Only one of EX, PX, EXAT, PXAT or PERSIST arguments can be specified
			HGETEX h FIELDS 0 a	` + badNumber + `
			HGETEX h FIELDS 2 a	` + notMatching,
		"HSETEX": `
			HSETEX h FIELDS 2 a 1 b 2	1
			HGETALL h	a 1 b 2
			HTTL h FIELDS 2 a b	-1 -1
			HSETEX h EX 10 FIELDS 2 a 3 c 4	1
			HTTL h FIELDS 3 a b c	10 -1 10
			HSETEX h KEEPTTL FIELDS 2 a 5 d 6	1
			HTTL h FIELDS 2 a d	10 -1
			HSETEX h FIELDS 1 a 6	1
			HTTL h FIELDS 1 a	-1
			HSETEX h FNX FIELDS 2 a 7 new 7	0
			HSETEX h FNX PX 1500 FIELDS 2 e 7 f 7	1
			HSETEX h PXAT 1000000001500 FXX FIELDS 2 a 8 none 8	0
			HSETEX h fxx exat 1000000007 fields 2 a 8 b 8	1
			HPTTL h FIELDS 5 a b e f new	7000 7000 1500 1500 -2
			HMGET h a b e f	8 8 7 7
			HSETEX h EX 0 FIELDS 2 a 9 g 9	1
			HMGET h a g	nil nil
			HSETEX none FXX FIELDS 1 a 1	0
			EXISTS none	0
			HSETEX none FNX FIELDS 1 a 1	1
			HSETEX none2 PXAT 1 FIELDS 1 a 1	1
			EXISTS none2	0
			HSETEX h FIELDS 2 same 1 same 2	1
			HGET h same	2
			SET s v	OK
			HSETEX s FIELDS 1 a 1	` + wrongType + `
			HSETEX s EX x FIELDS 1 a 1	` + notInteger + `
			HSETEX h EX -1 FIELDS 1 a 1	` + negative + `
			HSETEX h FNX FXX FIELDS 1 a 1	ERR Only one of FXX or FNX arguments can be specified
			HSETEX h EX 1 KEEPTTL FIELDS 1 a 1	ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified
			HSETEX h PERSIST FIELDS 1 a 1	` + noFields + `
			HSETEX h FIELDS 0 a 1	` + badNumber + `
			HSETEX h FIELDS 1 a 1 b	` + notMatching + `
			HSETEX h FIELDS 2 a 1 b	` + notMatching + `
			HSETEX h FIELDS 1 a 1 b 2	` + notMatching,
	} {
		for _, resp3 := range []bool{false, true} {
			t.Run(fmt.Sprint(name, " ", resp3), func(t *testing.T) {
				s := newTestServer(t)
				s.session.RESP3 = resp3
				steps(t, s, lines)
			})
		}
	}
}

// What is told of fields that expire.
func TestFieldExpiryEvents(t *testing.T) {
	s := newTestServer(t)
	s.do("HSET h a 1 b 2 c 3 d 4")
	s.told()
	for _, step := range []struct {
		line string
		told []string
	}{
		{"HEXPIRE h 10 FIELDS 1 none", nil},
		{"HEXPIRE h 10 XX FIELDS 1 a", nil},
		{"HEXPIRE h 10 FIELDS 2 a none", []string{"written 0 h", "hexpire h"}},
		{"HTTL h FIELDS 1 a", nil},
		{"HTTL none FIELDS 1 a", []string{"keymiss none"}},
		{"HPERSIST h FIELDS 2 a b", []string{"written 0 h", "hpersist h"}},
		{"HPERSIST h FIELDS 2 a b", nil},
		{"HEXPIRE h 0 FIELDS 2 a none", []string{"written 0 h", "hdel h"}},
		{"HGETEX h EX 10 FIELDS 1 b", []string{"written 0 h", "hexpire h"}},
		{"HGETEX h PERSIST FIELDS 1 b", []string{"written 0 h", "hpersist h"}},
		{"HGETEX h PERSIST FIELDS 1 b", nil},
		{"HGETEX h FIELDS 1 b", nil},
		{"HGETDEL h FIELDS 1 b", []string{"written 0 h", "hdel h"}},
		{"HGETDEL h FIELDS 1 b", nil},
		{"HSETEX h EX 10 FIELDS 1 b 1", []string{"written 0 h", "hset h", "written 0 h", "hexpire h"}},
		{"HSETEX h EX 0 FIELDS 1 b 1", []string{"written 0 h", "hset h", "written 0 h", "hdel h"}},
		{"HSETEX h FNX FIELDS 1 c 1", nil},
		{"HEXPIRE h 0 FIELDS 2 c d", []string{"written 0 h", "hdel h", "written 0 h", "del h"}},
		{"HSETEX h FIELDS 1 a 1", []string{"new h", "written 0 h", "hset h"}},
		{"HGETDEL h FIELDS 1 a", []string{"written 0 h", "hdel h", "written 0 h", "del h"}},
	} {
		changes := s.Stats().Changes
		s.do(step.line)
		require.Equal(t, step.told, s.told(), step.line)
		require.Equal(t, step.told != nil && !strings.Contains(step.line, "none FIELDS"), s.Stats().Changes > changes, step.line)
	}
	require.EqualValues(t, 4, s.Stats().ExpiredFields)
}

// The caller is told when the next field is due.
func TestNextFieldIsDue(t *testing.T) {
	s := newTestServer(t)
	due := func() (after int64, ok bool) {
		at, ok := s.ExpireDue(10)
		return at - s.time.UnixMilli(), ok
	}
	s.do("HSET h a 1 b 2")
	_, ok := due()
	require.False(t, ok)
	for _, step := range []struct {
		line string
		ms   int64 // or 0 for never
	}{
		{"HPEXPIRE h 500 FIELDS 1 a", 500},
		{"HPEXPIRE h 400 FIELDS 1 b", 400},
		{"HPERSIST h FIELDS 1 b", 500},
		{"HPEXPIRE h 700 FIELDS 1 a", 700},
		{"COPY h i", 700},
		{"HSET h a 2", 700},
		{"HDEL i a", 0},
		{"HSETEX h PX 300 FIELDS 1 c 3", 300},
		{"RENAME h i", 300},
		{"HGETEX i PERSIST FIELDS 1 c", 0},
		{"HGETEX i PX 200 FIELDS 1 c", 200},
		{"HGETDEL i FIELDS 1 c", 0},
		{"HPEXPIRE i 100 FIELDS 1 a", 100},
		{"SET i v", 0},
	} {
		s.do(step.line)
		ms, ok := due()
		require.Equal(t, step.ms > 0, ok, step.line)
		if ok {
			require.Equal(t, step.ms, ms, step.line)
		}
	}
}

// HSCAN goes on from its cursor and visits about COUNT fields.
func TestScanOfHash(t *testing.T) {
	s := newTestServer(t)
	s.do("HSET h <1..1200>")
	seen, calls := scanAll(t, s, "HSCAN h %s COUNT 7")
	require.Len(t, seen, 1200)
	require.Equal(t, 86, calls)
}
