package rest

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

func TestReadMembers(t *testing.T) {
	const limit, none = 20, `{"result":null}`
	a := `{"result":"` + strings.Repeat("a", limit-13) + `"}` // of the limit's size
	over := `{"result":"` + strings.Repeat("b", limit) + `"}`
	for name, row := range map[string]struct {
		members  int
		answer   string
		want     string // "" for ErrTooLarge
		tooLarge []int
	}{
		"all fit":              {3, "[" + a + "," + a + "," + a + "]", "[" + a + "," + a + "," + a + "]", nil},
		"one does not":         {3, "[" + a + "," + over + "," + a + "]", "[" + a + "," + none + "," + a + "]", []int{1}},
		"the first and last":   {3, "[" + over + "," + a + "," + over + "]", "[" + none + "," + a + "," + none + "]", []int{0, 2}},
		"by one byte":          {2, "[" + a + ` ,` + a + "]", "[" + none + "," + a + "]", []int{0}},
		"brackets in text":     {2, `[{"result":"]},[{,"},` + a + "]", `[{"result":"]},[{,"},` + a + "]", nil},
		"quotes in text":       {2, `[{"result":"\"],\\"},` + a + "]", `[{"result":"\"],\\"},` + a + "]", nil},
		"brackets in long one": {2, `[{"result":"]},{\"` + strings.Repeat("],", 8) + `"},` + a + "]", "[" + none + "," + a + "]", []int{0}},
		"lists in lists":       {2, `[{"result":[1,[2,3]]},{"result":[1,[2,3],4,5,6,7,8,9]}]`, `[{"result":[1,[2,3]]},` + none + "]", []int{1}},
		"white space around":   {2, " \n[" + a + "," + over + "]\r\n\t", "[" + a + "," + none + "]", []int{1}},
		"more than asked for":  {2, "[" + a + "," + a + "," + a + "]", "", nil},
		"fewer":                {3, "[" + a + "," + a + "]", "[" + a + "," + a + "]", nil},
		"an object":            {3, over, "", nil},
		"a page":               {3, "<html>" + strings.Repeat("x", 50), "", nil},
		"more behind the list": {3, "[" + a + "]" + a, "", nil},
		"two lists":            {3, "[" + a + "][" + a + "]", "", nil},
		"too much to skip":     {2, `[{"result":"` + strings.Repeat("c", 2*2*limit) + `"},` + a + "]", "", nil},
		"cut short":            {2, "[" + over + "," + a[:9], "[" + none + "," + a[:9], []int{0}},
	} {
		for begun := range len(row.answer) {
			data, tooLarge, err := readMembers([]byte(row.answer[:begun]), iotest.OneByteReader(strings.NewReader(row.answer[begun:])), limit, row.members)
			if row.want == "" {
				require.ErrorIs(t, err, ErrTooLarge, "%s: %d", name, begun)
				continue
			}
			require.NoError(t, err, name)
			require.Equal(t, row.want, string(data), "%s: %d", name, begun)
			require.Equal(t, row.tooLarge, tooLarge, name)
		}
	}
	_, _, err := readMembers(nil, iotest.ErrReader(io.ErrUnexpectedEOF), 1<<62, 1000)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}
