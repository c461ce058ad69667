package redistest

// Waiting is how many requests wait for the thaw.
func (s *Server) Waiting() int { return int(s.waiting.Load()) }
