package lint

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/engine/lua/ast"
)

// A kind is a set of types that a value may have.
type kind uint8

const (
	kNil kind = 1 << iota
	kFalse
	kTrue
	kNumber
	kString
	kTable
	kOther

	kBool     = kFalse | kTrue
	kMissing  = kNil | kFalse
	kAnything = kind(0xff)
)

// An origin is a set of places where a value comes from.
type origin uint8

const (
	fromKeys origin = 1 << iota
	fromArgs
	fromReply
	fromLiteral
	fromUnknown
)

// A value is what is known of an expression, wherever it runs.
type value struct {
	kinds    kind
	from     origin
	built    bool     // it is made of its origins, and not equal to one of them
	name     string   // the global name, such as redis.call; "KEYS" and "ARGV" also stand for a function's parameters
	reply    *reply   // of which it is the reply or an element
	elem     bool     // it is an element of the reply
	index    int      // which one; 0 if that is not known
	nulls    []*reply // if one of them is null, it is nil or false
	constant any
	table    *ast.Constructor
	fn       *ast.Function
	fraction bool    // it may have a fraction
	size     float64 // it is at least about as large; 0 if that is not known
}

// A reply is the reply of redis.call or redis.pcall.
type reply struct {
	call    *ast.Call
	command string
	class   class
	words   []ast.Expr // of the command, with its name
	pcall   bool
	resp3   bool
	tested  bool // the script has looked whether it is missing
}

// A variable is what all functions do with a local variable.
type variable struct {
	sources   []source
	reads     int
	writes    int             // after the declaration
	indexes   []ast.Expr      // keys that are assigned
	calls     []*ast.Call     // of it, as a function
	other     bool            // it is used in other ways than by calls
	value     *value          // once it is known
	function  *ast.Function   // in which it is declared
	looksAt   map[string]bool // fields that are read
	passed    bool            // to a function, a table, another variable or the caller
	parameter bool
}

// A source is where a local variable gets a value: the n-th value of an expression, from 0. In a loop over values, it is
// an element of one. Without an expression it is nil, or not known.
type source struct {
	e       ast.Expr
	n       int
	loop    bool
	param   int // from 1: a parameter of owner
	owner   *ast.Function
	unknown bool
	number  bool
}

func unknown() value { return value{kinds: kAnything, from: fromUnknown} }

// join returns what is true of both.
func join(a, b value) value {
	v := value{
		kinds: a.kinds | b.kinds, from: a.from | b.from, built: a.built || b.built, fraction: a.fraction || b.fraction,
		size: math.Min(a.size, b.size), nulls: a.nulls,
	}
	for _, r := range b.nulls {
		if !slices.Contains(v.nulls, r) {
			v.nulls = append(slices.Clip(v.nulls), r)
		}
	}
	if a.name == b.name {
		v.name = a.name
	}
	if a.constant == b.constant {
		v.constant = a.constant
	}
	if a.table == b.table {
		v.table = a.table
	}
	if a.fn == b.fn {
		v.fn = a.fn
	}
	switch {
	case a.reply == b.reply && a.elem == b.elem && a.index == b.index, b.reply == nil && b.kinds&kTable == 0:
		v.reply, v.elem, v.index = a.reply, a.elem, a.index
	case a.reply == nil && a.kinds&kTable == 0:
		v.reply, v.elem, v.index = b.reply, b.elem, b.index
	}
	return v
}

// valueOf returns what is known of an expression.
func (l *linter) valueOf(e ast.Expr) value {
	switch e := e.(type) {
	case *ast.Constant:
		return constantValue(e.Value)
	case *ast.LocalVar:
		return l.variableValue(e.Local)
	case *ast.Upvalue:
		return l.variableValue(e.Of)
	case *ast.Global:
		return l.globalValue(e.Name)
	}
	if v, ok := l.values[e]; ok {
		return v
	}
	l.values[e] = unknown() // while it is not known
	v := l.compute(e)
	l.values[e] = v
	return v
}

func (l *linter) compute(e ast.Expr) value {
	switch e := e.(type) {
	case *ast.Index:
		return l.indexValue(e)
	case *ast.Paren:
		return l.valueOf(e.Inner)
	case *ast.FunctionExpr:
		return value{kinds: kOther, from: fromUnknown, fn: e.Function}
	case *ast.Constructor:
		return value{kinds: kTable, from: fromUnknown, table: e}
	case *ast.Concat:
		v := value{kinds: kString, built: true}
		for _, o := range e.Operands {
			part := l.valueOf(o)
			if v.from |= part.from; part.kinds == kNil {
				v.from |= fromUnknown
			}
		}
		return v
	case *ast.Unary:
		switch e.Op {
		case ast.Not:
			return value{kinds: kBool, from: fromUnknown}
		case ast.Len:
			return value{kinds: kNumber, from: fromReply, built: true}
		}
		v := l.valueOf(e.Operand)
		return value{kinds: kNumber, from: v.from, built: true, fraction: v.fraction, size: v.size}
	case *ast.Binary:
		return l.binaryValue(e)
	case *ast.Logical:
		left, right := l.valueOf(e.Left), l.valueOf(e.Right)
		if e.And {
			v := right
			v.kinds |= left.kinds & kMissing
			for _, r := range left.nulls {
				if !slices.Contains(v.nulls, r) {
					v.nulls = append(slices.Clip(v.nulls), r)
				}
			}
			return v
		}
		if left.kinds&^kMissing == 0 {
			return right
		}
		left.kinds &^= kMissing
		left.nulls = nil
		return join(left, right)
	case *ast.Call:
		return l.callValue(e)
	case *ast.MethodCall:
		v := l.valueOf(e.Object)
		return value{kinds: kAnything, from: v.from, built: true}
	}
	return unknown()
}

func constantValue(c any) value {
	v := value{from: fromLiteral, constant: c}
	switch c := c.(type) {
	case nil:
		v.kinds, v.from = kNil, 0
	case bool:
		v.kinds = kFalse
		if c {
			v.kinds = kTrue
		}
	case float64:
		v.kinds, v.fraction, v.size = kNumber, c != math.Trunc(c), math.Abs(c)
	case string:
		v.kinds = kString
	}
	return v
}

func (l *linter) globalValue(name string) value {
	v := unknown()
	v.name = name
	switch name {
	case "KEYS", "ARGV":
		v.kinds = kTable
	}
	return v
}

// argument is an element of KEYS or ARGV.
func argument(name string) value {
	if name == "KEYS" {
		return value{kinds: kString | kNil, from: fromKeys}
	}
	return value{kinds: kString | kNil, from: fromArgs}
}

func (l *linter) indexValue(e *ast.Index) value {
	object := l.valueOf(e.Object)
	switch {
	case object.name == "KEYS" || object.name == "ARGV":
		return argument(object.name)
	case object.name != "":
		if name, ok := l.valueOf(e.Key).constant.(string); ok && !strings.Contains(object.name, ".") {
			v := unknown()
			v.name = object.name + "." + name
			if v.name == "math.pi" || v.name == "math.huge" {
				v.kinds = kNumber
			}
			return v
		}
		return unknown()
	case object.reply != nil && !object.elem:
		index := 0
		if n, ok := l.valueOf(e.Key).constant.(float64); ok {
			index = int(n)
		}
		return object.reply.element(index)
	case object.table != nil && !l.changes(e.Object):
		if n, ok := l.valueOf(e.Key).constant.(float64); ok {
			at := 0
			for _, f := range object.table.Fields {
				if f.Key == nil {
					if at++; float64(at) == n && !isMulti(f.Value) {
						return l.valueOf(f.Value)
					}
				}
			}
		}
		return unknown()
	case object.from&fromUnknown == 0:
		return value{kinds: kAnything, from: object.from, built: true}
	}
	return unknown()
}

func isMulti(e ast.Expr) bool {
	switch e.(type) {
	case *ast.Call, *ast.MethodCall, *ast.Varargs:
		return true
	}
	return false
}

// changes says whether a table in a variable is changed after it was made.
func (l *linter) changes(e ast.Expr) bool {
	if v := localOf(e); v != nil {
		info := l.vars[v]
		return len(info.indexes) > 0 || info.passed || len(info.sources) > 1
	}
	return false
}

// localOf returns the local variable that an expression is, or nil.
func localOf(e ast.Expr) *ast.Local {
	switch e := e.(type) {
	case *ast.LocalVar:
		return e.Local
	case *ast.Upvalue:
		return e.Of
	case *ast.Paren:
		return localOf(e.Inner)
	}
	return nil
}

func (l *linter) binaryValue(e *ast.Binary) value {
	if e.Op >= ast.Eq {
		return value{kinds: kBool, from: fromUnknown}
	}
	a, b := l.valueOf(e.Left), l.valueOf(e.Right)
	v := value{kinds: kNumber, from: a.from | b.from, built: true, fraction: a.fraction || b.fraction}
	switch e.Op {
	case ast.Div:
		v.fraction = true
		if n, ok := b.constant.(float64); ok && n != 0 {
			v.size = a.size / math.Abs(n)
		}
	case ast.Mul:
		v.size = a.size * b.size
	case ast.Add:
		v.size = math.Max(a.size, b.size)
	case ast.Sub:
		if b.constant != nil && b.size < a.size/2 {
			v.size = a.size
		}
	case ast.Mod:
		v.fraction = a.fraction
	}
	return v
}

// variableValue joins what a variable gets.
func (l *linter) variableValue(v *ast.Local) value {
	info := l.vars[v]
	if info == nil {
		return unknown()
	}
	if info.value != nil {
		return *info.value
	}
	u := unknown()
	info.value = &u // while it is not known
	var all value
	for i, s := range info.sources {
		x := l.sourceValue(s)
		if i > 0 {
			x = join(all, x)
		}
		all = x
	}
	if len(info.sources) == 0 {
		all = u
	}
	info.value = &all
	return all
}

func (l *linter) sourceValue(s source) value {
	switch {
	case s.number:
		return value{kinds: kNumber, from: fromUnknown}
	case s.param > 0:
		return l.parameterValue(s)
	case s.unknown:
		return unknown()
	case s.e == nil:
		return constantValue(nil)
	case s.loop:
		return l.loopValue(s)
	case s.n == 0:
		return l.valueOf(s.e)
	}
	return unknown()
}

// parameterValue is what the callers of a function pass, if all callers are known.
func (l *linter) parameterValue(s source) value {
	if name := l.callbacks[s.owner].parameter(s.param); name != "" {
		return value{kinds: kTable, from: fromUnknown, name: name}
	}
	owner := l.owners[s.owner]
	if owner == nil {
		return unknown()
	}
	info := l.vars[owner]
	if info.other || info.writes > 0 || len(info.calls) == 0 {
		return unknown()
	}
	var all value
	for i, c := range info.calls {
		x := constantValue(nil)
		if len(c.Args) >= s.param {
			x = l.valueOf(c.Args[s.param-1])
		} else if n := len(c.Args); n > 0 && isMulti(c.Args[n-1]) {
			x = unknown()
		}
		if i > 0 {
			x = join(all, x)
		}
		all = x
	}
	all.nulls = nil // the callers may have tested it
	return all
}

// loopValue is the n-th variable of a loop over values.
func (l *linter) loopValue(s source) value {
	c, ok := s.e.(*ast.Call)
	if !ok || len(c.Args) != 1 {
		return unknown()
	}
	list := l.valueOf(c.Args[0])
	switch name := l.valueOf(c.Function).name; {
	case name != "ipairs" && name != "pairs":
	case s.n == 0 && name == "ipairs":
		return value{kinds: kNumber, from: fromUnknown}
	case s.n != 1:
	case list.name == "KEYS" || list.name == "ARGV":
		v := argument(list.name)
		v.kinds = kString
		return v
	case list.reply != nil && !list.elem:
		v := list.reply.element(0)
		v.kinds &^= kNil
		return v
	case list.table != nil && !l.changes(c.Args[0]):
		var all value
		for i, f := range list.table.Fields {
			if isMulti(f.Value) {
				return unknown()
			}
			x := l.valueOf(f.Value)
			if i > 0 {
				x = join(all, x)
			}
			all = x
		}
		if len(list.table.Fields) > 0 {
			return all
		}
	case list.from&fromUnknown == 0:
		return value{kinds: kAnything, from: list.from, built: true}
	}
	return unknown()
}

func (l *linter) callValue(c *ast.Call) value {
	f := l.valueOf(c.Function)
	arg := func(n int) value {
		if n < len(c.Args) {
			return l.valueOf(c.Args[n])
		}
		return constantValue(nil)
	}
	var all origin
	for i := range c.Args {
		all |= arg(i).from
	}
	switch f.name {
	case "redis.call", "redis.pcall":
		return l.replyOf(c, f.name == "redis.pcall").value()
	case "tonumber":
		a := arg(0)
		v := value{kinds: kNumber | kNil, from: a.from, nulls: a.nulls, size: a.size, fraction: a.fraction, built: a.built}
		if a.kinds == kNumber {
			v.kinds = kNumber
			v.reply, v.elem, v.index = a.reply, a.elem, a.index
		}
		if text, ok := a.constant.(string); ok {
			if n, ok := lua.ParseNumber(text); ok {
				return constantValue(n)
			}
		}
		return v
	case "tostring":
		a := arg(0)
		return value{kinds: kString, from: a.from, built: a.built}
	case "string.format", "string.sub", "string.gsub", "string.rep", "string.reverse", "string.lower", "string.upper", "table.concat", "cjson.encode",
		"cmsgpack.pack", "struct.pack", "redis.sha1hex":
		return value{kinds: kString, from: all, built: true}
	case "cjson.decode", "cmsgpack.unpack", "struct.unpack", "string.match":
		return value{kinds: kAnything, from: all, built: true}
	case "math.floor", "math.ceil":
		return value{kinds: kNumber, from: all, built: true, size: arg(0).size}
	case "math.max", "math.min":
		v := value{kinds: kNumber, from: all, built: true}
		for i := range c.Args {
			v.fraction = v.fraction || arg(i).fraction
		}
		return v
	case "math.abs":
		a := arg(0)
		return value{kinds: kNumber, from: all, built: true, fraction: a.fraction, size: a.size}
	case "math.sqrt", "math.log", "math.exp", "math.pow", "os.clock":
		return value{kinds: kNumber, from: all, built: true, fraction: true}
	case "math.random":
		return value{kinds: kNumber, from: fromReply, built: true, fraction: len(c.Args) == 0}
	case "type":
		return value{kinds: kString, from: fromUnknown}
	}
	if f.fn != nil {
		return l.results(f.fn)
	}
	return unknown()
}

// results joins the first values that a function returns.
func (l *linter) results(f *ast.Function) value {
	if v, ok := l.returned[f]; ok {
		return v
	}
	l.returned[f] = unknown() // while it is not known
	first, all := true, value{}
	add := func(v value) {
		if !first {
			v = join(all, v)
		}
		first, all = false, v
	}
	ast.EachStat(f.Body, func(s *ast.Stat) {
		r, ok := s.Node.(*ast.ReturnStat)
		switch {
		case !ok:
		case len(r.Exprs) == 0:
			add(constantValue(nil))
		default:
			add(l.valueOf(r.Exprs[0]))
		}
	})
	if !ends(f.Body) {
		add(constantValue(nil))
	}
	l.returned[f] = all
	return all
}

// text returns an expression as a text that is equal only for expressions that are likely to be equal.
func (l *linter) text(e ast.Expr) string {
	text, ok := l.texts[e]
	if !ok {
		text = l.write(e)
		text = text[:min(len(text), maxText)]
		l.texts[e] = text
	}
	return text
}

// maxText is the maximum length of a text, since variables that contain each other could make it very long.
const maxText = 500

func (l *linter) write(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Constant:
		return fmt.Sprintf("%#v", e.Value)
	case *ast.Global:
		return e.Name
	case *ast.Index:
		return l.text(e.Object) + "[" + l.text(e.Key) + "]"
	case *ast.Paren:
		return l.text(e.Inner)
	case *ast.LocalVar, *ast.Upvalue:
		v := localOf(e)
		l.texts[e] = fmt.Sprintf("?%p", e) // while it is not known
		if info := l.vars[v]; info != nil && len(info.sources) == 1 && info.sources[0].e != nil && !info.sources[0].loop && info.sources[0].n == 0 {
			switch info.sources[0].e.(type) {
			case *ast.Constant, *ast.Index, *ast.Concat, *ast.LocalVar, *ast.Upvalue:
				return l.text(info.sources[0].e)
			}
		}
		return fmt.Sprintf("%s@%d", v.Name, v.Pos)
	case *ast.Concat:
		parts := make([]string, len(e.Operands))
		for i, o := range e.Operands {
			parts[i] = l.text(o)
		}
		return strings.Join(parts, "..")
	}
	return fmt.Sprintf("?%p", e)
}
