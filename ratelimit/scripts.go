package ratelimit

import (
	_ "embed"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
)

var (
	//go:embed fixed_window.lua
	fixedWindowSource string
	//go:embed sliding_window.lua
	slidingWindowSource string
	//go:embed token_bucket.lua
	tokenBucketSource string
	//go:embed gcra.lua
	gcraSource string

	fixedWindowScript   = redis.NewScript[fixedWindowReply](fixedWindowSource, redis.Named("fixed_window.lua"))
	slidingWindowScript = redis.NewScript[slidingWindowReply](slidingWindowSource, redis.Named("sliding_window.lua"))
	tokenBucketScript   = redis.NewScript[tokenBucketReply](tokenBucketSource, redis.Named("token_bucket.lua"))
	gcraScript          = redis.NewScript[gcraReply](gcraSource, redis.Named("gcra.lua"))
)

type fixedWindowReply struct {
	Allowed   bool  `redis:"0"`
	Limit     int64 `redis:"1"`
	Remaining int64 `redis:"2"`
	Reset     int64 `redis:"3"`
	Wait      int64 `redis:"4"`
}

type (
	slidingWindowReply fixedWindowReply
	tokenBucketReply   fixedWindowReply
	gcraReply          fixedWindowReply
)

func fixedWindow(counter string, limit int64, window time.Duration, now time.Time, cost int64, changed string) redis.Command[fixedWindowReply] {
	return fixedWindowScript.Cmd(given(changed, counter), limit, window.Milliseconds(), now.UnixMilli(), cost)
}

func slidingWindow(current, previous string, limit int64, window time.Duration, now time.Time, cost int64, changed string) redis.Command[slidingWindowReply] {
	return slidingWindowScript.Cmd(given(changed, current, previous), limit, window.Milliseconds(), now.UnixMilli(), cost)
}

func tokenBucket(bucket string, capacity, rate int64, interval time.Duration, now time.Time, cost int64, changed string) redis.Command[tokenBucketReply] {
	return tokenBucketScript.Cmd(given(changed, bucket), capacity, rate, interval.Milliseconds(), now.UnixMilli(), cost)
}

func gcra(debt string, burst, rate int64, period time.Duration, now time.Time, cost int64, changed string) redis.Command[gcraReply] {
	return gcraScript.Cmd(given(changed, debt), burst, rate, period.Milliseconds(), now.UnixMilli(), cost)
}

// given adds an optional key.
func given(optional string, keys ...string) []string {
	if optional != "" {
		keys = append(keys, optional)
	}
	return keys
}

func replyOf(r fixedWindowReply) reply {
	return reply{r.Allowed, r.Limit, r.Remaining, time.UnixMilli(r.Reset), time.Duration(r.Wait) * time.Millisecond}
}
