// Checkout is a shop service. A client that gets no answer posts its order again
// with the same Idempotency-Key, and still buys only once.
//
//	go run ./cmd/redis-rest serve      # prints two lines to export in your shell
//	go run ./examples/checkout
//	curl -i http://127.0.0.1:8080/orders -H 'Idempotency-Key: 7f3a' \
//		-d '{"customer":"ada","item":"book","quantity":2}'
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"strconv"

	redis "github.com/redis-rest/redis-rest-go"
)

//go:generate go run ../../cmd/redis-rest gen

// An Order is what the client posts, and what was bought.
type Order struct {
	Number   int64  `json:"number"`
	Item     string `json:"item"`
	Customer string `json:"customer"`
	Quantity int64  `json:"quantity"`
	Total    int64  `json:"total"`
}

// The keys share the hash tag {shop}, so that one script may use all of them in a cluster.
const (
	lastOrder = "{shop}:order"
	orders    = "{shop}:orders"
)

func itemKey(name string) string     { return "{shop}:item:" + name }
func customerKey(name string) string { return "{shop}:customer:" + name }

func main() {
	rdb, err := redis.FromEnv()
	if err != nil {
		log.Fatal(err)
	}
	if err := stock(context.Background(), rdb); err != nil {
		log.Fatal(err)
	}
	const address = "127.0.0.1:8080"
	log.Print("listening on ", address)
	log.Fatal(http.ListenAndServe(address, handler(rdb)))
}

// stock fills an empty shop, in one request.
func stock(ctx context.Context, rdb *redis.Redis) error {
	b := rdb.Multi()
	for _, field := range []struct {
		key, name string
		value     int
	}{{itemKey("book"), "price", 30}, {itemKey("book"), "stock", 100}, {customerKey("ada"), "balance", 1000}} {
		redis.Cmd[int]("HSETNX", field.key, field.name, field.value).Queue(b)
	}
	return b.Exec(ctx)
}

func handler(rdb redis.Doer) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /orders", func(w http.ResponseWriter, r *http.Request) {
		var want Order
		key := r.Header.Get("Idempotency-Key")
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&want); err != nil || key == "" || want.Quantity < 1 {
			http.Error(w, "an order needs a customer, an item, a quantity of at least 1, and an Idempotency-Key", http.StatusBadRequest)
			return
		}
		// Customers choose their keys independently. The quoted name keeps name and key
		// apart.
		id := strconv.Quote(want.Customer) + key
		order, err := buyOnce(id, itemKey(want.Item), customerKey(want.Customer), lastOrder, orders,
			want.Item, want.Customer, want.Quantity).Do(r.Context(), rdb)
		switch {
		case errors.Is(err, ErrUnknownItem):
			http.Error(w, "there is no such item", http.StatusNotFound)
		case errors.Is(err, ErrInsufficientStock):
			http.Error(w, "sold out", http.StatusConflict)
		case errors.Is(err, ErrInsufficientBalance):
			http.Error(w, "insufficient balance", http.StatusPaymentRequired)
		case errors.Is(err, redis.ErrOutcomeUnknown):
			w.Header().Set("Retry-After", "1")
			http.Error(w, "the outcome is unknown: post the order again with the same key", http.StatusServiceUnavailable)
		case err != nil:
			log.Print(err)
			http.Error(w, "nothing was bought", http.StatusInternalServerError)
		case order.Item != want.Item || order.Quantity != want.Quantity:
			http.Error(w, "this Idempotency-Key was used for another order", http.StatusUnprocessableEntity)
		default:
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusCreated)
			json.NewEncoder(w).Encode(order)
		}
	})
	return mux
}
