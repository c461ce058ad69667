package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v3"
)

// A tokenKind is one of the tokens of a server.
type tokenKind struct {
	flag     string
	env      string // the variable from which serve takes it
	variable string // the variable from which a client takes it
}

var (
	mainToken     = tokenKind{"token", "REDIS_REST_TOKEN", "UPSTASH_REDIS_REST_TOKEN"}
	readOnlyToken = tokenKind{"read-only-token", "REDIS_REST_READ_ONLY_TOKEN", "UPSTASH_REDIS_REST_READ_ONLY_TOKEN"}
)

// A token is what requests must have.
type token struct {
	value string
	from  string // where it comes from, if it is not printed
	file  string // the file that has it, if a flag names it
}

// findToken returns the token of a flag, of a file that a flag names, of the environment,
// of the file that is to be changed, or else a random one.
func findToken(c *cli.Command, file *envFile, kind tokenKind) (token, error) {
	name := "--" + kind.flag
	t := token{value: c.String(kind.flag), file: c.String(kind.flag + "-file")}
	switch _, given := os.LookupEnv(kind.env); {
	case t.file != "" && t.value != "":
		return token{}, fmt.Errorf("%s and %s-file exclude each other", name, name)
	case t.file != "":
		name = t.file
		content, err := os.ReadFile(t.file)
		if err != nil {
			return token{}, err
		}
		if t.value = strings.TrimSpace(string(content)); t.value == "" {
			return token{}, fmt.Errorf("%s is empty", t.file)
		}
		t.from = "the content of " + t.file
	case t.value != "" && os.Getenv(kind.env) == t.value:
		name = kind.env
		t.from = "the value of " + kind.env
	case t.value != "":
	case c.IsSet(kind.flag) && !given:
		return token{}, fmt.Errorf("%s is empty", name)
	case file.localToken("UPSTASH_REDIS_REST_URL", kind.variable) != "":
		name = kind.variable + " in " + c.String("env-file")
		t.value, t.from = file.get(kind.variable), "the value of "+name
	case kind == mainToken && c.Bool("vercel") && file.localToken("KV_REST_API_URL", "KV_REST_API_TOKEN") != "":
		name = "KV_REST_API_TOKEN in " + c.String("env-file")
		t.value, t.from = file.get("KV_REST_API_TOKEN"), "the value of "+name
	default:
		t.value = rand.Text()
	}
	if strings.ContainsFunc(t.value, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return token{}, fmt.Errorf("%s has a character that cannot be sent: a token has letters, digits and punctuation, but no spaces", name)
	}
	if file != nil && kind == mainToken {
		if file.get(kind.variable+"_FILE") != "" {
			return token{}, fmt.Errorf("%s sets %s_FILE, and a client takes that or %s: remove the line", c.String("env-file"), kind.variable, kind.variable)
		}
		if !readAlike(t.value) {
			return token{}, errNotReadAlike(name)
		}
	}
	if t.from == "" && !readAlike(t.value) { // it is to be printed
		return token{}, errNotReadAlike(name)
	}
	return t, nil
}

// line sets the variable of a client. A token that comes from the environment or a file is
// not repeated: the line is a comment then, or names the file where a client can read it.
func (t token) line(variable string) string {
	switch {
	case t.from == "":
		return variable + "=" + t.value
	case variable == mainToken.variable && readAlike(t.file) && t.file != "":
		return variable + "_FILE=" + t.file
	}
	return fmt.Sprintf("# %s is %s", variable, t.from)
}
