//go:build !js

package redis

// useFetch has nothing to do: net/http does not use fetch here.
func (c *config) useFetch() {}
