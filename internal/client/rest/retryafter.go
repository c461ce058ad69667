package rest

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// RetryAfter reads the Retry-After header, which is seconds or a date (RFC 9110,
// section 10.2.3). It returns 0 if there is no header or it cannot be read. For 0
// seconds and for a date in the past it returns 1 nanosecond, so that the caller sees
// that there was a header.
func RetryAfter(h http.Header) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if value == "" {
		return 0
	}
	if strings.Trim(value, "0123456789") == "" {
		const most = 1 << 31 // seconds; a larger number means never
		seconds, err := strconv.ParseInt(value, 10, 64)
		if err != nil || seconds > most {
			seconds = most
		}
		return max(time.Duration(seconds)*time.Second, 1)
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(time.Until(date), 1)
	}
	return 0
}
