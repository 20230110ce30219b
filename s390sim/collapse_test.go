package s390sim

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"ptsim/kern"
	"ptsim/pgalloc"
)

func TestMadviseCollapse(t *testing.T) {
	m := daemon(t, pgalloc.Active, KhugepagedConfig{MaxPtesNone: 0, ScanSleep: never})
	c := m.CPU(0)
	f, as, other := m.NewFile(), m.NewMM(c), m.NewMM(c)
	mapFile(t, m, as, f, base, 4)
	mapFile(t, m, other, f, base, 4)
	n, ok := as.MadviseCollapse(c, base+4*kib, 3*mib) // the whole segments in it, and max_ptes_none does not matter
	assert.Equal(t, 2, n)
	assert.True(t, ok)
	assert.Equal(t, ".HH.", huge(f, 4))
	assert.Equal(t, [2]int{2, 2}, [2]int{as.Populated(), other.Populated()})

	_, ok = as.MadviseCollapse(c, base+3*mib, 2*mib)
	assert.False(t, ok, "part of it is not mapped")
	_, ok = as.MadviseCollapse(c, math.MaxUint64-mib, 2*mib)
	assert.False(t, ok)
	require.True(t, f.SplitHuge(mib))
	require.False(t, f.SplitHuge(0))
	require.Equal(t, FaultTable, other.Fault(c, base+mib, true))
	require.Equal(t, FaultTable, as.Fault(c, base+mib, true))
	as.vmas.find(base).AnonVMA = true // as far as the model can tell, anonymous memory may be anywhere in the mapping
	f.cache.setHuge(mib, true)
	n, ok = as.MadviseCollapse(c, base+mib, mib)
	assert.Equal(t, 0, n)
	assert.False(t, ok)
	n, ok = other.MadviseCollapse(c, base+mib, mib)
	assert.Equal(t, 1, n)
	assert.True(t, ok)
	requireQuiet(t, m)
}

// Whatever processes do, after khugepaged has been through everything twice each segment that qualifies is huge and no
// other: said of files and mappings, without mms, slots or cursors.
func TestKhugepagedFindsWhatQualifies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		none := rapid.IntRange(0, 255).Draw(t, "max_ptes_none")
		v := rapid.SampledFrom(sound()).Draw(t, "variant")
		m, err := New(Config{Variant: v, CPUs: 2, Checks: true, Khugepaged: &KhugepagedConfig{
			PagesToScan: rapid.IntRange(1, 2000).Draw(t, "pages_to_scan"), MaxPtesNone: none, ScanSleep: second}})
		require.NoError(t, err)
		m.Advance(0)
		files := []*File{m.NewFile(), m.NewFile()}
		touched := [2]map[uint64]bool{{}, {}} // pages of each file, as this test saw them being touched
		var mms []*AddressSpace
		c := m.CPU(0)
		for i := range rapid.IntRange(1, 40).Draw(t, "steps") {
			switch op := rapid.IntRange(0, 9).Draw(t, "op"); {
			case op < 2 || len(mms) == 0:
				mms = append(mms, m.NewMM(c))
			case op < 4:
				as := rapid.SampledFrom(mms).Draw(t, "mm")
				as.Mmap(c, Mapping{Start: base + uint64(rapid.IntRange(0, 8).Draw(t, "at"))*512*kib, Len: uint64(rapid.IntRange(1, 8).Draw(t, "len")) * 512 * kib,
					File: files[rapid.IntRange(0, 1).Draw(t, "file")], Offset: uint64(rapid.IntRange(0, 3).Draw(t, "offset")) * 512 * kib, Shared: rapid.Bool().Draw(t, "shared")})
			case op < 8:
				as := rapid.SampledFrom(mms).Draw(t, "mm")
				addr := base + uint64(rapid.IntRange(0, 2047).Draw(t, "page"))*4*kib
				if v, ok := as.FindVMA(addr); ok {
					as.Fault(c, addr, rapid.Bool().Draw(t, "write"))
					for j, f := range files {
						if v.File == f {
							touched[j][(v.Offset+addr-v.Start)>>12] = true
						}
					}
				}
			case op == 8:
				mms = append(mms, rapid.SampledFrom(mms).Draw(t, "mm").Fork(c))
			default:
				k := rapid.IntRange(0, len(mms)-1).Draw(t, "mm")
				mms[k].Put(c)
				mms = append(mms[:k], mms[k+1:]...)
			}
			m.Advance(int64(i) * second / 3)
		}
		was := [2]map[uint64]bool{{}, {}}
		for j, f := range files {
			for seg := range uint64(12) {
				was[j][seg] = f.Huge(seg * mib)
			}
		}
		m.Advance(m.Now() + 5000*second)
		for j, f := range files {
			for seg := range uint64(12) {
				present, shown := 0, false
				for p := range touched[j] {
					if p>>8 == seg {
						present++
					}
				}
				for _, as := range mms {
					as.VMAs(func(v *VMA) {
						at := seg*mib - v.Offset + v.Start
						shown = shown || v.File == f && seg*mib >= v.Offset && at%mib == 0 && at+mib <= v.End
					})
				}
				want := was[j][seg] || shown && present >= 256-none
				assert.Equalf(t, want, f.Huge(seg*mib), "file %d, segment %d: %d pages in memory", j, seg, present)
			}
		}
		for _, as := range mms { // and no table is left where a huge page shows, but for anonymous memory's sake
			as.Tables(func(addr uint64, _ kern.Phys) {
				v, ok := as.FindVMA(addr)
				if ok && v.File != nil && !v.AnonVMA && (v.Start-v.Offset)%mib == 0 && addr+mib <= v.End {
					assert.Falsef(t, v.File.Huge(v.Offset+addr-v.Start), "a table at %#x of mm%d", addr, as.ID)
				}
			})
		}
		require.Zero(t, m.Check())
		m.Close()
		require.Zero(t, m.Sys.MMs.Live())
		_, bad := m.M.Violations()
		require.Zero(t, bad)
	})
}

// A collapse that a trace tells of makes huge pages as khugepaged's own does, which other mms map, too.
func TestCollapseBesideKhugepaged(t *testing.T) {
	m := daemon(t, pgalloc.Active, KhugepagedConfig{MaxPtesNone: -1, ScanSleep: never})
	f, as, later := m.NewFile(), m.NewMM(m.CPU(0)), m.NewMM(m.CPU(0))
	mapFile(t, m, as, f, base, 3)
	assert.Equal(t, 2, m.Collapse(m.CPU(0), f, 0, 2*mib))
	assert.Equal(t, "HH.", huge(f, 3))
	later.Mmap(m.CPU(0), Mapping{Start: base, Len: 3 * mib, File: f, Shared: true})
	assert.Equal(t, FaultHuge, later.Fault(m.CPU(0), base, true))
	assert.Equal(t, FaultTable, later.Fault(m.CPU(0), base+2*mib, true))
	requireQuiet(t, m)
}
