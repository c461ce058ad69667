// Leaderboard keeps the highest score of each player. It submits a new score and prints
// the first page, in one request.
//
//	go run ./cmd/redis-rest serve                # prints two lines to export in your shell
//	go run ./examples/leaderboard ada 300
//	go run ./examples/leaderboard grace 450
package main

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"log"
	"os"
	"slices"
	"strconv"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
)

//go:embed submit.lua
var source string

// Submitting a score twice has the same effect as submitting it once.
var submit = redis.NewScript[bool](source, redis.Named("submit.lua"), redis.Idempotent())

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
	Kept  bool // it is the player's new highest score
	Rank  int  // the player's place, from 1
	Total int  // the number of players
	Page  []Entry
}

// An Entry is one line of the board.
type Entry struct {
	Rank   int
	Player string
	Score  int64
}

// Submit adds a score and returns a page of the board; the first page is 0. The commands run in
// order in one request, so the page includes the score.
func (b *Board) Submit(ctx context.Context, player string, score int64, page int) (*Result, error) {
	first := page * b.PageSize
	p := b.Redis.Pipeline()
	kept := submit.Cmd([]string{b.Key}, player, score).Queue(p)
	rank := redis.Cmd[int]("ZREVRANK", b.Key, player).Queue(p)
	total := redis.Cmd[int]("ZCARD", b.Key).Queue(p)
	list := redis.Cmd[[]string]("ZREVRANGE", b.Key, first, first+b.PageSize-1, "WITHSCORES").Queue(p)
	if err := p.Exec(ctx); err != nil {
		return nil, err
	}
	// Exec succeeded, so none of them failed.
	r := new(Result)
	r.Kept, _ = kept.Result()
	r.Rank, _ = rank.Result()
	r.Rank++ // Redis counts from 0
	r.Total, _ = total.Result()
	members, _ := list.Result()
	for pair := range slices.Chunk(members, 2) {
		score, err := strconv.ParseFloat(pair[1], 64)
		if err != nil {
			return nil, err
		}
		first++
		r.Page = append(r.Page, Entry{first, pair[0], int64(score)})
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
