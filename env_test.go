package redis_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/redistest"
)

const prefix = "UPSTASH_REDIS_REST_"

// setenv sets these variables and unsets all others that FromEnv reads.
func setenv(t *testing.T, vars map[string]string) {
	t.Helper()
	for _, name := range []string{prefix + "URL", prefix + "TOKEN", prefix + "TOKEN_FILE", "KV_REST_API_URL", "KV_REST_API_TOKEN", "REST_API_URL", "REST_API_TOKEN",
		prefix + "TIMEOUT", prefix + "MAX_ATTEMPTS", prefix + "READ_YOUR_WRITES", prefix + "AUTO_PIPELINING", prefix + "BASE64", prefix + "ALLOW_HTTP"} {
		t.Setenv(name, "") // restores the variable after the test
		os.Unsetenv(name)
	}
	for name, value := range vars {
		t.Setenv(name, value)
	}
}

func TestFromEnv(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(file, []byte("\n from-a-file \r\n"), 0o600))
	for name, c := range map[string]struct {
		vars        map[string]string
		host, token string
	}{
		"the pair":                         {map[string]string{prefix + "URL": "https://a.example", prefix + "TOKEN": "t"}, "a.example", "t"},
		"slashes behind":                   {map[string]string{prefix + "URL": "https://a.example//", prefix + "TOKEN": "t"}, "a.example", "t"},
		"a port":                           {map[string]string{prefix + "URL": "https://a.example:8443/x", prefix + "TOKEN": "t"}, "a.example:8443", "t"},
		"Vercel's pair":                    {map[string]string{"KV_REST_API_URL": "https://v.example", "KV_REST_API_TOKEN": "v"}, "v.example", "v"},
		"both pairs":                       {map[string]string{prefix + "URL": "https://a.example", prefix + "TOKEN": "t", "KV_REST_API_URL": "https://v.example", "KV_REST_API_TOKEN": "v"}, "a.example", "t"},
		"an empty first pair":              {map[string]string{prefix + "URL": "", prefix + "TOKEN": "", "KV_REST_API_URL": "https://v.example", "KV_REST_API_TOKEN": "v"}, "v.example", "v"},
		"a file":                           {map[string]string{prefix + "URL": "https://a.example", prefix + "TOKEN_FILE": file}, "a.example", "from-a-file"},
		"half of Vercel's too":             {map[string]string{prefix + "URL": "https://a.example", prefix + "TOKEN": "t", "KV_REST_API_URL": "https://v.example"}, "a.example", "t"},
		"a token with $":                   {map[string]string{prefix + "URL": "https://a.example", prefix + "TOKEN": "a$HOME${PATH}=="}, "a.example", "a$HOME${PATH}=="},
		"loopback":                         {map[string]string{prefix + "URL": "http://127.0.0.1:8080", prefix + "TOKEN": "t"}, "127.0.0.1:8080", "t"},
		"loopback 6":                       {map[string]string{prefix + "URL": "http://[::1]:8080", prefix + "TOKEN": "t"}, "[::1]:8080", "t"},
		"localhost in capitals":            {map[string]string{prefix + "URL": "http://LOCALHOST", prefix + "TOKEN": "t"}, "LOCALHOST", "t"},
		"a token that looks like a header": {map[string]string{prefix + "URL": "https://a.example", prefix + "TOKEN": "bearer"}, "a.example", "bearer"},
		"localhost":                        {map[string]string{prefix + "URL": "http://localhost", prefix + "TOKEN": "t"}, "localhost", "t"},
		"http allowed":                     {map[string]string{prefix + "URL": "http://srh", prefix + "TOKEN": "t", prefix + "ALLOW_HTTP": "true"}, "srh", "t"},
		"every option": {map[string]string{prefix + "URL": "https://a.example", prefix + "TOKEN": "t", prefix + "TIMEOUT": "800ms", prefix + "MAX_ATTEMPTS": "1",
			prefix + "READ_YOUR_WRITES": "false", prefix + "AUTO_PIPELINING": "false", prefix + "BASE64": "false", prefix + "ALLOW_HTTP": "0"}, "a.example", "t"},
	} {
		t.Run(name, func(t *testing.T) {
			setenv(t, c.vars)
			r := &sent{}
			rdb, err := redis.FromEnv(redis.WithHTTPClient(&http.Client{Transport: r}))
			require.NoError(t, err)
			assert.Equal(t, "redis.Redis("+c.host+")", rdb.String())
			synctest.Test(t, func(t *testing.T) { // PING is retried
				_, err := rdb.Do(t.Context(), "PING")
				require.ErrorIs(t, err, errSent)
			})
			assert.Equal(t, c.host, r.req.URL.Host)
			assert.Equal(t, "Bearer "+c.token, r.req.Header.Get("Authorization"))
			assert.False(t, strings.HasSuffix(r.req.URL.Path, "/"))
		})
	}
}

// sent is a round tripper that keeps the request and sends nothing.
type sent struct{ req *http.Request }

var errSent = errors.New("sent")

func (s *sent) RoundTrip(r *http.Request) (*http.Response, error) {
	s.req = r
	return nil, errSent
}

func TestFromEnvProblems(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty")
	require.NoError(t, os.WriteFile(empty, []byte(" \n"), 0o600))
	const url, token = prefix + "URL", prefix + "TOKEN"
	ok := map[string]string{url: "https://a.example", token: "t"}
	with := func(name, value string) map[string]string {
		vars := map[string]string{name: value}
		for k, v := range ok {
			if _, set := vars[k]; !set {
				vars[k] = v
			}
		}
		return vars
	}
	for name, c := range map[string]struct {
		vars  map[string]string
		wrong []string // the variables that the error names, in order
	}{
		"nothing":               {nil, []string{url, token}},
		"no token":              {map[string]string{url: "https://a.example"}, []string{token}},
		"no URL":                {map[string]string{token: "t"}, []string{url}},
		"empty":                 {with(token, ""), []string{token}},
		"white space":           {with(token, "t "), []string{token}},
		"only white space":      {with(token, " "), []string{token}},
		"quotes":                {with(token, `"t"`), []string{token}},
		"quoted URL":            {with(url, `'https://a.example'`), []string{url}},
		"control":               {with(token, "t\x01t"), []string{token}},
		"line break":            {with(token, "t\nt"), []string{token}},
		"redis address":         {with(url, "rediss://default:p@a.example:6379"), []string{url}},
		"plain redis address":   {with(url, "redis://a.example:6379"), []string{url}},
		"no scheme":             {with(url, "a.example"), []string{url}},
		"ftp":                   {with(url, "ftp://a.example"), []string{url}},
		"no host":               {with(url, "https://"), []string{url}},
		"a host outside ASCII":  {with(url, "https://bücher.example"), []string{url}},
		"the same, escaped":     {with(url, "https://b%C3%BCcher.example"), []string{url}},
		"no URL at all":         {with(url, "https://%zz"), []string{url}},
		"user":                  {with(url, "https://u:p@a.example"), []string{url}},
		"query":                 {with(url, "https://a.example?x=1"), []string{url}},
		"bare query":            {with(url, "https://a.example?"), []string{url}},
		"fragment":              {with(url, "https://a.example#x"), []string{url}},
		"http":                  {with(url, "http://a.example"), []string{url}},
		"http, not localhost":   {with(url, "http://localhost.a.example"), []string{url}},
		"http, below localhost": {with(url, "http://x.localhost"), []string{url}},
		"a URL with a variable": {with(url, "https://$HOST"), []string{url}},
		"a URL in braces":       {with(url, "https://${HOST}"), []string{url}},
		"only a variable":       {with(url, "${URL}"), []string{url}},
		"a header":              {with(token, "Bearer abc"), []string{token}},
		"a header, small":       {with(token, "bearer abc"), []string{token}},
		"a line of .env":        {with(token, "UPSTASH_REDIS_REST_TOKEN=abc"), []string{token}},
		"a line of JavaScript":  {with(token, "process.env.TOKEN"), []string{token}},
		"a header's line":       {with(token, "Authorization: Bearer abc"), []string{token}},
		"another scheme":        {with(token, "Basic YTpi"), []string{token}},
		"a URL as the token":    {with(token, "https://a.example"), []string{token}},
		"a variable":            {with(token, "$SECRET"), []string{token}},
		"a variable in braces":  {with(token, "${SECRET}"), []string{token}},
		"a default":             {with(token, "${SECRET:-x}"), []string{token}},
		"a command":             {with(token, "$(cat token)"), []string{token}},
		"angle brackets":        {with(token, "<your token>"), []string{token}},
		"a template":            {with(token, "{{ .Token }}"), []string{token}},
		"a template of CI":      {with(token, "${{ secrets.TOKEN }}"), []string{token}},
		"a variable of Windows": {with(token, "%TOKEN%"), []string{token}},
		"square brackets":       {with(token, "[token]"), []string{token}},
		"masked":                {with(token, "********"), []string{token}},
		"not set with a prefix": {map[string]string{"REST_API_URL": "https://v.example", "REST_API_TOKEN": "v"}, []string{url, token}},
		"http, a private host":  {with(url, "http://10.0.0.1"), []string{url}},
		"http, not allowed":     {map[string]string{url: "http://a.example", token: "t", prefix + "ALLOW_HTTP": "false"}, []string{url}},
		"half of Vercel's":      {map[string]string{"KV_REST_API_URL": "https://v.example"}, []string{"KV_REST_API_TOKEN"}},
		"the other half":        {map[string]string{"KV_REST_API_TOKEN": "v"}, []string{"KV_REST_API_URL"}},
		"one of each":           {map[string]string{url: "https://a.example", "KV_REST_API_TOKEN": "v", "KV_REST_API_URL": "https://v.example"}, []string{token}},
		"no such file":          {map[string]string{url: "https://a.example", prefix + "TOKEN_FILE": "/no/such/file"}, []string{prefix + "TOKEN_FILE"}},
		"empty file":            {map[string]string{url: "https://a.example", prefix + "TOKEN_FILE": empty}, []string{prefix + "TOKEN_FILE"}},
		"token and file":        {with(prefix+"TOKEN_FILE", empty), []string{prefix + "TOKEN_FILE", prefix + "TOKEN_FILE"}},
		"timeout":               {with(prefix+"TIMEOUT", "5"), []string{prefix + "TIMEOUT"}},
		"negative timeout":      {with(prefix+"TIMEOUT", "-5s"), []string{prefix + "TIMEOUT"}},
		"no attempt":            {with(prefix+"MAX_ATTEMPTS", "0"), []string{prefix + "MAX_ATTEMPTS"}},
		"not a count":           {with(prefix+"MAX_ATTEMPTS", "many"), []string{prefix + "MAX_ATTEMPTS"}},
		"not a boolean":         {with(prefix+"READ_YOUR_WRITES", "yes!"), []string{prefix + "READ_YOUR_WRITES"}},
		"everything": {map[string]string{url: "redis://a", token: "'t'", prefix + "TIMEOUT": "x", prefix + "MAX_ATTEMPTS": "x", prefix + "READ_YOUR_WRITES": "x", prefix + "AUTO_PIPELINING": "x", prefix + "BASE64": "x", prefix + "ALLOW_HTTP": "x"},
			[]string{prefix + "TIMEOUT", prefix + "MAX_ATTEMPTS", prefix + "READ_YOUR_WRITES", prefix + "AUTO_PIPELINING", prefix + "BASE64", prefix + "ALLOW_HTTP", url, token}},
	} {
		t.Run(name, func(t *testing.T) {
			setenv(t, c.vars)
			rdb, err := redis.FromEnv()
			require.Nil(t, rdb)
			e, ok := errors.AsType[*redis.ConfigError](err)
			require.True(t, ok)
			var names []string
			for _, p := range e.Problems {
				names = append(names, p.Name)
				require.Contains(t, err.Error(), p.Name+" "+p.Reason)
				require.ErrorIs(t, err, p)
			}
			require.Equal(t, c.wrong, names, err)
		})
	}
}

func TestEnvPrefix(t *testing.T) {
	setenv(t, map[string]string{"CACHE_" + prefix + "URL": "https://cache.example", "CACHE_" + prefix + "TOKEN": "t", prefix + "URL": "https://a.example", prefix + "TOKEN": "t"})
	rdb, err := redis.FromEnv(redis.WithEnvPrefix("CACHE_"))
	require.NoError(t, err)
	require.Equal(t, "redis.Redis(cache.example)", rdb.String())
	_, err = redis.FromEnv(redis.WithEnvPrefix("OTHER_"))
	require.ErrorContains(t, err, "OTHER_UPSTASH_REDIS_REST_TOKEN is not set")
	// Vercel's prefix OTHER sets one of these pairs.
	for name, host := range map[string]string{"OTHER_REST_API_": "short.example", "OTHER_KV_REST_API_": "long.example"} {
		setenv(t, map[string]string{name + "URL": "https://" + host, name + "TOKEN": "t"})
		rdb, err := redis.FromEnv(redis.WithEnvPrefix("OTHER_"))
		require.NoError(t, err)
		require.Equal(t, "redis.Redis("+host+")", rdb.String())
		t.Setenv(name+"TOKEN", "")
		_, err = redis.FromEnv(redis.WithEnvPrefix("OTHER_"))
		require.ErrorContains(t, err, name+"TOKEN is not set")
		t.Setenv(name+"URL", "")
	}
	_, err = redis.FromEnv(redis.WithEnvPrefix(""))
	require.ErrorContains(t, err, "WithEnvPrefix")
	_, err = redis.New("https://a.example", "t", redis.WithEnvPrefix("CACHE_"))
	require.ErrorContains(t, err, "WithEnvPrefix")
}

func TestOptionsWinOverVariables(t *testing.T) {
	setenv(t, nil)
	s := redistest.NewServer(t)
	s.Setenv()
	t.Setenv(prefix+"READ_YOUR_WRITES", "false")
	t.Setenv(prefix+"TIMEOUT", "1ns")
	rdb, err := redis.FromEnv()
	require.NoError(t, err)
	_, err = rdb.Do(t.Context(), "PING")
	require.Error(t, err)
	r := &recorder{}
	rdb, err = redis.FromEnv(redis.WithTimeout(time.Minute), redis.WithReadYourWrites(true), redis.WithHTTPClient(&http.Client{Transport: r}))
	require.NoError(t, err)
	for range 2 {
		_, err = rdb.Do(t.Context(), "PING")
		require.NoError(t, err)
	}
	require.NotEmpty(t, r.headers[1].Get("Upstash-Sync-Token"))
}

// The variable turns each switch on or off. If the option is given, the option decides.
func TestSwitchesWinOverVariablesInBothDirections(t *testing.T) {
	for name, c := range map[string]struct {
		variable string
		option   func(bool) redis.Option
		isOn     func(t *testing.T, opts ...redis.Option) bool
	}{
		"read your writes": {"READ_YOUR_WRITES", redis.WithReadYourWrites, func(t *testing.T, opts ...redis.Option) bool {
			r := &recorder{}
			rdb, err := redis.FromEnv(append(opts, redis.WithHTTPClient(&http.Client{Transport: r}))...)
			require.NoError(t, err)
			for range 2 {
				_, err = rdb.Do(t.Context(), "PING")
				require.NoError(t, err)
			}
			return r.headers[1].Get("Upstash-Sync-Token") != ""
		}},
		"auto-pipelining": {"AUTO_PIPELINING", redis.WithAutoPipelining, func(t *testing.T, opts ...redis.Option) bool {
			const n = 200
			g := &gate{open: true}
			synctest.Test(t, func(t *testing.T) {
				rdb, err := redis.FromEnv(append(opts, redis.WithTimeout(0), redis.WithHTTPClient(&http.Client{Transport: g}))...)
				require.NoError(t, err)
				echoAtOnce(t, rdb, n)
			})
			return len(g.all()) < n
		}},
		"base64": {"BASE64", redis.WithBase64, func(t *testing.T, opts ...redis.Option) bool {
			r := &recorder{}
			rdb, err := redis.FromEnv(append(opts, redis.WithHTTPClient(&http.Client{Transport: r}))...)
			require.NoError(t, err)
			_, err = rdb.Do(t.Context(), "PING")
			require.NoError(t, err)
			return r.headers[0].Get("Upstash-Encoding") == "base64"
		}},
		"allow HTTP": {"ALLOW_HTTP", redis.WithInsecureHTTP, func(t *testing.T, opts ...redis.Option) bool {
			t.Setenv(prefix+"URL", "http://redis.internal")
			_, err := redis.FromEnv(opts...)
			if err != nil {
				require.ErrorContains(t, err, prefix+"URL")
			}
			return err == nil
		}},
	} {
		t.Run(name, func(t *testing.T) {
			setenv(t, nil)
			redistest.NewServer(t).Setenv()
			for _, on := range []bool{true, false} {
				t.Setenv(prefix+c.variable, strconv.FormatBool(on))
				require.Equal(t, on, c.isOn(t), "the variable says %v", on)
				require.Equal(t, !on, c.isOn(t, c.option(!on)), "the option says %v", !on)
			}
		})
	}
}

func TestBadOptions(t *testing.T) {
	_, err := redis.New("", "t t", redis.WithTimeout(-1), redis.WithMaxReplyBytes(0), redis.WithMaxRequestBytes(0), redis.WithSubscriptionIdleLimit(0), redis.WithHTTPClient(nil), redis.WithUserAgent("a\nb"))
	e, ok := errors.AsType[*redis.ConfigError](err)
	require.True(t, ok)
	var names []string
	for _, p := range e.Problems {
		names = append(names, p.Name)
		require.Contains(t, p.Error(), p.Name)
	}
	require.Equal(t, []string{"WithTimeout", "WithMaxReplyBytes", "WithMaxRequestBytes", "WithSubscriptionIdleLimit", "WithHTTPClient", "WithUserAgent", "url"}, names)
	_, err = redis.New("http://a.example", "t")
	require.Error(t, err)
	for _, made := range []func() (*redis.Redis, error){
		func() (*redis.Redis, error) { return redis.New("https://a.example", "t", redis.WithTimeout(0), nil) },
		func() (*redis.Redis, error) { return redis.FromEnv(nil) },
	} {
		rdb, err := made()
		require.Nil(t, rdb)
		require.ErrorIs(t, err, redis.ConfigProblem{Name: "Option", Reason: "is nil"})
	}
	_, err = redis.New("http://a.example", "t", redis.WithInsecureHTTP(true))
	require.NoError(t, err)
}
