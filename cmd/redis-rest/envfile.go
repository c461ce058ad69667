package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A variable is one of the environment.
type variable struct{ name, value string }

// readAlike says whether a shell, node --env-file and docker --env-file read the value
// alike. Docker takes quotes for a part of the value, so the value has none, and no
// character that has a meaning outside quotes.
func readAlike(value string) bool {
	return !strings.ContainsFunc(value, func(r rune) bool {
		letter := r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r))
		return !letter && !strings.ContainsRune("-._/:@%+=,[]", r)
	})
}

// errNotReadAlike names the variable but does not show its value, which may be a token.
func errNotReadAlike(name string) error {
	return fmt.Errorf("the value of %s would not be the same in a shell, in node --env-file and in docker --env-file: use letters, digits and - . _ / : @ %% + = , [ ] only", name)
}

// An envFile is a file of variables, such as .env.
type envFile struct {
	path    string      // without symbolic links
	info    fs.FileInfo // nil if there is no file yet
	content string
}

// readEnvFile reads the file, which need not exist.
func readEnvFile(path string) (*envFile, error) {
	f := &envFile{path: path}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		f.path = real
	}
	info, err := os.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(f.path); err == nil {
			return nil, fmt.Errorf("%s is a symbolic link to a file that does not exist", path)
		}
		if _, err := os.Stat(filepath.Dir(f.path)); err != nil {
			return nil, err
		}
		return f, nil
	}
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	f.info = info
	content, err := os.ReadFile(f.path)
	if err != nil {
		return nil, err
	}
	f.content = string(content)
	if strings.Contains(f.content, "\x00") {
		return nil, fmt.Errorf("%s is not a text in UTF-8", path)
	}
	return f, nil
}

// get returns the value of a variable, or "" if the file does not set it.
func (f *envFile) get(name string) (value string) {
	for _, a := range assignments(f.content) {
		if a.name == name {
			value = a.value // the last one counts
		}
	}
	return value
}

// localToken returns the value of a token, or "" if the URL beside it is of another
// machine: that token opens another database, and does not become this server's.
func (f *envFile) localToken(url, token string) string {
	if f == nil || !onThisMachine(f.get(url)) {
		return ""
	}
	return f.get(token)
}

// set changes the lines of the variables where they stand, and appends those that are not
// there. Other lines stay as they are. A line that names another server than one of this
// machine, or has more than the variable, is kept as a comment above the new one.
func (f *envFile) set(vars ...variable) {
	end := "\n"
	if first, _, ok := strings.Cut(f.content, "\n"); ok && strings.HasSuffix(first, "\r") {
		end = "\r\n"
	}
	elsewhere := false
	for _, v := range vars {
		if strings.HasSuffix(v.name, "_URL") && !onThisMachine(f.get(v.name)) {
			elsewhere = true
		}
	}
	var b strings.Builder
	written := 0
	found := map[string]bool{}
	for _, a := range assignments(f.content) {
		for _, v := range vars {
			if a.name != v.name {
				continue
			}
			found[v.name] = true
			b.WriteString(f.content[written:a.start])
			if a.more || elsewhere && a.value != v.value {
				for line := range strings.Lines(f.content[a.start:a.end]) {
					b.WriteString("# " + strings.TrimRight(line, "\r\n") + end)
				}
			}
			b.WriteString(a.prefix + v.name + "=" + v.value)
			written = a.end
		}
	}
	b.WriteString(f.content[written:])
	if text := b.String(); text != "" && !strings.HasSuffix(text, "\n") {
		b.WriteString(end)
	}
	for _, v := range vars {
		if !found[v.name] {
			b.WriteString(v.name + "=" + v.value + end)
		}
	}
	f.content = b.String()
}

// onThisMachine says whether a URL is one of this machine, or is none at all.
func onThisMachine(address string) bool {
	if address == "" {
		return true
	}
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return isLoopback(u.Hostname()) || ip != nil && ip.IsUnspecified()
}

// write replaces the file by one with the new content in one step, so that a reader finds
// the old content or the new one.
func (f *envFile) write() (err error) {
	temp, err := os.CreateTemp(filepath.Dir(f.path), filepath.Base(f.path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			temp.Close()
			os.Remove(temp.Name())
		}
	}()
	if f.info != nil { // else its mode is 0600, since it has a token
		giveTo(temp, f.info)
		if err = temp.Chmod(f.info.Mode().Perm()); err != nil {
			return err
		}
	}
	if _, err = temp.WriteString(f.content); err != nil {
		return err
	}
	if err = errors.Join(temp.Sync(), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), f.path)
}

// updateEnvFile sets variables in a file, as it is now.
func updateEnvFile(path string, vars []variable) error {
	f, err := readEnvFile(path)
	if err != nil {
		return err
	}
	before := f.content
	if f.set(vars...); f.content == before {
		return nil
	}
	return f.write()
}

// An assignment is a part of a file that sets a variable.
type assignment struct {
	start, end int    // without the line break
	prefix     string // white space, export
	name       string
	value      string // without quotes and without a comment
	more       bool   // a comment or something else follows, or the value has several lines
}

var assigns = regexp.MustCompile(`^(\x{FEFF}?[ \t]*(?:export[ \t]+)?)([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*`)

// assignments finds what sets variables. A value in quotes may have line breaks: what
// looks like an assignment inside it is none.
func assignments(content string) (list []assignment) {
	for start := 0; start < len(content); {
		line := lineEnd(content, start)
		m := assigns.FindStringSubmatch(content[start:line])
		if m == nil {
			start = line + 1
			continue
		}
		a := assignment{start: start, end: line, prefix: m[1], name: m[2]}
		begin := start + len(m[0])
		rest := ""
		if quoted := closingQuote(content[begin:]); quoted > 0 {
			a.end = lineEnd(content, begin+quoted)
			a.value = content[begin+1 : begin+quoted]
			rest = content[begin+quoted+1 : a.end]
		} else {
			a.value, rest = cutComment(content[begin:line])
		}
		a.more = strings.TrimSpace(rest) != "" || strings.Contains(a.value, "\n")
		if strings.HasSuffix(content[:a.end], "\r") {
			a.end--
		}
		list = append(list, a)
		start = lineEnd(content, a.end) + 1
	}
	return list
}

// lineEnd returns where the line at i ends.
func lineEnd(s string, i int) int {
	if n := strings.IndexByte(s[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(s)
}

// closingQuote returns the index of the quote that ends a value, or -1 if it is not in
// quotes.
func closingQuote(s string) int {
	if s == "" || !strings.ContainsRune("\"'`", rune(s[0])) {
		return -1
	}
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == s[0]:
			return i
		case s[i] == '\\' && s[0] == '"':
			i++
		}
	}
	return -1
}

var beginsComment = regexp.MustCompile(`(^|[ \t])#`)

// cutComment splits a line after a value without quotes.
func cutComment(s string) (value, comment string) {
	if at := beginsComment.FindStringIndex(s); at != nil {
		s, comment = s[:at[0]], s[at[0]:]
	}
	return strings.TrimSpace(s), comment
}
