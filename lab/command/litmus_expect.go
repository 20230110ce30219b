package command

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// expectations are what a table, or the tests themselves, say of their verdicts.
type expectations struct {
	on    bool
	table map[string]string // by path; nil if the Result: comments are meant
}

func readExpectations(flag string) (e expectations, err error) {
	if flag == "" {
		return e, nil
	}
	e.on = true
	if flag == "Result" {
		return e, nil
	}
	name, column := flag, 3
	if at := strings.LastIndexByte(flag, ':'); at >= 0 {
		if n, err := strconv.Atoi(flag[at+1:]); err == nil {
			name, column = flag[:at], n
		}
	}
	if column < 2 {
		return e, fmt.Errorf("--expect: column %d; expected 2 or more", column)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return e, fmt.Errorf("--expect: %w", err)
	}
	e.table = map[string]string{}
	for i, line := range strings.Split(string(text), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		fields := strings.Split(strings.TrimSuffix(line, "\r"), "\t")
		if len(fields) < column {
			return e, fmt.Errorf("%s:%d: expected %d columns with tabs between them, not %d", name, i+1, column, len(fields))
		}
		v := fields[column-1]
		switch v {
		case "yes", "no", "Never", "Sometimes", "Always", "unsupported", "bound":
			e.table[fields[0]] = v
		default:
			return e, fmt.Errorf("%s:%d: expected Never, Sometimes, Always, yes or no in column %d, not %q", name, i+1, column, v)
		}
	}
	return e, nil
}

// of returns what is expected of the test with this path, "" if nothing is. The paths of a table may begin further down.
func (e expectations) of(path, result string) string {
	if e.table == nil {
		if result == "DEADLOCK" {
			return "Never"
		}
		return result
	}
	path = filepath.ToSlash(path)
	for {
		if v, ok := e.table[path]; ok {
			return v
		}
		_, rest, ok := strings.Cut(path, "/")
		if !ok {
			return ""
		}
		path = rest
	}
}

// agrees compares a verdict with what is expected: yes is Sometimes or Always.
func agrees(verdict, expected string) bool {
	switch expected {
	case "yes":
		return verdict == "Sometimes" || verdict == "Always"
	case "no":
		return verdict == "Never"
	}
	return verdict == expected
}
