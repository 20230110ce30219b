// Package quiz asks what a step will do, before it is shown, and grades the answer.
package quiz
