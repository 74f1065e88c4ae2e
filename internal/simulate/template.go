package simulate

import (
	"fmt"
	"strings"
	"time"
)

// slot is the number of a name that a template leaves open: <ip>, <user>.
type slot int

// maker appends a value for a slot.
type maker func(s *scope, dst []byte) []byte

// template is the text of a record with slots in it.
type template []part

// part is some text and the slot after it, which is -1 at the end.
type part struct {
	text string
	slot slot
}

// vocabulary is the slots that templates may use.
type vocabulary struct {
	names  map[string]slot
	makers []maker
}

func newVocabulary() *vocabulary { return &vocabulary{names: map[string]slot{}} }

// define gives a slot its maker. A nil one means that somebody binds a text to the slot.
func (v *vocabulary) define(name string, m maker) slot {
	s, ok := v.names[name]
	if !ok {
		s = slot(len(v.makers))
		v.names[name], v.makers = s, append(v.makers, nil)
	}
	v.makers[s] = m
	return s
}

// slot returns a defined slot; to ask for another is a mistake in this package's tables, which every run of them shows.
func (v *vocabulary) slot(name string) slot {
	s, ok := v.names[name]
	if !ok {
		panic(fmt.Sprintf("simulate: no slot is called %q", name))
	}
	return s
}

// compile reads a template. A name in angle brackets is a slot: lower-case letters and digits.
func (v *vocabulary) compile(text string) template {
	var t template
	start := 0
	for at := 0; at < len(text); at++ {
		if text[at] != '<' {
			continue
		}
		end := at + 1
		for end < len(text) && (text[end] >= 'a' && text[end] <= 'z' || text[end] >= '0' && text[end] <= '9') {
			end++
		}
		if end == len(text) || text[end] != '>' || end == at+1 {
			continue
		}
		t = append(t, part{text[start:at], v.slot(text[at+1 : end])})
		at, start = end, end+1
	}
	return append(t, part{text[start:], -1})
}

// scope holds the values that slots have in one record: each slot has one value throughout it.
type scope struct {
	random
	now    time.Time
	makers []maker
	record uint32     // the number of the record
	madeIn []uint32   // by slot: the record that the value is of
	values [][]byte   // by slot
	bound  []template // by slot: a text instead of what the maker makes, for the records of one actor
}

func newScope(v *vocabulary, r random) *scope {
	s := &scope{random: r}
	s.grow(v)
	return s
}

// grow makes room for the slots that were defined since.
func (s *scope) grow(v *vocabulary) {
	n := len(v.makers)
	s.makers, s.madeIn, s.values, s.bound = v.makers, make([]uint32, n), make([][]byte, n), make([]template, n)
}

// begin starts a new record.
func (s *scope) begin(now time.Time) {
	s.now = now
	s.record++
	clear(s.bound)
}

// fill appends a template with its slots filled in.
func (s *scope) fill(dst []byte, t template) []byte {
	for i := range t {
		dst = append(dst, t[i].text...)
		if t[i].slot >= 0 {
			dst = append(dst, s.value(t[i].slot)...)
		}
	}
	return dst
}

// value returns what a slot has in this record.
func (s *scope) value(at slot) []byte {
	if s.madeIn[at] == s.record {
		return s.values[at]
	}
	buf := s.values[at][:0]
	switch {
	case s.bound[at] != nil:
		buf = s.fill(buf, s.bound[at])
	case s.makers[at] != nil:
		buf = s.makers[at](s, buf)
	}
	s.values[at], s.madeIn[at] = buf, s.record
	return buf
}

// set gives a slot a value for this record.
func (s *scope) set(at slot, value []byte) {
	s.values[at], s.madeIn[at] = append(s.values[at][:0], value...), s.record
}

// oneOf makes one of some texts, each as likely as the others; they may have slots.
func oneOf(v *vocabulary, texts ...string) maker {
	var all []template
	for _, text := range texts {
		all = append(all, v.compile(text))
	}
	return func(s *scope, dst []byte) []byte { return s.fill(dst, all[s.IntN(len(all))]) }
}

// mostlyFirst makes one of some texts, the first ones most often.
func mostlyFirst(v *vocabulary, texts ...string) maker {
	var all []template
	for _, text := range texts {
		all = append(all, v.compile(text))
	}
	return func(s *scope, dst []byte) []byte { return s.fill(dst, all[s.heavy(len(all))]) }
}

// inTurn makes one text after the other, and begins anew after the last.
func inTurn(v *vocabulary, texts ...string) maker {
	next := oneByOne(v, texts)
	return func(s *scope, dst []byte) []byte { return s.fill(dst, next()) }
}

func oneByOne(v *vocabulary, texts []string) func() template {
	var all []template
	for _, text := range texts {
		all = append(all, v.compile(text))
	}
	at := -1
	return func() template {
		at = (at + 1) % len(all)
		return all[at]
	}
}

// words splits a table of texts that are written one after the other.
func words(text string) []string { return strings.Fields(text) }

// rows splits a table of texts that are written one a line.
func rows(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}
