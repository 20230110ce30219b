package course

import (
	"errors"
	"strings"

	"ptsim"
)

// planHeading begins the part of the course's first page that is for teachers.
const planHeading = "\n## An hour, for a teacher\n"

// Plan is the plan of an hour in class, as markdown without its heading.
func Plan() (string, error) {
	text, err := ptsim.Course.ReadFile("docs/course/README.md")
	if err != nil {
		return "", err
	}
	_, plan, found := strings.Cut(string(text), planHeading)
	if !found {
		return "", errors.New("docs/course/README.md: no plan of an hour; expected it under" + strings.TrimRight(planHeading, "\n"))
	}
	plan, _, _ = strings.Cut(plan, "\n## ")
	return strings.TrimSpace(plan), nil
}
