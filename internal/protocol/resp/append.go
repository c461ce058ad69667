// Package resp writes and reads the replies of Redis in RESP2 and RESP3, according to the
// specification of the protocol.
package resp

import (
	"strconv"
	"strings"
)

// Constant replies. Do not change their bytes.
var (
	OK         = []byte("+OK\r\n")
	Null       = []byte("$-1\r\n") // of RESP2, instead of a string
	NullArray  = []byte("*-1\r\n") // of RESP2, instead of an array
	Null3      = []byte("_\r\n")   // of RESP3
	EmptyArray = []byte("*0\r\n")
)

// Error returns an error reply, see [AppendError].
func Error(message string) []byte { return AppendError(nil, message) }

// AppendError appends an error. The message begins with the code. Line breaks at its
// ends are removed, and others become spaces, as in Redis, because an error is one line.
func AppendError(dst []byte, message string) []byte {
	return AppendLine(dst, '-', OneLine(strings.Trim(message, "\r\n")))
}

// AppendStatus appends a status. Line breaks become spaces.
func AppendStatus(dst []byte, s string) []byte { return AppendLine(dst, '+', OneLine(s)) }

// OneLine replaces line breaks in s by spaces.
func OneLine(s string) string {
	if !strings.ContainsAny(s, "\r\n") {
		return s
	}
	return strings.NewReplacer("\r", " ", "\n", " ").Replace(s)
}

// AppendInt appends an integer.
func AppendInt(dst []byte, n int64) []byte {
	return append(strconv.AppendInt(append(dst, ':'), n, 10), "\r\n"...)
}

// AppendBulk appends a string.
func AppendBulk[S string | []byte](dst []byte, s S) []byte {
	dst = AppendHead(dst, '$', len(s))
	dst = append(dst, s...)
	return append(dst, "\r\n"...)
}

// AppendBulks appends an array of strings. Commands are sent in this form too.
func AppendBulks(dst []byte, list []string) []byte {
	dst = AppendArray(dst, len(list))
	for _, s := range list {
		dst = AppendBulk(dst, s)
	}
	return dst
}

// AppendArray appends the head of an array. Its n elements must follow.
func AppendArray(dst []byte, n int) []byte { return AppendHead(dst, '*', n) }

// AppendMap appends the head of a map, whose n keys with values must follow. In RESP2 it is an array.
func AppendMap(dst []byte, resp3 bool, n int) []byte {
	if resp3 {
		return AppendHead(dst, '%', n)
	}
	return AppendArray(dst, 2*n)
}

// AppendSet appends the head of a set, whose n elements must follow. In RESP2 it is an array.
func AppendSet(dst []byte, resp3 bool, n int) []byte {
	if resp3 {
		return AppendHead(dst, '~', n)
	}
	return AppendArray(dst, n)
}

// AppendNull appends the null of a string.
func AppendNull(dst []byte, resp3 bool) []byte {
	if resp3 {
		return append(dst, Null3...)
	}
	return append(dst, Null...)
}

// AppendVerbatim appends verbatim text (RESP3) with the format txt.
func AppendVerbatim[S string | []byte](dst []byte, s S) []byte {
	dst = AppendHead(dst, '=', len("txt:")+len(s))
	dst = append(dst, "txt:"...)
	dst = append(dst, s...)
	return append(dst, "\r\n"...)
}

// AppendHead appends a line with a number: the head of a map (%, n pairs), of a set (~)
// or of a reply that the functions above append.
func AppendHead(dst []byte, kind byte, n int) []byte {
	return append(strconv.AppendInt(append(dst, kind), int64(n), 10), "\r\n"...)
}

// AppendLine appends a reply that is one line, for instance a double (,) or a
// big number. The text must not contain line breaks.
func AppendLine[S string | []byte](dst []byte, kind byte, text S) []byte {
	dst = append(append(dst, kind), text...)
	return append(dst, "\r\n"...)
}
