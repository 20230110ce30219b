package explore

// ModelError says what about a model cannot be explored: code that is not deterministic or panics, or more objects,
// callbacks or locks than the explorer has room for.
type ModelError struct{ What string }

func (e *ModelError) Error() string { return "the model cannot be explored: " + e.What }

// catch turns the panic of a ModelError into an error. It is deferred by whatever runs a search.
func catch(err *error) {
	switch r := recover().(type) {
	case nil:
	case *ModelError:
		*err = r
	default:
		panic(r)
	}
}
