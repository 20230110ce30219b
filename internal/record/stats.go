//go:build linux

package record

import (
	"path"
	"strconv"
	"strings"
)

// readStats reads per_cpu/cpuN/stats, lines of "name: number".
func readStats(f files, file string) (map[string]int64, error) {
	text, err := f.Read(file)
	if err != nil {
		return nil, explain(f, file, "read", err)
	}
	stats := map[string]int64{}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(line, ":")
		if n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64); err == nil {
			stats[name] = n
		}
	}
	return stats, nil
}

// silentLosses returns for each CPU how many events were dropped without a line in the text: those that came while
// another was being written and found no room. What was overwritten before it was read gets its line.
func silentLosses(f files, top string) (map[string]int64, error) {
	folder := path.Join(top, "per_cpu")
	cpus, err := f.List(folder)
	if err != nil {
		return nil, explain(f, folder, "read", err)
	}
	losses := map[string]int64{}
	for _, cpu := range cpus {
		stats, err := readStats(f, path.Join(folder, cpu, "stats"))
		if err != nil {
			return nil, err
		}
		losses[strings.TrimPrefix(cpu, "cpu")] = stats["commit overrun"] + stats["dropped events"]
	}
	return losses, nil
}
