package tell_test

import (
	"slices"
	"strings"

	"ptsim/explore"
	"ptsim/internal/stepper"
)

// claimed is what sentences can claim, and where a view says whether it is so.
var claimed = []claim{
	// Masks and halves.
	say(`(page\d+)'s mask is now ([-PHA|]+)`, func(c *court, m []string) bool {
		return pageIn(c.after, m[1]).Mask == m[2]
	}),
	say(`turns `+halfRE+`(?: \((\w+)\))? from `+stateRE+` to `+stateRE, func(c *court, m []string) bool {
		h := side(m[1])
		table := pageIn(c.before, m[2]).Halves[h].Table
		if table == "" {
			table = pageIn(c.after, m[2]).Halves[h].Table
		}
		return halfIs(c.before, m[2], h, m[4]) && halfIs(c.after, m[2], h, m[5]) && table == m[3] && m[4] != m[5]
	}),
	say(`fresh (page\d+), to which nothing leads yet, turns its lower half(?: \((\w+)\))? from free to allocated`, func(c *court, m []string) bool {
		return pageIn(c.after, m[1]).Halves[0].Table == m[2] && pageIn(c.before, m[1]) == nil && halfIs(c.after, m[1], 0, "allocated") && halfIs(c.after, m[1], 1, "free") && !c.listed(c.after, m[1])
	}),
	say(`; (?:P of )?the (lower|upper) half (?:is|stays) (?:still )?`+stateRE, func(c *court, m []string) bool {
		return halfIs(c.after, c.subject(), side(m[1]), m[2])
	}),
	say(`(?:the lock|in it|the rcu_head): the (lower|upper) half is `+stateRE, func(c *court, m []string) bool {
		return halfIs(c.after, c.subject(), side(m[1]), m[2])
	}),
	say(`the (lower|upper) half (?:was deferred meanwhile|has the page's rcu_head)`, func(c *court, m []string) bool {
		return halfIs(c.after, c.subject(), side(m[1]), "pending on rcu_head") && pageIn(c.after, c.subject()).Words == queuedIf(c)
	}),
	say(`does not chain the (lower|upper) half`, func(c *court, m []string) bool {
		return halfIs(c.after, c.subject(), side(m[1]), "pending on rcu_head") && pageIn(c.after, c.subject()).Refs&12 == 0 && c.queued(c.subject()) == nil
	}),
	say(`(?:releases? the page|nothing is left|no bit is left|both of? ?halves are free)`, func(c *court, m []string) bool {
		p := pageIn(c.after, c.subject())
		return p.Mask == "--|--|--" && !p.Freed
	}),
	say(`(page\d+) to release, which nobody else has`, func(c *court, m []string) bool {
		return pageIn(c.after, m[1]).Mask == "--|--|--" && !c.listed(c.after, m[1])
	}),
	say(`both A bits (?:go on together|of page\d+ off)`, func(c *court, m []string) bool {
		p := pageIn(c.after, c.subject())
		return p.Whole && (p.Mask == "--|--|AA") == (m[0] == "both A bits go on together")
	}),
	say(`looks at (page\d+)(?: in the task itself,)? without a lock: its (lower|upper) half is allocated`, func(c *court, m []string) bool {
		return halfIs(c.after, m[1], side(m[2]), "allocated") && !halfIs(c.after, m[1], 1-side(m[2]), "allocated")
	}),
	say(`looks at (page\d+)(?: in the task itself,)? without a lock: no half is allocated`, func(c *court, m []string) bool {
		return !halfIs(c.after, m[1], 0, "allocated") && !halfIs(c.after, m[1], 1, "allocated") && !c.listed(c.after, m[1])
	}),
	say(`reads the mask of (page\d+), the first page: its (lower|upper) half is (free|pending)`, func(c *court, m []string) bool {
		return halfIs(c.after, m[1], side(m[2]), m[3]) && firstOfSome(c.after, m[1])
	}),
	say(`reads from `+halfRE+`(?: \((\w+)\))?, which is `+stateRE, func(c *court, m []string) bool {
		return halfIs(c.after, m[2], side(m[1]), m[4]) && c.lane().RCU && pageIn(c.after, m[2]).Halves[side(m[1])].Table == m[3] ||
			m[4] == "free" && (pageIn(c.after, m[2]).Active || pageIn(c.after, m[2]).Mask == "--|--|--")
	}),
	say(`reads from the table in (page\d+)`, func(c *court, m []string) bool {
		return pageIn(c.after, m[1]).Whole && !pageIn(c.after, m[1]).Freed && c.lane().RCU
	}),
	say(`reads inside rcu_read_lock from `+halfRE+`, which is free by now`, func(c *court, m []string) bool {
		return c.lane().RCU && (pageIn(c.after, m[2]).Freed || halfIs(c.after, m[2], side(m[1]), "free"))
	}),

	say(`and this half can be used again|keeps this half from being used`, func(c *court, m []string) bool {
		return c.listed(c.after, c.subject()) == (m[0] == "and this half can be used again")
	}),

	// The list.
	say(`puts (page\d+) at the (front|end) of (mm\d+)'s list`, func(c *court, m []string) bool {
		list := mmIn(c.after, m[3]).List
		return (m[2] == "front" && list[0] == m[1] || m[2] == "end" && list[len(list)-1] == m[1]) && !c.listed(c.before, m[1]) &&
			(m[2] == "end") == strings.HasPrefix(c.after.Did.Text, "list_add_tail(") // of one page both are so
	}),
	say(`takes (page\d+) off (mm\d+)'s list`, func(c *court, m []string) bool {
		return slices.Contains(mmIn(c.before, m[2]).List, m[1]) && !c.listed(c.after, m[1])
	}),
	say(`leaves (page\d+) as it is, on no list: PageActive`, func(c *court, m []string) bool {
		return !c.listed(c.before, m[1]) && !c.listed(c.after, m[1]) && pageIn(c.after, m[1]).Active
	}),
	say(`: its (lower|upper) half is `+stateRE, func(c *court, m []string) bool {
		return halfIs(c.after, c.subject(), side(m[1]), m[2])
	}),
	say(`list(?: again)?: its (lower|upper) half can be handed out (as soon as|from now on)`, func(c *court, m []string) bool {
		return halfIs(c.after, c.subject(), side(m[1]), map[string]string{"as soon as": "pending", "from now on": "free"}[m[2]])
	}),
	say(`list: one half is allocated and the other pending`, func(c *court, m []string) bool {
		mask := pageIn(c.after, c.subject()).Mask
		return mask == "P-|--|-A" || mask == "-P|--|A-"
	}),
	say(`list: both halves are allocated`, func(c *court, m []string) bool {
		return pageIn(c.after, c.subject()).Mask == "--|--|AA"
	}),
	say(`list: (?:none of its halves is allocated|it has a pending half, and the other is free|its words are the rcu_head's)`, func(c *court, m []string) bool {
		p := pageIn(c.after, c.subject())
		return !strings.Contains(p.Mask, "A") && strings.Contains(p.Mask, "P")
	}),
	say(`finds (mm\d+)'s list empty`, func(c *court, m []string) bool { return len(mmIn(c.after, m[1]).List) == 0 }),
	say(`finds (page\d+) first on (mm\d+)'s list`, func(c *court, m []string) bool { return mmIn(c.after, m[2]).List[0] == m[1] }),
	say(`has to leave the list|it is on the list yet`, func(c *court, m []string) bool { return c.listed(c.after, c.subject()) }),
	say(`has to go on the list|goes back on the list|stays off the list|off the list already|the page is off the list|which is off the list|not put back`,
		func(c *court, m []string) bool { return !c.listed(c.after, c.subject()) }),

	// Locks and readers.
	say(`takes (?:the context\.lock of )?(mm\d+)(?:'s context\.lock|, which)`, func(c *court, m []string) bool {
		if mm := mmIn(c.after, m[1]); !mm.Freed {
			return mm.Lock == c.me() && mmIn(c.before, m[1]).Lock == ""
		}
		return c.after.Violation != nil || strings.Contains(c.text, "even if the mm has gone")
	}),
	say(`releases (?:the context\.lock of )?(mm\d+)(?:'s context\.lock|, which)`, func(c *court, m []string) bool {
		return mmIn(c.after, m[1]).Lock == "" && (mmIn(c.before, m[1]).Freed || mmIn(c.before, m[1]).Lock == c.me())
	}),
	say(`with BH (off|on)`, func(c *court, m []string) bool {
		return m[0] == "with BH on" && !c.lane().BH || m[1] == "off" && (c.lane().BH || strings.Contains(c.text, "grace period"))
	}),
	say(`wants (mm\d+)'s context\.lock, which (.*), the task that it interrupted, holds with BH on`, func(c *court, m []string) bool {
		l := find(c.before.Lanes, func(l *stepper.Lane) bool { return strings.HasPrefix(m[2], l.Letter+" "+l.Name) })
		return c.lane().Kind == explore.SoftirqThread && mmIn(c.before, m[1]).Lock == m[2] && l.CPU == c.lane().CPU && !l.BH
	}),
	say(`frees (mm\d+) while (.*) holds its context\.lock`, func(c *court, m []string) bool {
		pinned := c.ses.Question.Version.Pin() != ""
		return mmIn(c.before, m[1]).Lock == m[2] && mmIn(c.after, m[1]).Freed && strings.Contains(c.text, "the pin went") == pinned
	}),
	say(`takes (\w+)'s i_mmap_rwsem for (reading|writing)`, func(c *court, m []string) bool {
		h := find(c.after.Files, func(f *stepper.File) bool { return f.Name == m[1] }).Holders
		return slices.Contains(h, c.me()) && (m[2] == "reading" || len(h) == 1) && strings.HasPrefix(c.after.Did.Text, map[string]string{"reading": "down_read(", "writing": "down_write("}[m[2]])
	}),
	say(`releases (\w+)'s i_mmap_rwsem`, func(c *court, m []string) bool {
		name := func(f *stepper.File) bool { return f.Name == m[1] }
		return slices.Contains(find(c.before.Files, name).Holders, c.me()) && !slices.Contains(find(c.after.Files, name).Holders, c.me())
	}),
	say(`(enters|leaves) rcu_read_lock`, func(c *court, m []string) bool { return c.lane().RCU == (m[1] == "enters") }),
	say(`sees (no|a) TLB flush due for (mm\d+)`, func(c *court, m []string) bool {
		return mmIn(c.after, m[2]).Lock == c.me() && (m[1] == "no") == strings.HasSuffix(c.after.Did.Text, ": 0")
	}),

	// RCU.
	say(`(?:queues the rcu_head of|chains the \w+ half of|hands) (\w+\d)(?:.* with (pte_free_\w+)\(\))?.*?: (its grace period waits for .*|no reader is inside.*)\.$`, func(c *court, m []string) bool {
		k := c.queued(m[1])
		if k == nil || m[2] != "" && "pte_free_"+k.Func != m[2] {
			return false
		}
		if len(k.Waits) == 0 {
			return strings.HasPrefix(m[3], "no reader is inside")
		}
		who, more, _ := strings.Cut(strings.TrimPrefix(m[3], "its grace period waits for "), ", and for ")
		switch len(k.Waits) {
		case 1:
			return who == k.Waits[0] && more == ""
		case 2:
			return who == k.Waits[0] && more == k.Waits[1]
		}
		return who == k.Waits[0] && number(strings.TrimSuffix(more, " more")) == len(k.Waits)-1
	}),
	say(`chains the (lower|upper) half of (page\d+)`, func(c *court, m []string) bool {
		return halfIs(c.after, m[2], side(m[1]), "pending on rcu_head") && c.queued(m[2]).Func == map[string]string{"lower": "now0", "upper": "now1"}[m[1]]
	}),
	say(`hands (batch\d+)(?:, which is full)? with (.*?),? to call_rcu`, func(c *court, m []string) bool {
		b := batchIn(c.after, m[1])
		return b.State == stepper.BatchQueued && spoken(b.Tables) == m[2]
	}),
	say(`begins the callback of (batch\d+), whose grace period is over: no reader is left in (.*)\.`, func(c *court, m []string) bool {
		b := batchIn(c.after, m[1])
		all := strings.NewReplacer("either half", "both halves", " or ", " and ").Replace(m[2])
		return b.State == stepper.BatchRunning && spoken(b.Tables) == all && c.queued(m[1]) == nil
	}),
	say(`begins pte_free_(\w+)\(\) for (page\d+)`, func(c *court, m []string) bool {
		return c.queued(m[2]) == nil && c.lane().Doing == m[1]+"("+m[2]+")"
	}),
	say(`rcu_head is over, and no reader is left in the (lower|upper) half`, func(c *court, m []string) bool {
		return halfIs(c.after, c.subject(), side(m[1]), "pending on rcu_head")
	}),
	say(`begins mmdrop_async_fn\(\) for (mm\d+)`, func(c *court, m []string) bool {
		return mmIn(c.after, m[1]).Count == 0 && !mmIn(c.after, m[1]).Freed && c.lane().Kind == explore.KworkerThread
	}),
	say(`queues mmdrop_async_fn\(\)`, func(c *court, m []string) bool { return len(c.after.Work) > len(c.before.Work) }),
	say(`begins slab_reclaim for`, func(c *court, m []string) bool {
		return c.lane().Doing != "" && len(c.after.RCU) == len(c.before.RCU)-1
	}),
	say(`(gives the memory of|and leaves it alone|queues it for another)`, func(c *court, m []string) bool {
		return c.lane().Kind == explore.SoftirqThread && len(c.after.RCU)-len(c.before.RCU) == strings.Count(m[1], "queues it")
	}),

	// What comes and goes.
	say(`frees (page\d+)`, func(c *court, m []string) bool {
		p := pageIn(c.after, m[1])
		return p.Freed && !pageIn(c.before, m[1]).Freed
	}),
	say(`frees (mm\d+)(?: with| in|,)`, func(c *court, m []string) bool { return mmIn(c.after, m[1]).Freed && !mmIn(c.before, m[1]).Freed }),
	say(`frees the list object of (mm\d+)`, func(c *court, m []string) bool {
		return len(c.after.RCU) >= len(c.before.RCU) && !mmIn(c.after, m[1]).Freed
	}),
	say(`frees (batch\d+)`, func(c *court, m []string) bool {
		return batchIn(c.after, m[1]).State == stepper.BatchFreed && batchIn(c.before, m[1]).State == stepper.BatchRunning
	}),
	say(`(mm\d+), which (.*) freed at step (\d+)`, func(c *court, m []string) bool { return c.freedBy(m[1], m[2], number(m[3])) }),
	say(`(mm_count|mm_users) is now (\d+)`, func(c *court, m []string) bool {
		for _, mm := range c.after.MMs {
			if strings.Contains(c.text, mm.Name) {
				return m[1] == "mm_count" && mm.Count == number(m[2]) || m[1] == "mm_users" && mm.Users == number(m[2])
			}
		}
		return false
	}),
	say(`makes (mm\d+), with one user, one reference and an empty`, func(c *court, m []string) bool { return mmIn(c.before, m[1]) == nil }),
	say(`list object`, func(c *court, m []string) bool {
		return !strings.Contains(c.text, "for the new mm") || len(c.after.MMs) > len(c.before.MMs)
	}),
	say(`takes fresh (page\d+)`, func(c *court, m []string) bool { return pageIn(c.before, m[1]) == nil && pageIn(c.after, m[1]) != nil }),

	// PageActive.
	say(`PageActive of (page\d+)(?: is)? set`, func(c *court, m []string) bool { return pageIn(c.before, m[1]).Active }),
	say(`PageActive of (page\d+)(?: is)? clear`, func(c *court, m []string) bool { return !pageIn(c.before, m[1]).Active }),
	say(`sets PageActive of (page\d+)`, func(c *court, m []string) bool { return pageIn(c.after, m[1]).Active }),
	say(`set and clears it`, func(c *court, m []string) bool { return !pageIn(c.after, c.subject()).Active }),
	say(`has a KVM guest: it has none|reads the order of (page\d+): 0`, func(c *court, m []string) bool { return strings.HasSuffix(c.after.Did.Text, ": 0") }),

	// Mappings.
	say(`empties (\w+'s|its) pmd: only it has (.*) now`, func(c *court, m []string) bool {
		for _, v := range c.before.VMAs {
			if v.Table != "" && vmaIn(c.after, v.Name).Table == "" {
				table := strings.NewReplacer("the lower half of ", "", "the upper half of ", "", "the table in ", "").Replace(m[2])
				return strings.Contains(v.Table, table) && (m[1] != "its" || v.Linked)
			}
		}
		return false
	}),
	say(`finds (\w+)('s pmd empty| in the tree, but its pmd empty)`, func(c *court, m []string) bool {
		return vmaIn(c.before, m[1]).Table == "" && vmaIn(c.after, m[1]).Table == ""
	}),
	say(`puts (\w+) under (\w+)'s pmd`, func(c *court, m []string) bool {
		return vmaIn(c.before, m[2]).Table == "" && strings.HasPrefix(vmaIn(c.after, m[2]).Table, m[1]+",")
	}),
	say(`finds (.*) under (\w+)'s pmd( already)?, `, func(c *court, m []string) bool {
		table := strings.NewReplacer("the lower half of ", "", "the upper half of ", "", "the table in ", "").Replace(m[1])
		return strings.Contains(vmaIn(c.before, m[2]).Table, table) && vmaIn(c.after, m[2]).Table == vmaIn(c.before, m[2]).Table
	}),
	say(`a retract that comes now (finds|does not find) (\w+)`, func(c *court, m []string) bool {
		return vmaIn(c.after, m[2]).Linked == (m[1] == "finds")
	}),
	say(`(\w+) (taken out of|put in|not in) the i_mmap tree`, func(c *court, m []string) bool { return vmaIn(c.after, m[1]).Linked == (m[2] == "put in") }),
	say(`(\w+) put in (batch\d+)`, func(c *court, m []string) bool {
		b := batchIn(c.after, m[2])
		return b != nil && len(b.Tables) > 0 && len(b.Tables) >= strings.Count(c.text, "put in "+m[2])
	}),
	say(`touches only what is its own`, func(c *court, m []string) bool { return len(c.after.Did.Changes) == 0 }),
	say(`takes the last step of all \(.*\), and (page\d+) is lost with mask ([-PHA|]+): pending on rcu_head`, func(c *court, m []string) bool {
		p := pageIn(c.after, m[1])
		return c.after.Ended && p.Mask == m[2] && strings.Contains(m[2], "H") && len(c.after.RCU) == 0
	}),
	say(`VIOLATION: (.*)\.$`, func(c *court, m []string) bool { return c.after.Violation.Sentence == m[1] }),
}

func firstOfSome(v *stepper.View, page string) bool {
	return slices.ContainsFunc(v.MMs, func(m stepper.MM) bool { return len(m.List) > 0 && m.List[0] == page })
}

// queuedIf says what the words of the page must be: queued if the sentence leaves the head in use, at rest otherwise.
func queuedIf(c *court) stepper.Words {
	if strings.Contains(c.text, "has the page's rcu_head") && c.queued(c.subject()) != nil {
		return stepper.HeadQueued
	}
	return stepper.OffList
}
