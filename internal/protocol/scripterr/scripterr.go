// Package scripterr reads the line of a Lua script from the text of an error that
// the script raised.
//
//	ERR user_script:1: boom script: <sha>, on @user_script:1.         Redis 7
//	WRONGTYPE Operation … script: <sha>, on @user_script:2.           Redis 7, in redis.call
//	ERR Error compiling script (new function): user_script:1: …       any
//	ERR Error running script (call to f_<sha>): @user_script:2: WRONGTYPE …\nstack traceback:…
//	                                                                  Redis 6, hosted services
//
// In functions it is user_function instead of user_script.
package scripterr

import (
	"strconv"
	"strings"
)

// A Position is the place where an error was raised.
type Position struct {
	Line int    // in the script, from 1; 0 if unknown
	Text string // the message, with its code, without position and traceback
}

// Parse reads a server's message. If the message does not come from a script, Text is
// the message.
func Parse(message string) Position {
	p := Position{Text: message}
	p.cutSuffix()
	if text, _, ok := strings.Cut(p.Text, "\nstack traceback:"); ok {
		p.Text = text
	}
	switch {
	case strings.HasPrefix(p.Text, "ERR Error running script"), strings.HasPrefix(p.Text, "ERR Error running function"):
		p.unwrap()
	case strings.HasPrefix(p.Text, "ERR user_"), strings.HasPrefix(p.Text, "ERR Error compiling "), strings.HasPrefix(p.Text, "ERR Error registering "):
		// The place that Lua put into the message is the one that error(…, 2) points to.
		// The place in the suffix is that of the call of error.
		if before, line, after, ok := cutPlace(p.Text); ok {
			p.Line, p.Text = line, before+after
		}
	}
	return p
}

// cutSuffix removes " script: <sha>, on @user_script:1.".
func (p *Position) cutSuffix() {
	const place = ", on @user_"
	text, where, ok := cutLast(p.Text, place)
	if !ok {
		return
	}
	text, _, ok = cutLast(text, " script: ")
	_, digits, ok2 := strings.Cut(where, ":")
	line, err := strconv.Atoi(strings.TrimSuffix(digits, "."))
	if ok && ok2 && err == nil && line > 0 {
		p.Text, p.Line = text, line
	}
}

// unwrap takes the error out of "ERR Error running script (…): @user_script:2: ".
// The inner error begins with its own code, if it has one.
func (p *Position) unwrap() {
	_, line, inner, ok := cutPlace(p.Text)
	if !ok {
		return
	}
	if strings.HasPrefix(inner, "user_script:") || strings.HasPrefix(inner, "user_function:") {
		if _, l, after, ok := cutPlace(inner); ok {
			line, inner = l, after
		}
	}
	if !hasCode(inner) {
		inner = "ERR " + inner
	}
	p.Line, p.Text = line, inner
}

// cutPlace splits text around its first "user_script:LINE: ".
func cutPlace(text string) (before string, line int, after string, ok bool) {
	for _, marker := range []string{"user_script:", "user_function:"} {
		before, rest, found := strings.Cut(text, marker)
		if !found {
			continue
		}
		digits, after, found := strings.Cut(strings.TrimPrefix(rest, " "), ":")
		line, err := strconv.Atoi(digits)
		if found && err == nil && line > 0 {
			return strings.TrimSuffix(before, "@"), line, strings.TrimPrefix(after, " "), true
		}
	}
	return "", 0, "", false
}

// hasCode says whether text starts with a word like WRONGTYPE.
func hasCode(text string) bool {
	word, _, ok := strings.Cut(text, " ")
	return ok && len(word) > 1 && strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == "" && word[0] >= 'A'
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
