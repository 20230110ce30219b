package explore

import "slices"

// The table of a search by one thread doubles where it is. Keys lie in their order, so what was in line i belongs into the
// lines 2i and 2i+1. From the last line to the first, each is emptied and what was in it put where it belongs, which is never
// before a line that is yet to be emptied, unless a key lay far from its place. Such keys, and those of the first lines, are put
// aside and come last.

// asideLines is how many of the first lines are put aside.
const asideLines = 64

// spread puts what is in the first n of 2n lines, the others being empty, where it belongs among all.
func spread(lines []line, n int) {
	first := lines[:min(asideLines, n)]
	aside := slices.Clone(first)
	clear(first)
	for i := n - 1; i >= len(first); i-- {
		from := lines[i]
		lines[i] = line{}
		for j, key := range from.keys {
			if key == 0 {
				break
			}
			made := from.set(j)
			if place(key, len(lines)) < i {
				aside = append(aside, line{})
				aside[len(aside)-1].put(0, key, made)
				continue
			}
			drop(lines, key, made)
		}
	}
	for i := range aside {
		copyLine(lines, &aside[i])
	}
}

// copyLine puts what is in a line into a table that nobody else sees.
func copyLine(to []line, l *line) {
	for j, key := range l.keys {
		if key == 0 {
			return // they fill up in their order
		}
		drop(to, key, l.set(j))
	}
}

// drop puts a key that is not there into a table that nobody else sees, and that has room.
func drop(to []line, key uint64, made uint32) {
	for i := place(key, len(to)); ; i++ {
		if i == len(to) {
			i = 0
		}
		for k := range to[i].keys {
			if to[i].keys[k] == 0 {
				to[i].put(k, key, made)
				return
			}
		}
	}
}

// set is the set of a key in a line that nobody else changes.
func (l *line) set(j int) uint32 { return uint32(l.masks[j/3]>>(j%3*maskBits)) & everyBit }

// put puts a key and its set into a slot that is empty.
func (l *line) put(j int, key uint64, made uint32) {
	l.keys[j] = key
	l.masks[j/3] |= uint64(made) << (j % 3 * maskBits)
}
