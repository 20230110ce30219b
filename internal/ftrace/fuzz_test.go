package ftrace

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"
	"testing/iotest"
)

// FuzzReader: any input ends in io.EOF or in an error that names it, with lines
// in order, counts that add up, and the same events however it is delivered.
func FuzzReader(f *testing.F) {
	story, err := os.ReadFile("testdata/collapse.ftrace")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(story)
	f.Add(zip(f, string(story)))
	f.Add(zip(f, string(story))[:100])
	for _, s := range []string{
		"", "\n", "\x00", "\x1f\x8b", fault1, wakeup, fault1[:90], "CPU:1 [LOST 12 EVENTS]\n", "CPU:1 [LOST EVENTS]\n",
		entries(1, 3) + fault1, entries(9, 9), "# entries-in-buffer/entries-written: 18446744073709551616/1\n",
		columns + "sys_mmap(addr: 7f, len: 2000, prot: 3, flags: 22, fd: ffffffff, off: 0)\n",
		columns + "sys_openat(dfd: 3, filename: 0x7f \"a, b)\", flags: O_RDONLY|O_CLOEXEC)\n",
		columns + "page_fault_kernel: address=0x7f ip=b error_code=0x2\n" + columns + "sys_shmat(shmid: 3, shmaddr: 0, shmflg: 0)\n",
		columns + "sys_openat(dfd: 3, filename: 0x7f \"/a\"..., flags: 0, mode: 0)\n" + columns + "sys_fcntl(fd: 3, cmd: 406, arg: 0)\n",
		columns + "f: (handle_mm_fault+0x0/0x268) address=0x7f error_code=0x255\n" + columns + "f: (handle_mm_fault+0x0) address=a error_code=0x81\n",
		columns + "m: (syscalls.sys_enter_old_mmap) addr=0x0 len=0x1000 prot=0x3 flags=0x22 fd=(fault) off=0x0\n" + columns + "m: (\n",
		columns + "sys_mmap -> 0xfffffffffffffff4\n" + columns + "sys_vfork()\n",
		columns + "<stack trace>\n => a\n => b\n",
		columns + "sched_process_fork: comm=a pid=1 pid=7 child_comm=b child_pid=8\n",
		columns + "sched_process_exit: comm=git pid=10762 prio=120 group_dead=false\n",
		"cpus=2\nmy-inst:   sh-100   [000]  1.000000: sys_enter_mmap:       addr: 0x0, len: 0x1000, prot: 0x3, flags: 0x22, fd: 0xffffffff, off: 0x0\n",
		"    sh   100/101 [000] K  1.000000:   1 syscalls:sys_exit_mmap: 0x7f6840000000 ffffffff8139be59 __traceiter_sys_exit\n\tffff a (b)\n",
		"sh   100 [000] 1.000000: raw_syscalls:sys_enter: NR 9 (0, 2000, 3, 22, ffffffff, 0)\nsh 100 [000] 1.000001: raw_syscalls:sys_exit: NR 9 = 140619678257152\n",
		"      sh-100       0d.... 132696us+: page_fault_user: address=0x7f6840000000 ip=0x1 error_code=0x6\n",
		"              sh     100   1 0 00000000 00000003 [12081d5a0] 15.297ms (+0.003ms): sched_process_exit: comm=sh pid=1 prio=120 group_dead=true\n",
		"              sh-100   [000] d.... 1234567: page_fault_user: address=0x7f6840000000 ip=0x1 error_code=0x6\n",
		columns + "sys_enter_mmap: __syscall_nr=0x9 (9) addr=0x0 (0) len=0x2000 (8192) prot=0x3 (3) flags=0x22 (34) fd=0xffffffff (4294967295) off=0x0 (0)\n",
		columns + "sys_enter: id=257 args=ARRAY[9c, ff, ff, ff, 00, 00, 00, 00, e0, 8c, 5d, 83, f9, 55, 00, 00, 00, 08, 09, 00, 00, 00, 00, 00]\n",
		columns + "task_newtask: pid=101 comm=sh clone_flags=3d0f00 oom_score_adj=0\n" + columns + "tracing_mark_write: a\nb\n",
		columns + "sched_process_exec: filename=/a\nb pid=100 old_pid=100\n", "\ufeff" + fault1, fault1 + columns[:40] + "  2.0: a: b\n",
		"Web Content-77 [000] ..... 12.123456789: sys_close(a: 1 \"(\" (00:01, ...), fd: 2)\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, p := range packings {
			if bytes.HasPrefix(data, []byte(p.magic)) && len(data) > 1<<9 {
				t.Skip("may unpack to thousands of times its size")
			}
		}
		all, st, err := readAll(bytes.NewReader(data))
		var se *SyntaxError
		if err != nil && (!errors.As(err, &se) || se.File != "t" || se.Line < 1 || se.What == "" || se.Expected == "") {
			t.Fatalf("error %v", err)
		}
		line, events, others, lost := 0, int64(0), int64(0), int64(0)
		for _, ev := range all {
			if ev.Line <= line {
				t.Fatalf("line %d after %d", ev.Line, line)
			}
			line = ev.Line
			switch ev.Kind {
			case Lost:
				lost = addSaturated(lost, ev.Count)
				continue
			case Other:
				others++
			}
			events++
			if ev.TID < 0 || ev.TGID < -1 || ev.CPU < 0 || ev.Time < 0 {
				t.Fatalf("columns %+v", ev)
			}
		}
		if err == nil && (events != st.Events || others != st.Others || lost > st.Lost || line > st.Lines) {
			t.Fatalf("%+v, found %d events, %d others, %d lost, last line %d", st, events, others, lost, line)
		}
		if se != nil && se.Line < line {
			t.Fatalf("%v, after an event on line %d", err, line)
		}
		if len(data) > 1<<12 {
			return
		}
		again, _, err2 := readAll(iotest.OneByteReader(io.MultiReader(bytes.NewReader(data))))
		if len(again) != len(all) || (err == nil) != (err2 == nil) {
			t.Fatalf("bytewise: %d events and %v, else %d and %v", len(again), err2, len(all), err)
		}
		for i := range all {
			if all[i] != again[i] {
				t.Fatalf("bytewise: %+v, else %+v", again[i], all[i])
			}
		}
	})
}
