package redis_test

import (
	"fmt"
	"log"
	"time"

	"github.com/redis-rest/redis-rest-go/command"
)

// Typed commands, alone and in a pipeline.
func Example_typedCommands() {
	type User struct {
		Name  string `redis:"name"`
		Level int    `redis:"level"`
	}

	rdb := client("user:456:lock", "user:456", "scores")
	ok, err := command.Set("user:456:lock", "me", command.EX(time.Minute), command.NX()).Do(ctx, rdb)
	fmt.Println(ok, err)
	b := rdb.Pipeline()
	command.HSet("user:456", map[string]any{"name": "Ada", "level": 3}).Queue(b)
	command.ZAdd("scores", []command.Z{{Member: "Ada", Score: 310}}, command.GT()).Queue(b)
	user := command.HGetAll[User]("user:456").Queue(b)
	best := command.ZRangeWithScores("scores", command.ByRank(0, 9), command.Rev()).Queue(b)
	if err := b.Exec(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.Result())
	fmt.Println(best.Result())
	// Output:
	// true <nil>
	// {Ada 3} <nil>
	// [{Ada 310}] <nil>
}
