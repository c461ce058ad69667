// Session is an HTTP server that keeps who has logged in. A session is a hash. It ends half an hour after its last
// request, and at once at a logout. Several copies of the server share the sessions.
//
//	go run ./cmd/redis-rest serve    # prints two lines to export in your shell
//	go run ./examples/session
//	curl -c jar -d user=ada http://127.0.0.1:8080/login
//	curl -b jar http://127.0.0.1:8080/
package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log"
	"net/http"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/command"
)

func main() {
	rdb, err := redis.FromEnv()
	if err != nil {
		log.Fatal(err)
	}
	const address = "127.0.0.1:8080"
	log.Print("listening on ", address)
	log.Fatal(http.ListenAndServe(address, handler(&Sessions{rdb, 30 * time.Minute})))
}

// A Session is what the server knows of a browser.
type Session struct {
	User  string    `redis:"user"`
	Since time.Time `redis:"since"`
}

// Sessions are kept in Redis.
type Sessions struct {
	Redis *redis.Redis
	TTL   time.Duration // after the last request
}

// key has a digest of the id, so that whoever reads the database cannot take over sessions.
func key(id string) string {
	sum := sha256.Sum256([]byte(id))
	return "session:" + hex.EncodeToString(sum[:])
}

// Begin begins a session and returns its id, which only the browser may know.
func (s *Sessions) Begin(ctx context.Context, user string) (id string, err error) {
	id = rand.Text()
	b := s.Redis.Multi() // so that no session is without expiry
	command.HSet(key(id), command.Fields(Session{user, time.Now()})).Queue(b)
	command.Expire(key(id), s.TTL).Queue(b)
	return id, b.Exec(ctx)
}

// Find returns a session and makes it live for its whole time again, in one request. If there is none, the error is
// [redis.ErrNil].
func (s *Sessions) Find(ctx context.Context, id string) (Session, error) {
	b := s.Redis.Pipeline()
	found := command.HGetAll[Session](key(id)).Queue(b)
	command.Expire(key(id), s.TTL).Queue(b)
	if err := b.Exec(ctx); err != nil {
		return Session{}, err
	}
	return found.Result()
}

// End ends a session.
func (s *Sessions) End(ctx context.Context, id string) error {
	_, err := command.Del(key(id)).Idempotent().Do(ctx, s.Redis)
	return err
}

const cookie = "session"

func handler(s *Sessions) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		user := r.PostFormValue("user") // and a password, which this example does not check
		if user == "" {
			http.Error(w, "who are you?", http.StatusBadRequest)
			return
		}
		id, err := s.Begin(r.Context(), user)
		if err != nil {
			fail(w, err)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: cookie, Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil})
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	mux.HandleFunc("POST /logout", func(w http.ResponseWriter, r *http.Request) {
		if c, err := r.Cookie(cookie); err == nil {
			if err := s.End(r.Context(), c.Value); err != nil {
				fail(w, err)
				return
			}
		}
		http.SetCookie(w, &http.Cookie{Name: cookie, Path: "/", MaxAge: -1})
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		c, err := r.Cookie(cookie)
		if err != nil {
			http.Error(w, "log in first", http.StatusUnauthorized)
			return
		}
		session, err := s.Find(r.Context(), c.Value)
		switch {
		case errors.Is(err, redis.ErrNil):
			http.Error(w, "log in first", http.StatusUnauthorized)
		case err != nil:
			fail(w, err)
		default:
			fmt.Fprintf(w, "hello, %s; you are here since %s\n", session.User, session.Since.Format(time.TimeOnly))
		}
	})
	return mux
}

func fail(w http.ResponseWriter, err error) {
	log.Print(err)
	http.Error(w, "try again later", http.StatusServiceUnavailable)
}
