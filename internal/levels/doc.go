// Package levels has the user be the scheduler: a level is a scenario on a version of the allocator, and a thing to break.
package levels
