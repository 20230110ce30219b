//go:build !linux

package command

import (
	"errors"
	"io/fs"
	"os"
)

func createUnnamed(string, fs.FileMode) *os.File { return nil }

func nameFile(*os.File, string) (string, error) { return "", errors.ErrUnsupported }

func noRoomFor(f *os.File) error {
	_, err := f.Write(nil)
	return err
}
