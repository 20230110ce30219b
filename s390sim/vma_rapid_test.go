package s390sim

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"ptsim/kern"
)

func (x *modelMM) compare(t *rapid.T, as *AddressSpace) {
	var populated []int
	have := tablesOf(as)
	for s, yes := range x.table {
		if yes {
			populated = append(populated, s)
			require.Contains(t, have, addrOf(s*kern.PTRSPerPTE), "segment %d has no table", s)
		}
	}
	require.Len(t, have, len(populated), "segments %v should have tables", populated)
	require.Equal(t, len(populated), as.Populated())
	runs := 0
	as.VMAs(func(v *VMA) {
		from, to := int((v.Start-base)>>12), int((v.End-base)>>12)
		name := x.pages[from]
		require.NotZero(t, name, "a VMA at page %d, where nothing is mapped", from)
		lo, hi := x.bounds(from)
		require.Equal(t, [2]int{lo, hi}, [2]int{from, to}, "bounds of the VMA")
		mp := x.mappings[name]
		require.Equal(t, mp, modelMapping{v.File, mp.base, v.Shared, v.Assumed, v.AnonVMA}, "flags of the VMA at page %d", from)
		if v.File != nil {
			require.Equal(t, mp.base, v.Start-v.Offset, "offset of the VMA at page %d", from)
		}
		runs += to - from
	})
	for _, n := range x.pages {
		if n != 0 {
			runs--
		}
	}
	require.Zero(t, runs, "pages are mapped that no VMA covers")
}

// pageRangeIn draws a range of pages, often one that ends at segments.
func pageRangeIn(t *rapid.T, label string) (from, to int) {
	point := rapid.OneOf(
		rapid.Custom(func(t *rapid.T) int { return rapid.IntRange(0, modelSegments).Draw(t, "segment") * kern.PTRSPerPTE }),
		rapid.IntRange(0, modelPages),
	)
	a, b := point.Draw(t, label+" from"), point.Draw(t, label+" to")
	if a == b {
		b = min(a+1, modelPages)
		a = b - 1
	}
	return min(a, b), max(a, b)
}

func TestAddressSpaceAgainstPages(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		variant := rapid.SampledFrom(sound()).Draw(t, "variant")
		m, err := New(Config{Variant: variant, CPUs: 2, Checks: true, Contents: true})
		require.NoError(t, err)
		files := []*File{m.NewFile(), m.NewFile()}
		first := m.NewMM(m.CPU(0))
		spaces := []*AddressSpace{first}
		models := []*modelMM{{mappings: map[int]modelMapping{}}}
		now := int64(0)

		some := func(t *rapid.T) (*kern.CPU, *AddressSpace, *modelMM, int) {
			if len(spaces) == 0 {
				t.Skip("all have exited")
			}
			i := rapid.IntRange(0, len(spaces)-1).Draw(t, "mm")
			return m.CPU(rapid.IntRange(0, 1).Draw(t, "cpu")), spaces[i], models[i], i
		}
		t.Repeat(map[string]func(*rapid.T){
			"mmap": func(t *rapid.T) {
				c, as, x, _ := some(t)
				from, to := pageRangeIn(t, "map")
				mp := modelMapping{shared: rapid.Bool().Draw(t, "shared")}
				offset := uint64(0)
				if f := rapid.IntRange(0, 2).Draw(t, "file"); f < 2 {
					mp.file = files[f]
					offset = rapid.SampledFrom([]uint64{0, 0, mib, 2 * mib, 4 * kib}).Draw(t, "offset")
					mp.base = addrOf(from) - offset
				}
				as.Mmap(c, Mapping{Start: addrOf(from), Len: uint64(to-from) << 12, File: mp.file, Offset: offset, Shared: mp.shared})
				x.unmap(from, to)
				x.fill(from, to, x.name(mp))
			},
			"munmap": func(t *rapid.T) {
				c, as, x, _ := some(t)
				from, to := pageRangeIn(t, "unmap")
				as.Munmap(c, addrOf(from), uint64(to-from)<<12-uint64(rapid.IntRange(0, 4095).Draw(t, "less")))
				x.unmap(from, to)
			},
			"extend": func(t *rapid.T) {
				c, as, x, _ := some(t)
				from, to := pageRangeIn(t, "extend")
				as.Extend(c, base, addrOf(from), addrOf(to))
				x.unmap(from, to)
				if from > 0 && x.pages[from-1] != 0 && x.mappings[x.pages[from-1]].file == nil {
					x.fill(from, to, x.pages[from-1])
				} else {
					x.fill(from, to, x.name(modelMapping{}))
				}
			},
			"move": func(t *rapid.T) {
				c, as, x, _ := some(t)
				page, _ := pageRangeIn(t, "what")
				from, to := x.bounds(page)
				from = rapid.IntRange(from, page).Draw(t, "old from")
				dst, end := pageRangeIn(t, "new")
				if dst < to && from < end {
					t.Skip("overlap")
				}
				as.Mremap(c, addrOf(from), uint64(to-from)<<12, addrOf(dst), uint64(end-dst)<<12, false)
				x.move(from, to, dst, end-dst)
			},
			"resize": func(t *rapid.T) {
				c, as, x, _ := some(t)
				page, end := pageRangeIn(t, "resize")
				if x.pages[page] == 0 {
					t.Skip("nothing there")
				}
				_, to := x.bounds(page)
				as.Mremap(c, addrOf(page), uint64(to-page)<<12, addrOf(page), uint64(end-page)<<12, false)
				if end < to {
					x.unmap(end, to)
				} else if end > to {
					name := x.pages[page]
					x.unmap(to, end)
					x.fill(to, end, name)
				}
			},
			"fault": func(t *rapid.T) {
				c, as, x, _ := some(t)
				page, write := rapid.IntRange(0, modelPages-1).Draw(t, "page"), rapid.Bool().Draw(t, "write")
				require.Equal(t, x.fault(page, write), as.Fault(c, addrOf(page), write))
			},
			"assume": func(t *rapid.T) {
				c, as, x, _ := some(t)
				page := rapid.IntRange(0, modelPages-1).Draw(t, "page")
				if x.pages[page] != 0 {
					t.Skip("mapped")
				}
				as.Assume(c, addrOf(page))
				x.assume(page)
			},
			"fork": func(t *rapid.T) {
				c, as, x, _ := some(t)
				if len(spaces) < 4 {
					spaces, models = append(spaces, as.Fork(c)), append(models, x.forked())
				}
			},
			"exit": func(t *rapid.T) {
				c, as, _, i := some(t)
				as.Put(c)
				spaces, models = slices.Delete(spaces, i, i+1), slices.Delete(models, i, i+1)
			},
			"collapse": func(t *rapid.T) {
				f, segment := rapid.SampledFrom(files).Draw(t, "file"), rapid.IntRange(0, modelSegments-1).Draw(t, "segment")
				before, after := 0, 0
				for i := range models {
					before += count(models[i].table)
					models[i].retract(f, uint64(segment)*mib)
					after += count(models[i].table)
				}
				require.Equal(t, before-after, m.RetractPageTables(m.CPU(1), f, uint64(segment)*mib))
			},
			"wait": func(t *rapid.T) {
				now += rapid.Int64Range(1, 3*DefaultGracePeriod).Draw(t, "ns")
				m.Advance(now)
			},
			"": func(t *rapid.T) {
				linked := map[*File]int{}
				for i := range spaces {
					models[i].compare(t, spaces[i])
					spaces[i].VMAs(func(v *VMA) { linked[v.File]++ })
				}
				for _, f := range files {
					require.Equal(t, linked[f], f.Mapped(), "VMAs in the tree of file %d", f.ID)
				}
			},
		})
		require.Zero(t, m.Check())
		m.Close()
		list, n := m.M.Violations()
		require.Zero(t, n, "%v", list)
		_, tables, crsts := frames(m)
		require.Equal(t, [2]int{0, 0}, [2]int{tables, crsts}, "tables and CRSTs that are left")
	})
}

func count(b [modelSegments]bool) int {
	n := 0
	for _, yes := range b {
		if yes {
			n++
		}
	}
	return n
}
