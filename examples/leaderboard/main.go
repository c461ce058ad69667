// Leaderboard keeps the highest score of each player. It submits a new score and prints
// the first page, in one request.
//
//	go run ./cmd/redis-rest serve                # prints two lines to export in your shell
//	go run ./examples/leaderboard ada 300
//	go run ./examples/leaderboard grace 450
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"strconv"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/command"
)

//go:generate go run ../../cmd/redis-rest gen

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: leaderboard PLAYER SCORE")
	}
	score, err := strconv.ParseInt(os.Args[2], 10, 64)
	if err != nil {
		log.Fatal("the score is not a whole number")
	}
	rdb, err := redis.FromEnv()
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	board := &Board{Redis: rdb, Key: "leaderboard", PageSize: 10}
	result, err := board.Submit(ctx, os.Args[1], score, 0)
	if err != nil {
		log.Fatal(err)
	}
	result.print(os.Stdout)
}

// A Board is a list of players by their highest scores.
type Board struct {
	Redis    *redis.Redis
	Key      string
	PageSize int
}

// A Result tells what happened to a score, and shows the board afterwards.
type Result struct {
	Kept  bool  // it is the player's new highest score
	Rank  int64 // the player's place, from 1
	Total int64 // the number of players
	Page  []Entry
}

// An Entry is one line of the board.
type Entry struct {
	Rank   int64
	Player string
	Score  int64
}

// Submit adds a score and returns a page of the board; the first page is 0. The commands run in
// order in one request, so the page includes the score.
func (b *Board) Submit(ctx context.Context, player string, score int64, page int) (*Result, error) {
	first := page * b.PageSize
	p := b.Redis.Pipeline()
	kept := submit(b.Key, player, score).Queue(p)
	rank := command.ZRevRank(b.Key, player).Queue(p)
	total := command.ZCard(b.Key).Queue(p)
	list := command.ZRangeWithScores(b.Key, command.ByRank(int64(first), int64(first+b.PageSize-1)), command.Rev()).Queue(p)
	if err := p.Exec(ctx); err != nil {
		return nil, err
	}
	// Exec succeeded, so none of them failed.
	r := new(Result)
	r.Kept, _ = kept.Result()
	r.Rank, _ = rank.Result()
	r.Rank++ // Redis counts from 0
	r.Total, _ = total.Result()
	players, _ := list.Result()
	for i, z := range players {
		r.Page = append(r.Page, Entry{int64(first + i + 1), z.Member, int64(z.Score)})
	}
	return r, nil
}

func (r *Result) print(out io.Writer) {
	if !r.Kept {
		fmt.Fprint(out, "not higher than before; ")
	}
	fmt.Fprintf(out, "place %d of %d\n", r.Rank, r.Total)
	for _, e := range r.Page {
		fmt.Fprintf(out, "%4d. %-20s %d\n", e.Rank, e.Player, e.Score)
	}
}
