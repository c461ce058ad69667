package lua

// The tree that the parser makes. Each line number is the one that PUC-Rio's compiler
// gives to the instruction that can fail.

type expr interface{}

type (
	constant struct{ value Value }
	varargs  struct{}
	localVar struct{ *local }
	upvalue  struct {
		name  string
		index int
	}
	global struct {
		name string
		line int
	}
	index struct {
		object, key expr
		line        int
	}
	call struct {
		function expr
		args     []expr
		line     int
		site     site
	}
	methodCall struct {
		object expr
		name   string
		args   []expr
		line   int // of the call
		self   int // of the lookup of the method
		site   site
	}
	function struct{ *proto }
	binary   struct {
		op          operator
		left, right expr
		line        int
	}
	concat struct {
		operands []expr
		line     int
	}
	logical struct {
		and         bool
		left, right expr
	}
	unary struct {
		op      operator
		operand expr
		line    int
	}
	paren       struct{ inner expr } // the first of many values
	constructor struct {
		fields []field // in the order of the source
		array  int     // the number of list elements
		hash   int     // the number of other fields
	}
	field struct {
		key, value expr // key is nil for an element of the list
		line       int
	}
)

type stat interface{}

type (
	localStat struct {
		vars  []*local
		exprs []expr
	}
	assignStat struct {
		targets []expr
		exprs   []expr
		line    int
	}
	callStat struct{ call expr }
	doStat   struct{ body []stat }
	ifStat   struct {
		conditions []expr
		blocks     [][]stat // one more than conditions if there is an else
	}
	whileStat struct {
		condition expr
		body      []stat
		line      int
	}
	repeatStat struct {
		body      []stat
		condition expr
		line      int
	}
	numericFor struct {
		variable           *local
		start, limit, step expr
		body               []stat
		line               int
	}
	genericFor struct {
		vars  []*local
		exprs []expr
		body  []stat
		line  int
	}
	localFunction struct {
		variable *local
		function expr
	}
	returnStat struct {
		exprs []expr
		line  int
	}
	breakStat struct{}
)

// A local is a local variable.
type local struct {
	name     string
	slot     int
	captured bool // by an inner function; it is stored in a cell then
}

// A proto is a function in the source.
type proto struct {
	source   string // the chunk's name
	line     int    // the first line; 0 for a chunk
	params   []*local
	vararg   bool
	arg      *local // in a vararg function: the table arg of Lua 5.0
	needsArg bool   // the function does not contain ...
	upvalues []upvalueSource
	slots    int
	deep     int // the larger of: depth of its deepest expression, nesting of its statements
	body     []stat
	run      execFn
}

// An upvalueSource says where a new function finds a variable: among the locals of the
// enclosing function, or among the upvalues of that function.
type upvalueSource struct {
	name  string
	local *local
	index int
}

// A site is how a message names a called function or an expression's value, for
// instance: global 'x'.
type site struct{ kind, name string }

// siteOf names an expression. The kind is empty if the expression has no name.
func siteOf(e expr) site {
	switch e := e.(type) {
	case *localVar:
		return site{"local", e.name}
	case *upvalue:
		return site{"upvalue", e.name}
	case *global:
		return site{"global", e.name}
	case *index:
		if key, ok := e.key.(*constant); ok {
			if name, ok := key.value.(string); ok {
				return site{"field", name}
			}
		}
		return site{"field", "?"}
	case *paren:
		return siteOf(e.inner)
	case *logical:
		// PUC-Rio's code for "a and b or c" puts this into the register last.
		if left, ok := e.left.(*logical); ok && left.and && !e.and {
			return siteOf(e.right)
		}
	}
	return site{}
}
