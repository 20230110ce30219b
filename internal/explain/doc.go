// Package explain says of a step what happened and which rule it rests on.
package explain
