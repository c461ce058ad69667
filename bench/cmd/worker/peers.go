package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/go-resty/resty/v2"
	"github.com/redis/go-redis/v9"
	"github.com/redis/rueidis"

	"github.com/redis-rest/redis-rest-go/bench/internal/script"
)

// netHTTP does only the necessary: encode, send, read, decode. It keeps a connection for
// each caller.
func netHTTP() (call, error) {
	post := byHand()
	return func(ctx context.Context) (int, error) { return check(post(ctx)) }, nil
}

// netHTTPWithLimit is netHTTP with a timeout for each call.
func netHTTPWithLimit() (call, error) {
	post := byHand()
	return func(ctx context.Context) (int, error) {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		return check(post(ctx))
	}, nil
}

func byHand() func(context.Context) (int64, error) {
	transport := &http.Transport{MaxIdleConnsPerHost: 1024, ForceAttemptHTTP2: true}
	if *protocol != "" {
		transport.Protocols = protocols()
	}
	client := &http.Client{Transport: transport}
	sha := script.SHA()
	return func(ctx context.Context) (int64, error) {
		body, err := json.Marshal([]string{"EVALSHA", sha, "1", key, strconv.Itoa(limit), strconv.Itoa(window)})
		if err != nil {
			return 0, err
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, *url, bytes.NewReader(body))
		if err != nil {
			return 0, err
		}
		req.Header.Set("Authorization", "Bearer "+*token)
		req.Header.Set("Content-Type", "application/json")
		resp, err := client.Do(req)
		if err != nil {
			return 0, err
		}
		defer resp.Body.Close()
		data, err := io.ReadAll(resp.Body)
		if err != nil {
			return 0, err
		}
		var reply struct {
			Result int64
			Error  string
		}
		if err := json.Unmarshal(data, &reply); err != nil {
			return 0, err
		}
		if reply.Error != "" {
			return 0, fmt.Errorf("%s", reply.Error)
		}
		return reply.Result, nil
	}
}

// restyPlainly uses resty as its documentation shows.
func restyPlainly() (call, error) {
	client := resty.New().SetAuthToken(*token)
	sha := script.SHA()
	return func(ctx context.Context) (int, error) {
		var reply struct{ Result int64 }
		_, err := client.R().
			SetContext(ctx).
			SetBody([]any{"EVALSHA", sha, 1, key, limit, window}).
			SetResult(&reply).
			Post(*url)
		return check(reply.Result, err)
	}, nil
}

// goRedis speaks RESP over TCP.
func goRedis() (call, error) {
	client := redis.NewClient(&redis.Options{Addr: *url, PoolSize: max(*callers, 1)})
	sha := script.SHA()
	return func(ctx context.Context) (int, error) {
		return check(client.EvalSha(ctx, sha, []string{key}, limit, window).Int64())
	}, nil
}

// rueidisClient speaks RESP over TCP. Its calls share a connection.
func rueidisClient() (call, error) {
	client, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{*url}, DisableCache: true})
	if err != nil {
		return nil, err
	}
	sha := script.SHA()
	return func(ctx context.Context) (int, error) {
		cmd := client.B().Evalsha().Sha1(sha).Numkeys(1).Key(key).Arg(strconv.Itoa(limit), strconv.Itoa(window)).Build()
		return check(client.Do(ctx, cmd).AsInt64())
	}, nil
}

func protocols() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(*protocol == "1")
	p.SetHTTP2(*protocol == "2")
	return p
}
