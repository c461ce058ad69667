// Startnethttp does the same as start, with net/http only.
package main

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
)

func main() {
	body, err := json.Marshal([]string{"EVALSHA", "e0e1f9fabfc9d4800c877a703b823ac0578ff831", "1", "counter", "10", "60"})
	if err != nil {
		log.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, os.Getenv("UPSTASH_REDIS_REST_URL"), strings.NewReader(string(body)))
	if err != nil {
		log.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+os.Getenv("UPSTASH_REDIS_REST_TOKEN"))
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		log.Fatal(err)
	}
	var reply struct{ Result int64 }
	if err := json.Unmarshal(data, &reply); err != nil || reply.Result != 101 {
		log.Fatal(reply, err)
	}
}
