package keyspace

import (
	"slices"
	"strings"
)

// Commands that block do not wait here: they are for connections, and what runs in a
// script or a transaction does not wait in Redis either.

const (
	badTimeout      = "ERR timeout is not a float or out of range"
	negativeTimeout = "ERR timeout is negative"
)

func checkTimeout(word string) (refusal []byte) {
	switch timeout, ok := parseFloat(word); {
	case !ok:
		return errorReply(badTimeout)
	case timeout < 0:
		return errorReply(negativeTimeout)
	}
	return nil
}

// blockingPop is BLMPOP.
func (db *DB) blockingPop(args []string) []byte {
	if refusal := checkTimeout(args[1]); refusal != nil {
		return refusal
	}
	return db.call(append([]string{"LMPOP"}, args[2:]...)...)
}

// blockingMove is BLMOVE and BRPOPLPUSH.
func (db *DB) blockingMove(args []string) []byte {
	if refusal := checkTimeout(args[len(args)-1]); refusal != nil {
		return refusal
	}
	args = slices.Clone(args[:len(args)-1])
	args[0] = strings.ToUpper(args[0])[1:]
	return db.moveElement(args)
}

// moveElement is LMOVE and RPOPLPUSH.
func (db *DB) moveElement(args []string) []byte {
	for _, end := range args[3:] {
		if !strings.EqualFold(end, "LEFT") && !strings.EqualFold(end, "RIGHT") {
			return errorReply(syntaxError)
		}
	}
	at, expires := db.expiries.at[place{db.selected, args[1]}]
	reply := db.call(args...)
	if expires && args[1] == args[2] { // the only element may have been gone in between
		db.expireAt(args[1], at)
	}
	return reply
}

// positions is LPOS. For a count that no list reaches, miniredis would make room.
func (db *DB) positions(args []string) []byte {
	args = slices.Clone(args)
	for i := 3; i+1 < len(args); i += 2 {
		n, ok := parseInt(args[i+1])
		if list, _ := db.mini.DB(db.selected).List(args[1]); ok && strings.EqualFold(args[i], "COUNT") && n > int64(len(list)) {
			args[i+1] = "0" // all
		}
	}
	return db.call(args...)
}
