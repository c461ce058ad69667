package redis

import (
	"net"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/caarlos0/env/v11"
)

// environment is what FromEnv reads. Every field is a string and is checked here,
// because for other types the errors of package env quote the value.
type environment struct {
	URL            string `env:"UPSTASH_REDIS_REST_URL"`
	Token          string `env:"UPSTASH_REDIS_REST_TOKEN"`
	TokenFile      string `env:"UPSTASH_REDIS_REST_TOKEN_FILE"`
	VercelURL      string `env:"KV_REST_API_URL"`
	VercelToken    string `env:"KV_REST_API_TOKEN"`
	PrefixedURL    string `env:"REST_API_URL"` // read only with a prefix
	PrefixedToken  string `env:"REST_API_TOKEN"`
	Timeout        string `env:"UPSTASH_REDIS_REST_TIMEOUT"`
	MaxAttempts    string `env:"UPSTASH_REDIS_REST_MAX_ATTEMPTS"`
	ReadYourWrites string `env:"UPSTASH_REDIS_REST_READ_YOUR_WRITES"`
	AutoPipelining string `env:"UPSTASH_REDIS_REST_AUTO_PIPELINING"`
	Base64         string `env:"UPSTASH_REDIS_REST_BASE64"`
	AllowHTTP      string `env:"UPSTASH_REDIS_REST_ALLOW_HTTP"`
}

// WithEnvPrefix puts prefix before the name of every variable that [FromEnv] reads:
// with "CACHE_" they are CACHE_UPSTASH_REDIS_REST_URL and so on. Vercel's own prefix
// CACHE sets the pair CACHE_KV_REST_API_URL and CACHE_KV_REST_API_TOKEN, or without KV:
// CACHE_REST_API_URL and CACHE_REST_API_TOKEN. Both pairs are found.
func WithEnvPrefix(prefix string) Option {
	return option(func(c *config) {
		c.refuse(prefix == "", "WithEnvPrefix", "is empty")
		c.envPrefix = prefix
	})
}

// FromEnv makes a client from the environment:
//
//	UPSTASH_REDIS_REST_URL         https://host, perhaps with a path
//	UPSTASH_REDIS_REST_TOKEN       its token, or
//	UPSTASH_REDIS_REST_TOKEN_FILE  a file that holds the token
//	KV_REST_API_URL, KV_REST_API_TOKEN  the pair that Vercel sets; used if none of
//	                               the above is set
//	REST_API_URL, REST_API_TOKEN   only with WithEnvPrefix, and if none of the above is set
//	UPSTASH_REDIS_REST_TIMEOUT           see WithTimeout: 5s, 800ms
//	UPSTASH_REDIS_REST_READ_YOUR_WRITES  see WithReadYourWrites: true, false
//	UPSTASH_REDIS_REST_BASE64            see WithBase64: true, false
//	UPSTASH_REDIS_REST_ALLOW_HTTP        see WithInsecureHTTP: true, false
//	UPSTASH_REDIS_REST_MAX_ATTEMPTS      see RetryPolicy: a count from 1
//	UPSTASH_REDIS_REST_AUTO_PIPELINING   see WithAutoPipelining: true, false
//
// A variable that is empty counts as not set. An option in opts wins over its
// variable, also when it switches something off. If variables are wrong, the error is
// one [*ConfigError] that names all of them and holds none of their values.
func FromEnv(opts ...Option) (*Redis, error) {
	var vars environment
	given := newConfig(opts)
	prefix := given.envPrefix
	if err := env.ParseWithOptions(&vars, env.Options{Prefix: prefix}); err != nil {
		// Strings always parse. If env ever fails, its text is not passed on.
		return nil, &ConfigError{Problems: []ConfigProblem{{"environment", "cannot be read"}}}
	}
	if given.tokenSource != nil {
		vars.Token, vars.TokenFile, vars.VercelToken, vars.PrefixedToken = "", "", "", ""
	}
	r := &envReader{prefix: prefix + "UPSTASH_REDIS_REST_"}
	defaults := r.options(&vars)
	urlName, token, tokenName := r.database(prefix, &vars)

	c := newConfig(append(defaults, opts...))
	c.problems = append(r.problems, c.problems...)
	return c.client(urlName, vars.URL, tokenName, token)
}

// An envReader turns the text of variables into values and collects the problems.
type envReader struct {
	prefix   string
	problems []ConfigProblem
}

func (r *envReader) problem(name, reason string) {
	r.problems = append(r.problems, ConfigProblem{r.prefix + name, reason})
}

// options reads the variables that have an option.
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
		opts = append(opts, WithAutoPipelining(on))
	}
	if on, ok := r.boolean("BASE64", vars.Base64); ok {
		opts = append(opts, WithBase64(on))
	}
	if on, ok := r.boolean("ALLOW_HTTP", vars.AllowHTTP); ok {
		opts = append(opts, WithInsecureHTTP(on))
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

// database finds the URL, which it stores in vars.URL, and the token. It returns the
// names of their variables too.
func (r *envReader) database(prefix string, vars *environment) (urlName, token, tokenName string) {
	if vars.URL == "" && vars.Token == "" && vars.TokenFile == "" {
		switch {
		case vars.VercelURL != "" || vars.VercelToken != "":
			vars.URL = vars.VercelURL
			return prefix + "KV_REST_API_URL", vars.VercelToken, prefix + "KV_REST_API_TOKEN"
		case prefix != "" && (vars.PrefixedURL != "" || vars.PrefixedToken != ""):
			vars.URL = vars.PrefixedURL
			return prefix + "REST_API_URL", vars.PrefixedToken, prefix + "REST_API_TOKEN"
		}
	}
	urlName = r.prefix + "URL"
	if vars.TokenFile == "" {
		return urlName, vars.Token, r.prefix + "TOKEN"
	}
	tokenName = r.prefix + "TOKEN_FILE"
	if vars.Token != "" {
		r.problem("TOKEN_FILE", "and "+r.prefix+"TOKEN are both set; set one of them")
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

// checkURL returns a REST URL without trailing slashes and its host, or the reason why
// it is wrong.
func checkURL(raw string, insecure bool) (base, host, reason string) {
	if reason := checkText(raw); reason != "" {
		return "", "", reason
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return "", "", "is not a URL"
	case u.Scheme == "redis" || u.Scheme == "rediss":
		return "", "", "is an address for TCP clients; use the REST URL that the console shows as UPSTASH_REDIS_REST_URL, which starts with https://"
	case u.Scheme != "https" && u.Scheme != "http":
		return "", "", "does not start with https://"
	case u.Hostname() == "":
		return "", "", "names no host"
	case strings.ContainsFunc(u.Hostname(), func(r rune) bool { return r > unicode.MaxASCII }):
		return "", "", "has a host with letters outside ASCII; write the host as DNS has it, xn--…"
	case strings.Contains(u.Host, "$"):
		return "", "", "holds a placeholder that nothing was put in place of"
	case u.User != nil:
		return "", "", "holds a user or password; the token is given separately"
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", "", "holds a query or fragment"
	case u.Scheme == "http" && !insecure && !isLoopback(u.Hostname()):
		return "", "", "starts with http:// and is not this machine: the token would be sent unencrypted; use https://, or allow it with UPSTASH_REDIS_REST_ALLOW_HTTP=true or WithInsecureHTTP(true)"
	}
	return strings.TrimRight(u.String(), "/"), u.Host, ""
}

// isLoopback says whether a host is certainly this machine. A name below localhost, such
// as db.localhost, is not: Go asks the name server for it.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// checkToken says what is wrong with a token.
func checkToken(token string) (reason string) {
	if reason := checkText(token); reason != "" {
		return reason
	}
	word, _, more := strings.Cut(token, " ")
	switch {
	case more && (strings.EqualFold(word, "Bearer") || strings.EqualFold(word, "Basic")), strings.EqualFold(word, "Authorization:"):
		return "is a whole Authorization header; give the token alone"
	case assignment.MatchString(token):
		return "is a whole line of an .env file; give what follows the ="
	case strings.HasPrefix(token, "https://") || strings.HasPrefix(token, "http://"):
		return "is a URL"
	case placeholder.MatchString(token):
		return "is a placeholder that nothing was put in place of"
	case strings.Trim(token, "*•") == "":
		return "is masked; copy the token itself"
	}
	return ""
}

// An assignment gives a variable its value: TOKEN=abc. Base64 has = at its end only.
var assignment = regexp.MustCompile(`^[A-Z][A-Z0-9_]*=[^=]`)

// A placeholder stands for a value in a template: $TOKEN, ${TOKEN}, ${TOKEN:-x},
// $(cat token), %TOKEN%, <token>, {{ token }}, [token], process.env.TOKEN.
var placeholder = regexp.MustCompile(`^(\$\w+|process\.env\.\w+|\$\{.*\}|\$\(.*\)|%\w+%|<.*>|\{.*\}|\[.*\])$`)

// checkText says what is wrong with a value that was copied by hand, or by a tool that
// adds quotes.
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
