package redis

import (
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// ReplyUnmarshaler is a type that decodes replies itself, including null.
type ReplyUnmarshaler interface {
	UnmarshalReply(Reply) error
}

// byMethod calls a method of the value's type. If it is the method of an embedded pointer
// that is nil, the pointer is set first.
func byMethod[M any](v reflect.Value, call func(M) error) (err error) {
	method := v.Addr().Interface().(M)
	missing := wire.NilEmbedded[M](v)
	if len(missing) == 0 {
		return call(method)
	}
	defer func() {
		problem := recover()
		if problem == nil {
			return
		}
		for _, f := range missing {
			if f.Kind() != reflect.Pointer || !f.CanSet() {
				err = fmt.Errorf("its method is that of an embedded %s, which is nil", f.Type())
				return
			}
			f.Set(reflect.New(f.Type().Elem()))
		}
		err = call(method)
	}()
	return call(method)
}

// A rule says how a type takes replies.
type rule int

const (
	unsupported rule = iota
	byReply
	byText
	byJSON
	byNullable
	byRaw
	byAny
	byPointer
	byString
	byNumber
	byBytes
	byBool
	byInt
	byUint
	byFloat
	bySlice
	byArray
	byMap
	byStruct
)

// A typeInfo is what decoding knows of a type. How its values are written decides how
// they are read: package wire has that decision.
type typeInfo struct {
	rule        rule // for a reply
	jsonRule    rule // inside JSON text
	kind        rule // by the kind of the type
	keyRule     rule // as a map's key
	nilable     bool
	hasElements bool          // arrays are read by the kind, whatever methods the type has
	why         string        // why it is unsupported
	fields      *wire.Fields  // a struct's fields by the names in replies
	byPosition  []*wire.Field // a struct's fields by position; nil if it has only names
}

func (s *typeInfo) ruleFor(json bool) rule {
	if json {
		return s.jsonRule
	}
	return s.rule
}

// takesAnyText reports whether every string is a value of the type, null too.
func (s *typeInfo) takesAnyText() bool {
	switch s.rule {
	case byString, byBytes, byAny, byReply, byRaw:
		return true
	}
	return false
}

var typeInfos sync.Map // reflect.Type to *typeInfo

func typeInfoOf(t reflect.Type) *typeInfo {
	if s, ok := typeInfos.Load(t); ok {
		return s.(*typeInfo)
	}
	s, _ := typeInfos.LoadOrStore(t, newTypeInfo(t))
	return s.(*typeInfo)
}

func newTypeInfo(t reflect.Type) *typeInfo {
	s := &typeInfo{}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		s.nilable = true
	}
	s.setKind(t)
	s.setKeyRule(t)
	s.rule, s.jsonRule = s.ofForm(wire.ReadForm(t, false)), s.ofForm(wire.ReadForm(t, true))
	switch {
	case reflect.PointerTo(t).Implements(reflect.TypeFor[ReplyUnmarshaler]()) && t.Kind() != reflect.Pointer:
		s.rule, s.jsonRule = byReply, byReply
	case t == reflect.TypeFor[json.RawMessage]():
		s.rule, s.jsonRule = byRaw, byRaw
	case t == reflect.TypeFor[json.Number]():
		s.rule, s.jsonRule = byNumber, byNumber
	case t == reflect.TypeFor[time.Duration]():
		s.rule, s.why = unsupported, "has no unit" // inside JSON text it is nanoseconds
	case wire.IsNullable(t):
		s.rule, s.jsonRule = byNullable, byNullable
	case s.rule == byText || s.rule == byJSON:
		switch s.kind {
		case bySlice, byArray, byMap:
			s.hasElements = true
		case byStruct:
			s.hasElements = len(s.fields.List) > 0
		}
	}
	return s
}

// ofForm is the rule for a type that is read in this form.
func (s *typeInfo) ofForm(form wire.Form) rule {
	switch form {
	case wire.ByText:
		return byText
	case wire.ByJSON:
		return byJSON
	default:
		return s.kind
	}
}

func (s *typeInfo) setKeyRule(t reflect.Type) {
	switch s.kind {
	case byString, byInt, byUint:
		s.keyRule = s.kind
	}
	if wire.ReadForm(t, false) == wire.ByText {
		s.keyRule = byText
	}
}

func (s *typeInfo) setKind(t reflect.Type) {
	s.why = "no reply becomes"
	switch t.Kind() {
	case reflect.Pointer:
		if _, ok := wire.Elem(t); !ok {
			s.why = "is a pointer to itself"
			break
		}
		s.kind = byPointer
	case reflect.Interface:
		if t.NumMethod() == 0 {
			s.kind = byAny
		}
	case reflect.String:
		s.kind = byString
	case reflect.Bool:
		s.kind = byBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		s.kind = byInt
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		s.kind = byUint
	case reflect.Float32, reflect.Float64:
		s.kind = byFloat
	case reflect.Array:
		s.kind = byArray
	case reflect.Slice:
		s.kind = bySlice
		if wire.IsBytes(t) {
			s.kind = byBytes
		}
	case reflect.Map:
		if typeInfoOf(t.Key()).keyRule != unsupported {
			s.kind = byMap
		}
	case reflect.Struct:
		s.kind = byStruct
		s.fields = wire.FieldsOf(t, "redis")
		s.byPosition = positions(s.fields)
	}
}
