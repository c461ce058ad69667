package restserver

import (
	"context"
	"strconv"
	"strings"
)

// Waiting returns how many commands wait for data in the database.
func Waiting(s *Server) int {
	if m, ok := s.main.db.(inMemory); ok {
		return m.Waiting()
	}
	reply, err := s.main.db.run(context.Background(), &command{args: []string{"INFO", "clients"}, name: "INFO"})
	if err != nil {
		return -1
	}
	_, text, _ := strings.Cut(string(reply), "blocked_clients:")
	text, _, _ = strings.Cut(text, "\r\n")
	n, _ := strconv.Atoi(text)
	return n
}

// Buffered returns the bytes that requests take.
func Buffered(s *Server) int64 { return s.budget.used.Load() }

// Running returns how many requests run.
func Running(s *Server) int { return len(s.running) }
