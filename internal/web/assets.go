package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"ptsim/internal/quote"
)

//go:embed assets
var assets embed.FS

// kinds are the content types of the assets. The table is the server's own, so that no file of the machine has a say.
var kinds = map[string]string{
	".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
}

const pageKind = "text/html; charset=utf-8"

// asset answers with a file that the page loads.
func asset(w http.ResponseWriter, r *http.Request, name string) {
	if kind, served := kinds[path.Ext(name)]; served {
		file(w, r, name, kind)
		return
	}
	nothing(w, r)
}

// file answers with a file of the page. A browser keeps it, and asks whether it is still the same: the tag is a hash of
// what is in the file, so a newer ptsim at the same address is never mixed with an older page.
func file(w http.ResponseWriter, r *http.Request, name, kind string) {
	text, err := fs.ReadFile(assets, "assets/"+name)
	if err != nil {
		nothing(w, r)
		return
	}
	sum := sha256.Sum256(text)
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", `"`+hex.EncodeToString(sum[:16])+`"`)
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(text))
}

// nothing says that there is nothing at an address: to a person on a page with the way back, to a program in one line.
func nothing(w http.ResponseWriter, r *http.Request) {
	where := quote.Short(r.URL.Path)
	text, err := fs.ReadFile(assets, "assets/lost.html")
	if err != nil || r.Method != http.MethodGet || !strings.Contains(r.Header.Get("Accept"), "text/html") {
		writeError(w, &fault{http.StatusNotFound, where + ": there is nothing here; expected /"})
		return
	}
	w.Header().Set("Content-Type", pageKind)
	w.WriteHeader(http.StatusNotFound)
	_, _ = w.Write(bytes.ReplaceAll(text, []byte("ADDRESS"), []byte(html.EscapeString(where))))
}
