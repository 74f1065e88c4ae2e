package projection_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/projection"
)

// recurringPaths are asked of the records below; those of an even place may wait.
var recurringPaths = []string{"who.name", "who.part.id", "who.part", "who.list", "who", "what.name", "what.part.id", "time", "who.text"}

// recurringObject makes one of the objects that come again and again, most of them long enough to be remembered.
func recurringObject(r *rand.Rand) string {
	pad := strings.Repeat("x", 20+r.IntN(120))
	members := []string{
		`"pad":"` + pad + `"`, `"name":"n` + pad[:r.IntN(9)] + `"`, `"part":{"id":1,"pad":"` + pad + `"}`, `"part":null`, `"text":"a\u0062"`,
		`"list":[1,{"id":2}]`, `"name":"again"`, `"text":"{\"name\":1}"`, `"other":{"a":[{}],"b":"]}"}`, `"deep":{"pad":"` + pad + `"}`,
	}
	r.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	return "{" + strings.Join(members[:1+r.IntN(4)], ",") + "}"
}

// recurringRecord makes a record of such objects; now and then a key stands twice.
func recurringRecord(r *rand.Rand, pool []string) []byte {
	members := []string{
		`"time":` + string(rune('0'+r.IntN(10))), `"who":` + pool[r.IntN(len(pool))], `"what":` + pool[r.IntN(len(pool))], `"unasked":` + pool[r.IntN(len(pool))],
	}
	if r.IntN(8) == 0 {
		members = append(members, `"who":`+pool[r.IntN(len(pool))])
	}
	if r.IntN(8) == 0 {
		r.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	}
	return []byte("{" + strings.Join(members, ",") + "}")
}

// values shows all values of a record, field by field.
func values(rec *event.Record) []string {
	out := make([]string, len(recurringPaths))
	for slot, path := range recurringPaths {
		var b strings.Builder
		b.WriteString(path)
		for v := rec.First(slot); v != nil; v = rec.Next(v) {
			fmt.Fprintf(&b, " %s(%d)@%x", v.Text, v.Kind, v.Elem)
		}
		out[slot] = b.String()
	}
	return out
}

// TestRecurringObjects holds a walker that has seen many records, whose objects come again and again, to what one that has seen
// none makes of each.
func TestRecurringObjects(t *testing.T) {
	t.Parallel()
	early := 0
	for seed := range uint64(16) {
		r := rand.New(rand.NewPCG(seed, 9))
		tree := projection.Compile(recurringPaths, projection.Options{
			Embedded: []string{"who.text"}, Later: func(slot int) bool { return slot%2 == 0 },
		})
		var pool []string
		for range 12 {
			pool = append(pool, recurringObject(r))
		}
		w, rec := projection.NewWalker(tree), event.NewRecord(len(recurringPaths))
		for range 200 {
			if r.IntN(40) == 0 {
				pool[r.IntN(len(pool))] = recurringObject(r)
			}
			text := recurringRecord(r, pool)
			fresh, want := projection.NewWalker(tree), event.NewRecord(len(recurringPaths))
			n, err := fresh.Object(text, want)
			rec.Reset()
			if got, gotErr := w.Object(append(slices.Clone(text), `,"who":`...), rec); got != n || !errors.Is(gotErr, err) {
				t.Fatalf("seed %d: %d, %v; want %d, %v: %s", seed, got, gotErr, n, err, text)
			}
			early += len(rec.Filled()) - len(want.Filled())
			for slot, path := range recurringPaths {
				if rec.First(slot) == nil && want.First(slot) != nil {
					t.Fatalf("seed %d: %s is there only at the end: %s", seed, path, text)
				}
			}
			waiting := map[int]bool{}
			for slot := range recurringPaths {
				waiting[slot] = w.Waits(slot)
			}
			before := values(rec)
			w.Finish()
			fresh.Finish()
			after := values(rec)
			if want := values(want); !slices.Equal(want, after) {
				t.Fatalf("seed %d: %s: %s", seed, text, cmp.Diff(want, after))
			}
			for slot, path := range recurringPaths {
				if !waiting[slot] && before[slot] != after[slot] {
					t.Fatalf("seed %d: %s changes though it does not wait: %s", seed, path, text)
				}
			}
			rec.Reset()
			if _, err := w.Object(text[:r.IntN(len(text))], rec); !errors.Is(err, projection.ErrShort) {
				t.Fatalf("seed %d: %v of a part of %s", seed, err, text)
			}
		}
	}
	if early < 500 {
		t.Errorf("only %d values were remembered: the test proves little", early)
	}
}

// TestKnownObjectDeeper puts an object that is known where it lies too deep. Keys with a space behind them are not foreseen, so
// that the objects under them are not looked up themselves.
func TestKnownObjectDeeper(t *testing.T) {
	t.Parallel()
	const levels = 100
	known := `{"pad":"` + strings.Repeat("x", 120) + `","a":` + strings.Repeat("[", 90) + strings.Repeat("]", 90) + `}`
	w := projection.NewWalker(projection.Compile([]string{strings.Repeat("a.", levels) + "b"}, projection.Options{}))
	rec := event.NewRecord(1)
	deep := func(value string) string {
		return strings.Repeat(`{"a" :`, levels) + `{"x":` + value + strings.Repeat("}", levels+1)
	}
	for _, text := range []string{deep("1"), `{"x":` + known + `}`, `{"x":` + known + `}`, `{"x":` + known + `}`} {
		if _, err := w.Object([]byte(text), rec); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Object([]byte(deep(known)), rec); err == nil {
		t.Error("an object nested too deep is taken")
	}
}

// TestKeyTwice gives a field two values by a key that stands twice, of which the first has to wait: they come in their order.
func TestKeyTwice(t *testing.T) {
	t.Parallel()
	pad := strings.Repeat("x", 120)
	known := `{"list":{"pad":"` + pad + `"}}`
	w := projection.NewWalker(projection.Compile([]string{"who.list", "who.name"}, projection.Options{Later: func(slot int) bool { return slot == 0 }}))
	rec := event.NewRecord(2)
	usual := `{"a":1,"b":1,"c":1,"d":1,"who":` + known + `,"pad":"` + pad + `"}`
	twice := `{"who":{"list":["x"]},"a":1,"b":1,"c":1,"d":1,"who":` + known + `,"pad":"` + pad + `"}`
	for _, text := range []string{usual, usual, usual, twice} {
		rec.Reset()
		if _, err := w.Object([]byte(text), rec); err != nil {
			t.Fatal(err)
		}
	}
	w.Finish()
	if v := rec.First(0); string(v.Text) != "x" || string(rec.Next(v).Text) != `{"pad":"`+pad+`"}` {
		t.Errorf("%s comes first", v.Text)
	}
}

// TestKnownObjectOfPlaces gives one field what stands in either of two places, of which one is in an object that is known.
func TestKnownObjectOfPlaces(t *testing.T) {
	t.Parallel()
	w := projection.NewWalker(projection.Compile([]string{"alt", "who.name"}, projection.Options{Slots: []int{0, 0}}))
	rec := event.NewRecord(1)
	who := `,"who":{"name":"n","pad":"` + strings.Repeat("x", 120) + `"}}`
	for _, c := range []struct {
		alt  string
		want []string
	}{{"n", []string{"s:n"}}, {"n", []string{"s:n"}}, {"n", []string{"s:n"}}, {"m", []string{"s:m", "s:n"}}} {
		rec.Reset()
		if _, err := w.Object([]byte(`{"alt":"`+c.alt+`"`+who), rec); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, scalars(rec, 0)); diff != "" {
			t.Error(diff)
		}
	}
}

// TestLongObject reads a field behind the first 64 KiB of an object again and again.
func TestLongObject(t *testing.T) {
	t.Parallel()
	w, rec := projection.NewWalker(projection.Compile([]string{"who.name"}, projection.Options{})), event.NewRecord(1)
	text := []byte(`{"who":{"pad":"` + strings.Repeat("x", 1<<16) + `","name":"n"}}`)
	for range 4 {
		rec.Reset()
		if _, err := w.Object(text, rec); err != nil || string(rec.Text(0)) != "n" {
			t.Fatalf("%q, %v", rec.Text(0), err)
		}
	}
}

func FuzzRecurring(f *testing.F) {
	f.Add([]byte(`{"name":"x","part":{"id":1},"text":"`+strings.Repeat("long ", 20)+`"}`), []byte(`{"who":null}`))
	f.Fuzz(func(t *testing.T, object, other []byte) {
		if !json.Valid(object) || !bytes.HasPrefix(object, []byte("{")) {
			return
		}
		tree := projection.Compile(recurringPaths, projection.Options{Later: func(slot int) bool { return slot%2 == 0 }})
		text := []byte(`{"who":` + string(object) + `,"what":` + string(object) + `}`)
		w, rec := projection.NewWalker(tree), event.NewRecord(len(recurringPaths))
		for _, record := range [][]byte{text, text, other, text, text} {
			fresh, want := projection.NewWalker(tree), event.NewRecord(len(recurringPaths))
			n, err := fresh.Object(record, want)
			rec.Reset()
			got, gotErr := w.Object(record, rec)
			if n != got || (err == nil) != (gotErr == nil) {
				t.Fatalf("%d, %v; the first time %d, %v", got, gotErr, n, err)
			}
			if err != nil {
				continue
			}
			w.Finish()
			fresh.Finish()
			if diff := cmp.Diff(values(want), values(rec)); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}
