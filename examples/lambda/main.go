// Lambda is an AWS Lambda function with a URL, on provided.al2023, that allows each
// caller 10 visits a minute.
//
//	sam build && sam deploy --guided    # with template.yaml
//
// With the variable OTEL_EXPORTER_OTLP_ENDPOINT it sends traces there.
//
// In your own module, leave out the replace lines of go.mod.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"go.opentelemetry.io/otel/propagation"

	redis "github.com/redis-rest/redis-rest-go"
	redisotel "github.com/redis-rest/redis-rest-go/otel"
	"github.com/redis-rest/redis-rest-go/ratelimit"
)

func main() {
	traces, err := newTraces(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	// All calls to this instance share the client. FromEnv opens no
	// connection.
	rdb, err := redis.FromEnv(redis.WithHook(redisotel.Hook(redisotel.WithTracerProvider(traces), redisotel.WithPropagator(propagation.TraceContext{}))))
	if err != nil {
		log.Fatal(err)
	}
	limiter, err := ratelimit.New(rdb, ratelimit.TokenBucket(10, time.Minute, 10), ratelimit.WithPrefix("visits"))
	if err != nil {
		log.Fatal(err)
	}
	lambda.Start(traced(traces, handler(limiter)))
}

type (
	function = func(context.Context, request) (response, error)
	request  = events.LambdaFunctionURLRequest
	response = events.LambdaFunctionURLResponse
)

// The context of a call ends when the function's time runs out.
func handler(limiter *ratelimit.Limiter) function {
	return func(ctx context.Context, r request) (response, error) {
		d, err := limiter.Limit(ctx, r.RequestContext.HTTP.SourceIP)
		switch {
		case err != nil:
			return response{}, err
		case !d.Allowed:
			return response{StatusCode: http.StatusTooManyRequests, Body: "too many visits\n"}, nil
		}
		return response{StatusCode: http.StatusOK, Body: fmt.Sprintf("%d visits left\n", d.Remaining)}, nil
	}
}
