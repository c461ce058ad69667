package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/command"
	"github.com/redis-rest/redis-rest-go/redistest"
)

func TestSession(t *testing.T) {
	s := redistest.NewServer(t, redistest.Backend("memory"))
	web := httptest.NewServer(handler(&Sessions{s.Client(), 30 * time.Minute}))
	defer web.Close()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	browser := &http.Client{Jar: jar}
	look := func() int {
		resp, err := browser.Get(web.URL)
		require.NoError(t, err)
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		if resp.StatusCode == http.StatusOK {
			require.Contains(t, string(text), "hello, ada;")
		}
		return resp.StatusCode
	}
	post := func(path string) {
		resp, err := browser.PostForm(web.URL+path, url.Values{"user": {"ada"}})
		require.NoError(t, err)
		defer resp.Body.Close()
		require.Equal(t, http.StatusOK, resp.StatusCode)
	}
	require.Equal(t, http.StatusUnauthorized, look())
	post("/login")
	for range 3 { // each request makes it live longer
		require.Equal(t, http.StatusOK, look())
		s.Advance(29 * time.Minute)
	}
	s.Advance(time.Minute)
	require.Equal(t, http.StatusUnauthorized, look(), "it has expired")

	post("/login")
	require.Equal(t, http.StatusOK, look())
	u, err := url.Parse(web.URL)
	require.NoError(t, err)
	stolen := jar.Cookies(u)
	post("/logout")
	require.Equal(t, http.StatusUnauthorized, look())
	jar.SetCookies(u, stolen)
	require.Equal(t, http.StatusUnauthorized, look(), "it has ended for everybody")
	n, err := command.DBSize().Do(t.Context(), s.Client())
	require.NoError(t, err)
	require.Zero(t, n)

	server := &Sessions{s.Client(), time.Minute}
	id, err := server.Begin(t.Context(), "ada")
	require.NoError(t, err)
	keys, err := command.Keys("*").Do(t.Context(), s.Client())
	require.NoError(t, err)
	require.Len(t, keys, 1)
	require.NotContains(t, keys[0], id)
}

func TestWithoutRedis(t *testing.T) {
	s := redistest.NewServer(t)
	rdb := s.Client()
	require.NoError(t, rdb.Close())
	r := httptest.NewRequest("GET", "/", nil)
	r.AddCookie(&http.Cookie{Name: cookie, Value: "x"})
	w := httptest.NewRecorder()
	handler(&Sessions{rdb, time.Minute}).ServeHTTP(w, r)
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
}
