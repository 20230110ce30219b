package ftrace_test

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"ptsim/internal/ftrace"
)

// Counting write faults, and what the recording lost.
func ExampleReader_Next() {
	const trace = `# entries-in-buffer/entries-written: 3/5   #P:2
              sh-10759   (  10759) [001] d....  5303.352750: page_fault_user: address=0x5597e98c31d8 ip=0x7fa5a3edb109 error_code=0x6
              sh-10759   (  10759) [001] .....  5303.353420: sys_mmap(addr: 0, len: 0x2000, prot: 3, flags: 0x22, fd: 0xffffffff, off: 0)
              sh-10759   (  10759) [001] .....  5303.353427: sys_mmap -> 0x7f6f21553000
`
	r, err := ftrace.NewReader(strings.NewReader(trace), ftrace.Options{Name: "sh.ftrace"})
	if err != nil {
		fmt.Println(err)
		return
	}
	writes := 0
	var ev ftrace.Event
	for err = r.Next(&ev); err == nil; err = r.Next(&ev) {
		switch ev.Kind {
		case ftrace.PageFaultUser:
			if ev.Err&2 != 0 {
				writes++
			}
		case ftrace.MmapEnter:
			fmt.Printf("line %d: %d maps %d bytes\n", ev.Line, ev.TGID, ev.Len)
		case ftrace.MmapExit:
			fmt.Printf("line %d: at %#x\n", ev.Line, ev.Ret)
		}
	}
	if err != io.EOF {
		fmt.Println(err)
	}
	fmt.Println(writes, "write fault;", r.Stats().Lost, "events lost")
	// Output:
	// line 3: 10759 maps 8192 bytes
	// line 4: at 0x7f6f21553000
	// 1 write fault; 2 events lost
}

func ExampleNewReader() {
	_, err := ftrace.NewReader(strings.NewReader("\x7fELF\x02\x01"), ftrace.Options{Name: "a.out"})
	fmt.Println(err)
	var se *ftrace.SyntaxError
	fmt.Println(errors.As(err, &se), se.Line)
	// Output:
	// a.out:1: not an ftrace text trace: byte 0x7f in "\x7fELF\x02\x01"; expected the text of a tracefs trace or trace_pipe file
	// true 1
}

func ExampleOpen() {
	f, err := ftrace.Open("testdata/collapse.ftrace")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = f.Close() }()
	var ev ftrace.Event
	for f.Next(&ev) == nil {
		if ev.Collapsed() {
			fmt.Printf("%d collapses %#x: %v\n", ev.TGID, ev.Addr, ev.Result)
		}
	}
	fmt.Printf("%d%% read\n", 100*f.Stats().BytesRead/f.Size())
	// Output:
	// 700 collapses 0x3ff80000000: pte_mapped_hugepage
	// 100% read
}
