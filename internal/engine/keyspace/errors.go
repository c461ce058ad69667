package keyspace

import (
	"bytes"
	"strings"
)

// asRedisSays makes an error of miniredis the one that Redis 7.0 gives.
func asRedisSays(command string, reply []byte) []byte {
	line, _, _ := bytes.Cut(reply[1:], []byte("\r\n")) // some write more than one reply
	text := string(line)
	switch {
	case strings.HasPrefix(text, "ERR unknown subcommand"), strings.HasSuffix(text, "not supported"):
		return notHere(command)
	case strings.HasPrefix(text, "strconv."):
		text = notInteger
	case strings.HasPrefix(text, "ERR at least 1 input key is needed for "):
		text = "ERR at least 1 input key is needed for '" + strings.ToLower(command) + "' command"
	case strings.HasPrefix(text, "ERR wrong number of arguments for "):
		return wrongArguments(command)
	case command == "XTRIM" && strings.HasPrefix(text, "ERR unsupported XTRIM strategy"):
		text = syntaxError
	}
	return errorReply(text)
}

// notHere is the error of a command that Redis has and this database has not.
func notHere(command string) []byte {
	return errorReply("ERR the database in memory does not have the command '" + strings.ReplaceAll(command, "|", " ") + "'")
}
