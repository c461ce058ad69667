package data

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// randomLines is how many random command lines TestRandomCommandsAsRedis plays: 2,000, or RANDOM_COMMANDS.
func randomLines(t *testing.T) int {
	text := os.Getenv("RANDOM_COMMANDS")
	if text == "" {
		return 2000
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, "RANDOM_COMMANDS")
	return n
}

var randomSeed = flag.Uint64("seed", 1, "of the random command lines")

var randomFamily = flag.String("family", "*", "of which file of testdata")

// Lines of testdata with some words replaced by others have the replies of redis-server, from a fixed
// seed. RANDOM_COMMANDS=60000 plays more.
func TestRandomCommandsAsRedis(t *testing.T) {
	files, err := filepath.Glob("testdata/" + *randomFamily + ".txt")
	require.NoError(t, err)
	var lines []testLine
	words := []string{"", "*", "(1", "[a", "$", ">", "0-1", "5-5"}
	keys := []string{"a", "b", "c", "l", "s", "h", "z", "k"}
	for _, file := range files {
		for _, c := range readCases(t, file) {
			for _, line := range c.lines {
				if command, problem := commandtable.Check(line.args); problem != commandtable.Legal || !isSteady(command.Name) || line.mark == '!' {
					continue
				}
				lines = append(lines, line)
				if len(line.args) < 50 {
					words = append(words, line.args[1:]...)
				}
			}
		}
	}
	words = append(words, spellings...)
	slices.Sort(words)
	words = slices.DeleteFunc(slices.Compact(words), harmful)

	require.NotEmpty(t, lines)
	p := newPair(t)
	random := rand.New(rand.NewPCG(*randomSeed, 2))
	count := randomLines(t)
	if testing.Short() {
		count /= 4
	}
	const length = 100
	for round := range (count + length - 1) / length {
		c := testCase{name: fmt.Sprint("round ", round)}
		for range length {
			line := testLine{args: slices.Clone(lines[random.IntN(len(lines))].args)}
			for range random.IntN(4) {
				switch i := random.IntN(len(line.args)); {
				case i == 0:
				case random.IntN(3) == 0:
					line.args[i] = keys[random.IntN(len(keys))]
				case random.IntN(4) == 0:
					line.args = slices.Delete(line.args, i, i+1)
				case random.IntN(4) == 0:
					line.args = slices.Insert(line.args, i, words[random.IntN(len(words))])
				default:
					line.args[i] = words[random.IntN(len(words))]
				}
			}
			if command, problem := commandtable.Check(line.args); problem == commandtable.Legal && !isSteady(command.Name) {
				continue // a subcommand
			}
			if slices.ContainsFunc(line.args, harmful) || line.args[0][0] == 'X' && slices.ContainsFunc(line.args, waits) {
				continue
			}
			if strings.HasSuffix(strings.ToUpper(line.args[0]), "SCAN") {
				line.mark = '?' // of a hash table the cursors are open
			}
			line.text = fmt.Sprintf("%q", line.args)
			c.lines = append(c.lines, line)
		}
		p.playAll(t, []testCase{c})
		if t.Failed() && round > 20 {
			break
		}
	}
}

// isSteady says whether the reply and the effect of a command are the same on any server.
func isSteady(name string) bool {
	c, _ := commandtable.Lookup(name)
	switch name {
	case "RANDOMKEY", "SRANDMEMBER", "HRANDFIELD", "ZRANDMEMBER", "SPOP", "SCAN", "SSCAN", "HSCAN", "ZSCAN", "DBSIZE", "OBJECT|FREQ", "TIME", "INFO", "COMMAND", "COMMAND|LIST", "LOLWUT":
		return false
	case "SORT": // of a hash table, without an order
		return false
	}
	blocking := c.Flags.Has(commandtable.Blocking) && !strings.HasPrefix(name, "XREAD")
	return Has(name) && !blocking && c.Flags&commandtable.Admin == 0 && !strings.HasPrefix(name, "CONFIG") && !strings.HasPrefix(name, "DEBUG") && !strings.HasPrefix(name, "CLIENT")
}

// waits says whether a word makes XREAD wait, or lets XADD choose an ID of the time.
func waits(word string) bool { return equalFold(word, "BLOCK") || equalFold(word, "*") }

// harmful says whether a word makes commands such as SRANDMEMBER reply with more than a test can hold.
func harmful(word string) bool {
	n, ok := ctext.ParseInt(word)
	return ok && n < -10_000
}

// Each of any commands has one whole reply, or waits.
func FuzzRun(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(f, err)
	for _, file := range files {
		for _, c := range readCases(f, file) {
			lines := make([]string, len(c.lines))
			for i, line := range c.lines {
				lines[i] = strings.Join(line.args, " ")
			}
			f.Add(strings.Join(lines[:min(len(lines), 100)], "\n"))
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := newTestServer(t)
		s.MaxBulk = 10_000
		for line := range strings.Lines(text) {
			args := strings.Split(strings.TrimSuffix(line, "\n"), " ")
			command, problem := commandtable.Check(args)
			if problem != commandtable.Legal || slices.ContainsFunc(args, harmful) {
				continue
			}
			s.session.RESP3 = !s.session.RESP3
			s.Begin()
			reply, wait := s.Run(&s.session, command, args, nil)
			if wait != nil {
				require.Empty(t, reply)
				s.Park(&s.session, wait, func([]byte) {})
				continue
			}
			one, rest, ok := resp.Cut(reply)
			require.True(t, ok && len(rest) == 0 && len(one) > 0, "%q: %q", args, reply)
			s.Serve()
			s.time = s.time.Add(time.Second)
		}
		c := s.Copy()
		c.ExpireDue(1000)
		requireAccount(t, s.Server)
		requireAccount(t, c)
	})
}

// Each of the spellings of a number, in each place of a command that has a number in testdata, has the reply of
// redis-server. NUMERIC_PLACES=all plays all places, and not every 10th.
func TestNumericPlacesAsRedis(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	every := 10
	if os.Getenv("NUMERIC_PLACES") == "all" {
		every = 1
	}
	seen := map[string]bool{}
	var cases []testCase
	places := 0
	for _, file := range files {
		for _, c := range readCases(t, file) {
			for i, line := range c.lines {
				command, problem := commandtable.Check(line.args)
				if problem != commandtable.Legal || !isSteady(command.Name) || command.Name == "WAIT" || slices.ContainsFunc(line.args, waits) {
					continue
				}
				for at, word := range line.args {
					if _, rest, ok := ctext.ParseFloat(word); at == 0 || !ok || rest != "" || word == "" {
						continue
					}
					place := fmt.Sprint(command.Name, " ", at)
					if option := line.args[at-1]; at > 1 && option == strings.ToUpper(option) && strings.Trim(option, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" && option != "" {
						place = command.Name + " " + option
					} else if at > 6 {
						continue // one of many
					}
					if seen[place] {
						continue
					}
					seen[place] = true
					if places++; places%every != 0 {
						continue
					}
					one := testCase{name: fmt.Sprintf("%s: word %d of %s", c.name, at, line.text), lines: slices.Clone(c.lines[max(0, i-20):i])}
					one.lines = slices.DeleteFunc(one.lines, func(line testLine) bool { return equalFold(line.args[0], "CONFIG") }) // it stays
					for _, spelling := range spellings {
						line := testLine{mark: line.mark, args: slices.Clone(line.args)}
						if line.args[at] = spelling; !harmful(spelling) || !waitsOrDraws(command) {
							line.text = fmt.Sprintf("%q", line.args)
							one.lines = append(one.lines, line)
						}
					}
					cases = append(cases, one)
				}
			}
		}
	}
	t.Logf("%d of %d places", len(cases), places)
	require.Greater(t, places, 250)
	newPair(t).playAll(t, cases)
}

// waitsOrDraws says whether a number may make a command wait or reply with more than a test can hold.
func waitsOrDraws(c commandtable.Command) bool {
	return c.Flags.Has(commandtable.Blocking) || strings.Contains(c.Name, "RAND")
}
