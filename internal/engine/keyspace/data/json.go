package data

import (
	"errors"
	"math"

	"github.com/redis-rest/redis-rest-go/internal/engine/json"
	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/value"
	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// This file has the commands of RedisJSON 2. They reply what its documentation and its tests say. A path that begins
// with $ may lead to many values, and the reply has one element for each. Any other path has the syntax of RedisJSON
// 1, here called legacy: it leads to one value, and the reply is about that.

func init() {
	add(table{
		"JSON.ARRAPPEND":    jsonArrInsert,
		"JSON.ARRINDEX":     jsonArrIndex,
		"JSON.ARRINSERT":    jsonArrInsert,
		"JSON.ARRLEN":       jsonLen,
		"JSON.ARRPOP":       jsonArrPop,
		"JSON.ARRTRIM":      jsonArrTrim,
		"JSON.CLEAR":        jsonClear,
		"JSON.DEBUG|HELP":   jsonDebugHelp,
		"JSON.DEBUG|MEMORY": jsonDebugMemory,
		"JSON.DEL":          jsonDel,
		"JSON.FORGET":       jsonDel,
		"JSON.GET":          jsonGet,
		"JSON.MERGE":        jsonMerge,
		"JSON.MGET":         jsonMGet,
		"JSON.MSET":         jsonMSet,
		"JSON.NUMINCRBY":    jsonNum,
		"JSON.NUMMULTBY":    jsonNum,
		"JSON.OBJKEYS":      jsonObjKeys,
		"JSON.OBJLEN":       jsonLen,
		"JSON.RESP":         jsonResp,
		"JSON.SET":          jsonSet,
		"JSON.STRAPPEND":    jsonStrAppend,
		"JSON.STRLEN":       jsonLen,
		"JSON.TOGGLE":       jsonToggle,
		"JSON.TYPE":         jsonType,
	})
}

// The errors of RedisJSON.
const (
	errJSONNoKey = Error("ERR could not perform this operation on a key that doesn't exist")
	errJSONRoot  = Error("ERR new objects must be created at the root")
	errJSONUTF8  = Error("Couldn't parse as UTF-8 string")
	errJSONInt   = Error("Couldn't parse as integer")
)

// errJSONPath is the error for a legacy path that leads nowhere.
func errJSONPath(p *json.Path) error { return errorf("Path '%s' does not exist", p.JSONPath) }

// errJSONPathOr is the error for a legacy path that leads to no value of the right kind.
func errJSONPathOr(p *json.Path, or string) error {
	return errorf("Path '%s' does not exist or %s", p.JSONPath, or)
}

// errJSONKind is the error for a value of another kind.
func errJSONKind(want string, got json.Kind) error {
	return Error("WRONGTYPE wrong type of path value - expected " + want + " but found " + got.String())
}

// jsonError makes an error reply of an error of package json.
func jsonError(err error) error {
	var syntax *json.SyntaxError
	var path *json.PathError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, json.ErrNotUTF8):
		return errJSONUTF8
	case errors.As(err, &syntax), errors.As(err, &path):
		return Error(err.Error()) // without a code, as RedisJSON
	case errors.Is(err, json.ErrNotStatic):
		return Error("Err " + err.Error())
	}
	return errorf("%s", err)
}

// parseJSON reads a word that is a JSON text.
func parseJSON(word string) (*json.Node, error) {
	n, err := json.Parse(word)
	return n, jsonError(err)
}

// parseJSONs reads words that are JSON texts.
func parseJSONs(words []string) ([]*json.Node, error) {
	values := make([]*json.Node, len(words))
	for i, word := range words {
		var err error
		if values[i], err = parseJSON(word); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// jsonPath reads word i as a path. If there is no such word, it is the legacy path of the root.
func (c *call) jsonPath(i int) (*json.Path, error) {
	word := "."
	if i < len(c.args) {
		word = c.args[i]
	}
	if p := c.paths[word]; p != nil {
		return p, nil
	}
	p, err := json.ParsePath(word)
	if err == nil && len(word) <= maxKeptPath {
		if c.paths == nil || len(c.paths) == maxKeptPaths {
			c.Server.paths = map[string]*json.Path{}
		}
		c.Server.paths[word] = p
	}
	return p, jsonError(err)
}

// Paths that were used are kept, because programs use the same ones again and again.
const (
	maxKeptPaths = 256
	maxKeptPath  = 256 // bytes
)

// parseJSONInt reads an integer.
func parseJSONInt(word string) (int64, error) { return parseIntOr(word, errJSONInt) }

func (c *call) order() json.Order { return json.Order(c.Hosted) }

// findJSON returns the document of a key, for a command that only reads, and the values to which a path in word i
// leads. The document is nil if the key is not there.
func (c *call) findJSON(i int) (doc *json.Document, p *json.Path, found []*json.Node, err error) {
	if p, err = c.jsonPath(i); err != nil {
		return nil, nil, nil, err
	}
	j, err := read[*value.JSON](c, c.args[1])
	if err != nil || j == nil {
		return nil, p, nil, err
	}
	found, err = j.Doc.Find(p, c.order())
	return j.Doc, p, found, jsonError(err)
}

// editJSON returns the values to which the path in word i leads, for a command that changes those of one kind. They
// are those of that kind only if the path is legacy, and there is one at least; or is for the error if there is none.
func (c *call) editJSON(i int, or string, kinds ...json.Kind) (*json.Path, json.Matches, error) {
	p, err := c.jsonPath(i)
	if err != nil {
		return nil, json.Matches{}, err
	}
	j, err := edit[*value.JSON](c, c.args[1])
	if err == nil && j == nil {
		err = errJSONNoKey
	}
	if err != nil {
		return nil, json.Matches{}, err
	}
	m, err := j.Doc.Edit(p, c.order())
	if err != nil {
		return nil, m, jsonError(err)
	}
	if p.Legacy {
		if m = m.Keep(kinds...); m.Len() == 0 {
			return nil, m, errJSONPathOr(p, or)
		}
	}
	return p, m, nil
}

// last returns the last value, which is the reply about a legacy path.
func last(values []*json.Node) *json.Node { return values[len(values)-1] }

// wroteJSON says that the command changed the document of its key.
func (c *call) wroteJSON(event string) { c.wrote(c.args[1], 'd', event) }

// addEdited ends a command that changed values, with the result for each in the reply. A result is nil for a value of
// another kind.
func (c *call) addEdited(p *json.Path, results []*json.Node, event string, add func(*json.Node)) {
	changed := false
	for _, r := range results {
		changed = changed || r != nil
	}
	if changed {
		c.wroteJSON(event)
	}
	if p.Legacy {
		add(last(results))
		return
	}
	c.addArray(len(results))
	for _, r := range results {
		if r == nil {
			c.addNull()
		} else {
			add(r)
		}
	}
}

// addJSON adds the JSON text of a value, or null if it is nil.
func (c *call) addJSON(n *json.Node) {
	if n == nil {
		c.addNull()
	} else {
		c.addBulkBytes(n.Append(nil))
	}
}

func (c *call) addJSONInt(n *json.Node) { c.addInt(n.Int()) }

// addNative adds a value as RedisJSON does in RESP3: a scalar as it is, and an array or object as JSON text or, if
// expand is true, as an array or a map.
func (c *call) addNative(n *json.Node, expand bool) {
	switch n.Kind() {
	case json.Null:
		c.addNull()
	case json.Bool:
		c.out = resp.AppendLine(c.out, '#', map[bool]string{true: "t", false: "f"}[n.Bool()])
	case json.Int:
		c.addInt(n.Int())
	case json.Uint, json.Float:
		c.addDouble(n.Float())
	case json.String:
		if expand {
			c.addBulk(n.Text())
		} else {
			c.addJSON(n)
		}
	case json.Array:
		if !expand {
			c.addJSON(n)
			return
		}
		c.addArray(n.Len())
		for i := range n.Len() {
			c.addNative(n.At(i), expand)
		}
	case json.Object:
		if !expand {
			c.addJSON(n)
			return
		}
		c.addMap(n.Len())
		for name, v := range n.Members {
			c.addBulk(name)
			c.addNative(v, expand)
		}
	}
}

func jsonSet(c *call) error {
	key := c.args[1]
	p, err := c.jsonPath(2)
	if err != nil {
		return err
	}
	when := json.Always
	for i := 4; i < len(c.args); i++ {
		switch {
		case c.is(i, "NX") && when == json.Always:
			when = json.IfMissing
		case c.is(i, "XX") && when == json.Always:
			when = json.IfThere
		case c.is(i, "FORMAT") && i+1 < len(c.args):
			if i++; c.args[i] != "JSON" && c.args[i] != "STRING" {
				return errorf("wrong format")
			}
		default:
			return errSyntax
		}
	}
	j, err := edit[*value.JSON](c, key)
	if err != nil {
		return err
	}
	v, err := parseJSON(c.args[3])
	if err != nil {
		return err
	}
	switch {
	case j == nil && when == json.IfThere, j != nil && p.IsRoot() && when == json.IfMissing:
		c.addNull()
		return nil
	case j == nil && !p.IsRoot():
		return errJSONRoot
	case p.IsRoot():
		c.put(key, &value.JSON{Doc: json.New(v)})
		c.wroteJSON("json.set")
		c.addOK()
		return nil
	}
	done, err := j.Doc.Set(p, v, when, c.MaxBulk)
	if err != nil {
		return jsonError(err)
	}
	c.addDone(done, "json.set")
	return nil
}

// addDone ends a command that set something, or did not.
func (c *call) addDone(done bool, event string) {
	if !done {
		c.addNull()
		return
	}
	c.wroteJSON(event)
	c.addOK()
}

func jsonMerge(c *call) error {
	key := c.args[1]
	p, err := c.jsonPath(2)
	if err != nil {
		return err
	}
	j, err := edit[*value.JSON](c, key)
	if err != nil {
		return err
	}
	patch, err := parseJSON(c.args[3])
	if err != nil {
		return err
	}
	if j == nil {
		if !p.IsRoot() {
			return errJSONRoot
		}
		c.put(key, &value.JSON{Doc: json.New(json.Merged(patch))})
		c.addDone(true, "json.merge")
		return nil
	}
	done, err := j.Doc.Merge(p, patch, c.MaxBulk)
	if err != nil {
		return jsonError(err)
	}
	c.addDone(done, "json.merge")
	return nil
}

func jsonMSet(c *call) error {
	if len(c.args)%3 != 1 {
		return c.errArity()
	}
	n := len(c.args) / 3
	paths, values := make([]*json.Path, n), make([]*json.Node, n)
	for i := range n { // nothing is set if anything is wrong
		at := 3*i + 1
		j, err := edit[*value.JSON](c, c.args[at])
		if err != nil {
			return err
		}
		p, err := c.jsonPath(at + 1)
		if err != nil {
			return err
		}
		if !p.IsRoot() {
			if j == nil {
				return errJSONRoot
			}
			if err := j.Doc.CanSet(p); err != nil {
				return jsonError(err)
			}
		}
		paths[i] = p
		if values[i], err = parseJSON(c.args[at+2]); err != nil {
			return err
		}
	}
	all := true
	for i, p := range paths {
		key, done := c.args[3*i+1], true
		if p.IsRoot() {
			c.put(key, &value.JSON{Doc: json.New(values[i])})
		} else {
			j, _ := edit[*value.JSON](c, key)
			done, _ = j.Doc.Set(p, values[i], json.Always, c.MaxBulk)
		}
		if done {
			c.wrote(key, 'd', "json.mset")
		}
		all = all && done
	}
	if all {
		c.addOK()
	} else {
		c.addNull()
	}
	return nil
}

// jsonOptions are the options of JSON.GET.
type jsonOptions struct {
	layout json.Layout
	format string // of RESP3: STRING, EXPAND1 or EXPAND
	paths  []*json.Path
}

func (c *call) parseJSONGet() (o jsonOptions, err error) {
	o.format = "STRING"
	for i := 2; i < len(c.args); i++ {
		var text *string
		switch {
		case c.is(i, "INDENT"):
			text = &o.layout.Indent
		case c.is(i, "NEWLINE"):
			text = &o.layout.NewLine
		case c.is(i, "SPACE"):
			text = &o.layout.Space
		case c.is(i, "FORMAT"):
			if !c.session.RESP3 {
				return o, errorf("FORMAT argument is not supported on RESP2")
			}
			text = &o.format
		case c.is(i, "NOESCAPE"): // RedisJSON 1 had it
			continue
		default:
			p, err := c.jsonPath(i)
			if err != nil {
				return o, err
			}
			o.paths = append(o.paths, p)
			continue
		}
		if i++; i == len(c.args) {
			return o, c.errArity()
		}
		*text = c.args[i]
	}
	if o.format != "STRING" && o.format != "EXPAND" && o.format != "EXPAND1" {
		return o, errorf("wrong reply format")
	}
	if o.paths == nil {
		p, err := c.jsonPath(len(c.args))
		o.paths = []*json.Path{p}
		return o, err
	}
	return o, nil
}

func jsonGet(c *call) error {
	o, err := c.parseJSONGet()
	if err != nil {
		return err
	}
	j, err := read[*value.JSON](c, c.args[1])
	if err != nil {
		return err
	}
	if j == nil {
		c.addNull()
		return nil
	}
	legacy := true
	for _, p := range o.paths {
		legacy = legacy && p.Legacy
	}
	names, values := make([]string, len(o.paths)), make([]*json.Node, len(o.paths))
	for i, p := range o.paths {
		found, err := j.Doc.Find(p, c.order())
		switch {
		case err != nil:
			return jsonError(err)
		case !legacy || o.format != "STRING":
			values[i] = json.List(found)
		case len(found) == 0:
			return errJSONPath(p)
		default:
			values[i] = found[0]
		}
		names[i] = p.Text
	}
	if o.format != "STRING" {
		c.addArray(len(values))
		for _, list := range values {
			c.addArray(list.Len())
			for i := range list.Len() {
				c.addNative(list.At(i), o.format == "EXPAND")
			}
		}
		return c.full()
	}
	reply := values[0]
	if len(values) > 1 {
		reply = json.Record(names, values)
	}
	var text []byte
	if o.layout == (json.Layout{}) {
		text = reply.Append(make([]byte, 0, min(j.Doc.Size()/4, 1<<20)+64))
	} else {
		text = reply.AppendIn(nil, o.layout, c.MaxBulk)
	}
	c.addBulkBytes(text)
	return c.full()
}

func jsonMGet(c *call) error {
	last := len(c.args) - 1
	p, err := c.jsonPath(last)
	if err != nil {
		return err
	}
	c.addArray(last - 1)
	for _, key := range c.args[1:last] {
		j, err := read[*value.JSON](c, key)
		if err != nil || j == nil {
			c.addNull()
			continue
		}
		found, err := j.Doc.Find(p, c.order())
		switch {
		case err != nil:
			return jsonError(err)
		case !p.Legacy:
			c.addJSON(json.List(found))
		case len(found) == 0:
			c.addNull()
		default:
			c.addJSON(found[0])
		}
		if err := c.full(); err != nil {
			return err
		}
	}
	return nil
}

// jsonDel runs JSON.DEL and JSON.FORGET. As in RedisJSON, an object or array at the root that becomes empty is
// deleted with its key.
func jsonDel(c *call) error {
	key := c.args[1]
	p, err := c.jsonPath(2)
	if err != nil {
		return err
	}
	j, err := edit[*value.JSON](c, key)
	if err != nil {
		return err
	}
	if j == nil {
		c.addInt(0)
		return nil
	}
	n := 1
	if !p.IsRoot() {
		if n, err = j.Doc.Delete(p); err != nil {
			return jsonError(err)
		}
	}
	if n > 0 {
		c.wroteJSON("json.del")
		root := j.Doc.Root()
		if p.IsRoot() || (root.Kind() == json.Object || root.Kind() == json.Array) && root.Len() == 0 {
			c.delete(key)
		}
	}
	c.addLen(n)
	return nil
}

func jsonClear(c *call) error {
	if len(c.args) > 3 {
		return c.errArity()
	}
	p, err := c.jsonPath(2)
	if err != nil {
		return err
	}
	j, err := edit[*value.JSON](c, c.args[1])
	switch {
	case err != nil:
		return err
	case j == nil:
		return errJSONNoKey
	}
	m, err := j.Doc.Edit(p, c.order())
	if err != nil {
		return jsonError(err)
	}
	n := m.Clear()
	if n > 0 {
		c.wroteJSON("json.clear")
	}
	c.addLen(n)
	return nil
}

func jsonType(c *call) error {
	doc, p, found, err := c.findJSON(2)
	if err != nil {
		return err
	}
	if c.session.RESP3 {
		c.addArray(1)
	}
	switch {
	case doc == nil, p.Legacy && len(found) == 0:
		c.addNull()
	case p.Legacy:
		c.addBulk(found[0].Kind().String())
	default:
		c.addArray(len(found))
		for _, n := range found {
			c.addBulk(n.Kind().String())
		}
	}
	return nil
}

// jsonLen runs JSON.ARRLEN, JSON.OBJLEN and JSON.STRLEN.
func jsonLen(c *call) error {
	doc, p, found, err := c.findJSON(2)
	if err != nil {
		return err
	}
	name := c.command.Name
	kind, or := json.Array, "not an array"
	switch name {
	case "JSON.OBJLEN":
		kind, or = json.Object, "not an object"
	case "JSON.STRLEN":
		kind = json.String
	}
	switch {
	case doc == nil && p.Legacy:
		c.addNull()
		return nil
	case doc == nil && kind == json.Object:
		return errJSONPathOr(p, or)
	case doc == nil:
		return errJSONNoKey
	case !p.Legacy:
		c.addArray(len(found))
		for _, n := range found {
			if n.Kind() == kind {
				c.addLen(n.Len())
			} else {
				c.addNull()
			}
		}
		return nil
	case len(found) == 0 && kind == json.Object:
		c.addNull()
		return nil
	case len(found) == 0:
		return errJSONPath(p)
	case found[0].Kind() == kind:
		c.addLen(found[0].Len())
		return nil
	case kind == json.Array:
		return errJSONPathOr(p, or)
	}
	return errJSONKind(kind.String(), found[0].Kind())
}

func jsonObjKeys(c *call) error {
	doc, p, found, err := c.findJSON(2)
	if err != nil {
		return err
	}
	keys := func(n *json.Node) {
		c.addArray(n.Len())
		for name := range n.Members {
			c.addBulk(name)
		}
	}
	switch {
	case p.Legacy && len(found) == 0: // the key or the path
		c.addNull()
	case doc == nil:
		return errJSONNoKey
	case !p.Legacy:
		c.addArray(len(found))
		for _, n := range found {
			if n.Kind() == json.Object {
				keys(n)
			} else {
				c.addNull()
			}
		}
	case found[0].Kind() != json.Object:
		return errJSONPathOr(p, "not an object")
	default:
		keys(found[0])
	}
	return c.full()
}

// jsonNum runs JSON.NUMINCRBY and JSON.NUMMULTBY.
func jsonNum(c *call) error {
	p, m, err := c.editJSON(2, "does not contains a number", json.Int, json.Uint, json.Float)
	if err != nil {
		return err
	}
	by, err := parseJSON(c.args[3])
	switch {
	case err != nil:
		return err
	case !by.IsNumber():
		return Error("bad input number")
	}
	operator, event := byte('+'), "json.numincrby"
	if c.command.Name == "JSON.NUMMULTBY" {
		operator, event = '*', "json.nummultby"
	}
	results, err := m.Calculate(operator, by)
	if err != nil {
		return jsonError(err)
	}
	if m.Count(json.Int, json.Uint, json.Float) > 0 {
		c.wroteJSON(event)
	}
	switch {
	case c.session.RESP3:
		c.addArray(len(results))
		for _, n := range results {
			if n == nil {
				c.addNull()
			} else {
				c.addNative(n, false)
			}
		}
	case p.Legacy:
		c.addJSON(last(results))
	default:
		for i, n := range results {
			if n == nil {
				results[i] = &json.Node{} // null
			}
		}
		c.addJSON(json.List(results))
	}
	return nil
}

func jsonToggle(c *call) error {
	p, m, err := c.editJSON(2, "not a bool", json.Bool)
	if err != nil {
		return err
	}
	c.addEdited(p, m.Toggle(), "json.toggle", func(n *json.Node) {
		if p.Legacy {
			c.addJSON(n)
		} else {
			c.addBool(n.Bool())
		}
	})
	return nil
}

func jsonStrAppend(c *call) error {
	at := len(c.args) - 1
	switch len(c.args) {
	case 3:
	case 4:
		at = 2
	default:
		return c.errArity()
	}
	path := at
	if len(c.args) == 3 {
		path = len(c.args) // there is none
	}
	p, m, err := c.editJSON(path, "not a string", json.String)
	if err != nil {
		return err
	}
	text, err := parseJSON(c.args[len(c.args)-1])
	switch {
	case err != nil:
		return err
	case text.Kind() != json.String:
		return errJSONKind("string", text.Kind())
	}
	results, err := m.AppendText(text.Text(), c.MaxBulk)
	if err != nil {
		return jsonError(err)
	}
	c.addEdited(p, results, "json.strappend", c.addJSONInt)
	return nil
}

// jsonArrInsert runs JSON.ARRAPPEND and JSON.ARRINSERT.
func jsonArrInsert(c *call) error {
	words, index, event := c.args[3:], int64(0), "json.arrappend"
	atEnd := c.command.Name == "JSON.ARRAPPEND"
	if !atEnd {
		var err error
		if index, err = parseJSONInt(words[0]); err != nil {
			return err
		}
		words, event = words[1:], "json.arrinsert"
	}
	values, err := parseJSONs(words)
	if err != nil {
		return err
	}
	p, m, err := c.editJSON(2, "not an array", json.Array)
	if err != nil {
		return err
	}
	results, err := m.Insert(values, index, atEnd, c.MaxBulk)
	if err != nil {
		return jsonError(err)
	}
	c.addEdited(p, results, event, c.addJSONInt)
	return nil
}

func jsonArrIndex(c *call) error {
	var ends [2]int64
	if len(c.args) > 6 {
		return c.errArity()
	}
	for i, word := range c.args[4:] {
		var err error
		if ends[i], err = parseJSONInt(word); err != nil {
			return err
		}
	}
	doc, p, found, err := c.findJSON(2)
	if err != nil {
		return err
	}
	v, err := parseJSON(c.args[3])
	switch {
	case err != nil:
		return err
	case doc == nil, p.Legacy && len(found) == 0:
		return errJSONPath(p)
	case p.Legacy && found[0].Kind() != json.Array:
		return errJSONKind("array", found[0].Kind())
	case p.Legacy:
		found = found[:1]
	default:
		c.addArray(len(found))
	}
	for _, n := range found {
		if n.Kind() == json.Array {
			c.addInt(int64(n.IndexIn(v, ends[0], ends[1])))
		} else {
			c.addNull()
		}
	}
	return nil
}

func jsonArrPop(c *call) error {
	at, format := 2, "STRINGS"
	if len(c.args) > 3 && c.is(2, "FORMAT") {
		at, format = 4, c.args[3]
		switch {
		case format != "STRINGS" && format != "EXPAND" && format != "EXPAND1":
			return errorf("wrong reply format")
		case !c.session.RESP3:
			return errorf("FORMAT argument is not supported on RESP2")
		}
	}
	index := int64(math.MaxInt64)
	if at < len(c.args) {
		index = -1
	}
	if at+1 < len(c.args) {
		if n, ok := ctext.ParseInt(c.args[at+1]); ok {
			index = n
		} else {
			return errJSONInt
		}
	}
	p, m, err := c.editJSON(at, "not an array", json.Array)
	switch {
	case err != nil:
		return err
	case p.Legacy && format != "STRINGS":
		return Error("Legacy paths are supported only with FORMAT STRINGS")
	}
	c.addEdited(p, m.Pop(index), "json.arrpop", func(n *json.Node) {
		if c.session.RESP3 && !p.Legacy && n != nil {
			c.addNative(n, format == "EXPAND")
		} else {
			c.addJSON(n)
		}
	})
	return nil
}

func jsonArrTrim(c *call) error {
	start, err := parseJSONInt(c.args[3])
	if err != nil {
		return err
	}
	stop, err := parseJSONInt(c.args[4])
	if err != nil {
		return err
	}
	p, m, err := c.editJSON(2, "not an array", json.Array)
	if err != nil {
		return err
	}
	c.addEdited(p, m.Trim(start, stop), "json.arrtrim", c.addJSONInt)
	return nil
}

func jsonResp(c *call) error {
	doc, p, found, err := c.findJSON(2)
	switch {
	case err != nil:
		return err
	case doc == nil:
		c.addNull()
	case p.Legacy && len(found) == 0:
		return errJSONPath(p)
	case p.Legacy:
		c.addResp(found[0])
	default:
		c.addArray(len(found))
		for _, n := range found {
			c.addResp(n)
		}
	}
	return c.full()
}

// addResp adds a value as JSON.RESP does.
func (c *call) addResp(n *json.Node) {
	switch n.Kind() {
	case json.Null:
		c.addNull()
	case json.Bool:
		c.addStatus(map[bool]string{true: "true", false: "false"}[n.Bool()])
	case json.Int:
		c.addInt(n.Int())
	case json.Uint, json.Float:
		c.addDouble(n.Float())
	case json.String:
		c.addBulk(n.Text())
	case json.Array:
		c.addArray(n.Len() + 1)
		c.addStatus("[")
		for i := range n.Len() {
			c.addResp(n.At(i))
		}
	case json.Object:
		c.addArray(2*n.Len() + 1)
		c.addStatus("{")
		for name, v := range n.Members {
			c.addBulk(name)
			c.addResp(v)
		}
	}
}

// jsonDebugMemory runs JSON.DEBUG MEMORY. The size is an estimate.
func jsonDebugMemory(c *call) error {
	p, err := c.jsonPath(3)
	if err != nil {
		return err
	}
	j, err := read[*value.JSON](c, c.args[2])
	if err != nil {
		return err
	}
	var found []*json.Node
	if j != nil {
		if found, err = j.Doc.Find(p, c.order()); err != nil {
			return jsonError(err)
		}
	}
	switch {
	case !p.Legacy:
		c.addArray(len(found))
		for _, n := range found {
			c.addInt(n.Size())
		}
	case j == nil:
		c.addInt(0)
	case len(found) == 0:
		return errJSONPath(p)
	default:
		c.addInt(found[0].Size())
	}
	return nil
}

func jsonDebugHelp(c *call) error {
	c.addBulks([]string{"MEMORY <key> [path] - reports memory usage", "HELP                - this message"})
	return nil
}
