package projection_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/projection"
)

var keys = []string{"a", "b", "ab", "long key", "ä", "a\"b"}

func randomValue(r *rand.Rand, depth int) any {
	switch n := r.IntN(9); {
	case n < 2 && depth > 0:
		return randomObject(r, depth-1)
	case n == 2 && depth > 0:
		out := []any{}
		for range r.IntN(4) {
			out = append(out, randomValue(r, depth-1))
		}
		return out
	case n == 3:
		return json.Number(strconv.Itoa(r.IntN(1000)))
	case n == 4:
		return r.IntN(2) == 0
	case n == 5:
		return nil
	}
	return []string{"", "x", "with \"quotes\" and \\", "line\nbreak", "ünïcode", "\u2028", strings.Repeat("long ", 9)}[r.IntN(7)]
}

func randomObject(r *rand.Rand, depth int) map[string]any {
	out := map[string]any{}
	for range r.IntN(6) {
		out[keys[r.IntN(len(keys))]] = randomValue(r, depth)
	}
	return out
}

// reference collects the scalars at a path, arrays passed through, in order.
func reference(v any, path []string) []string {
	switch v := v.(type) {
	case []any:
		var out []string
		for _, x := range v {
			out = append(out, reference(x, path)...)
		}
		return out
	case map[string]any:
		if len(path) == 0 {
			return nil
		}
		x, ok := v[path[0]]
		if !ok {
			return nil
		}
		return reference(x, path[1:])
	}
	if len(path) > 0 {
		return nil
	}
	switch v := v.(type) {
	case nil:
		return []string{"null"}
	case string:
		return []string{"s:" + v}
	case bool:
		return []string{strconv.FormatBool(v)}
	}
	return []string{fmt.Sprint(v)}
}

// TestAgreesWithEncodingJSON walks random objects, compact and indented, whole and cut short.
func TestAgreesWithEncodingJSON(t *testing.T) {
	t.Parallel()
	found := 0
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 3))
		obj := randomObject(r, 4)
		var paths []string
		seen := map[string]bool{}
		for range 1 + r.IntN(8) {
			parts := []string{}
			for range 1 + r.IntN(3) {
				parts = append(parts, keys[r.IntN(len(keys))])
			}
			if p := strings.Join(parts, "."); !seen[p] {
				seen[p] = true
				paths = append(paths, p)
			}
		}
		text, err := json.Marshal(obj)
		if err != nil {
			t.Fatal(err)
		}
		if r.IntN(2) == 0 {
			var buf bytes.Buffer
			if err := json.Indent(&buf, text, "", "\t"); err != nil {
				t.Fatal(err)
			}
			text = buf.Bytes()
		}
		w := projection.NewWalker(projection.Compile(paths, projection.Options{}))
		rec := event.NewRecord(len(paths))
		n, err := w.Object(append(slices.Clip(text), " {tail"...), rec)
		if err != nil || n != len(text) {
			t.Fatalf("seed %d: %d of %d bytes, %v: %s", seed, n, len(text), err, text)
		}
		for slot, p := range paths {
			want := reference(obj, strings.Split(p, "."))
			if diff := cmp.Diff(want, scalars(rec, slot)); diff != "" {
				t.Fatalf("seed %d: %s of %s: %s", seed, p, text, diff)
			}
			found += len(want)
		}
		rec.Reset()
		if _, err := w.Object(text[:r.IntN(len(text))], rec); err == nil {
			t.Fatalf("seed %d: a part of an object was taken for the whole: %s", seed, text)
		}
	}
	if found < 1000 {
		t.Errorf("only %d values: the test proves little", found)
	}
}

func scalars(rec *event.Record, slot int) []string {
	var out []string
	for v := rec.First(slot); v != nil; v = rec.Next(v) {
		switch v.Kind {
		case event.Object:
		case event.String:
			out = append(out, "s:"+string(v.Text))
		default:
			out = append(out, string(v.Text))
		}
	}
	return out
}

// TestElements numbers the elements of outermost arrays.
func TestElements(t *testing.T) {
	t.Parallel()
	w := projection.NewWalker(projection.Compile([]string{"a.x", "a.y", "b"}, projection.Options{}))
	rec := event.NewRecord(3)
	if _, err := w.Object([]byte(`{"a":[{"x":1,"y":[2,3]},{"x":4}],"b":[5]}`), rec); err != nil {
		t.Fatal(err)
	}
	var got []string
	for slot := range 3 {
		for v := rec.First(slot); v != nil; v = rec.Next(v) {
			got = append(got, fmt.Sprintf("%s@%d.%d", v.Text, v.Elem>>16, v.Elem&0xffff))
		}
	}
	if diff := cmp.Diff([]string{"1@0.1", "4@0.2", "2@0.1", "3@0.1", "5@1.1"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestNoAllocation(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts what the whole process allocates
	w := projection.NewWalker(projection.Compile([]string{"a.b", "c"}, projection.Options{}))
	rec := event.NewRecord(2)
	text := []byte(`{"x":{"y":[1,2,{"z":"q"}]},"a":{"b":"text","n":1},"c":"with \"escape\""}`)
	if n := testing.AllocsPerRun(200, func() {
		rec.Reset()
		if _, err := w.Object(text, rec); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestDepthIsBounded(t *testing.T) {
	t.Parallel()
	for _, open := range []string{`{"a":`, `{"x":`, `{"a":[`} {
		w := projection.NewWalker(projection.Compile([]string{"a.a"}, projection.Options{}))
		rec := event.NewRecord(1)
		if _, err := w.Object([]byte(strings.Repeat(open, 100_000)), rec); err == nil {
			t.Errorf("%s nested without end is taken", open)
		}
	}
}

func FuzzObject(f *testing.F) {
	f.Add([]byte(`{"a":{"b":["x",1,null,true]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		w := projection.NewWalker(projection.Compile([]string{"a.b", "a"}, projection.Options{DottedKeys: true, AllText: 0}))
		rec := event.NewRecord(2)
		n, err := w.Object(text, rec)
		if n < 0 || n > len(text) {
			t.Fatalf("took %d of %d bytes", n, len(text))
		}
		if json.Valid(text) && len(bytes.TrimSpace(text)) == len(text) && len(text) > 0 && text[0] == '{' && bytes.Count(text, []byte("["))+bytes.Count(text, []byte("{")) < 100 && (err != nil || n != len(text)) {
			t.Errorf("valid JSON is refused: %v, %d of %d", err, n, len(text))
		}
	})
}

// TestSlots gives one slot what stands under several paths, and the value of one path to several slots.
func TestSlots(t *testing.T) {
	t.Parallel()
	w := projection.NewWalker(projection.Compile([]string{"a", "b.c", "b.c", "b.c"}, projection.Options{Slots: []int{0, 0, 1, 1}}))
	rec := event.NewRecord(2)
	if _, err := w.Object([]byte(`{"b":{"c":"x"},"a":1}`), rec); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{{"s:x", "1"}, {"s:x"}}, [][]string{scalars(rec, 0), scalars(rec, 1)}); diff != "" {
		t.Error(diff)
	}
}

// TestManyKeys finds every one of some thousand keys of one object.
func TestManyKeys(t *testing.T) {
	t.Parallel()
	const n = 3000
	paths, text := make([]string, n), []byte("{")
	for i := range n {
		paths[i] = fmt.Sprintf("key %d", i)
		text = fmt.Appendf(text, "%q:%d,", paths[i], i)
	}
	rec := event.NewRecord(n)
	if _, err := projection.NewWalker(projection.Compile(paths, projection.Options{})).Object(append(text, '}'), rec); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if got := string(rec.Text(i)); got != fmt.Sprint(i) {
			t.Fatalf("%s is %q", paths[i], got)
		}
	}
}

// TestLater walks random objects twice: with all fields at once, and with some that wait. Once Finish is called there is no
// difference, and before that nothing is missing that may not wait.
func TestLater(t *testing.T) {
	t.Parallel()
	paths := []string{"a", "b", "ab", "a.b", "a.ab", "b.a.b", "long key.a", "ä.b", "ab.ab"}
	r := rand.New(rand.NewPCG(3, 9))
	waited := 0
	for range 10_000 {
		text, err := json.Marshal(randomObject(r, 4))
		if err != nil {
			t.Fatal(err)
		}
		later := r.Uint32()
		may := func(slot int) bool { return later>>slot&1 != 0 }
		opts := projection.Options{Embedded: []string{"b"}}
		all, some := event.NewRecord(len(paths)), event.NewRecord(len(paths))
		if _, err := projection.NewWalker(projection.Compile(paths, opts)).Object(text, all); err != nil {
			t.Fatal(err)
		}
		opts.Later = may
		w := projection.NewWalker(projection.Compile(paths, opts))
		if _, err := w.Object(text, some); err != nil {
			t.Fatal(err)
		}
		for slot := range paths {
			want, got := valuesOf(all, slot), valuesOf(some, slot)
			if !may(slot) && !cmp.Equal(want, got) {
				t.Fatalf("%s of %s: %q at once, want %q", paths[slot], text, got, want)
			}
			if !w.Waits(slot) && !cmp.Equal(want, got) {
				t.Fatalf("%s of %s does not wait, and yet is %q, want %q", paths[slot], text, got, want)
			}
			waited += len(want) - len(got)
		}
		w.Finish()
		for slot := range paths {
			if want, got := valuesOf(all, slot), valuesOf(some, slot); !cmp.Equal(want, got) {
				t.Fatalf("%s of %s: %q in the end, want %q", paths[slot], text, got, want)
			}
		}
	}
	if waited < 1000 {
		t.Errorf("only %d values waited", waited)
	}
}

func valuesOf(rec *event.Record, slot int) (out []string) {
	for v := rec.First(slot); v != nil; v = rec.Next(v) {
		out = append(out, fmt.Sprintf("%d %s %d", v.Kind, v.Text, v.Elem&0xffff))
	}
	slices.Sort(out)
	return out
}
