package wire_test

import (
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

func TestBase64(t *testing.T) {
	for text, want := range map[string]string{"": "", "YQ==": "a", "YWI=": "ab", "YWJj": "abc", "//79AA==": "\xff\xfe\xfd\x00", "T0s=": "OK"} {
		got, ok := wire.Base64([]byte(text))
		require.True(t, ok, text)
		assert.Equal(t, want, string(got), text)
	}
	// Not padded, not canonical, another alphabet, with line breaks, not base64 at all.
	for _, text := range []string{"OK", "YQ", "YR==", "YWJ=", "YQ=a", "__79AA==", "YW\nJj\nYQ", "YWJj\n\n\n\n", "YWJj\n\n\n\nYWJj", "\n\n\n\n", "=", "====", "QUEUED", "a b="} {
		_, ok := wire.Base64([]byte(text))
		assert.False(t, ok, "%q", text)
	}
}

func FuzzBase64(f *testing.F) {
	f.Add([]byte("YWJj"))
	f.Add([]byte("YR=="))
	f.Add([]byte("YW\nJ"))
	f.Fuzz(func(t *testing.T, data []byte) {
		// It accepts exactly what an encoder writes.
		if got, ok := wire.Base64(data); ok {
			require.Equal(t, string(data), base64.StdEncoding.EncodeToString(got))
		}
		text := base64.StdEncoding.EncodeToString(data)
		got, ok := wire.Base64([]byte(text))
		require.True(t, ok)
		require.Equal(t, string(data), string(got))
	})
}
