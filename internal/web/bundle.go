package web

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"sync"
)

// bundled are the scripts of a file of its own, each behind those that it imports.
var bundled = []string{"dom", "pack", "tree", "timeline", "autoplay", "view", "player", "file"}

var (
	importNames = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^import (\{[^}]*\}) from '\./(\w+)\.js';$`) })
	importAll   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^import \* as (\w+) from '\./(\w+)\.js';$`) })
	exported    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^export ((?:async )?function|class|const) (\w+)`) })
)

// bundle puts the modules into one script, in which each is a function that returns what it exports. It knows the forms of
// import and export that they are written in, and no others.
func bundle(from fs.FS, names []string) (string, error) {
	var b strings.Builder
	b.WriteString("'use strict';\n")
	done := map[string]bool{}
	for _, name := range names {
		text, err := fs.ReadFile(from, "assets/"+name+".js")
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "const m_%s = (() => {\n", name)
		var exports []string
		for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
			from := ""
			if m := importNames().FindStringSubmatch(line); m != nil {
				from, line = m[2], fmt.Sprintf("const %s = m_%s;", m[1], m[2])
			} else if m := importAll().FindStringSubmatch(line); m != nil {
				from, line = m[2], fmt.Sprintf("const %s = m_%s;", m[1], m[2])
			} else if m := exported().FindStringSubmatch(line); m != nil {
				exports, line = append(exports, m[2]), strings.TrimPrefix(line, "export ")
			} else if strings.HasPrefix(line, "import") || strings.HasPrefix(line, "export") {
				return "", fmt.Errorf("%s.js:%d: %q; expected an import or export as the others are", name, i+1, line)
			}
			if from != "" && !done[from] {
				return "", fmt.Errorf("%s.js:%d: imports %s; expected it to stand before in the list", name, i+1, from)
			}
			if line == "" || strings.HasPrefix(line, "//") {
				continue
			}
			b.WriteString(line + "\n")
		}
		fmt.Fprintf(&b, "return {%s};\n})();\n", strings.Join(exports, ", "))
		done[name] = true
	}
	return b.String(), nil
}
