package debug

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/workbench/trace"
)

// A Console runs the commands of a person who debugs in a terminal: those of redis-cli's debugger, and more.
type Console struct {
	Write func(line string)
	// Restarted is called by restart, and returns a new session. Without it the session goes to its first statement.
	Restarted func(ctx context.Context) (*Session, error)

	s      *Session
	points []*Breakpoint
	last   int // the last breakpoint's number
	at     ErrorStops
	room   int // of a value
	frame  FrameID
	ends   bool // the end of the script ends the session
}

// NewConsole makes a console for a session, and shows where it is.
func NewConsole(s *Session, write func(line string)) *Console {
	return newConsole(s, write, false)
}

func newConsole(s *Session, write func(line string), ends bool) *Console {
	c := &Console{Write: write, room: 256, at: ErrorStops{Uncaught: true}, ends: ends}
	c.use(s)
	c.show(s.Now())
	return c
}

// Session returns the session.
func (c *Console) Session() *Session { return c.s }

func (c *Console) use(s *Session) {
	c.s = s
	s.Output = c.output
	s.StopAtErrors(c.at)
	c.setPoints()
}

func (c *Console) printf(format string, a ...any) { c.Write(fmt.Sprintf(format, a...)) }

func (c *Console) output(kind OutputKind, text string) {
	switch kind {
	case OutputDebug:
		c.printf("<debug> line %d: %s", c.s.line(), text)
	case OutputLog:
		c.printf("<log> %s", Part(text, c.room))
	case OutputPoint:
		c.printf("<point> %s", text)
	case OutputCall:
		c.printf("<redis> %s", text)
	case OutputReply:
		c.reply("reply", []byte(text))
	}
}

func (c *Console) reply(name string, reply []byte) {
	if c.ends {
		c.printf("<%s> %s", name, Part(asInRedis(reply), c.room))
		return
	}
	c.printf("<%s> %s", name, trace.Show(trace.Value(reply), c.room))
}

// reasons are the words of redis-cli's debugger, where it has them.
var reasons = map[Reason]string{Step: "step over", Break: "break point"}

// show shows where the script has stopped.
func (c *Console) show(stop Stop) {
	c.frame = FrameID{Thread: c.s.Thread()}
	if stop.Diverged {
		c.printf("* This run is not like the one before: the order of pairs in a table whose keys are tables or functions may differ")
	}
	if stop.Reason == NotReached {
		c.printf("* No earlier event")
		c.source(stop.Line)
		return
	}
	if stop.Line == 0 && c.ends {
		return
	}
	if stop.Line == 0 {
		c.printf("* The script has ended; back goes back, restart begins again")
		c.reply("retval", stop.Reply)
		return
	}
	reason := string(stop.Reason)
	if c.ends && stop.Reason == Entry {
		reason = reasons[Step]
	}
	if known := reasons[stop.Reason]; known != "" {
		reason = known
	}
	c.printf("* Stopped at %d, stop reason = %s", stop.Line, reason)
	if stop.Call != nil {
		c.printf("<redis> %s", Words(stop.Call.Words))
		c.reply("reply", stop.Call.Reply)
	}
	if stop.Error != "" {
		c.printf("<error> %s", Part(stop.Error, c.room))
	}
	c.source(stop.Line)
}

// source shows a line of the source.
func (c *Console) source(line int) {
	lines := c.s.source()
	if line < 1 || line > len(lines) {
		return
	}
	point := slices.ContainsFunc(c.points, func(b *Breakpoint) bool { return b.Line == line })
	mark := "   "
	switch current := line == c.s.Now().Line; {
	case current && point:
		mark = "->#"
	case current:
		mark = "-> "
	case point:
		mark = "  #"
	}
	c.printf("%s%-3d %s", mark, line, Part(lines[line-1], 1000))
}

// A consoleCommand is a command. Its name may be cut to its first letters, as far as that is clear: the first command that fits runs.
type consoleCommand struct {
	name, args, help string
	run              func(c *Console, ctx context.Context, words []string, rest string) error
}

var consoleCommands []consoleCommand

func init() {
	move := func(m Move) func(*Console, context.Context, []string, string) error {
		return func(c *Console, ctx context.Context, _ []string, _ string) error { return c.move(c.s.Go(ctx, m)) }
	}
	consoleCommands = []consoleCommand{
		{"help", "", "Show this help.", (*Console).help},
		{"step", "", "Run until the next statement, also in a function that is called.", move(Into)},
		{"next", "", "Run until the next statement, but not in functions that are called.", move(Over)},
		{"continue", "", "Run until a breakpoint, an error that nobody catches, or the end.", move(Continue)},
		{"list", "[line [context]]", "List the source around the current line, or another one.", (*Console).list},
		{"whole", "", "List all source code.", (*Console).whole},
		{"print", "[expression]", "Show all local variables, or the value of an expression. It cannot write to the database.", (*Console).print},
		{"break", "[line [if condition]]", "Show the breakpoints, or stop before a line; -line removes its breakpoints, and 0 all.", (*Console).breakpoint},
		{"break", "key PATTERN | function NAME [if condition]", "Stop after a call that writes a key, or where a function begins.", (*Console).breakpoint},
		{"trace", "", "Show the functions that run, also in coroutines.", (*Console).trace},
		{"eval", "code", "Run Lua code where the script is: n = 5 sets a variable.", (*Console).eval},
		{"redis", "command", "Run a command of Redis.", (*Console).redis},
		{"maxlen", "[length]", "Show about this much of values and replies; 0 is all.", (*Console).maxlen},
		{"abort", "", "End.", nil},
		{"out", "", "Run until the function has returned.", move(Out)},
		{"back", "[step | out | continue]", "Go back to the statement before; also in functions, to the caller, or to the breakpoint before.", (*Console).back},
		{"written", "key", "Go back to the call that last wrote the key.", (*Console).written},
		{"goto", "event", "Go to an event: its number is in what where shows.", (*Console).toEvent},
		{"where", "", "Show where the script is, and the number of this event.", (*Console).where},
		{"frame", "[number]", "Show or choose the function whose variables print and eval see, by its number in trace.", (*Console).chooseFrame},
		{"log", "line text {expression}", "Show a text each time before a line runs.", (*Console).logPoint},
		{"errors", "none | uncaught | all", "Say which errors stop the script. At first it is uncaught.", (*Console).errorStops},
		{"restart", "", "Begin again, with the source as it is now.", (*Console).restart},
		{"quit", "", "End, as abort does.", nil},
	}
}

// Do runs a command: its words, and what follows the first word as it was typed. It returns false if the command ends the session.
func (c *Console) Do(ctx context.Context, words []string, rest string) bool {
	if len(words) == 0 {
		return true
	}
	for _, command := range consoleCommands {
		if !strings.HasPrefix(command.name, strings.ToLower(words[0])) {
			continue
		}
		if command.run == nil {
			return false
		}
		if err := command.run(c, ctx, words[1:], strings.TrimSpace(rest)); err != nil {
			c.printf("<error> %s", Part(err.Error(), max(c.room, 256)))
		}
		return true
	}
	c.printf("<error> Unknown Lua debugger command or wrong number of arguments: %s. Try help.", Part(words[0], 40))
	return true
}

func (c *Console) move(stop Stop, err error) error {
	if err == nil {
		c.show(stop)
	}
	return err
}

func (c *Console) help(context.Context, []string, string) error {
	c.Write("The debugger of redis-rest. A command may be cut to its first letters.")
	for _, command := range consoleCommands {
		c.printf("  %s", strings.TrimSpace(command.name+" "+command.args))
		c.printf("      %s", command.help)
	}
	c.Write("An empty line repeats a move. What eval and redis change belongs to this event: going back undoes it, going forward repeats it.")
	return nil
}

func number(words []string, i, otherwise int) (int, error) {
	if i >= len(words) {
		return otherwise, nil
	}
	n, err := strconv.Atoi(words[i])
	if err != nil {
		return 0, fmt.Errorf("%s is not a number", Part(strconv.Quote(words[i]), 40))
	}
	return n, nil
}

func (c *Console) list(_ context.Context, words []string, _ string) error {
	line, err := number(words, 0, 0)
	if err != nil {
		return err
	}
	around, err := number(words, 1, 5)
	if err != nil {
		return err
	}
	if line == 0 {
		line = c.s.Now().Line
	}
	last := len(c.s.source())
	around = min(max(around, 0), last)
	for i := max(line-around, 1); i <= min(line+around, last); i++ {
		c.source(i)
	}
	return nil
}

func (c *Console) whole(context.Context, []string, string) error {
	for i := range c.s.source() {
		c.source(i + 1)
	}
	return nil
}

func (c *Console) print(ctx context.Context, _ []string, rest string) error {
	if rest != "" {
		v, err := c.s.Look(ctx, c.frame, rest)
		if err != nil {
			return err
		}
		c.printf("<value> %s", Text(v, c.room))
		return nil
	}
	frames := c.s.Stack(c.frame.Thread)
	if c.frame.Index >= len(frames) {
		return errEnded
	}
	f := frames[c.frame.Index]
	vars := f.Locals()
	for _, v := range append(vars, f.Upvalues()...) {
		c.printf("<value> %s = %s", v.Name, Text(v.Value, c.room))
	}
	if len(vars) == 0 {
		c.Write("No local variables in the current context.")
	}
	return nil
}

func (c *Console) breakpoint(_ context.Context, words []string, rest string) error {
	if len(words) == 0 {
		if len(c.points) == 0 {
			c.Write("No breakpoints set. Use 'b <line>' to add one.")
		}
		for _, b := range c.points {
			c.describe(b)
		}
		return nil
	}
	_, condition, _ := strings.Cut(rest, " if ")
	b := &Breakpoint{Condition: strings.TrimSpace(condition)}
	what := ""
	if len(words) > 1 {
		what = words[1]
	}
	switch {
	case words[0] == "key" && what != "":
		b.Key = what
	case words[0] == "function" && what != "":
		b.Function = what
	default:
		line, err := number(words, 0, 0)
		switch {
		case err != nil:
			return err
		case line == 0:
			c.points = nil
			c.setPoints()
			c.Write("All breakpoints removed.")
			return nil
		case line < 0:
			n := len(c.points)
			c.points = slices.DeleteFunc(c.points, func(b *Breakpoint) bool { return b.Line == -line })
			if n == len(c.points) {
				return fmt.Errorf("no breakpoint is at line %d", -line)
			}
			c.setPoints()
			c.Write("Breakpoint removed.")
			return nil
		case what != "" && condition == "":
			return fmt.Errorf("a condition stands after if: break %d if n > 1", line)
		}
		b.Line = line
	}
	return c.add(b)
}

// add adds a breakpoint and says where it is.
func (c *Console) add(b *Breakpoint) error {
	wanted := b.Line
	if err := c.s.check(b); err != nil {
		return err
	}
	c.last++
	b.ID = c.last
	c.points = append(c.points, b)
	c.setPoints()
	if b.Line != wanted {
		c.printf("Line %d has no code: the breakpoint is at line %d.", wanted, b.Line)
	}
	c.describe(b)
	return nil
}

func (c *Console) describe(b *Breakpoint) {
	condition := ""
	if b.Condition != "" {
		condition = " if " + b.Condition
	}
	switch {
	case b.Key != "":
		c.printf("Breakpoint %d: a call that writes %s%s", b.ID, b.Key, condition)
	case b.Function != "":
		c.printf("Breakpoint %d: function %s%s", b.ID, b.Function, condition)
	case b.Log != "":
		c.printf("Log point %d: line %d: %s", b.ID, b.Line, b.Log)
	default:
		c.printf("Breakpoint %d: line %d%s", b.ID, b.Line, condition)
		c.source(b.Line)
	}
}

func (c *Console) setPoints() {
	for i, problem := range c.s.SetBreakpoints(c.points) {
		if problem != nil { // in a new source
			c.printf("<error> breakpoint %d: %s", c.points[i].ID, problem)
		}
	}
}

func (c *Console) logPoint(_ context.Context, words []string, rest string) error {
	line, err := number(words, 0, 0)
	_, text, _ := strings.Cut(rest, " ")
	if err != nil || line < 1 || text == "" {
		return fmt.Errorf("log needs a line and a text: log 5 n is {n}")
	}
	return c.add(&Breakpoint{Line: line, Log: text})
}

func (c *Console) errorStops(_ context.Context, _ []string, rest string) error {
	switch rest {
	case "none":
		c.at = ErrorStops{}
	case "uncaught":
		c.at = ErrorStops{Uncaught: true}
	case "all":
		c.at = ErrorStops{Uncaught: true, Caught: true}
	default:
		return fmt.Errorf("errors takes none, uncaught or all")
	}
	c.s.StopAtErrors(c.at)
	return nil
}

func (c *Console) trace(context.Context, []string, string) error {
	threads := c.s.Threads()
	if len(threads) == 0 {
		return errEnded
	}
	for _, th := range threads {
		if len(threads) > 1 {
			if th.ID == 0 {
				c.printf("The script (%s):", th.Status)
			} else {
				c.printf("Coroutine %d (%s):", th.ID, th.Status)
			}
		}
		for i, f := range c.s.Stack(th.ID) {
			mark := "  "
			if f.ID == c.frame {
				mark = "->"
			}
			c.printf("%s %d %s, line %d", mark, i, c.s.Name(f), f.Line())
		}
	}
	return nil
}

func (c *Console) chooseFrame(_ context.Context, words []string, _ string) error {
	i, err := number(words, 0, c.frame.Index)
	if err != nil {
		return err
	}
	frames := c.s.Stack(c.frame.Thread)
	if i < 0 || i >= len(frames) {
		return fmt.Errorf("there is no function %d; trace shows them", i)
	}
	c.frame.Index = i
	c.printf("-> %d %s, line %d", i, c.s.Name(frames[i]), frames[i].Line())
	return nil
}

func (c *Console) eval(ctx context.Context, _ []string, rest string) error {
	if rest == "" {
		return fmt.Errorf("eval needs code")
	}
	results, err := c.s.Eval(ctx, c.frame, rest)
	if err != nil {
		return err
	}
	if len(results) == 0 {
		results = []lua.Value{nil}
	}
	for _, v := range results {
		c.printf("<retval> %s", Text(v, c.room))
	}
	return nil
}

func (c *Console) redis(ctx context.Context, words []string, _ string) error {
	if len(words) == 0 {
		return fmt.Errorf("redis needs a command")
	}
	reply, err := c.s.Command(ctx, words, true)
	if err != nil {
		return err
	}
	c.printf("<redis> %s", Words(words))
	c.reply("reply", reply)
	return nil
}

func (c *Console) maxlen(_ context.Context, words []string, _ string) error {
	n, err := number(words, 0, -1)
	switch {
	case err != nil:
		return err
	case n == 0:
		c.room = math.MaxInt
	case n > 0:
		c.room = max(n, 60)
	}
	if c.room == math.MaxInt {
		c.Write("<value> values are shown in full")
	} else {
		c.printf("<value> about %d bytes of a value are shown", c.room)
	}
	return nil
}

func (c *Console) back(ctx context.Context, _ []string, rest string) error {
	for name, m := range map[string]Move{"next": BackOver, "step": BackInto, "out": BackOut, "continue": BackContinue} {
		if strings.HasPrefix(name, rest) && rest != "" {
			return c.move(c.s.Go(ctx, m))
		}
	}
	if rest != "" {
		return fmt.Errorf("back takes step, out or continue")
	}
	return c.move(c.s.Go(ctx, BackOver))
}

func (c *Console) written(ctx context.Context, words []string, _ string) error {
	if len(words) != 1 {
		return fmt.Errorf("written needs a key")
	}
	return c.move(c.s.LastWrite(ctx, words[0]))
}

func (c *Console) toEvent(ctx context.Context, words []string, _ string) error {
	event, err := number(words, 0, -1)
	if err != nil || event < 1 {
		return fmt.Errorf("goto needs the number of an event, from 1")
	}
	return c.move(c.s.To(ctx, event))
}

func (c *Console) where(context.Context, []string, string) error {
	c.printf("Event %d.", c.s.Now().Event)
	if n := c.s.Changed(); n > 0 {
		c.printf("Changes by hand so far: %d.", n)
	}
	c.show(c.s.Now())
	return nil
}

func (c *Console) restart(ctx context.Context, _ []string, _ string) error {
	if c.Restarted == nil {
		return c.move(c.s.Restart(ctx))
	}
	s, err := c.Restarted(ctx)
	if err != nil {
		return err
	}
	c.s.Close()
	c.use(s)
	c.show(s.Now())
	return nil
}

// Repeats says whether an empty line repeats a command.
func Repeats(word string) bool {
	return word != "" && slices.ContainsFunc([]string{"step", "next", "continue", "out", "back"}, func(name string) bool {
		return strings.HasPrefix(name, word)
	})
}

// source returns the lines of the source.
func (s *Session) source() []string {
	return strings.Split(strings.TrimSuffix(s.about.Source, "\n"), "\n")
}

// line returns the line that runs.
func (s *Session) line() int {
	_, line := s.run.state.Place(0)
	return line
}
