package gen

import (
	"go/token"
	"strings"
)

// initialisms are words that Go writes in capitals.
var initialisms = func() map[string]bool {
	m := map[string]bool{}
	for word := range strings.FieldsSeq("api cpu db dns eof html http https id ip json qps ram rpc sha sql ssh tcp tls ttl udp ui uid uri url utc uuid vm xml") {
		m[word] = true
	}
	return m
}()

// exported makes an exported Go name of a name such as rate_limit or user-id.
func exported(name string) string {
	var b strings.Builder
	for word := range strings.FieldsFuncSeq(name, func(c rune) bool { return c == '_' || c == '-' || c == '.' || c == ' ' || c == ':' }) {
		switch lower := strings.ToLower(word); {
		case initialisms[lower]:
			b.WriteString(strings.ToUpper(word))
		case word == strings.ToUpper(word):
			b.WriteString(word[:1] + lower[1:])
		default:
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}

// unexported makes a Go name that begins with a small letter.
func unexported(name string) string {
	first, rest, found := strings.Cut(strings.TrimLeft(name, "_-"), "_")
	switch {
	case initialisms[strings.ToLower(first)] || first == strings.ToUpper(first):
		first = strings.ToLower(first)
	default:
		first = small(first)
	}
	if !found {
		return first
	}
	return first + exported(rest)
}

// small makes the first letter small, or all letters of a word in capitals: RateLimit becomes rateLimit, and URLOf urlOf.
func small(name string) string {
	n := 0
	for n < len(name) && 'A' <= name[n] && name[n] <= 'Z' {
		n++
	}
	if n > 1 && n < len(name) {
		n-- // the last capital begins the next word
	}
	return strings.ToLower(name[:n]) + name[n:]
}

// inUse are names that the functions use in their bodies.
var inUse = map[string]bool{
	"redis": true, "command": true, "time": true, "errors": true, "append": true, "any": true, "string": true, "byte": true, "bool": true, "int64": true, "float64": true, "nil": true,
	"argv": true, "arg": true, "args": true, "keys": true,
}

// parameter makes the name of a parameter. What Go or the function needs gets a trailing underscore.
func parameter(name string) string {
	name = unexported(name)
	if token.IsKeyword(name) || inUse[name] {
		return name + "_"
	}
	return name
}

// one makes the name of an element of a list's name: items becomes Item.
func one(name string) string {
	switch {
	case strings.HasSuffix(name, "ies") && len(name) > 4:
		return name[:len(name)-3] + "y"
	case strings.HasSuffix(name, "s") && !strings.HasSuffix(name, "ss") && len(name) > 2:
		return name[:len(name)-1]
	}
	return name
}
