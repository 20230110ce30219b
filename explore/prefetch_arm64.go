package explore

// prefetch has a line brought near while the search does something else: nearly every probe of a large table misses all caches.
//
//go:noescape
func prefetch(p *line)
