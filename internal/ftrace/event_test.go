package ftrace

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEvents(t *testing.T) {
	const collapse = "mm_khugepaged_collapse_file: mm=000000008fa001f1, hpage_pfn=0x5a5200, index=512, "
	collapsed := func(name string, r Result) Event {
		return Event{Kind: CollapseFile, MM: 0x8fa001f1, Addr: 0x3ff80000000, Index: 512, Name: name, Result: r}
	}
	for line, want := range map[string]Event{
		// Page faults.
		"page_fault_user: address=0x5597e98c31d8 ip=0x7fa5a3edb109 error_code=0x6": {Kind: PageFaultUser, Addr: 0x5597e98c31d8, Err: 6},
		"page_fault_user: address=0x0 ip=0x0 error_code=0x0":                       {Kind: PageFaultUser},
		"page_fault_user: address=0xffffffffffffffff ip=main error_code=0x15":      {Kind: PageFaultUser, Addr: 1<<64 - 1, Err: 0x15},
		"page_fault_user: address=0x1000 ip=0x2000 user error_code=0x7":            {Kind: PageFaultUser, Addr: 0x1000, Err: 7},
		"page_fault_user: address=0x1000 ip=0x2000 error_code=0x7, extra=1":        {Kind: PageFaultUser, Addr: 0x1000, Err: 7},
		"page_fault_user: address=fixed_percpu_data ip=0x2000 error_code=0x4":      {},
		"page_fault_user: address=__per_cpu_start+0x8/0x10 ip=0x2 error_code=0x4":  {},
		"page_fault_kernel: address=0x1000 ip=0x2000 error_code=0x2":               {Kind: PageFaultKernel, Addr: 0x1000, Err: 2},

		// System calls, as v6.18 prints them.
		"sys_mmap(addr: 0, len: 0x2000, prot: 3, flags: 0x22, fd: 0xffffffff, off: 0)": {Kind: MmapEnter, Len: 0x2000, Prot: 3, Flags: 0x22, FD: -1},
		"sys_mmap(addr: 0x7000, len: 0x9047, prot: 1, flags: 2, fd: 3, off: 0x26000)":  {Kind: MmapEnter, Addr: 0x7000, Len: 0x9047, Prot: 1, Flags: 2, FD: 3, Off: 0x26000},
		"sys_mmap(addr: 0, len: 1, prot: 0, flags: 1, fd: 0xffffffffffffffff, off: 0)": {Kind: MmapEnter, Len: 1, Flags: 1, FD: -1},
		"sys_mmap -> 0x7f6f21553000":     {Kind: MmapExit, Ret: 0x7f6f21553000},
		"sys_mmap -> 0xfffffffffffffff4": {Kind: MmapExit, Ret: -12},
		"sys_mremap(addr: 0x1000, old_len: 0x2000, new_len: 0x3000, flags: 1, new_addr: 0x4000)": {Kind: MremapEnter, Addr: 0x1000, Len: 0x2000, NewLen: 0x3000, Flags: 1, NewAddr: 0x4000},
		"sys_mremap -> 0x4000":      {Kind: MremapExit, Ret: 0x4000},
		"sys_brk(brk: 0)":           {Kind: BrkEnter},
		"sys_brk -> 0x564770f51000": {Kind: BrkExit, Ret: 0x564770f51000},
		"sys_openat(dfd: 0xffffff9c, filename: 0x7f6f215860b1, flags: 0x80000, mode: 0)": {Kind: OpenatEnter, FD: -100, Addr: 0x7f6f215860b1, Flags: 0x80000},
		"sys_openat -> 0x3":                                                   {Kind: OpenatExit, Ret: 3},
		"sys_openat -> 0xfffffffffffffffe":                                    {Kind: OpenatExit, Ret: -2},
		"sys_memfd_create(uname: 0x564f04a28004, flags: 1)":                   {Kind: MemfdEnter, Flags: 1},
		"sys_memfd_create -> 0x4":                                             {Kind: MemfdExit, Ret: 4},
		"sys_munmap(addr: 0x7f6f21549000, len: 0x9047)":                       {Kind: MunmapEnter, Addr: 0x7f6f21549000, Len: 0x9047},
		"sys_madvise(start: 0x3ff80000000, len_in: 0x200000, behavior: 0x19)": {Kind: MadviseEnter, Addr: 0x3ff80000000, Len: 0x200000, Flags: 25},
		"sys_close(fd: 0xb)":                                                  {Kind: CloseEnter, FD: 11},
		"sys_dup2(oldfd: 0xb, newfd: 1)":                                      {Kind: Dup2Enter, FD: 11, FD2: 1},
		"sys_dup3(oldfd: 3, newfd: 0xff, flags: 0x80000)":                     {Kind: Dup2Enter, FD: 3, FD2: 255, Flags: 0x80000},
		"sys_clone(clone_flags: 0x1200011, newsp: 0, parent_tidptr: 0, child_tidptr: 0x7f, tls: 0)": {Kind: CloneEnter, Flags: 0x1200011},
		"sys_clone(newsp: 0, clone_flags: 0x1200011, parent_tidptr: 0, child_tidptr: 0x7f, tls: 0)": {Kind: CloneEnter, Flags: 0x1200011},
		"sys_clone3(uargs: 0x7ffc26dd65e0, size: 0x58)":                                             {Kind: Clone3Enter},
		"sys_fork()":                               {Kind: ForkEnter},
		"sys_vfork()":                              {Kind: VforkEnter},
		"sys_munmap -> 0x0":                        {},
		"sys_close -> 0xfffffffffffffff7":          {},
		"sys_read(fd: 3, buf: 0x7f, count: 0x100)": {},
		"sys_read -> 0x100":                        {},
		"sys_mmap_pgoff(addr: 0)":                  {},

		// What makes descriptors, shares memory and populates it.
		"sys_open(filename: 0x7f60, flags: 0x80000, mode: 0)":                     {Kind: OpenatEnter, FD: -100, Addr: 0x7f60, Flags: 0x80000},
		"sys_creat(pathname: 0x7f60, mode: 0x1b6)":                                {Kind: OpenatEnter, FD: -100, Addr: 0x7f60},
		"sys_openat2(dfd: 3, filename: 0x7f60, how: 0x7f70, usize: 0x18)":         {Kind: OpenatEnter, FD: 3, Addr: 0x7f60},
		`sys_openat(dfd: 3, filename: 0x7f "/long"..., flags: O_RDONLY, mode: 0)`: {Kind: OpenatEnter, FD: 3, Addr: 0x7f},
		"sys_open -> 0x3":                                            {Kind: OpenatExit, Ret: 3},
		"sys_dup(fildes: 0x10)":                                      {Kind: DupEnter, FD: 16},
		"sys_dup -> 0x4":                                             {Kind: DupExit, Ret: 4},
		"sys_fcntl(fd: 3, cmd: 0x406, arg: 0xa)":                     {Kind: FcntlEnter, FD: 3, Cmd: 1030, Arg: 10},
		"sys_fcntl -> 0xa":                                           {Kind: FcntlExit, Ret: 10},
		"sys_pidfd_open(pid: 0x64, flags: 0)":                        {Kind: PidfdOpenEnter, Pid: 100},
		"sys_pidfd_open -> 0x5":                                      {Kind: PidfdOpenExit, Ret: 5},
		"sys_pidfd_getfd(pidfd: 5, fd: 3, flags: 0)":                 {Kind: PidfdGetfdEnter, FD: 5, FD2: 3},
		"sys_pidfd_getfd -> 0x6":                                     {Kind: PidfdGetfdExit, Ret: 6},
		"sys_shmget(key: 0x1234, size: 0x200000, shmflg: 0x3b6)":     {Kind: ShmgetEnter, Arg: 0x1234, Len: 0x200000, Flags: 0x3b6},
		"sys_shmget -> 0x8":                                          {Kind: ShmgetExit, Ret: 8},
		"sys_shmat(shmid: 8, shmaddr: 0, shmflg: 0x1000)":            {Kind: ShmatEnter, FD: 8, Flags: 0x1000},
		"sys_shmat -> 0x7f6840000000":                                {Kind: ShmatExit, Ret: 0x7f6840000000},
		"sys_shmdt(shmaddr: 0x7f6840000000)":                         {Kind: ShmdtEnter, Addr: 0x7f6840000000},
		"sys_mlock(start: 0x1000, len: 0x2000)":                      {Kind: MlockEnter, Addr: 0x1000, Len: 0x2000},
		"sys_mlock2(start: 0x1000, len: 0x2000, flags: 1)":           {Kind: MlockEnter, Addr: 0x1000, Len: 0x2000, Flags: 1},
		"sys_mlock2 -> 0x0":                                          {Kind: MlockExit},
		"sys_mlockall(flags: 3)":                                     {Kind: MlockallEnter, Flags: 3},
		"sys_mlockall -> 0x0":                                        {Kind: MlockallExit},
		"sys_munlockall()":                                           {Kind: MunlockallEnter},
		"sys_ptrace(request: 5, pid: 0x64, addr: 0x1000, data: 0x1)": {Kind: PtraceEnter, Cmd: 5, Pid: 100, Addr: 0x1000},
		"sys_ptrace -> 0x0":                                          {Kind: PtraceExit},
		"sys_process_vm_writev(pid: 0x64, lvec: 1, liovcnt: 1, rvec: 1, riovcnt: 1)": {Kind: ProcessVMEnter, Pid: 100},
		"sys_process_vm_readv -> 0x1000":                                             {Kind: ProcessVMExit, Ret: 0x1000},
		"sys_execve(filename: 0x7f, argv: 0x7f, envp: 0x7f)":                         {Kind: ExecveEnter},
		`sys_execve(filename: 0x7f "/bin/a, b)", argv: 0x7f, envp: 0x7f)`:            {Kind: ExecveEnter},

		// Up to v6.17: bare hexadecimal.
		"sys_mmap(addr: 7f6f21553000, len: 2000, prot: 3, flags: 22, fd: ffffffff, off: 10)": {Kind: MmapEnter, Addr: 0x7f6f21553000, Len: 0x2000, Prot: 3, Flags: 0x22, FD: -1, Off: 0x10},
		"sys_close(fd: 10)": {Kind: CloseEnter, FD: 16},
		"sys_openat(dfd: ffffff9c, filename: 7f6f215860b1, flags: 80000, mode: 1b6)": {Kind: OpenatEnter, FD: -100, Addr: 0x7f6f215860b1, Flags: 0x80000},

		// Newer than v6.18: what pointers point to, flags by name.
		`sys_openat(dfd: 0xffffff9c, filename: 0x7f "a, b)", flags: 0x80000, mode: 0)`:            {Kind: OpenatEnter, FD: -100, Addr: 0x7f, Name: `a, b)`, Flags: 0x80000},
		`sys_openat(dfd: 0xffffff9c, filename: 0x7f "a", flags: 1, "b", flags: 2, mode: 0)`:       {Kind: OpenatEnter, FD: -100, Addr: 0x7f, Name: `a", flags: 1, "b`, Flags: 2},
		`sys_openat(dfd: 4294967196, filename: 139785545139344 "/x", flags: O_RDONLY|O_CLOEXEC)`:  {Kind: OpenatEnter, FD: -100, Addr: 0x139785545139344, Name: `/x`, Flags: 0x80000},
		`sys_openat(dfd: 3, filename: 139785545139344 "/x", flags: O_WRONLY|O_CREAT, mode: 0666)`: {Kind: OpenatEnter, FD: 3, Addr: 0x139785545139344, Name: `/x`},
		`sys_memfd_create(uname: 0x7f "flags: 9, )"", flags: 3)`:                                  {Kind: MemfdEnter, Flags: 3},

		// Arguments of names or in an order that no kernel has shown yet.
		"sys_close(a: 0x1 \"x, fd: 2)\", b: 0x2 (61:2c, ...) \"(\", fd: 7)":               {Kind: CloseEnter, FD: 7},
		"sys_munmap(len: 0x1000, addr: 0x2000)":                                           {Kind: MunmapEnter, Addr: 0x2000, Len: 0x1000},
		"sys_munmap(addr: 0x2000 (00:01), len: 0x1000 \"a\", key: AT_X|0x1, more: (1,2))": {Kind: MunmapEnter, Addr: 0x2000, Len: 0x1000},

		// Processes.
		"sched_process_fork: comm=sh pid=10759 child_comm=sh child_pid=10761":                 {Kind: Fork, Pid: 10759, ChildPid: 10761},
		"sched_process_fork: comm=Web Content pid=7 child_comm=Web Content child_pid=8":       {Kind: Fork, Pid: 7, ChildPid: 8},
		"sched_process_fork: comm=a pid=1 pid=7 child_comm=b pid=2 child_pid=8":               {Kind: Fork, Pid: 7, ChildPid: 8},
		"sched_process_fork: comm=a child_comm=b pid=7 child_comm=a child_comm=b child_pid=8": {Kind: Fork, Pid: 7, ChildPid: 8},
		"sched_process_fork: comm=a child_pid=5 pid=7 child_comm=child_pid=6 child_pid=8":     {Kind: Fork, Pid: 7, ChildPid: 8},
		"sched_process_fork: comm= pid=7 child_comm= child_pid=8":                             {Kind: Fork, Pid: 7, ChildPid: 8},
		"sched_process_exec: filename=/usr/bin/sh pid=10759 old_pid=10759":                    {Kind: Exec, Pid: 10759, ChildPid: 10759},
		"sched_process_exec: filename=/my pid=1 old_pid=2 x pid=7 old_pid=8":                  {Kind: Exec, Pid: 7, ChildPid: 8},
		"sched_process_exit: comm=git pid=10762 prio=120 group_dead=true":                     {Kind: Exit, Pid: 10762, GroupDead: true, HasGroupDead: true},
		"sched_process_exit: comm=git pid=10762 prio=120 group_dead=false":                    {Kind: Exit, Pid: 10762, HasGroupDead: true},
		"sched_process_exit: comm=git pid=10762 prio=120":                                     {Kind: Exit, Pid: 10762},
		"sched_process_exit: comm=git pid=10762 prio=-1 extra=1 group_dead=true x=2":          {Kind: Exit, Pid: 10762, GroupDead: true, HasGroupDead: true},
		"sched_process_exit: comm=x group_dead=y pid=7 prio=120":                              {Kind: Exit, Pid: 7},
		"sched_process_exit: comm=a pid=1 prio=2 pid=7 prio=120 group_dead=true":              {Kind: Exit, Pid: 7, GroupDead: true, HasGroupDead: true},
		"exit_mmap: mt_mod 00000000220cc9ad, DESTROY":                                         {Kind: ExitMmap},

		// Collapses.
		collapse + "addr=3ff80000000, is_shmem=1, filename=memfd:shared, nr=512, result=pte_mapped_hugepage":                                      collapsed("memfd:shared", ResultPteMapped),
		collapse + "addr=3ff80000000, is_shmem=0, filename=libc.so, nr=512, result=succeeded":                                                     collapsed("libc.so", ResultSucceeded),
		collapse + "addr=3ff80000000, is_shmem=0, filename=libc.so, nr=512, result=page_count":                                                    collapsed("libc.so", ResultOther),
		collapse + "addr=0x3ff80000000, is_shmem=0, filename=a b=c, addr=1, filename=d, nr=1, result=succeeded, nr=512, result=scan_failed":       collapsed("a b=c, addr=1, filename=d, nr=1, result=succeeded", ResultOther),
		"mm_khugepaged_collapse_file: mm=(____ptrval____), hpage_pfn=0x1, index=1, addr=200000, is_shmem=0, filename=a, nr=512, result=succeeded": {Kind: CollapseFile, Addr: 0x200000, Index: 1, Name: "a", Result: ResultSucceeded},
		"mm_khugepaged_scan_file: mm=000000008fa001f1, scan_pfn=0x1, filename=a, present=512, swap=0, result=succeeded":                           {},

		// Events of no use.
		"sys_enter: NR 9 (0, 1000, 3, 22, ffffffff, 0)": {Kind: MmapEnter, Len: 0x1000, Prot: 3, Flags: 0x22, FD: -1},
		"sched_process_free: comm=sh pid=1 prio=120":    {},
		"mutex_lock <-do_thing":                         {},
		"<stack trace>":                                 {},
		"tracing_mark_write: sys_brk(brk: 1)":           {},
		"":                                              {},
	} {
		t.Run(line, func(t *testing.T) {
			ev := readOne(t, columns+line)
			assert.Equal(t, want, arguments(ev))
			assert.Equal(t, want.Result != ResultOther, ev.Collapsed())
			assert.Equal(t, Event{Line: 1, CPU: 3, TID: 77, TGID: 70, Time: 5303352750000},
				Event{Line: ev.Line, CPU: ev.CPU, TID: ev.TID, TGID: ev.TGID, Time: ev.Time})
		})
	}
}

func TestEventErrors(t *testing.T) {
	const number = "a number of at most 64 bits, hexadecimal"
	missing := func(event, field string) string {
		return event + ": field " + field + " is missing; expected a line with all its fields"
	}
	for line, want := range map[string]string{
		"page_fault_user:":                                       missing("page_fault_user", "address"),
		"page_fault_user: ip=0x1 error_code=0x2":                 missing("page_fault_user", "address"),
		"page_fault_user: address=0x1":                           missing("page_fault_user", "error_code"),
		"page_fault_user: address=0x1 ip=0x2":                    missing("page_fault_user", "error_code"),
		"page_fault_user: address=0x1 ip=0x2 error_code=":        `page_fault_user: field error_code is ""; expected ` + number,
		"page_fault_user: address=0x1 ip=0x2 error_code=0x":      `page_fault_user: field error_code is "0x"; expected ` + number,
		"page_fault_user: address=0x1g ip=0x2 error_code=0x1":    `page_fault_user: field address is "0x1g"; expected ` + number,
		"page_fault_user: address= ip=0x2 error_code=0x1":        `page_fault_user: field address is ""; expected ` + number,
		"page_fault_user: address=0x11111111111111111 ip=0x2 e=": `page_fault_user: field address is "0x11111111111111111"; expected ` + number,

		"sys_mmap(addr: 0, len: 0x2000, prot: 3, flags: 0x22, fd: 0xffffffff)": missing("sys_mmap", "off"),
		"sys_mmap(len: 0x2000, prot: 3, flags: 0x22, fd: 0xffffffff, off: 0)":  missing("sys_mmap", "addr"),
		"sys_mmap()":                                  missing("sys_mmap", "addr"),
		"sys_mmap(gibberish)":                         missing("sys_mmap", "addr"),
		"sys_mmap(addr: 0, len: 0x2000, pr":           `sys_mmap: the arguments end in " len: 0x2000, pr"; expected ")" at the end of the line`,
		"sys_mmap(addr: zero, len: 0x2000)":           `sys_mmap: field addr is "zero"; expected ` + number,
		"sys_mmap(addr: 0, len: -1, prot: 3)":         `sys_mmap: field len is "-1"; expected ` + number,
		"sys_mmap(addr: 0, len: )":                    `sys_mmap: field len is ""; expected ` + number,
		"sys_mmap -> ":                                `sys_mmap is followed by " ->"; expected "(ARGUMENTS)" or " -> RESULT"`,
		"sys_mmap -> ENOMEM":                          `sys_mmap: field result is "ENOMEM"; expected ` + number,
		"sys_mmap":                                    `sys_mmap is followed by ""; expected "(ARGUMENTS)" or " -> RESULT"`,
		"sys_mmap: addr: 0":                           `sys_mmap is followed by ": addr: 0"; expected "(ARGUMENTS)" or " -> RESULT"`,
		"sys_munmap(addr: 0x1)":                       missing("sys_munmap", "len"),
		"sys_madvise(start: 0x1, behavior: 4)":        missing("sys_madvise", "len_in"),
		"sys_mremap(addr: 0x1, old_len: 1)":           missing("sys_mremap", "new_len"),
		"sys_brk()":                                   missing("sys_brk", "brk"),
		"sys_close(fd: 12345678901234567)":            `sys_close: field fd is "12345678901234567"; expected ` + number,
		"sys_dup2(oldfd: 1)":                          missing("sys_dup2", "newfd"),
		"sys_dup3(oldfd: 1, newfd: 2)":                missing("sys_dup3", "flags"),
		"sys_clone(newsp: 0)":                         missing("sys_clone", "clone_flags"),
		`sys_close(a: 1 "fd: 2)`:                      missing("sys_close", "fd"),
		"sys_close(a: 1 (, fd: 2)":                    missing("sys_close", "fd"),
		"sys_vfork(":                                  `sys_vfork: the arguments end in ""; expected ")" at the end of the line`,
		"sys_openat(dfd: 1, filename: 0x2)":           missing("sys_openat", "flags"),
		"sys_openat(dfd: 1, filename: 0x2, flags: X)": `sys_openat: field flags is "X"; expected ` + number,
		"sys_memfd_create(uname: 0x2, flags: O_X)":    `sys_memfd_create: field flags is "O_X"; expected ` + number,

		"sched_process_fork: comm=sh pid=1 child_comm=sh":                      missing("sched_process_fork", "child_pid"),
		"sched_process_fork: comm=sh pid=1 child_pid=2":                        missing("sched_process_fork", "child_comm"),
		"sched_process_fork: comm=sh child_comm=sh child_pid=2":                missing("sched_process_fork", "pid"),
		"sched_process_fork: comm=sh pid=x child_comm=sh child_pid=2":          `sched_process_fork: field pid is "x child_comm=sh"; expected a PID`,
		"sched_process_fork: comm=sh pid=1 child_comm=sh child_pid=":           `sched_process_fork: field child_pid is ""; expected a PID`,
		"sched_process_fork: comm=sh pid=1 child_comm=sh child_pid=3000000000": `sched_process_fork: field child_pid is "3000000000"; expected a PID`,
		"sched_process_exec: filename=/bin/sh pid=1":                           missing("sched_process_exec", "old_pid"),
		"sched_process_exec: filename=/bin/sh old_pid=1":                       missing("sched_process_exec", "pid"),
		"sched_process_exec: filename=/bin/sh pid=1 old_pid=1x":                `sched_process_exec: field old_pid is "1x"; expected a PID`,
		"sched_process_exec: filename=/bin/sh pid= old_pid=1":                  `sched_process_exec: field pid is ""; expected a PID`,
		"sched_process_exit: comm=sh pid=1":                                    missing("sched_process_exit", "prio"),
		"sched_process_exit: comm=sh prio=120":                                 missing("sched_process_exit", "pid"),
		"sched_process_exit: comm=sh pid=1 prio=high":                          `sched_process_exit: field prio is "high"; expected a decimal number`,
		"sched_process_exit: comm=sh pid=-1 prio=120":                          `sched_process_exit: field pid is "-1"; expected a PID`,
		"sched_process_exit: comm=sh pid=1 prio=120 group_dead=maybe":          `sched_process_exit: field group_dead is "maybe"; expected true or false`,

		"mm_khugepaged_collapse_file: mm=1, addr=0, filename=a":                   missing("mm_khugepaged_collapse_file", "result"),
		"mm_khugepaged_collapse_file: addr=0, filename=a, nr=1, result=succeeded": missing("mm_khugepaged_collapse_file", "mm"),
		"mm_khugepaged_collapse_file: mm=1, filename=a, addr=0, result=succeeded": missing("mm_khugepaged_collapse_file", "addr"),
		"mm_khugepaged_collapse_file: mm=x, addr=0, filename=a, result=succeeded": `mm_khugepaged_collapse_file: field mm is "x"; expected a pointer of at most 64 bits, hexadecimal`,
		"mm_khugepaged_collapse_file: mm=1, addr=-1, filename=a, result=x":        `mm_khugepaged_collapse_file: field addr is "-1"; expected ` + number,
		"mm_khugepaged_collapse_file: mm=1, addr=0, filename=a, result=":          `mm_khugepaged_collapse_file: field result is ""; expected the outcome of a collapse`,
	} {
		t.Run(line, func(t *testing.T) {
			_, _, err := readAll(strings.NewReader("#\n" + columns + line + "\n"))
			require.EqualError(t, err, "t:2: "+want)
			assert.IsType(t, (*SyntaxError)(nil), err)
		})
	}
}

func TestStrings(t *testing.T) {
	seen := map[string]bool{}
	for k := range Kind(NumKinds) {
		assert.NotEmpty(t, k.String())
		assert.False(t, seen[k.String()], "%v twice", k)
		seen[k.String()] = true
	}
	assert.Equal(t, "Other", Kind(0).String())
	assert.Equal(t, "PageFaultUser", PageFaultUser.String())
	assert.Equal(t, "VforkEnter", VforkEnter.String())
	assert.Equal(t, "Lost", Lost.String())
	assert.Equal(t, "Kind(200)", Kind(200).String())
	assert.Equal(t, "other", ResultOther.String())
	assert.Equal(t, "succeeded", ResultSucceeded.String())
	assert.Equal(t, "pte_mapped_hugepage", ResultPteMapped.String())
	assert.Equal(t, "Result(9)", Result(9).String())
}
