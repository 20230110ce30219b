package command

import (
	"encoding/json"
	"os"
	"path/filepath"

	"ptsim/internal/levels"
)

// kept is how far somebody has come with the levels: the most stars, by name.
type kept map[string]int

// keptFile is where that is kept: in the state directory of the user, as the XDG base directories have it; "" if there is none.
func keptFile() string {
	dir := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(dir) {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(dir, "ptsim", "levels.json")
}

// loadKept reads it. A file that is not there, or that somebody else wrote, is as none: to play needs no file.
func loadKept() kept {
	k := kept{}
	b, err := os.ReadFile(keptFile())
	if err != nil || json.Unmarshal(b, &k) != nil || k == nil {
		return kept{}
	}
	return k
}

// keep notes a level that was solved in a terminal. That it cannot be written is no reason to stop playing.
func (k kept) keep(name string, j levels.Judgement) {
	if !j.Reached || j.Stars <= k[name] {
		return
	}
	k[name] = j.Stars
	b, err := json.MarshalIndent(k, "", "  ")
	if err != nil {
		return
	}
	file := keptFile()
	if file == "" || os.MkdirAll(filepath.Dir(file), 0o755) != nil {
		return
	}
	out, err := createOut(file)
	if err != nil {
		return
	}
	defer out.discard()
	if _, err := out.Write(append(b, '\n')); err == nil {
		_ = out.commit()
	}
}

// solved says how many levels were solved, and with how many stars.
func (k kept) solved() (solved, stars int) {
	for _, name := range levels.Names() {
		if n := min(k[name], levels.MaxStars); n > 0 {
			solved++
			stars += n
		}
	}
	return solved, stars
}
