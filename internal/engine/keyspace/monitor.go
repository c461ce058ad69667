package keyspace

import (
	"context"
	"fmt"

	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
)

// monitorChannel is the channel of MONITOR's lines. It does not conflict with a channel of
// a caller, because lines has a separate broker.
const monitorChannel = ""

// Monitor returns a monitor that receives a line for each command, as MONITOR does.
func (db *DB) Monitor() *Monitor { return &Monitor{db.lines.subscribe(false, monitorChannel)} }

// A Monitor receives the commands that run.
type Monitor struct{ s *Subscription }

// Receive waits for the next command: its time, the number of the database, the
// sender, and its words in quotes.
func (m *Monitor) Receive(ctx context.Context) (line string, err error) {
	for {
		event, err := m.s.Receive(ctx)
		if err != nil || event.Kind == "" {
			return event.Payload, err
		}
	}
}

// Close ends the monitor.
func (m *Monitor) Close() error { return m.s.Close() }

// tellMonitors sends a command to the monitors when the function that it returns is called, and a script at once: before the
// commands that it calls.
func (db *DB) tellMonitors(c commandtable.Command, args []string) (ended func()) {
	tell := func() { db.lines.publish(monitorChannel, db.monitorLine(redacted(c.Name, args))) }
	switch {
	case runsScript(c):
		tell()
		return func() {}
	case c.Flags.Has(commandtable.Admin):
		return func() {}
	}
	return tell
}

// monitorLine returns the line of a command.
func (db *DB) monitorLine(args []string) string {
	from := "127.0.0.1:0"
	if db.session.Script {
		from = "lua"
	} else if db.client != nil {
		from = db.client.from
	}
	now := db.time()
	line := fmt.Appendf(nil, "%d.%06d [%d %s]", now.Unix(), now.Nanosecond()/1000, db.session.DB, from)
	for _, arg := range args {
		line = appendQuoted(append(line, ' '), arg)
	}
	return string(line)
}

// appendQuoted writes a word in quotes, as Redis does.
func appendQuoted(dst []byte, word string) []byte {
	dst = append(dst, '"')
	for _, c := range []byte(word) {
		switch c {
		case '\\', '"':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		case '\a':
			dst = append(dst, `\a`...)
		case '\b':
			dst = append(dst, `\b`...)
		default:
			if c >= ' ' && c <= '~' {
				dst = append(dst, c)
			} else {
				dst = fmt.Appendf(dst, `\x%02x`, c)
			}
		}
	}
	return append(dst, '"')
}
