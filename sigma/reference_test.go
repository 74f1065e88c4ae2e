package sigma_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sec/gatehouse/sigma"
)

// val is one value of a field, for the slow reference: text, or null, at an element of an array (0: in none).
type val struct {
	text string
	null bool
	elem uint32
}

// fields is an event.
type fields map[string][]val

// refMatch is the slow and obvious reference: the Expr tree evaluated with loops and regular expressions.
func refMatch(e sigma.Expr, ev fields) bool {
	switch e := e.(type) {
	case sigma.And:
		return !slices.ContainsFunc(e, func(x sigma.Expr) bool { return !refMatch(x, ev) })
	case sigma.Or:
		return slices.ContainsFunc(e, func(x sigma.Expr) bool { return refMatch(x, ev) })
	case sigma.Not:
		return !refMatch(e.X, ev)
	case sigma.SameElement:
		return refSame(e, ev)
	case *sigma.Atom:
		return refAtom(e, ev)
	}
	panic(fmt.Sprintf("unknown expression %T", e))
}

// refSame tries, for each array that two items look into, every element.
func refSame(items sigma.SameElement, ev fields) bool {
	if !refMatch(sigma.And(items), ev) {
		return false
	}
	arrays := map[uint32][]sigma.Expr{}
	for _, it := range items {
		for a := range refArrays(it, ev) {
			arrays[a] = append(arrays[a], it)
		}
	}
	for array, its := range arrays {
		if len(its) < 2 {
			continue
		}
		found := false
		for elem := array<<16 + 1; elem < array<<16+20; elem++ {
			only := fields{}
			for name, vs := range ev {
				for _, v := range vs {
					if v.elem == 0 || v.elem>>16 != array || v.elem == elem {
						only[name] = append(only[name], v)
					}
				}
			}
			found = found || refMatch(sigma.And(its), only)
		}
		if !found {
			return false
		}
	}
	return true
}

func refArrays(e sigma.Expr, ev fields) map[uint32]bool {
	out := map[uint32]bool{}
	add := func(xs []sigma.Expr) {
		for _, x := range xs {
			for a := range refArrays(x, ev) {
				out[a] = true
			}
		}
	}
	switch e := e.(type) {
	case sigma.And:
		add(e)
	case sigma.Or:
		add(e)
	case sigma.SameElement:
		add(e)
	case sigma.Not:
		add([]sigma.Expr{e.X})
	case *sigma.Atom:
		for _, v := range ev[e.Field] {
			if v.elem != 0 {
				out[v.elem>>16] = true
			}
		}
	}
	return out
}

func refAtom(a *sigma.Atom, ev fields) bool {
	values := ev[a.Field]
	if a.Field == "" {
		for _, vs := range ev {
			values = append(values, vs...)
		}
	}
	switch a.Op {
	case sigma.Exists:
		return len(values) > 0
	case sigma.IsNull:
		return !slices.ContainsFunc(values, func(v val) bool { return !v.null })
	}
	return slices.ContainsFunc(values, func(v val) bool { return !v.null && refValue(a, v.text, ev) })
}

func refValue(a *sigma.Atom, text string, ev fields) bool {
	flags := "(?is)"
	if a.Cased {
		flags = "(?s)"
	}
	lit := regexp.QuoteMeta(a.Text)
	switch a.Op {
	case sigma.Equal:
		return regexp.MustCompile(flags + `\A` + lit + `\z`).MatchString(text)
	case sigma.Contains:
		return regexp.MustCompile(flags + lit).MatchString(text)
	case sigma.StartsWith:
		return regexp.MustCompile(flags + `\A` + lit).MatchString(text)
	case sigma.EndsWith:
		return regexp.MustCompile(flags + lit + `\z`).MatchString(text)
	case sigma.Glob:
		re := flags + `\A`
		for _, p := range a.Glob {
			switch p.Kind {
			case sigma.Literal:
				re += regexp.QuoteMeta(p.Text)
			case sigma.Any:
				re += `.*`
			case sigma.One:
				re += `.`
			}
		}
		return regexp.MustCompile(re + `\z`).MatchString(text)
	case sigma.Regexp:
		return a.Regexp.MatchString(text)
	case sigma.NumberEqual:
		n, err := strconv.ParseFloat(text, 64)
		return err == nil && n == a.Number || strings.EqualFold(text, a.Text)
	case sigma.Less, sigma.LessEqual, sigma.Greater, sigma.GreaterEqual:
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return false
		}
		return map[sigma.Op]bool{
			sigma.Less: n < a.Number, sigma.LessEqual: n <= a.Number, sigma.Greater: n > a.Number, sigma.GreaterEqual: n >= a.Number,
		}[a.Op]
	case sigma.CIDR:
		addr, err := netip.ParseAddr(text)
		return err == nil && a.Net.Contains(addr)
	case sigma.TimePartEqual:
		return refTimePart(a, text)
	case sigma.FieldRef:
		return slices.ContainsFunc(ev[a.Text], func(o val) bool {
			if o.null {
				return false
			}
			return refValue(&sigma.Atom{Op: a.RefOp, Cased: a.Cased, Text: o.text}, text, ev)
		})
	}
	panic(fmt.Sprintf("unknown test %d", a.Op))
}

// refTimePart knows one form of times, that of RFC 3339, and counts weeks by their Thursdays (ISO 8601).
func refTimePart(a *sigma.Atom, text string) bool {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return false
	}
	t = t.UTC()
	thursday := t.AddDate(0, 0, 3-(int(t.Weekday())+6)%7)
	return a.Number == float64(map[sigma.TimePart]int{
		sigma.Minute: t.Minute(), sigma.Hour: t.Hour(), sigma.Day: t.Day(), sigma.Month: int(t.Month()), sigma.Year: t.Year(),
		sigma.Week: (thursday.YearDay()-1)/7 + 1,
	}[a.Part])
}

// slotted shows fields to a Scanner.
type slotted struct {
	names  []string
	values []sigma.Value
	first  map[int]int
	all    []val
}

const keywordSlot = 1000

func eventOf(names []string, ev fields) *slotted {
	s := &slotted{names: names, first: map[int]int{}}
	for _, vs := range ev {
		s.all = append(s.all, vs...)
	}
	for i, n := range names {
		s.put(i, ev[n])
	}
	s.put(keywordSlot, s.all)
	return s
}

func (s *slotted) put(slot int, vs []val) {
	for k, v := range vs {
		sv := sigma.Value{Text: []byte(v.text), Kind: sigma.String, Elem: v.elem}
		if v.null {
			sv.Kind = sigma.Null
		}
		if k == 0 {
			s.first[slot] = len(s.values)
		}
		if k+1 < len(vs) {
			sv.Next = int32(len(s.values) + 2)
		}
		s.values = append(s.values, sv)
	}
}

func (s *slotted) First(slot int) *sigma.Value {
	if i, ok := s.first[slot]; ok {
		return &s.values[i]
	}
	return nil
}

func (s *slotted) Next(v *sigma.Value) *sigma.Value {
	if v.Next == 0 {
		return nil
	}
	return &s.values[v.Next-1]
}

var (
	fieldNames = []string{"a", "b", "c.d", "n"}
	words      = []string{"", "x", "X", "abc", "ABCD", "cab", "10", "10.0", "7", "192.0.2.7", "2001:db8::1", "äÖ", "ÄÖ", "K", "\u212a", "a*b", "-x", "null"}
)

func pick[T any](r *rand.Rand, xs []T) T { return xs[r.IntN(len(xs))] }

func randomAtom(r *rand.Rand) *sigma.Atom {
	a := &sigma.Atom{Field: pick(r, append(fieldNames, "absent", "")), Cased: r.IntN(4) == 0}
	a.Op = pick(r, []sigma.Op{
		sigma.Equal, sigma.Equal, sigma.NumberEqual, sigma.Contains, sigma.StartsWith, sigma.EndsWith, sigma.Glob, sigma.Regexp,
		sigma.Less, sigma.GreaterEqual, sigma.CIDR, sigma.IsNull, sigma.Exists, sigma.FieldRef,
	})
	if a.Field == "" {
		a.Op = pick(r, []sigma.Op{sigma.Contains, sigma.Regexp})
	}
	a.Text = pick(r, words)
	switch a.Op {
	case sigma.Contains, sigma.StartsWith, sigma.EndsWith:
		if a.Text == "" {
			a.Text = "b"
		}
	case sigma.Glob:
		a.Text = ""
		a.Glob = pick(r, [][]sigma.Piece{
			{{Kind: sigma.Any}},
			{{Kind: sigma.Literal, Text: "a"}, {Kind: sigma.Any}, {Kind: sigma.Literal, Text: "c"}},
			{{Kind: sigma.One}, {Kind: sigma.Literal, Text: "b"}, {Kind: sigma.Any}},
			{{Kind: sigma.One}, {Kind: sigma.One}},
			{{Kind: sigma.Any}, {Kind: sigma.Literal, Text: "Ö"}, {Kind: sigma.Any}},
		})
	case sigma.Regexp:
		a.Text = pick(r, []string{`b`, `(?i)AB`, `^x$`, `a.*d|cab`, `[0-9]+`, `(abc){1,2}`, `(?i)k`})
		a.Regexp = regexp.MustCompile(a.Text)
	case sigma.NumberEqual, sigma.Less, sigma.GreaterEqual:
		a.Number = pick(r, []float64{7, 10, -1})
		a.Text = strconv.FormatFloat(a.Number, 'f', -1, 64)
	case sigma.CIDR:
		a.Net = netip.MustParsePrefix(pick(r, []string{"192.0.2.0/24", "2001:db8::/32", "10.0.0.0/8"}))
	case sigma.FieldRef:
		a.Text = pick(r, fieldNames)
		a.RefOp = pick(r, []sigma.Op{sigma.Equal, sigma.StartsWith, sigma.EndsWith, sigma.Contains})
	case sigma.IsNull, sigma.Exists:
		a.Text = ""
	}
	return a
}

func randomExpr(r *rand.Rand, depth int) sigma.Expr {
	if depth == 0 || r.IntN(3) == 0 {
		return randomAtom(r)
	}
	var xs []sigma.Expr
	for range 1 + r.IntN(3) {
		xs = append(xs, randomExpr(r, depth-1))
	}
	switch r.IntN(4) {
	case 0:
		return sigma.Not{X: xs[0]}
	case 1:
		return sigma.Or(xs)
	case 2:
		var items sigma.SameElement
		for range 1 + r.IntN(3) {
			a := randomAtom(r)
			for a.Op == sigma.FieldRef || a.Field == "" { // these look at the whole event also within a selection
				a = randomAtom(r)
			}
			items = append(items, a)
		}
		return items
	}
	return sigma.And(xs)
}

func randomEvent(r *rand.Rand) fields {
	ev := fields{}
	for _, n := range fieldNames {
		for range r.IntN(3) {
			v := val{text: pick(r, words)}
			if r.IntN(12) == 0 {
				v = val{null: true}
			}
			if r.IntN(3) == 0 {
				v.elem = uint32(r.IntN(2))<<16 + uint32(1+r.IntN(3))
			}
			ev[n] = append(ev[n], v)
		}
	}
	return ev
}

func resolver(names []string) sigma.Resolver {
	return func(field string) (int, bool) { i := slices.Index(names, field); return i, i >= 0 }
}

// TestMatcherAgreesWithReference runs random rules over random events.
func TestMatcherAgreesWithReference(t *testing.T) {
	t.Parallel()
	matched := 0
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		var rules []*sigma.Rule
		for range 1 + r.IntN(30) {
			rules = append(rules, &sigma.Rule{Detection: &sigma.Detection{Expr: randomExpr(r, 3)}})
		}
		m, err := sigma.Compile(rules, sigma.Options{Resolve: resolver(fieldNames), Keywords: []int{keywordSlot}})
		if err != nil {
			t.Fatal(err)
		}
		s := m.Scanner()
		for n := range 40 {
			ev := randomEvent(r)
			var want []int
			for i, rule := range rules {
				if refMatch(rule.Detection.Expr, ev) {
					want = append(want, i)
				}
			}
			got := s.Match(eventOf(fieldNames, ev))
			if !slices.Equal(got, want) {
				t.Fatalf("seed %d event %d %v: got %v, want %v", seed, n, ev, got, want)
			}
			matched += len(want)
		}
	}
	if matched < 10_000 {
		t.Errorf("only %d matches: the test proves little", matched)
	}
}
