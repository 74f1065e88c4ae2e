package tally

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
)

var testInfo = logformat.Info{Name: "test", Fields: []logformat.Field{
	{Name: "s"},
	{Name: "sc-status", Type: logformat.Integer},
	{Name: "ip", Type: logformat.IP},
	{Name: "f", Type: logformat.Float},
	{Name: "b", Type: logformat.Boolean},
	{Name: "open", Open: true},
}}

func pick(r *rand.Rand, of ...string) string { return of[r.IntN(len(of))] }

// condition writes a random condition of the kind that predicates are made for.
func condition(r *rand.Rand, depth int) string {
	order := []string{"==", "!=", "<", "<=", ">", ">="}
	text := []string{`""`, `"a"`, `"ab"`, `"b\u00e4"`, `"10"`}
	number := []string{"0", "404", "-3", "9223372036854775807"}
	switch n := r.IntN(10); {
	case n < 2 && depth > 0:
		return "(" + condition(r, depth-1) + pick(r, " && ", " || ") + condition(r, depth-1) + pick(r, " && ", " || ") + condition(r, depth-1) + ")"
	case n == 2 && depth > 0:
		return "!" + "(" + condition(r, depth-1) + ")"
	case n == 3:
		return pick(r, "s", "ip", "open.x") + "." + pick(r, "contains", "startsWith", "endsWith") + "(" + pick(r, text...) + ")"
	case n == 4:
		return "sc_status in [" + pick(r, number...) + ", " + pick(r, number...) + "]"
	case n == 5:
		return pick(r, "s", "ip") + " in [" + pick(r, text...) + "]"
	case n == 6:
		return pick(r, number...) + pick(r, order...) + "sc_status"
	case n == 7:
		return pick(r, text...) + pick(r, order...) + "s"
	case n == 8:
		return "sc_status" + pick(r, order...) + pick(r, number...)
	default:
		return pick(r, "s", "ip", "open.x") + pick(r, order...) + pick(r, text...)
	}
}

// TestPredicatesAgreeWithCEL compares what predicates and CEL make of random records.
func TestPredicatesAgreeWithCEL(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 8))
	held := map[bool]int{}
	for range 400 {
		text := condition(r, 2)
		w, err := compileWhere(text, &testInfo)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if w.quick == nil {
			t.Fatalf("%s: no predicate", text)
		}
		b := &bound{w: w}
		for i := range w.fields {
			b.slots = append(b.slots, i)
		}
		for range 40 {
			rec := event.NewRecord(len(w.fields))
			for i := range w.fields {
				if v := pick(r, "none", "", "a", "abc", "bä", "10", "404", "-3", "0404", "+404", "9223372036854775807", "92233720368547758070"); v != "none" {
					rec.Set(i, []byte(v))
				}
			}
			got, want := b.holds(rec), b.interpreted(rec)
			if held[got]++; got != want {
				t.Fatalf("%s of %s: %v, CEL says %v", text, describe(w, rec), got, want)
			}
		}
	}
	if held[true] < 1000 || held[false] < 1000 {
		t.Errorf("%v: the conditions are too much alike", held)
	}
}

func describe(w *where, rec *event.Record) string {
	out := make([]string, len(w.fields))
	for i, f := range w.fields {
		out[i] = fmt.Sprintf("%s=%q", f, rec.Text(i))
	}
	return strings.Join(out, " ")
}

// TestOtherConditions go to CEL.
func TestOtherConditions(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`s.matches("a.*")`, `f > 1.5`, `s == ip`, `b`, `size(s) > 3`, `sc_status + 1 == 405`, `s.startsWith(ip)`} {
		w, err := compileWhere(text, &testInfo)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if w.quick != nil {
			t.Errorf("%s: has a predicate", text)
		}
	}
}
