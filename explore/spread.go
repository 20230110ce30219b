package explore

import "slices"

// The table of a search by one thread doubles where it is. Keys lie in their order, so what was in line i belongs into the
// lines 2i and 2i+1. From the last line to the first, each is emptied and what was in it put where it belongs, which is never
// before a line that is yet to be emptied, unless a key lay far from its place. Such keys, and those of the first lines, are put
// aside and come last.

// asideLines is how many of the first lines are put aside.
const asideLines = 64

// spread puts what is in the first n of 2n lines, the others being empty, where it belongs among all.
// spread doubles a table in place: lines holds n full lines and n empty ones behind them, and afterwards
// every key is found from its new place on.
//
// Invariant of the loop: lines above i hold only keys that are where they belong, and lines from
// len(first) to i only keys that have not moved. A key of line i belongs into line 2p or 2p+1, where p <=
// i is its place among n. If that is not below i, a probe from there on meets only lines that were
// emptied, so it never lands among keys that have yet to move. If it is below i, since the key lay far
// behind its place, the key is put aside until all lines are emptied. A probe that runs off the end goes
// on in the first lines; these are empty from the beginning.
func (v *visited) spread(lines []line, n int) {
	first := lines[:min(asideLines, n)]
	aside := slices.Clone(first)
	clear(first)
	for i := n - 1; i >= len(first); i-- {
		from := lines[i]
		lines[i] = line{}
		for j, key := range from[:v.keys] {
			if key == 0 {
				break
			}
			if place(key, len(lines)) < i {
				aside = append(aside, line{})
				v.put(&aside[len(aside)-1], 0, &from, j)
				continue
			}
			v.drop(lines, &from, j)
		}
	}
	for i := range aside {
		v.copyLine(lines, &aside[i])
	}
}

// copyLine puts what is in a line into a table that nobody else sees.
func (v *visited) copyLine(to []line, l *line) {
	for j, key := range l[:v.keys] {
		if key == 0 {
			return // they fill up in their order
		}
		v.drop(to, l, j)
	}
}

// drop puts key j of a line, which is not there, into a table that nobody else sees, and that has room.
//
// The order in which keys are dropped decides which slot each gets, and nothing else: a later probe goes
// on to the first empty slot, and there is none between a key and its place.
func (v *visited) drop(to []line, from *line, j int) {
	for i := place(from[j], len(to)); ; i++ {
		if i == len(to) {
			i = 0
		}
		l := &to[i]
		for k := range v.keys {
			if l[k] == 0 {
				v.put(l, k, from, j)
				return
			}
		}
	}
}

// put puts key j of a line, with its set, into a slot that is empty.
func (v *visited) put(to *line, k int, from *line, j int) {
	to[k] = from[j]
	if v.keys == withSets {
		to.addSet(k, from.set(j))
	}
}

// set is the set of a key in a line that nobody else changes.
func (l *line) set(j int) uint32 { return uint32(l[withSets+j/3]>>(j%3*maskBits)) & everyBit }

// addSet adds to it.
func (l *line) addSet(j int, made uint32) {
	l[withSets+j/3] |= uint64(made) << (j % 3 * maskBits)
}
