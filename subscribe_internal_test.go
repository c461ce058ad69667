package redis

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/redis-rest/redis-rest-go/internal/testkit/growth"
)

func TestCutChannel(t *testing.T) {
	for _, c := range []struct{ pattern, text, channel, payload string }{
		{"news.*", "news.uk,hello", "news.uk", "hello"},
		{"*", "a,b,c", "a", "b,c"},
		{"*,c", "a,b,c,d,c", "a,b,c", "d,c"},
		{"a,*", "a,b,c", "a,b", "c"},
		{"*", ",a,b", ",a", "b"}, // a channel with an empty name is not a match
		{"x", "other,payload", "other", "payload"},
	} {
		channel, payload := cutChannel(c.pattern, c.text)
		assert.Equal(t, []string{c.channel, c.payload}, []string{channel, payload}, "%q %q", c.pattern, c.text)
	}
}

// The time grows linearly with the text, even for a text of commas or a pattern with many
// stars.
func TestCutChannelInLinearTime(t *testing.T) {
	for pattern, letter := range map[string]string{"*x": ",", "*a*a*a*a*a*ab": "a,"} {
		run := func(n int) func() {
			text := strings.Repeat(letter, n/len(letter))
			return func() { cutChannel(pattern, text) }
		}
		growth.AtMost(t, 80, run(2<<10), run(32<<10), pattern)
	}
}
