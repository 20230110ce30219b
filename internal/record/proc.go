//go:build linux

package record

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const procFS = "/proc"

// status is what /proc/PID/stat begins with.
type status struct {
	name   string
	state  string // Z: it has ended, X: it is nearly gone
	parent int
}

func readStatus(proc string, pid int) (s status, ok bool) {
	line, err := os.ReadFile(filepath.Join(proc, strconv.Itoa(pid), "stat"))
	if err != nil {
		return s, false // it has ended
	}
	// "51 (khugepaged) S 2 0 0 ...": the name may hold anything but is followed by the last parenthesis.
	left, right := strings.Index(string(line), "("), strings.LastIndex(string(line), ")")
	if left < 0 || right < left {
		return s, false
	}
	fields := strings.Fields(string(line[right+1:]))
	if len(fields) < 2 {
		return s, false
	}
	s = status{name: string(line[left+1 : right]), state: fields[0]}
	s.parent, err = strconv.Atoi(fields[1])
	return s, err == nil
}

// runs reports whether a task has not ended.
func runs(proc string, pid int) bool {
	s, ok := readStatus(proc, pid)
	return ok && s.state != "Z" && s.state != "X"
}

// khugepaged finds the kernel thread of that name: a child of kthreadd, as anyone may call himself so.
func khugepaged(proc string) []int {
	const kthreadd = 2
	entries, err := os.ReadDir(proc)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if s, ok := readStatus(proc, pid); ok && s.name == "khugepaged" && s.parent == kthreadd {
			return []int{pid}
		}
	}
	return nil
}
