package value

import (
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/json"
	"github.com/redis-rest/redis-rest-go/internal/engine/rdb"
)

// A JSON is a value of RedisJSON's type.
type JSON struct {
	mark
	Doc *json.Document
}

func (*JSON) Type() string     { return "ReJSON-RL" }
func (*JSON) Encoding() string { return "raw" } // that of every module's values

// Len is 1: a document is never empty.
func (*JSON) Len() int { return 1 }

func (j *JSON) Clone() Value { return &JSON{Doc: j.Doc.Clone()} }

// The payload of a document is that of RedisJSON 2: the name of the type with the version of the payload, and the
// JSON text.
const (
	jsonVersion      = 3
	rdbModuleText    = 5 // what follows is a string
	rdbModuleEnd     = 0
	moduleCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
)

// jsonModule is the identity of the type in payloads: 6 bits for each character of its name, and 10 bits for the
// version.
var jsonModule = func() (id uint64) {
	for _, c := range "ReJSON-RL" {
		id = id<<6 | uint64(strings.IndexRune(moduleCharacters, c))
	}
	return id<<10 | jsonVersion
}()

func (j *JSON) dump(b []byte) []byte {
	b = rdb.AppendLength(append(b, rdbModule2), jsonModule)
	b = rdb.AppendLength(b, rdbModuleText)
	b = rdb.AppendString(b, string(j.Doc.Root().Append(nil)))
	return rdb.AppendLength(b, rdbModuleEnd)
}

func (r *restorer) json() Value {
	if r.length() != jsonModule || r.length() != rdbModuleText {
		r.fail()
		return nil
	}
	root, err := json.Parse(r.string())
	if err != nil || r.length() != rdbModuleEnd {
		r.fail()
		return nil
	}
	return &JSON{Doc: json.New(root)}
}
