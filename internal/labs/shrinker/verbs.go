package shrinker

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ptsim/explore"
	"ptsim/kern"
	protocol "ptsim/shrinker"
)

// Verb is something that a task can do.
type Verb struct {
	Name  string
	Super bool   // it takes the number of a super_block
	Kern  string // the kernel functions it is
	About string
	run   func(s *protocol.System, c *kern.CPU, sb protocol.Super, id int) protocol.Super
}

var verbs = []Verb{
	{"shrink", false, "shrink_slab()", "walks shrinker_list", func(s *protocol.System, c *kern.CPU, sb protocol.Super, _ int) protocol.Super {
		s.ShrinkSlab(c)
		return sb
	}},
	{"shrink_memcg", false, "shrink_slab_memcg()", "walks the map of a memcg", func(s *protocol.System, c *kern.CPU, sb protocol.Super, _ int) protocol.Super {
		s.ShrinkSlabMemcg(c)
		return sb
	}},
	{"mount", true, "alloc_super() and sget_fc()", "makes a super_block, and registers its shrinker", func(s *protocol.System, c *kern.CPU, _ protocol.Super, id int) protocol.Super {
		return s.Mount(c, id)
	}},
	{"umount", true, "deactivate_locked_super()", "frees the shrinker, then the super_block", func(s *protocol.System, c *kern.CPU, sb protocol.Super, _ int) protocol.Super {
		s.DeactivateLockedSuper(c, sb)
		return sb
	}},
	{"use", true, "d_lru_add()", "puts one more object on the super_block's LRU", func(s *protocol.System, c *kern.CPU, sb protocol.Super, _ int) protocol.Super {
		s.DLRUAdd(c, sb)
		return sb
	}},
	{"rcu_read_lock", false, "rcu_read_lock()", "enters a reader, perhaps once more", func(_ *protocol.System, c *kern.CPU, sb protocol.Super, _ int) protocol.Super {
		kern.RCUReadLock(c)
		return sb
	}},
	{"rcu_read_unlock", false, "rcu_read_unlock()", "leaves it", func(_ *protocol.System, c *kern.CPU, sb protocol.Super, _ int) protocol.Super {
		kern.RCUReadUnlock(c)
		return sb
	}},
	{"look", false, "list_for_each_entry_rcu()", "reads the count of every shrinker on the list, inside a reader", func(s *protocol.System, c *kern.CPU, sb protocol.Super, _ int) protocol.Super {
		s.Look(c)
		return sb
	}},
}

// Verbs returns what tasks can do.
func Verbs() []Verb { return slices.Clone(verbs) }

// maxSupers is how many super_blocks a scenario may speak of.
const maxSupers = 4

// frame is what a task keeps: the super_blocks that it mounted itself.
type frame [maxSupers]protocol.Super

// operation makes an operation of a line. mounted are the super_blocks that are there at the beginning.
func operation(s *protocol.System, mounted []protocol.Super, line string) (explore.Operation, error) {
	name, arg, _ := strings.Cut(line, " ")
	i := slices.IndexFunc(verbs, func(v Verb) bool { return v.Name == name })
	if i < 0 {
		return explore.Operation{}, fmt.Errorf("%s: there is no such verb", line)
	}
	v, id := verbs[i], 0
	if v.Super {
		n, err := strconv.Atoi(arg)
		if err != nil || n < 1 || n > maxSupers {
			return explore.Operation{}, fmt.Errorf("%s: expected the number of a super_block, 1 to %d", line, maxSupers)
		}
		id = n
	}
	return explore.Operation{Name: line, Run: func(c *kern.CPU, f explore.Frame) explore.Frame {
		if id == 0 {
			v.run(s, c, 0, 0)
			return f
		}
		mine := f.(frame)
		sb := mine[id-1]
		if sb == 0 && id <= len(mounted) {
			sb = mounted[id-1]
		}
		mine[id-1] = v.run(s, c, sb, id)
		return mine
	}}, nil
}
