// Package ast has the syntax tree of Lua that lua.Parse makes.
//
// Each Line is the one that PUC-Rio's compiler gives to the instruction that can fail. Each Pos is the
// place in the source where the node begins.
package ast

// A Pos is an offset in the source, in bytes.
type Pos int

// A Function is a function in the source, or the source as a whole.
type Function struct {
	Source   string // the chunk's name
	Unit     *Unit
	Line     int // the first line; 0 for a chunk
	Pos      Pos
	Params   []*Local
	Vararg   bool
	Arg      *Local // in a vararg function: the table arg of Lua 5.0
	NeedsArg bool   // the function does not contain ...
	Upvalues []UpvalueSource
	Slots    int
	Deep     int // the larger of: depth of its deepest expression, nesting of its statements
	Body     []Stat
}

// A Unit is what was read at once. While one of its functions is there, the memory of all may be.
type Unit struct{ Size int } // of the source, in bytes

// An UpvalueSource says where a new function finds a variable: among the locals of the
// enclosing function, or among the upvalues of that function.
type UpvalueSource struct {
	Name  string
	Local *Local
	Index int
}

// A Local is a local variable.
type Local struct {
	Name     string
	Slot     int
	Captured bool // by an inner function; it is stored in a cell then
	Pos      Pos
	Outer    *Local // the variable of the same function that was declared before and is visible too
}

// An Expr is an expression.
type Expr interface{}

// The expressions.
type (
	Constant struct {
		Value any
		Pos   Pos
	}
	Varargs  struct{ Pos Pos }
	LocalVar struct {
		*Local
		Pos Pos
	}
	Upvalue struct {
		Name  string
		Index int
		Of    *Local // the variable of an enclosing function
		Pos   Pos
	}
	Global struct {
		Name string
		Line int
		Pos  Pos
	}
	Index struct {
		Object, Key Expr
		Line        int
		Pos         Pos
	}
	Call struct {
		Function Expr
		Args     []Expr
		Line     int
		Pos      Pos
	}
	MethodCall struct {
		Object Expr
		Name   string
		Args   []Expr
		Line   int // of the call
		Self   int // of the lookup of the method
		Pos    Pos
	}
	FunctionExpr struct{ *Function }
	Binary       struct {
		Op          Operator
		Left, Right Expr
		Line        int
		Pos         Pos // of the operator
	}
	Concat struct {
		Operands []Expr
		Line     int
		Pos      Pos // of the first operator
	}
	Logical struct {
		And         bool
		Left, Right Expr
		Pos         Pos // of the operator
	}
	Unary struct {
		Op      Operator
		Operand Expr
		Line    int
		Pos     Pos
	}
	Paren       struct{ Inner Expr } // the first of many values
	Constructor struct {
		Fields []Field // in the order of the source
		Array  int     // the number of list elements
		Hash   int     // the number of other fields
		Pos    Pos
	}
	Field struct {
		Key, Value Expr // Key is nil for an element of the list
		Line       int
	}
)

// A Stat is a statement and its place.
type Stat struct {
	Node  any // one of the types below
	Line  int
	Pos   Pos
	Scope *Local // the last variable that is visible before it
}

// The statements.
type (
	LocalStat struct {
		Vars  []*Local
		Exprs []Expr
	}
	AssignStat struct {
		Targets []Expr
		Exprs   []Expr
		Line    int
	}
	CallStat struct{ Call Expr }
	DoStat   struct{ Body []Stat }
	IfStat   struct {
		Conditions []Expr
		Lines      []int    // of if and elseif
		Blocks     [][]Stat // one more than conditions if there is an else
	}
	WhileStat struct {
		Condition Expr
		Body      []Stat
		Line      int
	}
	RepeatStat struct {
		Body      []Stat
		Condition Expr
		Line      int
		Until     Stat // without a node: the place of until
	}
	NumericFor struct {
		Variable           *Local
		Start, Limit, Step Expr
		Body               []Stat
		Line               int
	}
	GenericFor struct {
		Vars  []*Local
		Exprs []Expr
		Body  []Stat
		Line  int
	}
	LocalFunction struct {
		Variable *Local
		Function Expr
	}
	ReturnStat struct {
		Exprs []Expr
		Line  int
	}
	BreakStat struct{}
)

// An Operator takes operands of one kind.
type Operator int

// The operators.
const (
	Add Operator = iota
	Sub
	Mul
	Div
	Mod
	Pow
	Join // ..
	Eq
	Ne
	Lt
	Le
	Gt
	Ge
	And
	Or
	Minus
	Not
	Len
)
