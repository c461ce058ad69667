package data

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/value"
	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
	"github.com/redis-rest/redis-rest-go/internal/protocol/glob"
)

func init() {
	add(table{
		"CONFIG|GET":       configGet,
		"CONFIG|SET":       configSet,
		"CONFIG|RESETSTAT": resetStat,
		"CONFIG|REWRITE":   func(*call) error { return errorf("The server is running without a config file") },
		"CONFIG|HELP":      help,
	})
	for _, p := range settings { // as in Redis, an alias is a parameter of its own
		if p.alias != "" {
			p.name = p.alias
			settings = append(settings, p)
		}
	}
}

// A setting is a parameter of CONFIG that is a number, or whose text is fixed.
type setting struct {
	name, alias string
	fixed       string               // of a parameter that cannot change here
	number      func(*Server) *int64 // or nil
	limit       func(*value.Limits) *int
	memory      bool                               // the text may have a unit, such as 1mb
	least, most int64                              // most is 0 if it has no limit
	kept        func(text string) (problem string) // of a parameter that can be set, but has no effect here
}

// settings are the parameters that have an effect here, and those that tell what is not there.
var settings = []setting{
	{name: "busy-reply-threshold", alias: "lua-time-limit", number: func(s *Server) *int64 { return &s.BusyReply }},
	{name: "maxmemory", memory: true, number: func(s *Server) *int64 { return &s.MaxMemory }},
	{name: policySetting},
	{name: "maxmemory-samples", least: 1, most: math.MaxInt32, number: func(s *Server) *int64 { return &s.samples }},
	{name: "lfu-log-factor", most: math.MaxInt32, number: func(s *Server) *int64 { return &s.logFactor }},
	{name: "lfu-decay-time", most: math.MaxInt32, number: func(s *Server) *int64 { return &s.decayTime }},
	{name: "proto-max-bulk-len", memory: true, least: 1 << 20, number: func(s *Server) *int64 { return &s.MaxBulk }},
	{name: "hash-max-listpack-entries", alias: "hash-max-ziplist-entries", limit: func(l *value.Limits) *int { return &l.HashMaxListpackEntries }},
	{name: "hash-max-listpack-value", alias: "hash-max-ziplist-value", memory: true, limit: func(l *value.Limits) *int { return &l.HashMaxListpackValue }},
	{name: "set-max-intset-entries", limit: func(l *value.Limits) *int { return &l.SetMaxIntsetEntries }},
	{name: "zset-max-listpack-entries", alias: "zset-max-ziplist-entries", limit: func(l *value.Limits) *int { return &l.ZsetMaxListpackEntries }},
	{name: "zset-max-listpack-value", alias: "zset-max-ziplist-value", memory: true, limit: func(l *value.Limits) *int { return &l.ZsetMaxListpackValue }},
	{name: "stream-node-max-entries", limit: func(l *value.Limits) *int { return &l.StreamNodeMaxEntries }},
	{name: "stream-node-max-bytes", memory: true, limit: func(l *value.Limits) *int { return &l.StreamNodeMaxBytes }},
	{name: "hll-sparse-max-bytes", memory: true, limit: func(l *value.Limits) *int { return &l.HLLSparseMaxBytes }},
	{name: "notify-keyspace-events"},
	{name: "cluster-enabled", fixed: "no"},
	{name: "databases", fixed: strconv.Itoa(Databases)},
	{name: "latency-monitor-threshold", fixed: "0"},
	{name: "port", fixed: "0"},
	{name: "slowlog-log-slower-than", fixed: "-1"},
	{name: "timeout", fixed: "0"},

	{name: "aof-use-rdb-preamble", fixed: "yes", kept: yesOrNo},
	{name: "appendfsync", fixed: "everysec", kept: oneOf("everysec", "always", "no")},
	{name: "appendonly", fixed: "no", kept: yesOrNo},
	{name: "client-query-buffer-limit", fixed: "1073741824", kept: wholeNumber},
	{name: "list-compress-depth", fixed: "0", kept: wholeNumber},
	{name: "list-max-listpack-size", alias: "list-max-ziplist-size", fixed: "-2", kept: wholeNumber},
	{name: "min-replicas-to-write", alias: "min-slaves-to-write", fixed: "0", kept: wholeNumber},
	{name: "rdb-key-save-delay", fixed: "0", kept: wholeNumber},
	{name: "replica-read-only", alias: "slave-read-only", fixed: "yes", kept: yesOrNo},
	{name: "replica-serve-stale-data", alias: "slave-serve-stale-data", fixed: "yes", kept: yesOrNo},
	{name: "sanitize-dump-payload", fixed: "no", kept: oneOf("no", "yes", "clients")},
	{name: "save", fixed: "", kept: savePoints},
}

func yesOrNo(text string) (problem string) {
	if !equalFold(text, "YES") && !equalFold(text, "NO") {
		return "argument must be 'yes' or 'no'"
	}
	return ""
}

func wholeNumber(text string) (problem string) {
	if _, ok := ctext.ParseInt(text); !ok {
		return "argument couldn't be parsed into an integer"
	}
	return ""
}

func oneOf(words ...string) func(text string) (problem string) {
	return func(text string) (problem string) {
		if !slices.Contains(words, strings.ToLower(text)) {
			return "argument(s) must be one of the following: " + strings.Join(words, ", ")
		}
		return ""
	}
}

// savePoints checks the value of save: pairs of seconds and changes.
func savePoints(text string) (problem string) {
	words := strings.Fields(text)
	for i, word := range words {
		if n, ok := ctext.ParseInt(word); !ok || n < 0 || n == 0 && i%2 == 0 {
			return "Invalid save parameters"
		}
	}
	if len(words)%2 != 0 {
		return "Invalid save parameters"
	}
	return ""
}

const (
	eventsSetting = "notify-keyspace-events"
	policySetting = "maxmemory-policy"
)

// findSetting returns the setting of a name, in any case, or nil.
func findSetting(name string) *setting {
	name = strings.ToLower(ctext.String(name))
	i := slices.IndexFunc(settings, func(p setting) bool { return p.name == name })
	if i < 0 {
		return nil
	}
	return &settings[i]
}

// get returns the text of a parameter.
func (p *setting) get(s *Server) string {
	switch {
	case p.name == eventsSetting:
		return s.events.String()
	case p.name == policySetting:
		return s.policy.name
	case p.number != nil:
		return strconv.FormatInt(*p.number(s), 10)
	case p.limit != nil:
		return strconv.Itoa(*p.limit(s.Limits))
	}
	if text, ok := s.kept[cmp.Or(p.alias, p.name)]; ok {
		return text
	}
	return p.fixed
}

// canSet says whether the parameter can change.
func (p *setting) canSet() bool {
	return p.name == eventsSetting || p.name == policySetting || p.number != nil || p.limit != nil || p.kept != nil
}

// set sets a parameter. problem says why it cannot.
func (p *setting) set(s *Server, text string) (problem string) {
	if p.name == eventsSetting {
		classes, ok := parseEvents(ctext.String(text))
		if !ok {
			return "Invalid event class character. Use 'Ag$lshzxeKEtmdn'."
		}
		s.events = classes
		return ""
	}
	if p.name == policySetting {
		return s.setPolicy(ctext.String(text))
	}
	if p.kept != nil {
		if problem := p.kept(text); problem != "" {
			return problem
		}
		if s.kept == nil {
			s.kept = map[string]string{}
		}
		s.kept[cmp.Or(p.alias, p.name)] = text
		return ""
	}
	n, ok := ctext.ParseInt(text)
	most := cmp.Or(p.most, math.MaxInt64)
	if p.memory {
		if n, ok = parseMemory(ctext.String(text)); !ok {
			return "argument must be a memory value"
		}
	}
	switch {
	case !ok:
		return "argument couldn't be parsed into an integer"
	case n < p.least || n > most:
		return fmt.Sprintf("argument must be between %d and %d inclusive", p.least, most)
	case p.number != nil:
		*p.number(s) = n
	default:
		*p.limit(s.Limits) = int(n)
	}
	return ""
}

// units are those of a number of bytes, in lower case.
var units = map[string]int64{"": 1, "b": 1, "k": 1e3, "kb": 1 << 10, "m": 1e6, "mb": 1 << 20, "g": 1e9, "gb": 1 << 30}

// parseMemory reads a number of bytes with a unit (memtoull). It is -1 if it is too large.
func parseMemory(text string) (n int64, ok bool) {
	digits := 0
	for digits < len(text) && ctext.IsDigit(text[digits]) {
		digits++
	}
	unit, ok := units[strings.ToLower(text[digits:])]
	if !ok {
		return 0, false
	}
	if digits == 0 {
		return 0, true
	}
	n, err := strconv.ParseInt(text[:digits], 10, 64)
	if err != nil || n > math.MaxInt64/unit {
		return -1, true
	}
	return n * unit, true
}

// String returns the value of notify-keyspace-events.
func (classes eventClass) String() string {
	all, _ := parseEvents(allEvents)
	var text []byte
	for _, letter := range []byte("g$lshzxetdnKEm") {
		if classes&eventBit(letter) == 0 || classes&all == all && (strings.IndexByte(allEvents, letter) >= 0 || letter == 'n') {
			continue
		}
		text = append(text, letter)
	}
	if classes&all == all {
		return "A" + string(text)
	}
	return string(text)
}

func configGet(c *call) error {
	var found [][2]string
	seen := map[string]bool{}
	take := func(name string, p *setting) {
		if lower := strings.ToLower(name); !seen[lower] {
			seen[lower] = true
			found = append(found, [2]string{name, p.get(c.Server)})
		}
	}
	for _, pattern := range c.args[2:] {
		if !strings.ContainsAny(ctext.String(pattern), "[*?") {
			if p := findSetting(pattern); p != nil {
				take(ctext.String(pattern), p)
			}
			continue
		}
		for i := range settings {
			if p := &settings[i]; glob.MatchFold(pattern, p.name) {
				take(p.name, p)
			}
		}
	}
	c.addMap(len(found))
	for _, f := range found {
		c.addNamed(f[0], f[1])
	}
	return nil
}

// errSetting is the error of CONFIG SET for a parameter and its value.
func errSetting(name, problem string) error {
	return errorf("CONFIG SET failed (possibly related to argument '%s') - %s", ctext.String(name), problem)
}

// configSet sets all parameters or none.
func configSet(c *call) error {
	if len(c.args)%2 != 0 {
		return errSyntax
	}
	var all []*setting
	for i := 2; i < len(c.args); i += 2 {
		p := findSetting(c.args[i])
		switch {
		case p == nil:
			return errorf("Unknown option or number of arguments for CONFIG SET - '%s'", ctext.String(c.args[i]))
		case !p.canSet():
			return errSetting(c.args[i], "can't set immutable config")
		case slices.Contains(all, p):
			return errSetting(c.args[i], "duplicate parameter")
		}
		all = append(all, p)
	}
	old := make([]string, len(all))
	for i, p := range all {
		old[i] = p.get(c.Server)
		if problem := p.set(c.Server, c.args[2*i+3]); problem != "" {
			for j := range i {
				all[j].set(c.Server, old[j])
			}
			return errSetting(p.name, problem)
		}
	}
	c.Evict()
	c.addOK()
	return nil
}

func resetStat(c *call) error {
	c.stats = Stats{Changes: c.stats.Changes}
	c.errors = nil
	c.addOK()
	return nil
}

// LacksReplicas says whether no command may write, because there are no replicas and the settings ask for some.
func (s *Server) LacksReplicas() bool {
	text := s.kept["min-slaves-to-write"] // of min-replicas-to-write
	return text != "" && strings.Trim(text, "0") != ""
}
