// Redis-rest-vet finds mistakes in uses of redis-rest-go that the compiler accepts. go vet
// runs it:
//
//	go install github.com/redis-rest/redis-rest-go/cmd/redis-rest-vet@latest
//	go vet -vettool="$(which redis-rest-vet)" ./...
//
// Its checks are unusedcommand, unsentbatch, slicearg and luasource. Each has a flag
// for go vet: -luasource=false disables the check, and -luasource runs only this check.
package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/redis-rest/redis-rest-go/internal/workbench/vet"
)

const usage = `redis-rest-vet finds mistakes in uses of redis-rest-go that the compiler accepts.
go vet runs it:

	go vet -vettool="$(which redis-rest-vet)" ./...

The checks. Each has a flag for go vet: -NAME=false disables it, -NAME runs only that check.

`

func main() {
	if len(os.Args) == 1 || len(os.Args) == 2 && slices.Contains([]string{"-h", "-help", "--help", "help"}, os.Args[1]) {
		fmt.Print(usage)
		for _, a := range vet.Analyzers {
			title, _, _ := strings.Cut(a.Doc, "\n")
			fmt.Printf("\t%-15s%s\n", a.Name, title)
		}
		fmt.Print("\nredis-rest-vet help NAME describes a check.\n")
		return
	}
	unitchecker.Main(vet.Analyzers...)
}
