package kern

// FieldKind is what a word of an object holds.
type FieldKind uint8

// The kinds of fields.
const (
	FieldWord     FieldKind = iota // a number
	FieldPointer                   // the address of an object of the cache To, or 0
	FieldLock                      // a lock of any kind
	FieldRefcount                  // a count of references
	FieldList                      // a list_head: two words
	FieldRCUHead                   // an rcu_head: two words
	FieldBits                      // flags, named from bit 0 up by Bits
	FieldWait                      // a completion or a wait queue: of one word, unless Words says otherwise
	FieldTagged                    // the address of an object of the cache To, with flags in its low bits, named by Bits; or a number
)

var fieldKinds = [...]string{"word", "pointer", "lock", "refcount", "list", "rcu_head", "bits", "wait", "tagged"}

func (k FieldKind) String() string { return fieldKinds[k] }

// MarshalText writes the kind's name.
func (k FieldKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Field is a field of an object, or of a struct page: its name as C code has it, and what it holds. A cache that is declared
// with fields (CacheConfig.Fields) gives whoever shows memory names for its words, such as node1->next, and tells which of them
// are pointers. No primitive looks at them.
type Field struct {
	Name  string
	Kind  FieldKind
	Words uint32   // how many words it takes; 0 is what its kind takes, which is 1 of a word
	To    string   // of a pointer: the cache of what it points to, "" for any
	Bits  []string // of bits, and of the flags in a tagged pointer: their names, bit 0 first
}

// Size is how many words the field takes.
func (f *Field) Size() uint32 {
	switch {
	case f.Words > 0:
		return f.Words
	case f.Kind == FieldList:
		return ListHeadWords
	case f.Kind == FieldRCUHead:
		return RCUHeadWords
	}
	return 1
}

// Untag takes a tagged pointer apart: the address, and which flags it carries.
func (f *Field) Untag(v uint32) (to Addr, flags uint32) {
	mask := uint32(1)<<len(f.Bits) - 1
	return Addr(v &^ mask), v & mask
}

// FieldAt returns the field that the word at offset off is part of, and which of its words it is; nil if no field has it.
func FieldAt(fields []Field, off Addr) (f *Field, word Addr) {
	for i := range fields {
		size := Addr(fields[i].Size())
		if off < size {
			return &fields[i], off
		}
		off -= size
	}
	return nil, 0
}

// SetPageFields says what the words of a struct page are called and hold, by their offset. Words that are not named keep the names
// of the kernel's struct page. It is called while a machine is put together.
func (m *Machine) SetPageFields(fields map[Addr]Field) { m.pageFields = fields }

// PageFields returns what SetPageFields said.
func (m *Machine) PageFields() map[Addr]Field { return m.pageFields }

// PageField returns what SetPageFields said of a word of a struct page, nil if nothing.
func (m *Machine) PageField(off Addr) *Field {
	if f, ok := m.pageFields[off]; ok {
		return &f
	}
	return nil
}
