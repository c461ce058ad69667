package main

import (
	"net/http"

	redis "github.com/redis-rest/redis-rest-go"
)

func init() {
	clients["zz-noguard"] = func() (call, error) {
		rdb, err := oursWith(redis.WithHTTPClient(&http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1024}}))
		return one(rdb), err
	}
	clients["zz-nolimit"] = func() (call, error) {
		rdb, err := oursWith(redis.WithTimeout(0))
		return one(rdb), err
	}
	clients["zz-neither"] = func() (call, error) {
		rdb, err := oursWith(redis.WithTimeout(0), redis.WithHTTPClient(&http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1024}}))
		return one(rdb), err
	}
}
