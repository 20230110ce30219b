package zsmalloc

import (
	"fmt"

	"ptsim/kern"
	"ptsim/lab"
	"ptsim/zsmalloc"
)

// Lab is the lab.
func Lab() *lab.Lab {
	return &lab.Lab{
		Name: "zsmalloc", Title: "freeing a zspage while compaction moves its page",
		About: "Compaction finds a page by its number, and asks its owner to move it. zs_page_migrate() reads page->private, which leads " +
			"to the zspage, and takes a lock that it finds there. What keeps zs_free() from freeing the zspage in between?",
		Versions: versions(),
		Settings: []lab.Setting{
			{Form: "chain N", About: "the number of pages in a zspage; 1 by default"},
			{Form: "objects N", About: "the number of objects in a page; 2 by default"},
			{Form: "debug_vm", About: "CONFIG_DEBUG_VM: VM_BUG_ON() checks"},
			{Form: "plain_links", About: "first_page and page->index are plain accesses, as in the kernel, and may race"},
			{Form: "reuse_frames", About: "freed page frames may be handed out again"},
		},
		Params: []lab.Param{{Name: "N", Lo: 1, Hi: 4}, {Name: "NUMBER", Lo: 0, Hi: 3}},
		Nouns: []lab.Noun{
			{
				Form: "pool NAME [isolated N]", About: "the pool, with a count of isolated pages as v5.3 has it",
				Make: func(w *lab.World, c *kern.CPU, l *lab.Line) uint32 {
					sys(w).Drain(drainKind(w)).Isolate(c, uint32(l.Int("N", 0)))
					return uint32(sys(w).Pool)
				},
			},
			{
				Form: "handle NAME in POOL", About: "an object, in the first zspage that has room",
				Make: func(w *lab.World, c *kern.CPU, _ *lab.Line) uint32 {
					h := sys(w).Populate(c, 1)[0]
					w.M.Poke(sys(w).ObjectOf(h), uint32(h)) // what load wants to find
					return uint32(h)
				},
			},
			{
				Form: "zspage NAME of HANDLE", About: "the zspage that the object is in",
				Make: func(w *lab.World, _ *kern.CPU, l *lab.Line) uint32 {
					return uint32(sys(w).ZspageOf(zsmalloc.Handle(w.Of(l, "HANDLE"))))
				},
			},
			{
				Form: "page NAME of ZSPAGE [number NUMBER]", About: "a page of it; the first by default",
				Make: func(w *lab.World, _ *kern.CPU, l *lab.Line) uint32 {
					pages := sys(w).PagesOf(zsmalloc.Zspage(w.Of(l, "ZSPAGE")))
					return uint32(pages[min(l.Int("NUMBER", 0), len(pages)-1)])
				},
			},
		},
		Verbs: verbs(),
		Ends: []lab.End{
			{Form: "freed ZSPAGE", About: "the zspage is freed", Holds: isFreed},
		},
		Machine: func(cfg *kern.Config) { cfg.Frames = 128 },
		Setup:   setup,
		Check:   check,
		Final:   final,
		Rows:    rows,
		Rules:   rules,
		Levels:  levels(),
		Lessons: lessons(),
		Draw:    figures, Questions: questions(),
		Boxes: map[string]lab.Drawing{
			zsmalloc.PoolCache: lab.Box, zsmalloc.ZspageCache: lab.Chain, zsmalloc.HandleCache: lab.Chain, "page": lab.Chain,
		},
	}
}

// drains are the versions in which destroying a pool waits for isolated pages. Everything else in them is v6.8.
var drains = map[string]zsmalloc.DrainKind{
	"drain-no-barrier": zsmalloc.NoBarrier, "drain-v5.3": zsmalloc.DestroyerBarrier, "drain-both": zsmalloc.BothBarriers,
}

func versions() []lab.Version {
	var list []lab.Version
	for _, i := range zsmalloc.Variants() {
		list = append(list, lab.Version{Name: string(i.Variant), Year: i.Year, Source: i.Source, About: i.About, Flawed: i.Flawed})
	}
	const source = "mm/zsmalloc.c of v5.3, commit 701d678599d0"
	return append(list,
		lab.Version{Name: "drain-no-barrier", About: "destroying a pool waits for its isolated pages, without a barrier between the flag and the count"},
		lab.Version{Name: "drain-v5.3", Year: 2019, Source: source, About: "the same with smp_mb() in the destroyer, as merged"},
		lab.Version{Name: "drain-both", Year: 2021, Source: "v5.16, mm/zsmalloc.c: close race window between zs_pool_dec_isolated() and zs_unregister_migration()", About: "the same with a barrier on both sides"},
	)
}

func drainKind(w *lab.World) zsmalloc.DrainKind { return drains[w.Version] }

func sys(w *lab.World) *zsmalloc.System { return w.Protocol.(*zsmalloc.System) }

// setting returns the number of a setting, unless if the scenario has none; and whether it has one.
func setting(s *lab.Scenario, word string, unless int) (n int, has bool) {
	for i := range s.Settings {
		if s.Settings[i].Word == word {
			return s.Settings[i].Int("N", unless), true
		}
	}
	return unless, false
}

// does tells whether a task of the scenario has a line of that verb.
func does(s *lab.Scenario, verb string) bool {
	for i := range s.Tasks {
		for _, op := range s.Tasks[i].Flat() {
			if op.Word == verb {
				return true
			}
		}
	}
	return false
}

func setup(w *lab.World) {
	cfg := zsmalloc.Config{Variant: zsmalloc.Variant(w.Version), Destroys: does(w.Scenario, "destroy")}
	if _, drain := drains[w.Version]; drain {
		cfg.Variant = zsmalloc.V68
	}
	cfg.PagesPerZspage, _ = setting(w.Scenario, "chain", 1)
	cfg.ObjectsPerPage, _ = setting(w.Scenario, "objects", 2)
	_, cfg.DebugVM = setting(w.Scenario, "debug_vm", 0)
	_, cfg.PlainLinks = setting(w.Scenario, "plain_links", 0)
	_, w.In.ReusesFrames = setting(w.Scenario, "reuse_frames", 0)
	s, err := zsmalloc.New(w.M, cfg)
	if err != nil { // the forms allow what New does
		panic(fmt.Sprintf("labs/zsmalloc: %v", err))
	}
	w.M.WarningsAreViolations()
	w.Protocol = s
}

// check looks at every state of v6.8 for what the page lock promises.
func check(w *lab.World) *kern.Violation {
	if w.Version != string(zsmalloc.V68) {
		return nil
	}
	return sys(w).Pinned(w.In.Frames, w.Alive)
}

// final looks at a machine on which all is quiet.
func final(w *lab.World) *kern.Violation {
	r := zsmalloc.Rest{Frames: w.In.Frames, Destroyed: true}
	w.In.Objects(func(cache string, _ kern.Addr) {
		switch cache {
		case zsmalloc.ZspageCache:
			r.Zspages++
		case zsmalloc.HandleCache:
			r.Handles++
		case zsmalloc.PoolCache:
			r.Destroyed = false
		}
	})
	return sys(w).Audit(r)
}

// isFreed looks whether a zspage is gone.
func isFreed(w *lab.World, l *lab.Line) *kern.Violation {
	z := w.Of(l, "ZSPAGE")
	if !w.Alive(kern.Addr(z)) {
		return nil
	}
	return &kern.Violation{Kind: kern.PageLost, Addr: kern.Addr(z), Object: l.Get("ZSPAGE"), Detail: "it has no object, but is still there"}
}
