package replay_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"ptsim/internal/ftrace"
	_ "ptsim/internal/nofiles"
	"ptsim/internal/replay"
	"ptsim/pgalloc"
	"ptsim/s390sim"
)

// anyEvent draws an event of a few tasks in a small world, so that they meet: no order of them is impossible.
func anyEvent(t *rapid.T) ftrace.Event {
	small := func(label string, n int) int { return rapid.IntRange(0, n-1).Draw(t, label) }
	addr := func(label string) uint64 { return base + uint64(small(label, 64))*(256*kib) }
	tid := int32(10 + small("tid", 6))
	e := ftrace.Event{
		Kind: ftrace.Kind(small("kind", ftrace.NumKinds)), TID: tid, TGID: tid, CPU: int32(small("cpu", 3)), Pid: tid,
	}
	if small("group", 4) == 0 {
		e.TGID = int32(9 + small("tgid", 7))
		if e.TGID == 9 {
			e.TGID = -1
		}
	}
	switch e.Kind {
	case ftrace.PageFaultUser, ftrace.PageFaultKernel:
		e.Addr, e.Err = addr("addr"), uint64(small("err", 8))
	case ftrace.Fork:
		e.ChildPid = int32(10 + small("child", 6))
	case ftrace.Exec:
		e.ChildPid = e.TID
	case ftrace.Exit:
		e.HasGroupDead, e.GroupDead = small("has", 4) > 0, small("dead", 2) == 0
	case ftrace.MmapEnter, ftrace.MunmapEnter, ftrace.MremapEnter, ftrace.BrkEnter:
		e.Addr, e.Len, e.NewLen = addr("addr"), uint64(small("len", 20))*(256*kib), uint64(small("new len", 20))*(256*kib)
		e.Flags = rapid.SampledFrom([]uint64{shared, private, shared | anon, private | anon, 4}).Draw(t, "flags")
		e.FD, e.Off = int64(small("fd", 3)), uint64(small("off", 3))*mib
	case ftrace.MadviseEnter:
		e.Addr, e.Len, e.Flags = addr("addr"), uint64(small("len", 20))*(256*kib), uint64(rapid.SampledFrom([]int{4, 22, 23, 25}).Draw(t, "advice"))
	case ftrace.MlockEnter, ftrace.ShmdtEnter:
		e.Addr, e.Len, e.Flags = addr("addr"), uint64(small("len", 20))*(256*kib), uint64(small("flags", 2))
	case ftrace.MlockallEnter:
		e.Flags = uint64(small("flags", 8))
	case ftrace.ShmgetEnter, ftrace.ShmatEnter:
		e.Arg, e.FD, e.Len = uint64(small("key", 2)), int64(small("id", 3)), uint64(small("len", 20))*(256*kib)
	case ftrace.ShmgetExit:
		e.Ret = int64(small("id", 3))
	case ftrace.FcntlEnter:
		e.FD, e.Cmd, e.Arg = int64(small("fd", 3)), rapid.SampledFrom([]uint64{0, 2, 1030}).Draw(t, "cmd"), uint64(small("arg", 2))
	case ftrace.PidfdOpenEnter, ftrace.ProcessVMEnter:
		e.Pid = int32(10 + small("pid", 6))
	case ftrace.PidfdGetfdEnter:
		e.FD, e.FD2 = int64(small("fd", 3)), int64(small("fd2", 3))
	case ftrace.PtraceEnter:
		e.Cmd, e.Pid, e.Addr = uint64(small("request", 6)), int32(10+small("pid", 6)), addr("addr")
	case ftrace.OpenatEnter:
		e.Name = rapid.SampledFrom([]string{"", "/a", "/b", "/proc/self/fd/1", "/proc/11/fd/0", "c"}).Draw(t, "path")
		e.Flags = rapid.SampledFrom([]uint64{0, 0xc0, 0x80000}).Draw(t, "flags")
	case ftrace.MmapExit, ftrace.MremapExit, ftrace.BrkExit, ftrace.ShmatExit:
		e.Ret = int64(addr("ret"))
	case ftrace.OpenatExit, ftrace.MemfdExit, ftrace.CloseEnter, ftrace.Dup2Enter, ftrace.DupEnter, ftrace.DupExit, ftrace.FcntlExit,
		ftrace.PidfdOpenExit, ftrace.PidfdGetfdExit, ftrace.PtraceExit, ftrace.ProcessVMExit, ftrace.MlockExit, ftrace.MlockallExit:
		e.FD, e.FD2, e.Ret = int64(small("fd", 3)), int64(small("fd2", 3)), int64(small("ret", 4)-1)
	case ftrace.CloneEnter:
		e.Flags = rapid.SampledFrom([]uint64{forkFlags, threadFlags, 0x4111, 0x511, 0x411}).Draw(t, "flags")
	case ftrace.CollapseFile:
		e.Name = rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "name")
		e.Addr, e.MM, e.Result = addr("addr"), uint64(small("mm", 3)), ftrace.Result(small("result", 3))
	}
	return e
}

// Whatever happens in whatever order: every sound variant gets through it without a violation, all make the same
// allocations at the same places, and nothing is left in the end.
func TestAnyEvents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 200).Draw(t, "length") // SliceOfN(1, 200) has a median of 4
		events := rapid.SliceOfN(rapid.Custom(anyEvent), n, n).Draw(t, "events")
		step := rapid.Int64Range(1, 5_000_000).Draw(t, "ns between events")
		var first s390sim.Stats
		var tables [3]int64
		for _, v := range pgalloc.Variants() {
			if v.Flawed != "" {
				continue
			}
			m, err := s390sim.New(s390sim.Config{Variant: v.Variant, CPUs: 2, Checks: true, Contents: true})
			require.NoError(t, err)
			r := replay.New(m)
			for i := range events {
				e := events[i]
				e.Line, e.Time = i+1, int64(i)*step
				r.Event(&e)
			}
			f := m.Figures()
			got := [3]int64{int64(f.Alloc.Allocated()), f.Alloc.Tables, f.PeakTables}
			if v.Variant == pgalloc.Classic {
				first, tables = f.Stats, got
			}
			require.Equal(t, first, f.Stats, string(v.Variant))
			require.Equal(t, tables, got, string(v.Variant))
			require.Zero(t, m.Check())
			m.Close()
			list, n := m.M.Violations()
			require.Zero(t, n, "%v", list)
			require.Zero(t, m.Sys.Use(), "pages or tables are left")
			require.Zero(t, m.Sys.MMs.Live())
		}
	})
}
