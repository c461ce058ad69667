package command_test

import (
	"fmt"
	"log"
	"time"

	"github.com/redis-rest/redis-rest-go/command"
)

// In a pipeline each command has a result with its own type.
func Example_pipeline() {
	b := rdb.Pipeline()
	command.HSet("player:7", map[string]any{"name": "Ada", "level": 3}).Queue(b)
	command.ZAdd("scores", []command.Z{{Member: "Ada", Score: 310}, {Member: "Grace", Score: 420}}).Queue(b)
	player := command.HGetAll[struct {
		Name  string `redis:"name"`
		Level int    `redis:"level"`
	}]("player:7").Queue(b)
	best := command.ZRangeWithScores("scores", command.ByRank(0, 9), command.Rev()).Queue(b)
	rank := command.ZRevRank("scores", "Linus").Queue(b)
	if err := b.Exec(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println(player.Result())
	fmt.Println(best.Result())
	fmt.Println(rank.Result()) // a null reply does not fail the batch
	// Output:
	// {Ada 3} <nil>
	// [{Grace 420} {Ada 310}] <nil>
	// 0 redis: ZREVRANK: nil reply
}

// No client sees a transaction that is only partly done.
func Example_transaction() {
	command.Set("account:a", 100).Do(ctx, rdb)

	tx := rdb.Multi()
	from := command.DecrBy("account:a", 30).Queue(tx)
	to := command.IncrBy("account:b", 30).Queue(tx)
	command.Expire("account:b", 24*time.Hour, command.NX()).Queue(tx)
	entry := command.XAdd("transfers", "1-0", map[string]int{"amount": 30}).Queue(tx)
	if err := tx.Exec(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println(from.Result())
	fmt.Println(to.Result())
	fmt.Println(entry.Result())
	// Output:
	// 70 <nil>
	// 30 <nil>
	// 1-0 <nil>
}
