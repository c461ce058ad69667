package redis

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is decoded holds nothing of the reply's memory, which may be large.
func TestDecodedValuesAreCopies(t *testing.T) {
	for _, r := range []Reply{
		{text: []byte(`["key","value",12,["value"]]`)},
		{text: []byte(`["a2V5","dmFsdWU=",12,["dmFsdWU="]]`), base64: true},
		{text: []byte(`{"key":"value","12":["value"]}`), json: true},
	} {
		m, err := Decode[map[string]any](r)
		require.NoError(t, err)
		clear(r.text)
		require.Equal(t, map[string]any{"key": "value", "12": []any{"value"}}, m)
	}
	for _, base64 := range []bool{false, true} {
		r := Reply{text: []byte(`["b25l","dHdv"]`), base64: base64}
		list, err := Decode[[]string](r)
		require.NoError(t, err)
		again, err := Decode[[]string](r)
		require.NoError(t, err)
		clear(r.text)
		require.Equal(t, again, list)
		require.NotContains(t, list[0], "\x00")
	}
}

// A value of a map takes nothing from the one before.
func TestDecodedValuesAreIndependent(t *testing.T) {
	type user struct {
		Name string
		Age  int
	}
	m, err := Decode[map[string]user](Reply{text: []byte(`["a","{\"Name\":\"Ada\",\"Age\":36}","b","{\"Name\":\"Bob\"}"]`)})
	require.NoError(t, err)
	require.Equal(t, map[string]user{"a": {"Ada", 36}, "b": {"Bob", 0}}, m)
}

// What a server's strings look like is found without a copy of them.
func TestStringFormsNeedNoMemory(t *testing.T) {
	long := []byte(base64.StdEncoding.EncodeToString([]byte(strings.Repeat("é and more text ", 1<<16))))
	broken := append(slices.Clone(long[:len(long)-4]), "nop!"...)
	inside := append(append(slices.Clone(long[:(4<<10)-1]), '='), long...)
	binary := []byte(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0xff, 0xfe, 1}, 1<<16)))
	for _, c := range []struct {
		name string
		text []byte
		want stringForms
	}{
		{"text", long, stringForms{any: true, text: true}},
		{"no base64 at its end", broken, stringForms{}},
		{"padding inside", inside, stringForms{}},
		{"no text", binary, stringForms{any: true, notText: true}},
		{"empty", nil, stringForms{}},
	} {
		var got stringForms
		require.Zero(t, testing.AllocsPerRun(1, func() { got = stringForms{}; got.string(c.text) }), c.name)
		require.Equal(t, c.want, got, c.name)
	}
}
