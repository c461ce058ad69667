package wire

import (
	"errors"
	"reflect"
	"strconv"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
)

var (
	errSlice  = errors.New("a slice is one argument; send its elements with args..., or its JSON text with redis.JSON")
	errName   = errors.New("not the name of a command; pass one word an argument, or args... for a slice of them")
	errSpaces = errors.New("the name of a command with its arguments; pass one word an argument, or args... for a slice of them")
)

// CheckArguments refuses an argument that may be meant as several: a slice where a command
// takes several words, or a whole command in place of its name. But for the name, only the
// types of the arguments and their places decide. The error names the place and the type.
func CheckArguments(args []any) error {
	if err := checkName(args[0]); err != nil {
		return refuse(args, 0, err)
	}
	var words []string
	for i := 1; i < len(args); i++ {
		switch args[i].(type) {
		case string, []byte, int, int64, float64, bool:
			continue
		}
		if !IsBareSlice(args[i]) {
			continue
		}
		if words == nil {
			words = wordsOf(args)
		}
		if commandtable.TakesSeveral(words, i) {
			return refuse(args, i, errSlice)
		}
	}
	return nil
}

// IsBareSlice reports whether an argument is a slice or an array that may be meant as its
// elements: one whose type has no name, and not of bytes.
func IsBareSlice(arg any) bool {
	t := reflect.TypeOf(arg)
	if t == nil {
		return false
	}
	t, ok := Elem(t)
	switch {
	case !ok || t.Name() != "":
		return false
	case t.Kind() == reflect.Slice:
		return !IsBytes(t)
	}
	return t.Kind() == reflect.Array && t.Elem().Kind() != reflect.Uint8
}

// checkName refuses a name that is a whole command: a slice, or a string with spaces that
// begins with the name of a command.
func checkName(name any) error {
	s, ok := name.(string)
	if !ok {
		if IsBareSlice(name) {
			return errName
		}
		return nil
	}
	if !strings.ContainsAny(s, " \t\r\n") {
		return nil
	}
	if first := strings.Fields(s); len(first) > 0 {
		if _, known := commandtable.Lookup(first[0]); known {
			return errSpaces
		}
	}
	return nil
}

// wordsOf returns the arguments as words; those that do not say where keys are, as "".
func wordsOf(args []any) []string {
	words := make([]string, len(args))
	for i, arg := range args {
		switch v := reflect.ValueOf(arg); {
		case v.Kind() == reflect.String:
			words[i] = v.String()
		case v.CanInt():
			words[i] = strconv.FormatInt(v.Int(), 10)
		case v.CanUint():
			words[i] = strconv.FormatUint(v.Uint(), 10)
		}
	}
	return words
}
