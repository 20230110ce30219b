package command

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"ptsim/internal/export"
	"ptsim/internal/stepper"
)

func newExport(std streams) *cobra.Command {
	var o sessionFlags
	var format, out string
	var look export.Options
	cmd := &cobra.Command{
		Use:   "export [SCENARIO|FILE|SCRIPT]",
		Short: "Write a schedule as a page, pictures, a storyboard, prose or text",
		Long: `Export writes a schedule for people who do not have ptsim. The schedule is the
one of --replay, or of the file or script. Without one, export takes the shortest
schedule that breaks --variant. If no schedule breaks it, export says so and
writes nothing.

  html        one file that steps through the schedule in any browser
  svg         a picture of each step. To a directory (-o DIR): all of them,
              numbered. To a file that ends in .svg, or to standard output: the
              step that the link names by #STEP, else the last one
  storyboard  one page of HTML to print: pictures and sentences, no script
  prose       numbered steps, each with its rule and the source of the rule
  text        one column for each CPU, 72 wide, for a commit message
  json        everything that there is to see at each step

SCENARIO comes with ptsim, FILE is a scenario or a script of your own, and - is
standard input.`,
		Example: `  ptsim export S1 -o s1.html
  ptsim export S1 --format storyboard -o s1-print.html
  ptsim export S1 --format text
  ptsim export defer2 --variant rfc-as-posted --format svg -o frames
  ptsim export --format svg --replay \
    'S1/rfc@2,precise:f:00000000:B?1-Bx4-s0!12c0-Bx4-s0#3' > step3.svg`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(format, export.Formats()...); err != nil {
				return fmt.Errorf("--format: %w", err)
			}
			if _, terminal := isTerminal(std.out); terminal && out == "" && (format == "html" || format == "storyboard") {
				return fmt.Errorf("--format %s: a page is not for a terminal; expected -o FILE", format)
			}
			if look.Dark && format != "svg" {
				return errors.New("--dark goes with --format svg: the others are for paper, or do as the reader's browser does")
			}
			if strings.ContainsFunc(look.Title, unicode.IsControl) || len(look.Title) > 200 {
				return errors.New("--title: expected one line of at most 200 characters")
			}
			s, err := o.openSchedule(cmd, std, args, ". Nothing was written; give a schedule with --replay.")
			if s == nil {
				return err
			}
			defer s.Close()
			if format == "html" && o.replay == "" { // a page opens where the session stands: the reader begins at the beginning
				if err := s.Seek(0); err != nil {
					return err
				}
			}
			return writeExport(std, s, format, out, look)
		},
	}
	o.flags(cmd)
	formatFlag(cmd, &format, export.Formats()...)
	cmd.Flags().StringVarP(&out, "out", "o", "", "file to write, or directory for the pictures (default: standard output)")
	cmd.Flags().StringVar(&look.Title, "title", "", "a title (default: that of the scenario)")
	cmd.Flags().BoolVar(&look.Dark, "dark", false, "draw light on dark, for slides")
	return cmd
}

// writeExport writes to standard output, a file or a directory. What cannot be written in full does not appear.
func writeExport(std streams, s *stepper.Session, format, out string, look export.Options) error {
	switch {
	case out == "":
		return buffered(std.out, func(w io.Writer) error { return stdoutError(export.Write(w, s, format, look)) })
	case format == "svg" && !strings.HasSuffix(out, ".svg"):
		return writeFrames(out, export.Frames(s, look))
	}
	f, err := createOut(out)
	if err != nil {
		return err
	}
	defer f.discard()
	if err := export.Write(f, s, format, look); err != nil {
		return cannotWrite(out, err)
	}
	return f.commit()
}

// writeFrames writes the pictures into a new directory, or an empty one. They are written beside it, and appear all at
// once.
func writeFrames(dir string, frames []export.Frame) error {
	dir = filepath.Clean(dir)
	switch list, err := os.ReadDir(dir); {
	case err == nil && len(list) > 0:
		return fmt.Errorf("%s: is not empty; expected a new or an empty directory for the pictures", dir)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w; expected a new or an empty directory for the pictures", cannotWrite(dir, err))
	}
	tmp, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+".*")
	if err != nil {
		return cannotWrite(dir, err)
	}
	defer os.RemoveAll(tmp)
	for _, k := range frames {
		var b bytes.Buffer
		if err := k.Write(&b); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(tmp, k.Name), b.Bytes(), 0o644); err != nil {
			return cannotWrite(dir, err)
		}
	}
	if err := os.Chmod(tmp, 0o755); err != nil {
		return cannotWrite(dir, err)
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) { // an empty one
		return cannotWrite(dir, err)
	}
	if err := os.Rename(tmp, dir); err != nil {
		return cannotWrite(dir, err)
	}
	return nil
}
