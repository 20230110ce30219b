package web

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"net/http"
	"strings"

	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
)

// OfflineOptions say what a file of its own shows.
type OfflineOptions struct {
	// Title is its heading; "" is the scenario's title and the version.
	Title string
	// Session is on the schedule that the file steps through: all of its line. The file opens at the state that is shown.
	Session *stepper.Session
}

// offlineData is what the script of the file reads.
type offlineData struct {
	Line
	Link    string            `json:"link"`
	Sources map[string]string `json:"sources"`
}

// Offline writes a schedule as one HTML file that steps without a server and loads nothing.
func Offline(w io.Writer, o OfflineOptions) error {
	s := o.Session
	if s == nil {
		return errors.New("offline: there is no session; expected one")
	}
	tries := s.Line()
	views := make([]*stepper.View, len(tries))
	for i, t := range tries {
		views[i] = t.View
	}
	pack, err := packViews(views)
	if err != nil {
		return err
	}
	end := views[len(views)-1]
	data := offlineData{
		Line: Line{Question: asked(&s.Question), Path: end.Path, Step: s.At().View.Step, Views: pack},
		Link: s.Link(), Sources: map[string]string{},
	}
	for _, v := range views {
		for _, file := range files(v) {
			if _, known := data.Sources[file]; !known {
				if text, err := s.Text(file); err == nil {
					data.Sources[file] = text
				}
			}
		}
	}
	json, err := json.Marshal(&data)
	if err != nil {
		return err
	}
	script, err := bundle(assets, bundled)
	if err != nil {
		return err
	}
	style, err := fs.ReadFile(assets, "assets/style.css")
	if err != nil {
		return err
	}
	icon, err := fs.ReadFile(assets, "assets/icon.svg")
	if err != nil {
		return err
	}
	title := o.Title
	if title == "" {
		title = fmt.Sprintf("%s, on %s", s.Question.Scenario.Title, s.Question.Version)
	}
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src '%s'; style-src '%s'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<title>%s</title>
<link rel="icon" href="data:image/svg+xml;base64,%s">
<style>%s</style>
</head>
<body>
<main>
<div class="intro"><h1>%s</h1><details><summary>What this is about</summary><div id="about" class="prose"></div></details></div>
<section id="stepper" class="stepper" tabindex="0" data-keys aria-label="stepper; its keys work while the focus is in here, ? lists them"></section>
</main>
<dialog id="help" aria-labelledby="help-title"><h2 id="help-title">Keys</h2><p>They work while the focus is in the stepper.</p><dl id="keys" class="keys"></dl><form method="dialog"><button class="primary">Close</button></form></dialog>
`, hash(script), hash(string(style)), html.EscapeString(title), base64.StdEncoding.EncodeToString(icon), style, html.EscapeString(title))
	writeSteps(b, views)
	fmt.Fprintf(b, "<script type=\"application/json\" id=\"line\">%s</script>\n<script>%s</script>\n</body>\n</html>\n", json, script)
	return b.Flush()
}

// writeSteps writes the steps as text, for who has no scripts.
func writeSteps(w io.Writer, views []*stepper.View) {
	fmt.Fprint(w, "<noscript><p>Without JavaScript, this is what happens:</p>\n<ol>\n")
	for _, v := range views[1:] {
		fmt.Fprintf(w, "<li>%s</li>\n", html.EscapeString(v.Did.Sentence.Text))
	}
	fmt.Fprint(w, "</ol>\n")
	if bad := views[len(views)-1].Violation; bad != nil {
		fmt.Fprintf(w, "<p>Violation: %s.</p>\n", html.EscapeString(bad.Sentence))
	}
	fmt.Fprint(w, "</noscript>\n")
}

// files are those that a view speaks of.
func files(v *stepper.View) []string {
	var list []string
	if v.Did != nil && v.Did.At.File != "" {
		list = append(list, v.Did.At.File)
	}
	for i := range v.Lanes {
		if f := v.Lanes[i].At.File; f != "" {
			list = append(list, f)
		}
	}
	return list
}

// hash names a script or a style as a content policy does.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// OfflineAnswer is a file to be saved.
type OfflineAnswer struct {
	Name string `json:"name"`
	HTML string `json:"html"`
}

func (s *Server) postOffline(w http.ResponseWriter, r *http.Request) (any, error) {
	var p Place
	if err := read(w, r, &p); err != nil {
		return nil, err
	}
	var a OfflineAnswer
	err := s.with(r.Context(), p, func(l *live, at standing) error {
		if at.stale != "" {
			return &fault{http.StatusConflict, at.stale}
		}
		var b strings.Builder
		if err := Offline(&b, OfflineOptions{Session: l.Session}); err != nil {
			return err
		}
		q := &l.Question
		a = OfflineAnswer{fmt.Sprintf("%s-%s.html", strings.ReplaceAll(scenario.FullName(q.Scenario), "/", "-"), strings.ReplaceAll(q.Version.String(), "/", "-")), b.String()}
		return nil
	})
	return a, err
}
