package litmus

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/ulikunitz/xz"
)

// maxText is how long a litmus test may be.
const maxText = 1 << 20

// Collect calls f with every litmus test in a file, in a folder and its subfolders, or in an archive (.tar or .tar.xz),
// in the order in which they stand there. Other files in folders and archives are passed over.
func Collect(name string, f func(path, text string) error) error {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return cannotRead(name, err)
	case info.IsDir():
		return collectFolder(name, f)
	case strings.HasSuffix(name, ".tar") || strings.HasSuffix(name, ".tar.xz"):
		return collectArchive(name, f)
	}
	file, err := os.Open(name)
	if err != nil {
		return cannotRead(name, err)
	}
	defer file.Close()
	return collectFile(name, file, f)
}

// cannotRead says why, without the system's call.
func cannotRead(name string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return fmt.Errorf("%s: %w; expected a litmus test, a folder or an archive with some", name, err)
}

func collectFile(name string, r io.Reader, f func(path, text string) error) error {
	text, err := io.ReadAll(io.LimitReader(r, maxText+1))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if len(text) > maxText {
		return fmt.Errorf("%s: longer than a litmus test may be, 1 MiB", name)
	}
	return f(name, string(text))
}

func collectFolder(name string, f func(path, text string) error) error {
	found := false
	err := filepath.WalkDir(name, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(p) != ".litmus" {
			return err
		}
		found = true
		file, err := os.Open(p)
		if err != nil {
			return err
		}
		defer file.Close()
		return collectFile(p, file, f)
	})
	if err == nil && !found {
		return fmt.Errorf("%s: there is no file *.litmus in this folder", name)
	}
	return err
}

func collectArchive(name string, f func(path, text string) error) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	var r io.Reader = file
	if strings.HasSuffix(name, ".xz") {
		if r, err = xz.NewReader(file); err != nil {
			return fmt.Errorf("%s: damaged, or not packed by xz", name)
		}
	}
	found := false
	for archive := tar.NewReader(r); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("%s: the archive is damaged, or ends early", name)
		}
		if h.Typeflag != tar.TypeReg || path.Ext(h.Name) != ".litmus" {
			continue
		}
		found = true
		if err := collectFile(path.Clean(h.Name), archive, f); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("%s: there is no file *.litmus in this archive", name)
	}
	return nil
}
