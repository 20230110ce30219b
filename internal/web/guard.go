package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"

	"ptsim/internal/prose"
	"ptsim/internal/quote"
)

// policy is what a page of this server may do: load what is the server's own, and talk to it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// fault is an error with the status that it is answered with.
type fault struct {
	status int
	text   string
}

func (f *fault) Error() string { return f.text }

func bad(format string, args ...any) error {
	return &fault{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// guard lets pass what comes from the server's own page, or from a program that knows what it does, and no page of another
// origin: neither by a name that was made to point here, nor by a form or a script that a browser sends on somebody's behalf.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if err := s.admit(r); err != nil {
			writeError(w, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// admit says why a request is not answered, if it is not.
func (s *Server) admit(r *http.Request) error {
	if !s.knows(r.Host) {
		return &fault{http.StatusForbidden, fmt.Sprintf("host %s; expected the address that ptsim serve printed", quote.Short(r.Host))}
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		if u, err := url.Parse(origin); err != nil || u.Scheme != "http" || u.Host != r.Host {
			return &fault{http.StatusForbidden, fmt.Sprintf("origin %s; expected a page of this server", quote.Short(origin))}
		}
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
		if r.Method != http.MethodGet || strings.HasPrefix(r.URL.Path, "/api/") {
			return &fault{http.StatusForbidden, "a request of another site; expected a page of this server"}
		}
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodPost:
		if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
			return &fault{http.StatusUnsupportedMediaType, fmt.Sprintf("content type %s; expected application/json", quote.Short(r.Header.Get("Content-Type")))}
		}
	default:
		return &fault{http.StatusMethodNotAllowed, fmt.Sprintf("method %s; expected GET or POST", quote.Short(r.Method))}
	}
	return nil
}

// knows tells whether a Host header is a name of this server. Another name that leads here is one that somebody has made
// lead here.
func (s *Server) knows(host string) bool {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = strings.Trim(host, "[]"), "80"
	}
	if port != s.port {
		return false
	}
	if name == "localhost" {
		return true
	}
	ip := net.ParseIP(name)
	if !s.opt.Network {
		return ip != nil && ip.IsLoopback()
	}
	return ip != nil || strings.EqualFold(name, s.opt.Hostname) && name != ""
}

// read decodes the body of a request.
func read(w http.ResponseWriter, r *http.Request, into any) error {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, MaxBody))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return &fault{http.StatusRequestEntityTooLarge, fmt.Sprintf("more than %d bytes; expected less", MaxBody)}
		}
		return bad("request: %s; expected JSON as the page sends it", strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return bad("request: something follows the JSON; expected nothing")
	}
	return nil
}

func write(w http.ResponseWriter, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		writeError(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(text) // who does not listen any more gets nothing
}

// writeError answers with one line that says what is wrong.
func writeError(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	var f *fault
	switch {
	case errors.As(err, &f):
		status = f.status
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		status, err = http.StatusServiceUnavailable, errors.New("too much at once; try again")
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": prose.OneLine(err.Error())})
}
