package keyprefix

import "github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"

// A Rule says what the prefix does to a command.
type Rule struct {
	Refused  string // why the command is refused; "" if it is not
	Prefixed string // what has the prefix besides the keys of the command table: "channel"
	Reply    string // what the prefix is removed from: "keys"

	keys finder // nil for those of the command table
	edit editor
	path Path
}

// RuleOf returns the rule of a command.
func RuleOf(c commandtable.Command) Rule { return rules[c.Name] }

// A Path says which strings of a reply are keys: for each level of its arrays the index of
// an element, or all, or even.
type Path []int

// Indexes of elements.
const (
	all  = -1
	even = -2 // the first, the third, …
)

// Has says whether the element i of the outermost array is on the path.
func (p Path) Has(i int) bool { return p[0] == i || p[0] == all || p[0] == even && i%2 == 0 }

// Reasons why commands are refused.
const (
	countsAll  = "it counts those of all programs"
	returnsAll = "it returns those of all programs"
	changesAll = "it changes the keys of all programs"
	showsAll   = "it shows the commands of all programs"
	namesKeys  = "it names keys of other calls"
)

// rules has the commands for which the keys of the command table are not all.
var rules = map[string]Rule{
	"KEYS": {Prefixed: "pattern", Reply: "keys", edit: patterns(1), path: Path{all}},
	"SCAN": {Prefixed: "MATCH, which is added if it is missing", Reply: "keys", edit: scan, path: Path{1, all}},

	"SORT":    {Prefixed: "patterns of BY and GET", edit: sort},
	"SORT_RO": {Prefixed: "patterns of BY and GET", edit: sort},
	// PFMERGE works with no source, and Redis finds no key then.
	"PFMERGE": {keys: from(1)},

	"GEORADIUS":         {keys: georadius(6)},
	"GEORADIUSBYMEMBER": {keys: georadius(5)},

	"BLPOP":      {Reply: "key", path: Path{0}},
	"BRPOP":      {Reply: "key", path: Path{0}},
	"BZPOPMAX":   {Reply: "key", path: Path{0}},
	"BZPOPMIN":   {Reply: "key", path: Path{0}},
	"LMPOP":      {Reply: "key", path: Path{0}},
	"BLMPOP":     {Reply: "key", path: Path{0}},
	"ZMPOP":      {Reply: "key", path: Path{0}},
	"BZMPOP":     {Reply: "key", path: Path{0}},
	"XREAD":      {Reply: "keys", path: Path{all, 0}},
	"XREADGROUP": {Reply: "keys", keys: readGroup, path: Path{all, 0}},

	"EVAL":       {Prefixed: "no keys that Lua computes", edit: script},
	"EVALSHA":    {Prefixed: "no keys that Lua computes", edit: script},
	"EVAL_RO":    {Prefixed: "no keys that Lua computes"},
	"EVALSHA_RO": {Prefixed: "no keys that Lua computes"},
	"FCALL":      {Prefixed: "no keys that Lua computes"},
	"FCALL_RO":   {Prefixed: "no keys that Lua computes"},

	"CLUSTER|KEYSLOT": {Prefixed: "key", keys: only(2)},

	"PUBLISH":              {Prefixed: "channel", keys: only(1)},
	"SPUBLISH":             {Prefixed: "channel", keys: only(1)},
	"SUBSCRIBE":            {Prefixed: "channels", keys: from(1)},
	"SSUBSCRIBE":           {Prefixed: "channels", keys: from(1)},
	"UNSUBSCRIBE":          {Prefixed: "channels", keys: from(1)},
	"SUNSUBSCRIBE":         {Prefixed: "channels", keys: from(1)},
	"PSUBSCRIBE":           {Prefixed: "patterns", edit: patterns(1)},
	"PUNSUBSCRIBE":         {Prefixed: "patterns", edit: patterns(1)},
	"PUBSUB|CHANNELS":      {Prefixed: "pattern, which is added if it is missing", Reply: "channels", edit: channels, path: Path{all}},
	"PUBSUB|SHARDCHANNELS": {Prefixed: "pattern, which is added if it is missing", Reply: "channels", edit: channels, path: Path{all}},
	"PUBSUB|NUMSUB":        {Prefixed: "channels", Reply: "channels", keys: from(2), path: Path{even}},
	"PUBSUB|SHARDNUMSUB":   {Prefixed: "channels", Reply: "channels", keys: from(2), path: Path{even}},

	"RANDOMKEY":               {Refused: returnsAll},
	"CLUSTER|GETKEYSINSLOT":   {Refused: returnsAll},
	"SYNC":                    {Refused: returnsAll},
	"PSYNC":                   {Refused: returnsAll},
	"DBSIZE":                  {Refused: countsAll},
	"CLUSTER|COUNTKEYSINSLOT": {Refused: countsAll},
	"PUBSUB|NUMPAT":           {Refused: countsAll},
	"FLUSHALL":                {Refused: changesAll},
	"FLUSHDB":                 {Refused: changesAll},
	"SWAPDB":                  {Refused: changesAll},
	"MONITOR":                 {Refused: showsAll},
	"SLOWLOG|GET":             {Refused: showsAll},
	"ACL|DRYRUN":              {Refused: namesKeys},
	"ACL|SETUSER":             {Refused: namesKeys},
	"CLIENT|TRACKING":         {Refused: namesKeys},
	"MIGRATE":                 {Refused: "it writes keys on another server"},
	"DEBUG":                   {Refused: "its keys are not known"},
}
