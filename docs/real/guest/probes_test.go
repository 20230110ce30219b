package main

import (
	"os"
	"testing"
)

type files string

func (f files) has(n string) bool             { _, err := os.Stat(string(f) + "/" + n + ".bin"); return err == nil }
func (f files) code(n string) ([]byte, error) { return os.ReadFile(string(f) + "/" + n + ".bin") }

func TestFind(t *testing.T) {
	for _, d := range []string{"/tmp/rk/b61/results", "/tmp/rk/b612/results"} {
		l, s, err := findProbes(files(d))
		t.Log(d, s, err)
		for _, p := range l {
			t.Log(p.definition())
		}
	}
}
