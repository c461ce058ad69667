package scripterr_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/protocol/scripterr"
)

const sha = "82903a0434f1503e152f89c03c9acd881a0e8150"

var messages = map[string]scripterr.Position{
	"ERR user_script:1: boom script: " + sha + ", on @user_script:1.":                                                      {Line: 1, Text: "ERR boom"},
	"ERR user_script:5: FOO bar script: " + sha + ", on @user_script:2.":                                                   {Line: 5, Text: "ERR FOO bar"},
	"WRONGTYPE Operation against a key script: " + sha + ", on @user_script:12.":                                           {Line: 12, Text: "WRONGTYPE Operation against a key"},
	"lower table script: " + sha + ", on @user_script:2.":                                                                  {Line: 2, Text: "lower table"},
	"ERR Unknown Redis command called from script script: " + sha + ", on @user_script:2.":                                 {Line: 2, Text: "ERR Unknown Redis command called from script"},
	"ERR value is not an integer or out of range script: f, on @user_function:3.":                                          {Line: 3, Text: "ERR value is not an integer or out of range"},
	"ERR user_function:6: gee script: g, on @user_function:6.":                                                             {Line: 6, Text: "ERR gee"},
	"ERR Error compiling script (new function): user_script:2: '=' expected near 'x'":                                      {Line: 2, Text: "ERR Error compiling script (new function): '=' expected near 'x'"},
	"ERR Error compiling function: user_function:3: '=' expected near 'x'":                                                 {Line: 3, Text: "ERR Error compiling function: '=' expected near 'x'"},
	"ERR Error registering functions: ERR user_function:3: Script attempted":                                               {Line: 3, Text: "ERR Error registering functions: ERR Script attempted"},
	"ERR Error running script: @user_script:2: READONLY Write commands are not allowed\nstack traceback:\n\t[C]: in error": {Line: 2, Text: "READONLY Write commands are not allowed"},
	"ERR Error running script (call to f_" + sha + "): @user_script:3: WRONGTYPE Operation\nstack traceback:\n\t…":         {Line: 3, Text: "WRONGTYPE Operation"},
	"ERR Error running script (call to f_" + sha + "): @user_script: 3: WRONGTYPE Operation":                               {Line: 3, Text: "WRONGTYPE Operation"},
	"ERR Error running script (call to f_" + sha + "): @user_script:1: user_script:1: boom ":                               {Line: 1, Text: "ERR boom "},
	"ERR Error running script: @user_script:1: user_script:4: attempt to index":                                            {Line: 4, Text: "ERR attempt to index"},
	"ERR Error running script (call to f_x): @enable_strict_lua:15: user_script:1: Script attempted":                       {Line: 1, Text: "ERR Script attempted"},
	"ERR Error running script: something else":                                                                             {Text: "ERR Error running script: something else"},
	"insufficient_stock":                      {Text: "insufficient_stock"},
	"ERR no user_script:1: in front":          {Text: "ERR no user_script:1: in front"},
	"ERR user_script:x: boom":                 {Text: "ERR user_script:x: boom"},
	"ERR a, on @user_script:1.":               {Text: "ERR a, on @user_script:1."},
	"ERR a script: b, on @user_script:first.": {Text: "ERR a script: b, on @user_script:first."},
	"": {},
}

func TestParse(t *testing.T) {
	for message, want := range messages {
		assert.Equal(t, want, scripterr.Parse(message), message)
	}
}

func FuzzParse(f *testing.F) {
	for message := range messages {
		f.Add(message)
	}
	f.Fuzz(func(t *testing.T, message string) {
		p := scripterr.Parse(message)
		require.GreaterOrEqual(t, p.Line, 0)
		require.LessOrEqual(t, len(p.Text), len(message)+len("ERR "))
		if p.Line == 0 && !strings.Contains(message, "\nstack traceback:") {
			require.Equal(t, message, p.Text)
		}
	})
}
