package script_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/script"
)

// After any payload, either the old libraries or the new ones are there.
func FuzzRestore(f *testing.F) {
	const library = "#!lua name=%\nredis.register_function('f%', function(keys, args) return #keys end) -- a comment that is long enough to be packed, packed"
	first, second := strings.ReplaceAll(library, "%", "one"), strings.ReplaceAll(library, "%", "two")
	for _, code := range []string{first, second, first + first} {
		e := script.New(noDatabase{})
		e.Do(f.Context(), []string{"FUNCTION", "LOAD", code})
		reply := string(e.Do(f.Context(), []string{"FUNCTION", "DUMP"}))
		_, dump, _ := strings.Cut(reply, "\r\n")
		f.Add(dump[:len(dump)-len("\r\n")-10], uint8(0))
	}
	f.Add("\xf5\x05hello", uint8(1))
	f.Add("\xf5\xc0\x01\xf5\xc3\x01\x02\x03", uint8(2))
	f.Fuzz(func(t *testing.T, data string, policy uint8) {
		e := script.New(noDatabase{})
		require.Equal(t, "$3\r\none\r\n", string(e.Do(t.Context(), []string{"FUNCTION", "LOAD", first})))
		how := []string{"APPEND", "REPLACE", "FLUSH"}[policy%3]
		reply := string(e.Do(t.Context(), []string{"FUNCTION", "RESTORE", script.Payload(data), how}))
		list := string(e.Do(t.Context(), []string{"FUNCTION", "LIST"}))
		switch {
		case strings.HasPrefix(reply, "-ERR ") && !strings.Contains(reply, "failed:"):
			if !strings.HasPrefix(list, "*1\r\n") || !strings.Contains(list, "\r\none\r\n") {
				t.Errorf("%q: %q", reply, list)
			}
		case reply != "+OK\r\n":
			t.Errorf("%q", reply)
		}
		if !whole(list) {
			t.Errorf("%q", list)
		}
	})
}
