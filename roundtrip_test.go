package redis

import (
	"database/sql"
	"encoding"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/big"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// Types with forms of their own, on many kinds.
type (
	millis   int64           // JSON on a number
	set      map[string]bool // JSON on a map: a list
	csv      []string        // text on a slice
	color    uint8           // text on a number that bytes are made of
	shade    uint8           // JSON on such a number
	flag     bool            // text on a bool
	celsius  float64         // JSON on a number, by a pointer
	ticket   int             // text on a number, by a pointer
	uuid     [16]byte        // text on an array
	hexBytes []byte          // text on bytes
	label    string          // JSON on a string
	point    struct{ x, y int }
	secretly struct{ s string }
	both     struct{ n int }          // text that is not its JSON
	oneWay   int                      // a MarshalText for logs, and both JSON methods
	list     struct{ items []string } // JSON that is a list, by a pointer
)

func (m millis) MarshalJSON() ([]byte, error) { return strconv.AppendInt(nil, int64(m)*1000, 10), nil }
func (m *millis) UnmarshalJSON(b []byte) error {
	n, err := strconv.ParseInt(string(b), 10, 64)
	*m = millis(n / 1000)
	return err
}
func (s set) MarshalJSON() ([]byte, error) {
	var keys []string
	for key := range s {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return json.Marshal(keys)
}
func (s *set) UnmarshalJSON(b []byte) error {
	var keys []string
	err := json.Unmarshal(b, &keys)
	*s = set{}
	for _, key := range keys {
		(*s)[key] = true
	}
	return err
}
func (c csv) MarshalText() ([]byte, error)    { return []byte(strings.Join(c, ",")), nil }
func (c *csv) UnmarshalText(b []byte) error   { *c = strings.Split(string(b), ","); return nil }
func (c color) MarshalText() ([]byte, error)  { return []byte([]string{"red", "green"}[c]), nil }
func (c *color) UnmarshalText(b []byte) error { return oneOf(c, b, "red", "green") }
func (s shade) MarshalJSON() ([]byte, error)  { return []byte([]string{`"dark"`, `"light"`}[s]), nil }
func (s *shade) UnmarshalJSON(b []byte) error { return oneOf(s, b, `"dark"`, `"light"`) }
func (f flag) MarshalText() ([]byte, error)   { return strconv.AppendBool(nil, !bool(f)), nil }
func (f *flag) UnmarshalText(b []byte) error  { *f = string(b) == "false"; return nil }
func (c *celsius) MarshalJSON() ([]byte, error) {
	return json.Marshal(fmt.Sprintf("%g°", float64(*c)))
}
func (c *celsius) UnmarshalJSON(b []byte) error {
	_, err := fmt.Sscanf(string(b), "\"%g°\"", (*float64)(c))
	return err
}
func (k *ticket) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "T-%d", int(*k)), nil }
func (k *ticket) UnmarshalText(b []byte) error {
	_, err := fmt.Sscanf(string(b), "T-%d", (*int)(k))
	return err
}
func (u uuid) MarshalText() ([]byte, error)     { return hex.AppendEncode(nil, u[:]), nil }
func (u *uuid) UnmarshalText(b []byte) error    { _, err := hex.Decode(u[:], b); return err }
func (h hexBytes) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h), nil }
func (h *hexBytes) UnmarshalText(b []byte) (err error) {
	*h, err = hex.DecodeString(string(b))
	return err
}
func (l label) MarshalJSON() ([]byte, error) { return json.Marshal([]string{string(l)}) }
func (l *label) UnmarshalJSON(b []byte) error {
	var one [1]string
	err := json.Unmarshal(b, &one)
	*l = label(one[0])
	return err
}
func (p point) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%d/%d", p.x, p.y), nil }
func (p *point) UnmarshalText(b []byte) error {
	_, err := fmt.Sscanf(string(b), "%d/%d", &p.x, &p.y)
	return err
}
func (s *secretly) MarshalText() ([]byte, error) { return []byte("<" + s.s + ">"), nil }
func (s *secretly) UnmarshalText(b []byte) error { s.s = strings.Trim(string(b), "<>"); return nil }
func (b both) MarshalText() ([]byte, error)      { return fmt.Appendf(nil, "n%d", b.n), nil }
func (b *both) UnmarshalText(t []byte) error {
	_, err := fmt.Sscanf(string(t), "n%d", &b.n)
	return err
}
func (b both) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, `{"n":%d}`, b.n), nil }
func (b *both) UnmarshalJSON(t []byte) error {
	_, err := fmt.Sscanf(string(t), `{"n":%d}`, &b.n)
	return err
}
func (o oneWay) MarshalText() ([]byte, error) { return []byte("seven"), nil }
func (o oneWay) MarshalJSON() ([]byte, error) { return strconv.AppendInt(nil, -int64(o), 10), nil }
func (o *oneWay) UnmarshalJSON(b []byte) error {
	n, err := strconv.Atoi(string(b))
	*o = oneWay(-n)
	return err
}
func (l *list) MarshalJSON() ([]byte, error) { return json.Marshal(l.items) }
func (l *list) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, &l.items) }

func oneOf[T ~uint8](v *T, text []byte, names ...string) error {
	i := slices.Index(names, string(text))
	if i < 0 {
		return errors.New("none of them")
	}
	*v = T(i)
	return nil
}

type (
	kinds struct {
		Bool    bool
		Int     int8
		Uint    uint64
		Float   float32
		String  string
		Bytes   []byte
		Array   [2]int
		Slice   []string
		Map     map[string]int
		Pointer *int
		Any     any
		Delay   time.Duration
		When    time.Time
		Nested  struct{ A, B string }
	}
	tagged struct {
		ID     int64    `json:"id"`
		Quoted int64    `json:"quoted,string"`
		Text   string   `json:"text,string"`
		Maybe  *string  `json:"maybe,string"`
		Empty  []string `json:"empty,omitempty"`
		Zero   big.Int  `json:"zero,omitzero"`
		Dash   string   `json:"-,"` //lint:ignore SA5008 encoding/json writes it as "-"
		Skip   string   `json:"-"`
		hidden int      //lint:ignore U1000 it must not be sent
	}
	outer struct {
		Base
		*Extra
		ID string `json:"id"`
	}
	Base      struct{ BaseID, ID int }
	Extra     struct{ Note string }
	Label     string
	withNamed struct {
		Label
		N int
	}
	chain struct {
		V    int
		Next *chain
	}
	forest []forest
)

// argument is v as the server gets and returns it: a string.
func argument(v any) (Reply, error) {
	command, err := wire.AppendCommand(nil, []any{"ECHO", v})
	if err != nil {
		return Reply{}, err
	}
	var words []string
	if err := json.Unmarshal(command, &words); err != nil {
		return Reply{}, err
	}
	var r Reply
	c := wire.NewCursor(quotedText(words[1]))
	r.text, r.base64 = encode(&c, nil), true
	return r, nil
}

func quotedText(s string) []byte {
	text, err := wire.AppendString(nil, s)
	if err != nil {
		panic(err)
	}
	return text
}

// A roundTrip is a value that is sent and read back.
type roundTrip struct {
	name  string
	check func(t *testing.T)
}

// back checks that v comes back as it was, alone and inside of other values.
func back[T any](v T) roundTrip {
	return roundTrip{reflect.TypeFor[T]().String(), func(t *testing.T) {
		decodes(t, v)
		decodes(t, &v)
		inside(t, v)
	}}
}

// inside checks v in lists, maps and structs only.
func onlyInside[T any](v T) roundTrip {
	return roundTrip{reflect.TypeFor[T]().String() + " inside", func(t *testing.T) {
		_, err := argument(v)
		require.Error(t, err)
		inside(t, v)
	}}
}

func inside[T any](t *testing.T, v T) {
	type holder struct {
		V T
		P *T `json:"p,omitempty"`
		L []T
		M map[string]T
		A [2]T
	}
	comesBack(t, []T{v, v})
	comesBack(t, [1]T{v})
	comesBack(t, map[string]T{"a": v})
	comesBack(t, []*T{&v, nil})
	comesBack(t, map[string]*T{"a": &v, "b": nil})
	comesBack(t, map[int][]map[string]T{7: {{"a": v}}})
	comesBack(t, holder{V: v, P: &v, L: []T{v}, M: map[string]T{"a": v}, A: [2]T{v, v}})
	comesBack(t, map[string]holder{"a": {V: v, M: map[string]T{"b": v}, A: [2]T{v, v}}})
}

func decodes[T any](t *testing.T, v T) {
	t.Helper()
	r, err := argument(v)
	require.NoError(t, err, "%T", v)
	got, err := Decode[T](r)
	require.NoError(t, err, "%T from %s", v, r)
	require.Equal(t, v, got, "%T from %s", v, r)
}

// comesBack is decodes for any type, by what Decode does for most: a Decode of each of the
// hundreds of types takes the compiler long.
func comesBack(t *testing.T, v any) {
	t.Helper()
	r, err := argument(v)
	require.NoError(t, err, "%T", v)
	got := reflect.New(reflect.TypeOf(v)).Elem()
	d := newDecoder(r)
	require.NoError(t, d.value(got), "%T from %s", v, r)
	require.Equal(t, v, got.Interface(), "%T from %s", v, r)
}

func TestRoundTrips(t *testing.T) {
	when := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	large := new(big.Int).Exp(big.NewInt(7), big.NewInt(90), nil)
	all := []roundTrip{
		back(true), back(yes(true)), back(flag(true)),
		back(int(math.MinInt64)), back(int8(-128)), back(int16(-3)), back(int32(1 << 30)), back(int64(9007199254740993)), back(time.Month(3)),
		back(uint(1)), back(uint8(127)), back(uint16(7)), back(uint32(7)), back(uint64(math.MaxUint64)), back(uintptr(9)),
		back(float32(0.1)), back(float64(0.1)), back(math.MaxFloat64), back(math.SmallestNonzeroFloat64), back(1e21), back(-1e-7),
		back("a\"b\\c\x00 é😀\u2028</script>"), back(name("null")), back(""), back("null"), back("12"),
		back([]byte("hi")), back(blob("aGk=")), back([]byte{}), back([4]byte{0, 1, 2, 255}),
		back([]string{"a", ""}), back([]int64{9007199254740993}), back([][]byte{[]byte("a"), {}}), back([]bool{true, false}), back([]float64{1, 0.5}),
		back([2]string{"a", "b"}), back([0]int{}), back([][][]int{{{1}, {}}, {}}),
		back(map[string]string{"a": "b", "": ""}), back(map[name]int{"x": 1}), back(map[string][]byte{"a": []byte("hi"), "n": nil}),
		back(map[int]string{-1: "a", 2: "b"}), back(map[uint8]bool{7: true}), back(map[netip.Addr]int{netip.MustParseAddr("::1"): 1}),
		back(map[ticket]string{7: "a"}), back(map[color]color{1: 1}), back(map[uuid]int{{1}: 2}), back(map[string]struct{}{"a": {}}),
		back(map[string]any{"i": int64(9007199254740993), "f": 0.5, "s": "x", "n": nil, "b": true, "l": []any{int64(1), map[string]any{"z": "1"}}, "big": json.Number("18446744073709551615")}),
		back([]any{"a", int64(-1), nil, []any{}, map[string]any{}}),
		back(map[string]time.Duration{"a": 1500 * time.Millisecond}), back([]time.Duration{1}), back(map[time.Duration]int{time.Second: 1}),
		onlyInside(time.Second),
		back(kinds{true, -8, math.MaxUint64, 0.1, "x", []byte{0, 255}, [2]int{1, 2}, []string{"a"}, map[string]int{"a": 1}, p(3), int64(9007199254740993), time.Minute, when, struct{ A, B string }{"a", "b"}}),
		back(kinds{When: when}),
		back(tagged{ID: 9007199254740993, Quoted: 9007199254740993, Text: `"x`, Maybe: p("m"), Dash: "d"}),
		back(outer{Base{1, 2}, &Extra{"n"}, "id"}), back(outer{ID: "x"}), back(withNamed{"n", 1}),
		back(chain{1, &chain{2, &chain{3, nil}}}), back(forest{{}, {{}, {}}}), back(struct{}{}),
		back(when), back(netip.MustParseAddr("127.0.0.1")), back(netip.MustParsePrefix("10.0.0.0/8")), back(netip.MustParseAddrPort("1.2.3.4:80")), back(net.IPv4(1, 2, 3, 4)),
		back(*large), back(*big.NewRat(1, 3)), back(*big.NewFloat(0.5).SetPrec(64)),
		back(json.RawMessage(`{"a":[1,null,"x"]}`)), back(json.RawMessage(`"x"`)), back(json.Number("18446744073709551616")), back(json.Number("1.50")),
		back(millis(5)), back(set{"0": true, "1": true}), back(csv{"a", "b"}), back(color(1)), back([]color{1, 0}), back(shade(1)), back([]shade{1, 0}), back(celsius(36.6)), back(ticket(7)),
		back(uuid{1, 2, 15: 255}), back(hexBytes{0, 255}), back(label("x")), back(point{1, -2}), back(secretly{"x"}), back(both{7}), back(oneWay(7)), back(list{[]string{"a"}}),
		back(sql.NullString{String: "null?", Valid: true}), back(sql.NullInt64{Int64: math.MaxInt64, Valid: true}), back(sql.NullInt32{Int32: 1, Valid: true}),
		back(sql.NullInt16{Int16: 1, Valid: true}), back(sql.NullByte{Byte: 1, Valid: true}), back(sql.NullFloat64{Float64: 0.5, Valid: true}),
		back(sql.NullBool{Bool: true, Valid: true}), back(sql.NullTime{Time: when, Valid: true}), back(sql.Null[int]{V: 7, Valid: true}),
		back(sql.Null[map[string]int]{V: map[string]int{"a": 1}, Valid: true}), back(sql.Null[uuid]{V: uuid{7}, Valid: true}), back(sql.Null[time.Time]{V: when, Valid: true}),
		back(struct{ *big.Int }{large}), back(struct{ *big.Int }{big.NewInt(0)}), back(struct{ *netip.Addr }{p(netip.MustParseAddr("::1"))}), back(named{nil, "x"}),
		back(named{&when, "x"}), back(failed{Name: "x"}),
		onlyInside(sql.NullString{}), onlyInside(sql.Null[int]{}),
	}
	types := map[string]bool{}
	for _, r := range all {
		types[r.name] = true
		t.Run(r.name, r.check)
	}
	require.Greater(t, len(types), 60)
}

type (
	named struct { // its own methods, beside those of an embedded pointer
		*time.Time
		name string
	}
	inDocument struct{ *point }
	failed     struct { // an interface that is nil
		Name string
		Err  error
		Text fmt.Stringer `json:",omitempty"`
	}
)

func (n named) MarshalText() ([]byte, error) {
	if n.Time == nil {
		return []byte(n.name), nil
	}
	return []byte(n.name + n.Format(time.RFC3339Nano)), nil
}
func (n *named) UnmarshalText(b []byte) error {
	n.name = string(b[:1])
	if len(b) > 1 {
		when, err := time.Parse(time.RFC3339Nano, string(b[1:]))
		n.Time = &when
		return err
	}
	return nil
}
func (n named) MarshalJSON() ([]byte, error) {
	text, err := n.MarshalText()
	return quotedText(string(text)), err
}
func (n *named) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	return n.UnmarshalText([]byte(text))
}

// A method of an embedded pointer or interface that is nil cannot be called.
func TestMethodsOfEmbeddedNil(t *testing.T) {
	refuses[struct{ encoding.TextUnmarshaler }](t, `"x"`, "", "text that its UnmarshalText refuses")
	refuses[struct{ json.Unmarshaler }](t, `"1"`, "", "JSON text that it does not take")
	refuses[inDocument](t, `"1/2"`, "", "text that its UnmarshalText refuses")
	refuses[struct{ ReplyUnmarshaler }](t, `"1"`, "", "what its UnmarshalReply refuses (*errors.errorString)")
	takes(t, `["7"]`, []struct{ *big.Int }{{big.NewInt(7)}})
	takes(t, `"[7]"`, []struct{ *big.Int }{{big.NewInt(7)}})
}

type (
	binary     struct{ A, b int }
	binaryOnly struct{ a, b int }
	codeError  struct{ Code int }
	constError string
	stamped    struct {
		time.Time
		Name string
	}
	priced struct {
		*big.Int
		Name string
	}
	embedding struct{ *private }
	private   struct{ A int }
)

func (binary) MarshalBinary() ([]byte, error)      { return []byte("secret"), nil }
func (*binaryOnly) MarshalBinary() ([]byte, error) { return []byte("secret"), nil }
func (*codeError) Error() string                   { return "secret" }
func (constError) Error() string                   { return "secret" }

// A big.Float is read back with 64 bits, so its text is exact for as many.
func TestBigFloats(t *testing.T) {
	third := new(big.Float).SetPrec(64).Quo(big.NewFloat(1), big.NewFloat(3))
	for _, x := range []*big.Float{
		new(big.Float), big.NewFloat(0.1), big.NewFloat(-math.MaxFloat64), big.NewFloat(math.Inf(-1)), new(big.Float).SetPrec(24).SetFloat64(0.1),
		new(big.Float).SetPrec(200).SetInt64(3), third, new(big.Float).SetMantExp(third, 100_000),
	} {
		r, err := argument(x)
		require.NoError(t, err)
		got, err := Decode[*big.Float](r)
		require.NoError(t, err)
		require.Zero(t, x.Cmp(got), "%s is not %s", got, x)
		r, err = argument(map[string]big.Float{"a": *x})
		require.NoError(t, err)
		in, err := Decode[map[string]*big.Float](r)
		require.NoError(t, err)
		require.Zero(t, x.Cmp(in["a"]))
	}
}

// What would lose its content or cannot be read back is refused, wherever it is. The
// error has the type and not the value.
func TestRefusedValues(t *testing.T) {
	endless := []any{nil}
	endless[0] = endless
	loop := &chain{}
	loop.Next = loop
	var count atomic.Int64
	for _, v := range []any{
		binary{1, 2}, &binary{}, binaryOnly{1, 2}, url.URL{Host: "secret"},
		struct{ secret string }{"secret"}, upperOnly{"secret"}, &count, struct {
			Secret string `json:"-"`
		}{"secret"},
		errors.New("secret"), fs.ErrExist, &fs.PathError{Op: "secret"}, codeError{1}, &codeError{1}, constError("secret"),
		make(chan int), func() {}, complex(1, 2), new(func()),
		stamped{time.Now(), "secret"}, &stamped{}, priced{big.NewInt(1), "secret"}, embedding{&private{1}},
		endless, loop, math.NaN(), struct{ *big.Int }{}, struct{ *time.Time }{}, struct{ encoding.TextMarshaler }{}, struct{ json.Marshaler }{}, inDocument{},
		new(big.Float).SetPrec(65).Quo(big.NewFloat(1), big.NewFloat(3)),
	} {
		for what, v := range map[string]any{
			"alone": v, "in a list": []any{v}, "in a map": map[string]any{"secret": v}, "in a struct": struct{ V any }{v}, "behind pointers": &[]any{p(v)},
		} {
			_, err := argument(v)
			require.Error(t, err, "%T %s", v, what)
			require.Regexp(t, `argument 1 \(`+regexp.QuoteMeta(fmt.Sprintf("%T", v))+`\)`, err.Error())
			require.NotContains(t, strings.ReplaceAll(err.Error(), fmt.Sprintf("%T", v), ""), "secret\"", what)
		}
	}
	for _, v := range []any{
		json.RawMessage(nil), json.RawMessage{}, json.RawMessage("{secret"), json.Number(""), json.Number("secret"), map[string]any(nil), []string(nil), set(nil), (*int)(nil), p((*int)(nil)),
		sql.NullString{}, sql.Null[int]{}, sql.Null[time.Duration]{V: 1, Valid: true}, time.Second, p(time.Second), // alone only
		map[float64]int{1: 1}, map[any]int{1: 1}, map[bool]int{}, map[[1]int]int{{1}: 1}, map[string]float64{"secret": math.Inf(1)}, []json.Number{"secret"},
		map[point]error{{}: errors.New("secret")}, map[tie]int{1: 1, 2: 2},
	} {
		_, err := argument(v)
		require.Error(t, err, "%T", v)
		require.NotContains(t, err.Error(), "secret")
		require.NotContains(t, err.Error(), "panic")
	}
	_, err := argument(map[string]any{"a": []any{errors.New("x")}})
	require.ErrorContains(t, err, "argument 1 (map[string]interface {}): in it a errors.errorString: an error cannot be sent")
}

type upperOnly struct{ s string }

func (*upperOnly) UnmarshalText([]byte) error { return nil }

type tie int // two values have one text

func (tie) MarshalText() ([]byte, error)  { return []byte("same"), nil }
func (*tie) UnmarshalText(b []byte) error { return nil }
