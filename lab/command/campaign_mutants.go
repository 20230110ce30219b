package command

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ptsim/internal/campaign"
	"ptsim/internal/mutants"
	"ptsim/internal/prose"
)

func newPlanMutants(std streams) *cobra.Command {
	var module string
	cmd := &cobra.Command{
		Use:   "mutants [NAME...]",
		Short: "Plan the mutants of ptsim's own code: a job each",
		Long: `Mutants plans what docs/reference/mutants.md is about: each job changes a line of ptsim's
source, builds it, and checks that the explorer or a test finds the fault, as the
list says. It needs the go command, and the source of ptsim in the same directory
on each machine. A NAME is the beginning of a mutant's name or of a source file.`,
		Example: `  ptsim campaign plan mutants > plan.jsonl
  ptsim campaign plan mutants classic/ s390sim/ > plan.jsonl`,
		RunE: func(_ *cobra.Command, names []string) error { return planMutants(std, module, names) },
	}
	cmd.Flags().StringVar(&module, "source", ".", "directory with the source of ptsim")
	if err := cmd.MarkFlagDirname("source"); err != nil {
		panic(err)
	}
	return cmd
}

// mutantsCommon is what all mutants have in common: the source that is changed.
type mutantsCommon struct {
	Source string `json:"source"`
	Sum    string `json:"sum"` // of its files
}

// mutantAsked is a mutant as a job asks for it.
type mutantAsked struct {
	Mutant string `json:"mutant"`
}

func planMutants(std streams, dir string, names []string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	sum, err := sourceSum(dir)
	if err != nil {
		return fmt.Errorf("--source: %w", err)
	}
	all, err := mutants.All()
	if err != nil {
		return err
	}
	used := map[string]bool{}
	var jobs []campaign.Job
	for _, m := range all {
		wanted := len(names) == 0
		for _, n := range names {
			if strings.HasPrefix(m.Name, n) || strings.HasPrefix(m.File, n) {
				wanted, used[n] = true, true
			}
		}
		if !wanted {
			continue
		}
		ask, err := json.Marshal(mutantAsked{m.Name})
		if err != nil {
			return err
		}
		jobs = append(jobs, campaign.Job{Name: strings.ReplaceAll(fileWord(strings.ReplaceAll(m.Name, "/", ".")), "--", "-"), Seconds: mutantEstimate(m), Bytes: 1 << 30, Ask: ask})
	}
	for _, n := range names {
		if !used[n] {
			return fmt.Errorf("mutant %q: none begins so; expected the beginning of a name, such as classic/, or of a source, such as s390sim/", n)
		}
	}
	return printPlan(std, "mutants", mutantsCommon{dir, sum}, jobs)
}

// mutantEstimate is about what a mutant takes: to build it, and to run what kills it, or all there is.
func mutantEstimate(m *mutants.Mutant) float64 {
	switch {
	case m.Tests == "" && !m.Survives():
		return 5
	case m.Tests == "":
		return 60
	case m.Survives():
		return 30
	}
	return 6
}

// sourceSum is a hash of the files of the source that a mutant's fate depends on.
func sourceSum(dir string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil || !strings.HasPrefix(string(text), "module ptsim\n") {
		return "", fmt.Errorf("%s: is not the source of ptsim; expected its top directory, with go.mod", dir)
	}
	h := sha256.New()
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if strings.HasPrefix(d.Name(), ".") && path != dir {
				return filepath.SkipDir
			}
			return nil
		}
		if !slices.Contains([]string{".go", ".mod", ".sum", ".scn", ".s", ".txt", ".mut"}, filepath.Ext(path)) {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		fmt.Fprintf(h, "%s %d\n", filepath.ToSlash(name), len(data))
		h.Write(data)
		return nil
	})
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}

// doMutant judges a mutant.
func doMutant(ctx context.Context, t campaign.Task) (answer, cost any, err error) {
	common, ask, err := asked[mutantsCommon, mutantAsked](t)
	if err != nil {
		return nil, nil, err
	}
	sum, err := sourceSum(common.Source)
	if err != nil {
		return nil, nil, err
	}
	if sum != common.Sum {
		return nil, nil, fmt.Errorf("%s: the source has changed since the plan was made; expected %s, found %s", common.Source, common.Sum, sum)
	}
	all, err := mutants.All()
	if err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(all, func(m *mutants.Mutant) bool { return m.Name == ask.Mutant })
	if i < 0 {
		return nil, nil, fmt.Errorf("no mutant %q", ask.Mutant)
	}
	temp, err := os.MkdirTemp("", "ptsim-mutant")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(temp)
	lab := mutants.NewLab(common.Source, temp)
	names, err := lab.Scenarios()
	if err != nil {
		return nil, nil, err
	}
	j, err := lab.Judge(ctx, all[i], names, lab.Original(ctx))
	if err != nil {
		return nil, nil, err
	}
	why := mutantCost{j.Wrong}
	if j.Wrong != "" {
		j.Wrong = "not as its list says" // the rest may hold times and addresses
	}
	return j, why, nil
}

// mutantCost is what of a judgement depends on the machine.
type mutantCost struct {
	Wrong string `json:"wrong,omitempty"`
}

// errMutants says that mutants do not end as their lists say, which was printed.
var errMutants = fmt.Errorf("mutants: %w", errFinding)

// mergeMutants prints which mutants do not end as their lists say.
func mergeMutants(w io.Writer, width int, m *campaign.Merged, format string) error {
	list := []mutants.Judgement{}
	wrong, unknown := 0, 0
	for _, r := range m.Results {
		if r == nil || r.Died != "" {
			unknown++
			continue
		}
		var j mutants.Judgement
		var c mutantCost
		if err := errors.Join(json.Unmarshal(r.Answer, &j), json.Unmarshal(r.Cost, &c)); err != nil {
			return fmt.Errorf("job %s: %w", r.Job, err)
		}
		if j.Wrong != "" {
			wrong++
			j.Wrong = c.Wrong
		}
		list = append(list, j)
	}
	if format == "json" {
		if err := writeJSON(w, list); err != nil {
			return err
		}
	} else {
		for _, j := range list {
			if j.Wrong != "" {
				fmt.Fprint(w, prose.Hang(j.Mutant+"  ", "  ", j.Wrong, width))
			}
		}
		text := fmt.Sprintf("%s: %d as the lists say, %d not", prose.Count(len(m.Results), "mutant", "mutants"), len(list)-wrong, wrong)
		if unknown > 0 {
			text += fmt.Sprintf(", %d without an answer", unknown)
		}
		if _, err := fmt.Fprintln(w, text); err != nil {
			return stdoutError(err)
		}
	}
	if wrong > 0 {
		return errMutants
	}
	return nil
}
