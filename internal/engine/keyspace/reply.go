package keyspace

import (
	"bytes"
	"strconv"
)

// Replies are written and read here as RESP2 has them.

func appendBulk(dst []byte, s string) []byte {
	dst = append(dst, '$')
	dst = strconv.AppendInt(dst, int64(len(s)), 10)
	dst = append(dst, "\r\n"...)
	dst = append(dst, s...)
	return append(dst, "\r\n"...)
}

func appendArray(dst []byte, n int) []byte {
	dst = append(dst, '*')
	dst = strconv.AppendInt(dst, int64(n), 10)
	return append(dst, "\r\n"...)
}

func appendInteger(dst []byte, n int64) []byte {
	dst = append(dst, ':')
	dst = strconv.AppendInt(dst, n, 10)
	return append(dst, "\r\n"...)
}

func appendStatus(dst []byte, s string) []byte {
	dst = append(dst, '+')
	dst = append(dst, s...)
	return append(dst, "\r\n"...)
}

func bulk(s string) []byte { return appendBulk(nil, s) }

func integer(n int64) []byte { return appendInteger(nil, n) }

func stringsReply(words []string) []byte {
	reply := appendArray(nil, len(words))
	for _, w := range words {
		reply = appendBulk(reply, w)
	}
	return reply
}

var (
	okReply    = []byte("+OK\r\n")
	nullReply  = []byte("$-1\r\n")
	nullArray  = []byte("*-1\r\n")
	emptyArray = []byte("*0\r\n")
)

// A value is what a reply holds: an int64, a string, an error, a []value, or nil.
type value any

// An failure is the message of an error in a reply.
type failure string

// parse reads the first value of a reply that is whole.
func parse(reply []byte) (v value, rest []byte) {
	line, rest, _ := bytes.Cut(reply[1:], []byte("\r\n"))
	switch reply[0] {
	case '+':
		return string(line), rest
	case '-':
		return failure(line), rest
	case ':':
		n, _ := strconv.ParseInt(string(line), 10, 64)
		return n, rest
	}
	n, _ := strconv.Atoi(string(line))
	if n < 0 {
		return nil, rest
	}
	if reply[0] == '$' {
		return string(rest[:n]), rest[n+2:]
	}
	values := make([]value, n)
	for i := range values {
		values[i], rest = parse(rest)
	}
	return values, rest
}

// words are the strings of an array; ok is false where the reply is none.
func words(reply []byte) (words []string, ok bool) {
	v, _ := parse(reply)
	values, ok := v.([]value)
	if !ok {
		return nil, false
	}
	words = make([]string, len(values))
	for i, v := range values {
		words[i], _ = v.(string)
	}
	return words, true
}
