package web

// ShrinkPool has a server keep fewer states.
func ShrinkPool(s *Server, tries int) { s.pool.maxTries = tries }

// Kept is how many states it keeps.
func Kept(s *Server) int {
	s.pool.mu.Lock()
	defer s.pool.mu.Unlock()
	return s.pool.tries
}

// Bundle and Bundled are what a file of its own is made of.
var (
	Bundle  = bundle
	Bundled = bundled
	Assets  = assets
)

// PackOf packs values.
func PackOf(values ...any) (*Pack, error) {
	p := newPack()
	for _, v := range values {
		if err := p.add(v); err != nil {
			return nil, err
		}
	}
	return p, nil
}
