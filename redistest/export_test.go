package redistest

// Waiting returns the number of requests that wait for the thaw.
func (s *Server) Waiting() int { return int(s.waiting.Load()) }
