//go:build linux

package record

import (
	"errors"
	"io/fs"
)

// restore puts everything back. It does so once; what could not be put back is in the error.
func (r *recording) restore() error {
	if r.restored {
		return nil
	}
	r.restored = true
	if r.copier != nil { // an error, or a panic: what is copied is of no use any more
		_ = r.halt()
	}
	if r.pipe != nil {
		_ = r.pipe.Close() // an instance in use cannot be removed
	}
	var err error
	if r.instance != "" {
		err = r.remove()
	}
	if r.instance == "" || err != nil {
		if e := r.settings.restore(); e != nil {
			err = both(err, e)
		}
	}
	if e := r.unmake(); e != nil { // last: an event that is enabled cannot be removed
		err = both(err, e)
	}
	return err
}

// remove removes the instance, if there is one.
func (r *recording) remove() error {
	err := insist(func() error {
		err := r.Rmdir(r.instance)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	if err != nil {
		return explain(r, r.instance, "remove", err)
	}
	return nil
}
