package cloudtrail

import (
	"strings"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/projection"
)

// cells fills in records from the cells of a table: results of CloudTrail Lake and of Athena. The names of its columns have
// lost their case. A cell may be a text; an object in JSON, as in Athena's requestparameters; an object as Java prints its maps,
// as in useridentity; or, under eventJson, the whole event.
type cells struct {
	walker *projection.Walker
	slots  map[string]int // by name in lower case
	text   int            // slot for all text, -1
	lower  []byte
	arena  []byte
}

func newCells(plan *logformat.Plan) *cells {
	c := &cells{walker: newWalker(plan, true, nil), slots: map[string]int{}, text: plan.Slot(logformat.AllText)}
	for slot, name := range plan.Fields {
		c.slots[strings.ToLower(name)] = slot
	}
	return c
}

// begin begins a record.
func (c *cells) begin(rec *event.Record) {
	c.arena = c.arena[:0]
	c.walker.Begin(rec)
}

// set takes a cell. A cell without text has no value, nor has one that holds JSON's null.
func (c *cells) set(rec *event.Record, column, text []byte) {
	if len(text) == 0 || string(text) == "null" {
		return
	}
	c.lower = c.lower[:0]
	for _, b := range column {
		if b >= 'A' && b <= 'Z' {
			b += 'a' - 'A'
		}
		c.lower = append(c.lower, b)
	}
	if text[0] == '{' && (string(c.lower) == "eventjson" || string(c.lower) == "eventdata") {
		c.walker.More(text) //nolint:errcheck // what could be read of it is there
		return
	}
	if (text[0] == '{' || text[0] == '[') && c.object(text) {
		return
	}
	if slot, ok := c.slots[string(c.lower)]; ok {
		rec.Set(slot, text)
	}
	if c.text >= 0 {
		rec.Set(c.text, text)
	}
}

// object takes a cell that holds an object or a list, and reports whether it could be read.
func (c *cells) object(text []byte) bool {
	start := len(c.arena)
	c.arena = append(c.arena, `{"`...)
	c.arena = append(c.arena, c.lower...)
	c.arena = append(c.arena, `":`...)
	if isJSON(text) {
		c.arena = append(c.arena, text...)
	} else {
		var ok bool
		if c.arena, ok = appendJavaMap(c.arena, text); !ok {
			return false
		}
	}
	c.arena = append(c.arena, '}')
	_, err := c.walker.More(c.arena[start:])
	return err == nil
}

// isJSON tells an object or list in JSON from one that Java printed: its first name or value is in quotes.
func isJSON(text []byte) bool {
	for _, b := range text {
		switch b {
		case '{', '[', ' ', '\t', '\r', '\n':
		case '"', '}', ']':
			return true
		default:
			return false
		}
	}
	return false
}
