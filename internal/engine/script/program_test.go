package script_test

import (
	"fmt"
	"slices"
	"strings"
)

// programPrelude limits a generated program, so that it always ends. It also records
// values that the program reports.
const programPrelude = `local function show(v, deep)
  if type(v) == 'table' then
    if deep == 3 then return '{}' end
    local t = {}
    for k, x in pairs(v) do t[#t + 1] = show(k, 3) .. '=' .. show(x, (deep or 0) + 1) end
    table.sort(t)
    return '{' .. table.concat(t, ' ') .. '}'
  end
  if type(v) == 'function' or type(v) == 'thread' then return type(v) end
  return tostring(v)
end
local out, fuel = {}, 150
local function burn()
  fuel = fuel - 1
  if fuel < 0 then error('out of fuel', 0) end
end
local function note(...)
  if #out > 300 then return ... end
  local r = {}
  for i = 1, select('#', ...) do r[i] = show((select(i, ...))) end
  out[#out + 1] = table.concat(r, ' ')
  return ...
end
`

// A program is a program that is being generated. It tests the language: scopes,
// closures, the order of evaluation, and how lists of values pass through
// calls, coroutines, metamethods and errors.
type program struct {
	*generator
	scopes []map[kind][]string // the visible locals, from the outermost scope in
	vararg bool                // whether the enclosing function has ...
	names  int
	text   strings.Builder
	indent int
}

// A kind says what a local probably holds.
type kind string

const (
	numbers   kind = "n"
	tables    kind = "t"
	functions kind = "f"
)

func (g *generator) program() string {
	p := &program{generator: g, scopes: []map[kind][]string{{}}}
	p.line("local ok, e = pcall(function(...)")
	p.function(func() {
		p.vararg = true
		for _, k := range []kind{numbers, numbers, tables, functions} {
			p.declare(k)
		}
		for range 4 + g.IntN(5) {
			p.statement(3)
		}
	})
	p.line("end, 7, 8, 9)")
	return programPrelude + p.text.String() + "note(ok, e)\nreturn out"
}

func (p *program) line(format string, a ...any) {
	p.text.WriteString(strings.Repeat("  ", p.indent) + fmt.Sprintf(format, a...) + "\n")
}

// scope writes the content of a block.
func (p *program) scope(body func()) {
	p.scopes = append(p.scopes, map[kind][]string{})
	p.indent++
	body()
	p.indent--
	p.scopes = p.scopes[:len(p.scopes)-1]
}

// function writes the content of a function.
func (p *program) function(body func()) {
	vararg := p.vararg
	p.scope(func() {
		p.line("burn()")
		body()
	})
	p.vararg = vararg
}

// name returns a new local of a kind. Sometimes it shadows another one.
func (p *program) name(k kind) string {
	if have := p.visible(k); len(have) > 0 && p.IntN(6) == 0 {
		return p.pick(have...)
	}
	p.names++
	return fmt.Sprintf("%s%d", k, p.names)
}

func (p *program) show(k kind, name string) {
	inner := p.scopes[len(p.scopes)-1]
	inner[k] = append(inner[k], name)
}

func (p *program) visible(k kind) []string {
	var all []string
	for _, s := range p.scopes {
		all = append(all, s[k]...)
	}
	return all
}

// local returns a local of a kind, or an expression of that kind if there is none.
// Rarely, it returns a local of another kind.
func (p *program) local(k kind) string {
	if p.IntN(40) == 0 {
		k = kind(p.pick(string(numbers), string(tables), string(functions)))
	}
	if have := p.visible(k); len(have) > 0 {
		return p.pick(have...)
	}
	return map[kind]string{numbers: "3", tables: "({4, 5})", functions: "select"}[k]
}

func (p *program) anyKind() kind { return kind(p.pick("n", "n", "t", "f")) }

func (p *program) declare(k kind) {
	if k == functions {
		p.defineFunction(1)
		return
	}
	name := p.name(k)
	p.line("local %s = %s", name, p.expr(k, 2))
	p.show(k, name)
}

// expr returns an expression of a kind with approximately that depth.
func (p *program) expr(k kind, depth int) string {
	if depth == 0 || p.IntN(3) == 0 {
		if k == numbers && p.IntN(2) == 0 {
			return p.pick("0", "1", "2", "3", "-1", "0.5", "'4'", "10")
		}
		return p.local(k)
	}
	depth--
	sub := func() string { return p.expr(numbers, depth) }
	switch k {
	case tables:
		switch p.IntN(5) {
		case 0:
			return fmt.Sprintf("{%s, %s}", sub(), p.values(depth))
		case 1:
			return fmt.Sprintf("{[%s] = %s, k = %s, %s}", sub(), sub(), sub(), p.values(depth))
		case 2:
			return fmt.Sprintf("{x = %s, %s, y = %s}", p.expr(functions, depth), sub(), p.call(depth))
		case 3:
			return fmt.Sprintf("setmetatable({%s}, {%s = function(a, b, c) burn() return note(%s, b, c) end})", sub(),
				p.pick("__index", "__newindex", "__add", "__call", "__concat", "__lt", "__unm", "__sub", "__le"), p.withVarargs(false, sub))
		}
		return p.local(tables)
	case functions:
		switch p.IntN(4) {
		case 0:
			return fmt.Sprintf("function(...) burn() return %s end", p.withVarargs(true, func() string { return p.values(depth) }))
		case 1:
			return fmt.Sprintf("function(a) burn() %s = %s return a end", p.assignable(), p.withVarargs(false, sub))
		case 2:
			return fmt.Sprintf("coroutine.wrap(function(...) burn() note(coroutine.yield(%s)) return ... end)", p.withVarargs(true, func() string { return p.values(depth) }))
		}
		return p.local(functions)
	}
	switch p.IntN(14) {
	case 0, 1, 2:
		return fmt.Sprintf("%s %s %s", sub(), p.pick("+", "-", "*", "/", "%"), sub())
	case 3:
		return fmt.Sprintf("(%s %s %s)", sub(), p.pick("and", "or", "==", "<"), sub())
	case 4:
		return fmt.Sprintf("(%s)", p.call(depth))
	case 5:
		return p.call(depth)
	case 6, 7:
		return p.index(depth)
	case 8:
		return "#" + p.local(tables)
	case 9:
		return fmt.Sprintf("select('#', %s)", p.values(depth))
	case 10:
		return fmt.Sprintf("(%s) + %s", p.local(numbers), p.call(depth))
	case 11:
		return fmt.Sprintf("(%s %s %s and %s or %s)", sub(), p.pick("<", "<=", ">", ">=", "==", "~="), p.call(depth), sub(), sub())
	case 12:
		return fmt.Sprintf("string.sub(%s .. %s .. %s, -9)", sub(), p.call(depth), sub())
	}
	return "-" + p.local(numbers)
}

func (p *program) withVarargs(vararg bool, f func() string) string {
	old := p.vararg
	p.vararg = vararg
	defer func() { p.vararg = old }()
	return f()
}

func (p *program) index(depth int) string {
	t := p.local(tables)
	if t == "3" {
		return "({}).x"
	}
	return t + p.pick(".k", ".x", "[1]", "[2]", "["+p.local(numbers)+"]", "["+p.call(depth)+"]", "[#"+t+"]")
}

// assignable returns a possible left side of an assignment.
func (p *program) assignable() string {
	target := p.pick(p.local(numbers), p.local(numbers), p.local(tables)+p.pick(".k", "[1]", "["+p.local(numbers)+"]"), p.index(1))
	if strings.ContainsAny(target[:1], "ntf") {
		return target
	}
	return "out.x"
}

// call returns a call.
func (p *program) call(depth int) string {
	depth = max(depth-1, 0)
	switch p.IntN(9) {
	case 0:
		return fmt.Sprintf("note(%s)", p.values(depth))
	case 1:
		return fmt.Sprintf("select(%s, %s)", p.pick("1", "2", "-1", "2"), p.values(depth))
	case 2:
		return fmt.Sprintf("pcall(%s, %s)", p.local(functions), p.values(depth))
	case 3:
		return fmt.Sprintf("unpack(%s)", p.local(tables))
	case 4:
		return fmt.Sprintf("coroutine.resume(coroutine.create(%s), %s)", p.expr(functions, depth), p.values(depth))
	case 5:
		return fmt.Sprintf("assert(%s)", p.values(depth))
	}
	return fmt.Sprintf("%s(%s)", p.local(functions), p.values(depth))
}

// values returns a list of expressions. The last one may give several values.
func (p *program) values(depth int) string {
	var list []string
	for range p.IntN(3) {
		list = append(list, p.expr(p.anyKind(), max(depth-1, 0)))
	}
	last := p.expr(numbers, depth)
	if p.IntN(2) == 0 {
		last = p.call(depth)
	}
	if p.vararg && p.IntN(3) == 0 {
		last = "..."
	}
	return strings.Join(append(list, last), ", ")
}

func (p *program) defineFunction(depth int) {
	name := p.name(functions)
	before := "local function " + name
	if p.IntN(3) == 0 {
		before = "local " + name + " = function"
	} else {
		p.show(functions, name)
	}
	vararg := p.IntN(2) == 0
	params := []string{p.name(numbers), p.name(numbers)}[:p.IntN(3)]
	list := slices.Clone(params)
	if vararg {
		list = append(list, "...")
	}
	p.line("%s(%s)", before, strings.Join(list, ", "))
	p.function(func() {
		p.vararg = vararg
		for _, param := range params {
			p.show(numbers, param)
		}
		for range p.IntN(3) {
			p.statement(depth)
		}
		p.line("return %s", p.pick(p.values(2), p.values(1), p.call(2), p.call(2), p.expr(numbers, 2)))
	})
	p.line("end")
	p.show(functions, name)
}

// statement writes a statement with blocks nested up to a depth.
func (p *program) statement(depth int) {
	choice := p.IntN(20)
	if depth == 0 {
		choice %= 10
	}
	switch choice {
	case 0, 1:
		p.declare(p.anyKind())
	case 2:
		a, b, c := p.name(numbers), p.name(numbers), p.name(numbers)
		p.line("local %s, %s, %s = %s", a, b, c, p.values(2))
		p.show(numbers, a)
		p.show(numbers, b)
		p.show(numbers, c)
	case 3, 4:
		p.line("%s = %s", p.assignable(), p.expr(numbers, 2))
	case 5:
		p.line("%s, %s = %s", p.assignable(), p.assignable(), p.values(2))
	case 6:
		p.line("%s, %s, %s = %s, %s", p.assignable(), p.assignable(), p.assignable(), p.expr(numbers, 1), p.values(2))
	case 7, 8, 9:
		p.line("note(%s)", p.values(3))
	case 10:
		p.line("for n0 = %s, %s do", p.pick("1", "2", p.expr(numbers, 1)), p.pick("2", "3", "4"))
		p.body(depth, func() { p.show(numbers, "n0") })
		p.line("end")
	case 11:
		k, v := p.name(numbers), p.name(numbers)
		p.line("for %s, %s in %s do", k, v, p.pick("pairs("+p.local(tables)+")", "ipairs("+p.local(tables)+")", p.local(functions), p.values(1)))
		p.body(depth, func() { p.show(numbers, k); p.show(numbers, v) })
		p.line("end")
	case 12:
		p.line("while %s do", p.expr(numbers, 2))
		p.body(depth, nil)
		p.line("end")
	case 13:
		p.line("repeat")
		p.scope(func() {
			p.line("burn()")
			p.declare(p.anyKind())
			p.statement(depth - 1)
			p.indent--
			p.line("until %s", p.expr(numbers, 2))
			p.indent++
		})
	case 14:
		p.line("if %s then", p.expr(numbers, 2))
		p.body(depth, nil)
		p.line("else")
		p.body(depth, nil)
		p.line("end")
	case 15:
		p.line("do")
		p.body(depth, nil)
		p.line("end")
	case 16:
		p.line("note(pcall(function(...)")
		p.function(func() {
			p.vararg = true
			p.statement(depth - 1)
			p.line("%s", p.pick("return "+p.values(2), "error(show("+p.expr(numbers, 1)+"), "+p.pick("0", "1", "2", "3")+")", "return ..."))
		})
		p.line("end, %s))", p.values(1))
	case 17:
		name := p.name(functions)
		p.line("local %s = coroutine.wrap(function(...)", name)
		p.function(func() {
			p.vararg = true
			p.statement(depth - 1)
			p.line("note(coroutine.yield(%s))", p.values(2))
			p.statement(depth - 1)
			p.line("return %s", p.values(2))
		})
		p.line("end)")
		p.show(functions, name)
	default:
		p.defineFunction(depth - 1)
	}
}

// body writes the block of a statement.
func (p *program) body(depth int, begin func()) {
	p.scope(func() {
		if begin != nil {
			begin()
		}
		p.line("burn()")
		for range 1 + p.IntN(2) {
			p.statement(depth - 1)
		}
		if p.IntN(6) == 0 {
			p.line("if %s then return %s end", p.expr(numbers, 1), p.values(1))
		}
	})
}
