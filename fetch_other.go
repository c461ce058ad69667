//go:build !js

package redis

import (
	"net/http"

	"github.com/redis-rest/redis-rest-go/internal/client/rest"
)

func newTransport() *http.Transport { return rest.NewTransport() }

// overFetch has nothing to do where net/http is no fetch.
func overFetch(hc *http.Client) *http.Client { return hc }
