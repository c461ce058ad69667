package rest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/client/rest"
	"github.com/stretchr/testify/require"
)

func TestRetryAfter(t *testing.T) {
	inAnHour := time.Now().Add(time.Hour).UTC()
	for value, check := range map[string]func(time.Duration) bool{
		"":                                  func(d time.Duration) bool { return d == 0 },
		"0":                                 func(d time.Duration) bool { return d == 1 },
		"000":                               func(d time.Duration) bool { return d == 1 },
		" 7 ":                               func(d time.Duration) bool { return d == 7*time.Second },
		"-1":                                func(d time.Duration) bool { return d == 0 },
		"1.5":                               func(d time.Duration) bool { return d == 0 },
		"soon":                              func(d time.Duration) bool { return d == 0 },
		"٣":                                 func(d time.Duration) bool { return d == 0 },
		"1e3":                               func(d time.Duration) bool { return d == 0 },
		"10000000000000000000000000":        func(d time.Duration) bool { return d > 1000*time.Hour },
		inAnHour.Format(http.TimeFormat):    func(d time.Duration) bool { return d > 59*time.Minute && d <= time.Hour },
		inAnHour.Format(time.RFC850):        func(d time.Duration) bool { return d > 59*time.Minute && d <= time.Hour },
		inAnHour.Format(time.ANSIC):         func(d time.Duration) bool { return d > 59*time.Minute && d <= time.Hour },
		"Thu, 01 Jan 1970 00:00:00 GMT":     func(d time.Duration) bool { return d == 1 },
		"Thu, 99 Jan 1970 00:00:00 GMT":     func(d time.Duration) bool { return d == 0 },
		"Mon, 01 Jan 99999 00:00:00 GMT":    func(d time.Duration) bool { return d == 0 },
		strings.Repeat("9", 10000):          func(d time.Duration) bool { return d > 1000*time.Hour },
		inAnHour.Format(time.RFC3339) + "!": func(d time.Duration) bool { return d == 0 },
	} {
		require.True(t, check(rest.RetryAfter(http.Header{"Retry-After": {value}})), "%.50q", value)
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"", "0", "120", "-1", "Fri, 31 Dec 1999 23:59:59 GMT", "Friday, 31-Dec-99 23:59:59 GMT", "Fri Dec 31 23:59:59 1999", "99999999999999999999", "1 2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		d := rest.RetryAfter(http.Header{"Retry-After": {value}})
		if d < 0 {
			t.Fatalf("%q: %v", value, d)
		}
		_, err := http.ParseTime(strings.TrimSpace(value))
		trimmed := strings.TrimSpace(value)
		digits := trimmed != "" && strings.Trim(trimmed, "0123456789") == ""
		if (d > 0) != (digits || err == nil) {
			t.Fatalf("%q: %v", value, d)
		}
	})
}
