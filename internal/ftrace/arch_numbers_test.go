package ftrace

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The numbers of system calls are those of golang.org/x/sys, which are generated from the kernel's headers.
func TestNumbersAreTheKernels(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/sys").Output()
	if module := strings.TrimSpace(string(dir)); err != nil || module == "" {
		t.Skip("there is no go command with the source of golang.org/x/sys to compare numbers with")
	}
	constant := regexp.MustCompile(`(?m)^\s+SYS_(\w+)\s+= (\d+)$`)
	for _, a := range arches {
		file := "zsysnum_linux_" + map[string]string{"x86-64": "amd64", "s390x": "s390x", "arm64": "arm64"}[a.name] + ".go"
		text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "unix", file))
		require.NoError(t, err)
		known := map[int64]string{}
		for _, m := range constant.FindAllStringSubmatch(string(text), -1) {
			nr, err := strconv.ParseInt(m[2], 10, 64)
			require.NoError(t, err)
			known[nr] = strings.ToLower(m[1])
		}
		for nr, name := range a.calls {
			assert.Equal(t, strings.TrimPrefix(name, "old_"), known[nr], "%s, call %d", a.name, nr)
		}
	}
}
