package wire

import (
	"cmp"
	"encoding"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
)

// A Form is how the values of a type are written, which decides how they are read.
type Form int

const (
	ByKind Form = iota // as its kind: a number, a string, JSON text
	ByText             // by MarshalText and UnmarshalText
	ByJSON             // by MarshalJSON and UnmarshalJSON
)

// WriteForm is how a value of type t is written, alone or inside JSON text. Methods of
// a pointer to t count. Alone, the text methods come first, and inside JSON text the
// JSON methods, as encoding/json has it. A type that has both methods of a pair is
// written and read by that pair.
func WriteForm(t reflect.Type, inside bool) Form {
	info := formInfoOf(t)
	if inside {
		return info.writeInside
	}
	return info.write
}

// ReadForm is how a value of type t is read. It is WriteForm, unless t lacks one of the
// methods of a pair.
func ReadForm(t reflect.Type, inside bool) Form {
	info := formInfoOf(t)
	if inside {
		return info.readInside
	}
	return info.read
}

// IsBytes says whether values of type t are bytes: a slice of uint8 whose elements have
// no form of their own.
func IsBytes(t reflect.Type) bool { return formInfoOf(t).bytes }

// Elem returns what a type points to, through any number of pointers. It reports false for a
// pointer to itself (type loop *loop), which points to nothing else.
func Elem(t reflect.Type) (elem reflect.Type, ok bool) {
	for n := 0; t.Kind() == reflect.Pointer; n++ {
		if n > MaxDepth {
			return nil, false
		}
		t = t.Elem()
	}
	return t, true
}

// target returns what pointers and interfaces lead to. The zero Value is nil.
func target(v reflect.Value) (reflect.Value, error) {
	for n := 0; v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface; n++ {
		if n > MaxDepth { // a pointer to itself
			return v, errDepth
		}
		v = v.Elem()
	}
	return v, nil
}

// A formInfo is what is known of a type.
type formInfo struct {
	write, writeInside Form
	read, readInside   Form
	bytes              bool
	embedded           []int // a struct's embedded pointers and interfaces
	refusal            error // why no value that is written by its kind is sent
}

var formInfos sync.Map // reflect.Type to *formInfo

func formInfoOf(t reflect.Type) *formInfo {
	if info, ok := formInfos.Load(t); ok {
		return info.(*formInfo)
	}
	m := methodsOf(t)
	info, _ := formInfos.LoadOrStore(t, &formInfo{
		write:       m.form(ByText, m.marshalText, ByJSON, m.marshalJSON),
		writeInside: m.form(ByJSON, m.marshalJSON, ByText, m.marshalText),
		read:        m.form(ByText, m.unmarshalText, ByJSON, m.unmarshalJSON),
		readInside:  m.form(ByJSON, m.unmarshalJSON, ByText, m.unmarshalText),
		bytes:       t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 && methodsOf(t.Elem()) == methods{},
		embedded:    embeddedPointers(t),
		refusal:     refusal(t),
	})
	return info.(*formInfo)
}

func embeddedPointers(t reflect.Type) (indexes []int) {
	if t.Kind() != reflect.Struct {
		return nil
	}
	for i := range t.NumField() {
		if f := t.Field(i); f.Anonymous && (f.Type.Kind() == reflect.Pointer || f.Type.Kind() == reflect.Interface) {
			indexes = append(indexes, i)
		}
	}
	return indexes
}

// NilEmbedded returns the embedded pointers and interfaces of a struct that are nil and have
// the methods of M. If the struct has its own from one of them, they may panic.
func NilEmbedded[M any](v reflect.Value) (fields []reflect.Value) {
	for _, i := range formInfoOf(v.Type()).embedded {
		if f := v.Field(i); f.IsNil() && f.Type().Implements(reflect.TypeFor[M]()) {
			fields = append(fields, f)
		}
	}
	return fields
}

// methods are the methods of a type, or of a pointer to it, that decide its form.
type methods struct{ marshalText, unmarshalText, marshalJSON, unmarshalJSON bool }

func methodsOf(t reflect.Type) methods {
	if t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface {
		return methods{}
	}
	p := reflect.PointerTo(t)
	return methods{
		marshalText:   p.Implements(reflect.TypeFor[encoding.TextMarshaler]()),
		unmarshalText: p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()),
		marshalJSON:   p.Implements(reflect.TypeFor[json.Marshaler]()),
		unmarshalJSON: p.Implements(reflect.TypeFor[json.Unmarshaler]()),
	}
}

// form is the first form that the type has both methods of, or else the first that it
// has the needed method of.
func (m methods) form(first Form, hasFirst bool, second Form, hasSecond bool) Form {
	pair := map[Form]bool{ByText: m.marshalText && m.unmarshalText, ByJSON: m.marshalJSON && m.unmarshalJSON}
	switch {
	case pair[first]:
		return first
	case pair[second]:
		return second
	case hasFirst:
		return first
	case hasSecond:
		return second
	default:
		return ByKind
	}
}

// IsNullable says whether t is one of the Null types of database/sql: a value and
// whether it is there.
func IsNullable(t reflect.Type) bool {
	return t.PkgPath() == "database/sql" && strings.HasPrefix(t.Name(), "Null") && t.Kind() == reflect.Struct &&
		t.NumField() == 2 && t.Field(1).Name == "Valid"
}

// A Field is a field of a struct that is written and read by name.
type Field struct {
	Name    string
	Index   []int // for reflect.Value.FieldByIndex
	Tagged  bool  // the name is from the tag
	Options string
	Quoted  bool          // the option string: a scalar in quotes
	Unit    time.Duration // the option seconds or milliseconds; 0 if there is neither

	unsettable bool // in an embedded pointer that reflection may not set
	isZero     func(reflect.Value) bool
}

// Has says whether the field's tag has the option.
func (f *Field) Has(option string) bool {
	for has := range strings.SplitSeq(f.Options, ",") {
		if has == option {
			return true
		}
	}
	return false
}

// Fields are the fields of a struct, in the order of the struct.
type Fields struct {
	List  []Field
	exact map[string]int
	fold  map[string]int // by the name in lower case
}

// Find returns the place of the field for a name, and how well it fits: 3 for the exact
// name, 2 for the name in lower case, 1 for the name in another case, and 0 for no field.
func (f *Fields) Find(name []byte) (i, fit int) {
	if i, ok := f.exact[string(name)]; ok {
		return i, 3
	}
	if i, ok := f.fold[string(name)]; ok {
		return i, 2
	}
	if i, ok := f.fold[strings.ToLower(string(name))]; ok {
		return i, 1
	}
	return 0, 0
}

type fieldsKey struct {
	t   reflect.Type
	tag string
}

var fieldsOf sync.Map // fieldsKey to *Fields

// FieldsOf returns the fields of the struct t by the tags of that key. Embedded structs
// are part of t. Where fields share a name, the rules of encoding/json decide: the
// shallowest, then the tagged, and else none of them.
func FieldsOf(t reflect.Type, tag string) *Fields {
	key := fieldsKey{t, tag}
	if f, ok := fieldsOf.Load(key); ok {
		return f.(*Fields)
	}
	f, _ := fieldsOf.LoadOrStore(key, newFields(t, tag))
	return f.(*Fields)
}

func newFields(t reflect.Type, tag string) *Fields {
	all := dominant(candidates(t, tag))
	slices.SortStableFunc(all, func(a, b Field) int { return slices.Compare(a.Index, b.Index) }) // the sort of dominant
	f := &Fields{List: all, exact: map[string]int{}, fold: map[string]int{}}
	for i, field := range all {
		f.exact[field.Name] = i
		lower := strings.ToLower(field.Name)
		if _, taken := f.fold[lower]; !taken {
			f.fold[lower] = i
		}
	}
	return f
}

// candidates are the fields of a struct and of the structs embedded in it, level by
// level. A type that is embedded twice at one level counts twice.
func candidates(t reflect.Type, tag string) []Field {
	type embedded struct {
		t          reflect.Type
		index      []int
		unsettable bool
	}
	var all []Field
	visited := map[reflect.Type]bool{}
	level, times := []embedded{{t: t}}, map[reflect.Type]int{t: 1}
	for len(level) > 0 {
		var next []embedded
		nextTimes := map[reflect.Type]int{}
		for _, e := range level {
			if visited[e.t] {
				continue
			}
			visited[e.t] = true
			for i := range e.t.NumField() {
				sf := e.t.Field(i)
				ft := sf.Type
				if ft.Name() == "" && ft.Kind() == reflect.Pointer {
					ft = ft.Elem()
				}
				if !sf.IsExported() && !(sf.Anonymous && ft.Kind() == reflect.Struct) {
					continue
				}
				name, options, skip := parseTag(sf.Tag.Get(tag), tag)
				if skip {
					continue
				}
				index := append(slices.Clone(e.index), i)
				unsettable := e.unsettable || sf.Anonymous && sf.Type.Kind() == reflect.Pointer && !sf.IsExported()
				if name == "" && sf.Anonymous && ft.Kind() == reflect.Struct {
					if nextTimes[ft]++; nextTimes[ft] == 1 {
						next = append(next, embedded{ft, index, unsettable})
					}
					continue
				}
				if !sf.IsExported() {
					continue
				}
				f := Field{Name: cmp.Or(name, sf.Name), Index: index, Tagged: name != "", Options: options, unsettable: e.unsettable}
				f.Quoted = tag == "json" && f.Has("string") && isScalar(ft.Kind())
				f.isZero = zeroTest(sf.Type)
				switch {
				case tag == "json":
				case f.Has("seconds"):
					f.Unit = time.Second
				case f.Has("milliseconds"):
					f.Unit = time.Millisecond
				}
				all = append(all, f)
				if times[e.t] > 1 {
					all = append(all, f)
				}
			}
		}
		level, times = next, nextTimes
	}
	return all
}

// parseTag reads a field's tag of that key.
func parseTag(tag, key string) (name, options string, skip bool) {
	name, options, _ = strings.Cut(tag, ",")
	if key != "json" {
		return name, options, name == "-"
	}
	valid := func(c rune) bool {
		return unicode.IsLetter(c) || unicode.IsDigit(c) || strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", c)
	}
	if strings.ContainsFunc(name, func(c rune) bool { return !valid(c) }) {
		name = ""
	}
	return name, options, tag == "-"
}

func isScalar(k reflect.Kind) bool {
	return k >= reflect.Bool && k <= reflect.Float64 || k == reflect.String
}

// zeroTest is how the option omitzero finds whether a value of type t is left out.
func zeroTest(t reflect.Type) func(reflect.Value) bool {
	type zeroer interface{ IsZero() bool }
	zero := reflect.TypeFor[zeroer]()
	switch {
	case t.Kind() == reflect.Interface || t.Kind() == reflect.Pointer:
		if !t.Implements(zero) {
			break
		}
		return func(v reflect.Value) bool {
			return v.IsNil() || v.Elem().Kind() == reflect.Pointer && v.Elem().IsNil() || v.Interface().(zeroer).IsZero()
		}
	case reflect.PointerTo(t).Implements(zero):
		return func(v reflect.Value) bool { return addressable(v).Addr().Interface().(zeroer).IsZero() }
	}
	return reflect.Value.IsZero
}

// dominant keeps, of the fields that share a name, the shallowest, and of those the
// only tagged one. Where that leaves several, none is kept.
func dominant(all []Field) []Field {
	slices.SortStableFunc(all, func(a, b Field) int {
		tagged := 0
		if a.Tagged != b.Tagged {
			tagged = 1
			if a.Tagged {
				tagged = -1
			}
		}
		return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(len(a.Index), len(b.Index)), tagged)
	})
	var kept []Field
	for i := 0; i < len(all); {
		n := 1
		for i+n < len(all) && all[i+n].Name == all[i].Name {
			n++
		}
		if n == 1 || len(all[i].Index) != len(all[i+1].Index) || all[i].Tagged != all[i+1].Tagged {
			kept = append(kept, all[i])
		}
		i += n
	}
	return kept
}

// Settable says whether decoding can set the field.
func (f *Field) Settable() bool { return !f.unsettable }

var (
	errNil      = errors.New("nil cannot be sent; leave the argument out or send a value")
	errUTF8     = errors.New("not valid UTF-8, so it cannot be sent as JSON; encode binary data, for example as base64")
	errNaN      = errors.New("NaN cannot be sent")
	errDuration = errors.New("a time.Duration has no unit; send redis.Seconds(d) or redis.Milliseconds(d)")
	errKind     = errors.New("a value of this type cannot be sent")
	errError    = errors.New("an error cannot be sent; send its text")
	errBinary   = errors.New("a type that has MarshalBinary and neither MarshalText nor MarshalJSON cannot be sent; encode it")
	errNoFields = errors.New("a struct without exported fields would lose its content; give it MarshalText or MarshalJSON, and what reads them")
	errKey      = errors.New("a map with keys of this type cannot be sent; keys are strings, integers or have MarshalText")
	errSameKey  = errors.New("two keys of the map have the same text")
	errNumber   = errors.New("a json.Number that is not a number cannot be sent")
	errNotJSON  = errors.New("its text is not JSON")
	errInfinite = errors.New("JSON has no infinite numbers")
	errPromoted = errors.New("its marshaler is that of an embedded type and leaves out the other fields; give it one of its own")
	errFloat    = errors.New("a big.Float of more than 64 bits would be read back as another number, because its text does not say its precision; send x.Text('g', -1), or a big.Rat")
	errEmbedded = errors.New("an embedded pointer to an unexported struct cannot be read back")
)

// refusal is why no value of type t that is written by its kind is sent, alone or
// inside JSON text; nil if they are sent.
func refusal(t reflect.Type) error {
	p := reflect.PointerTo(t)
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return nil // inside JSON text it is nanoseconds
	case p.Implements(reflect.TypeFor[error]()):
		return errError
	case p.Implements(reflect.TypeFor[encoding.BinaryMarshaler]()):
		return errBinary
	case t.Kind() == reflect.Struct && t.NumField() > 0 && len(FieldsOf(t, "json").List) == 0:
		return errNoFields
	}
	return nil
}
