package redis

import (
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/caarlos0/env/v11"
)

// environment is what FromEnv reads. Every field is a string that is checked
// here, since the errors of env quote the value of any other type.
type environment struct {
	URL            string `env:"UPSTASH_REDIS_REST_URL"`
	Token          string `env:"UPSTASH_REDIS_REST_TOKEN"`
	TokenFile      string `env:"UPSTASH_REDIS_REST_TOKEN_FILE"`
	VercelURL      string `env:"KV_REST_API_URL"`
	VercelToken    string `env:"KV_REST_API_TOKEN"`
	Timeout        string `env:"UPSTASH_REDIS_REST_TIMEOUT"`
	MaxAttempts    string `env:"UPSTASH_REDIS_REST_MAX_ATTEMPTS"`
	ReadYourWrites string `env:"UPSTASH_REDIS_REST_READ_YOUR_WRITES"`
	AutoPipelining string `env:"UPSTASH_REDIS_REST_AUTO_PIPELINING"`
	AllowHTTP      string `env:"UPSTASH_REDIS_REST_ALLOW_HTTP"`
}

// WithEnvPrefix has [FromEnv] put prefix before the name of every variable that
// it reads: with "CACHE_", CACHE_UPSTASH_REDIS_REST_URL and so on.
func WithEnvPrefix(prefix string) Option {
	return func(c *config) {
		c.refuse(prefix == "", "WithEnvPrefix", "is empty")
		c.envPrefix = prefix
	}
}

// FromEnv makes a client of what the environment says:
//
//	UPSTASH_REDIS_REST_URL         https://host and perhaps a path
//	UPSTASH_REDIS_REST_TOKEN       its token, or
//	UPSTASH_REDIS_REST_TOKEN_FILE  a file that holds the token
//	KV_REST_API_URL, KV_REST_API_TOKEN  the pair that Vercel sets, where none of
//	                               the above is set
//	UPSTASH_REDIS_REST_TIMEOUT           see WithTimeout: 5s, 800ms
//	UPSTASH_REDIS_REST_READ_YOUR_WRITES  see WithReadYourWrites: true, false
//	UPSTASH_REDIS_REST_ALLOW_HTTP        see WithInsecureHTTP: true, false
//	UPSTASH_REDIS_REST_MAX_ATTEMPTS      see RetryPolicy: a count from 1
//	UPSTASH_REDIS_REST_AUTO_PIPELINING   see WithAutoPipelining: true, false
//
// A variable that is set to nothing counts as not set. An option given here wins
// over its variable. All that is wrong comes back as one [*ConfigError]; it names
// the variables and holds none of their values.
func FromEnv(opts ...Option) (*Redis, error) {
	var vars environment
	prefix := newConfig(opts).envPrefix
	if err := env.ParseWithOptions(&vars, env.Options{Prefix: prefix}); err != nil {
		// Strings always parse; should env ever disagree, its text is not passed on.
		return nil, &ConfigError{Problems: []ConfigProblem{{"environment", "cannot be read"}}}
	}
	r := &envReader{prefix: prefix + "UPSTASH_REDIS_REST_"}
	defaults := r.options(&vars)
	urlName, token, tokenName := r.database(prefix, &vars)

	c := newConfig(append(defaults, opts...))
	c.problems = append(r.problems, c.problems...)
	return c.client(urlName, vars.URL, tokenName, token)
}

// An envReader turns the text of variables into values and notes what is wrong.
type envReader struct {
	prefix   string
	problems []ConfigProblem
}

func (r *envReader) problem(name, reason string) {
	r.problems = append(r.problems, ConfigProblem{r.prefix + name, reason})
}

// options reads what has an option too.
func (r *envReader) options(vars *environment) (opts []Option) {
	if vars.Timeout != "" {
		d, err := time.ParseDuration(vars.Timeout)
		if err != nil || d < 0 {
			r.problem("TIMEOUT", "is not a duration such as 5s or 800ms")
		} else {
			opts = append(opts, WithTimeout(d))
		}
	}
	if vars.MaxAttempts != "" {
		n, err := strconv.Atoi(vars.MaxAttempts)
		if err != nil || n < 1 {
			r.problem("MAX_ATTEMPTS", "is not a count from 1")
		} else {
			opts = append(opts, WithRetryPolicy(RetryPolicy{MaxAttempts: n}))
		}
	}
	if on, ok := r.boolean("READ_YOUR_WRITES", vars.ReadYourWrites); ok {
		opts = append(opts, WithReadYourWrites(on))
	}
	if on, ok := r.boolean("AUTO_PIPELINING", vars.AutoPipelining); ok {
		opts = append(opts, func(c *config) { c.autoPipelining = on })
	}
	if on, _ := r.boolean("ALLOW_HTTP", vars.AllowHTTP); on {
		opts = append(opts, WithInsecureHTTP())
	}
	return opts
}

func (r *envReader) boolean(name, text string) (value, ok bool) {
	if text == "" {
		return false, false
	}
	value, err := strconv.ParseBool(text)
	if err != nil {
		r.problem(name, "is neither true nor false")
	}
	return value, err == nil
}

// database finds the URL, which it leaves in vars.URL, and the token, and the
// variables that they are from.
func (r *envReader) database(prefix string, vars *environment) (urlName, token, tokenName string) {
	if vars.URL == "" && vars.Token == "" && vars.TokenFile == "" && (vars.VercelURL != "" || vars.VercelToken != "") {
		vars.URL = vars.VercelURL
		return prefix + "KV_REST_API_URL", vars.VercelToken, prefix + "KV_REST_API_TOKEN"
	}
	urlName = r.prefix + "URL"
	if vars.TokenFile == "" {
		return urlName, vars.Token, r.prefix + "TOKEN"
	}
	tokenName = r.prefix + "TOKEN_FILE"
	if vars.Token != "" {
		r.problem("TOKEN_FILE", "is set beside "+r.prefix+"TOKEN; set one of them")
	}
	content, err := os.ReadFile(vars.TokenFile)
	if err != nil {
		r.problem("TOKEN_FILE", "names a file that cannot be read")
		return urlName, unread, tokenName
	}
	token = strings.TrimSpace(string(content))
	if token == "" {
		r.problem("TOKEN_FILE", "names an empty file")
		return urlName, unread, tokenName
	}
	return urlName, token, tokenName
}

// unread stands for a token whose absence is a problem already noted.
const unread = "unread"

// checkURL says what is wrong with a REST URL, or returns it without trailing
// slashes.
func checkURL(raw string, insecure bool) (base, host, reason string) {
	if reason := checkText(raw); reason != "" {
		return "", "", reason
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return "", "", "is not a URL"
	case u.Scheme == "redis" || u.Scheme == "rediss":
		return "", "", "is an address for TCP clients; the console shows the right one as the REST URL, UPSTASH_REDIS_REST_URL, which starts with https://"
	case u.Scheme != "https" && u.Scheme != "http":
		return "", "", "does not start with https://"
	case u.Hostname() == "":
		return "", "", "names no host"
	case u.User != nil:
		return "", "", "holds a user or password; the token is given apart"
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", "", "holds a query or fragment"
	case u.Scheme == "http" && !insecure && !isLoopback(u.Hostname()):
		return "", "", "is http:// beyond this machine, which sends the token in the clear; use https://, or allow it with UPSTASH_REDIS_REST_ALLOW_HTTP or WithInsecureHTTP"
	}
	return strings.TrimRight(u.String(), "/"), u.Host, ""
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

// checkToken says what is wrong with a token.
func checkToken(token string) (reason string) { return checkText(token) }

// checkText says what is wrong with a value as it came, copied by hand or by a
// tool that quotes.
func checkText(value string) (reason string) {
	switch {
	case value == "":
		return "is not set"
	case strings.TrimSpace(value) != value:
		return "has white space around it"
	case strings.ContainsAny(value[:1]+value[len(value)-1:], "\"'`"):
		return "has quotes around it"
	case hasControl(value):
		return "holds control characters"
	}
	return ""
}

func hasControl(s string) bool { return strings.ContainsFunc(s, unicode.IsControl) }
