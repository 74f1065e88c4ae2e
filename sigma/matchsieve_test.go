package sigma

import (
	"bytes"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestNeedles compares the searches for literals with one that looks for each by itself.
func TestNeedles(t *testing.T) {
	t.Parallel()
	found := 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 9))
		letters := []string{"abAB", "abcdEF.$", "etaoin/=%{}()"}[seed%3]
		word := func(least, most int) []byte {
			b := make([]byte, least+r.IntN(most-least+1))
			for i := range b {
				b[i] = letters[r.IntN(len(letters))]
			}
			return b
		}
		p := &program{}
		var needles []needle
		for i := range 1 + r.IntN(40) {
			least := []int{1, 3, 4, 5, 7}[seed/3%5]
			n := needle{text: bytes.ToLower(word(least, least+6)), term: uint32(i), where: anchorage(r.IntN(3))}
			p.terms = append(p.terms, &term{})
			p.emits, p.emitsEnd = append(p.emits, uint32(i)), append(p.emitsEnd, uint32(i+1))
			needles = append(needles, n)
		}
		p.indexNeedles(slices.Clone(needles))
		w := &work{seen: make([]uint32, len(p.terms)), emitted: make([]uint32, len(p.terms))}
		for range 40 {
			text := word(0, 60)
			p.sets(text, true, w)
			var want []uint32
			for _, n := range needles {
				lower := bytes.ToLower(text)
				if op := [...]Op{Contains, StartsWith, EndsWith}[n.where]; compareText(op, lower, n.text) {
					want = append(want, n.term)
				}
			}
			slices.Sort(want)
			got := slices.Sorted(slices.Values(w.hits))
			if !slices.Equal(got, want) {
				t.Fatalf("seed %d, text %q: got %v, want %v", seed, text, got, want)
			}
			found += len(want)
		}
	}
	if found < 5000 {
		t.Errorf("only %d literals were found: the test proves little", found)
	}
}

func TestRequiredLiterals(t *testing.T) {
	t.Parallel()
	for re, want := range map[string]string{
		`union\s+select`:               "select",
		`(?i)UNION[+ ]?`:               "union union  union+",
		`(foo|barbaz)qux`:              "barbazqux fooqux",
		`^\$\{jndi:(ldap|rmi)s?:`:      "${jndi:ldap: ${jndi:ldaps: ${jndi:rmi: ${jndi:rmis:",
		`[Pp]ower[s$]hell`:             "power$hell powershell",
		`a|bc`:                         "",
		`.*`:                           "",
		`(abc)*d`:                      "",
		`(abc)+d`:                      "abc",
		`x([a-i][a-i][a-i]zz)yy`:       "azz bzz czz dzz ezz fzz gzz hzz izz",
		`x{3}`:                         "xxx",
		"\ufffdabc":                    "",
		`\x{212a}elvin`:                "kelvin",
		`[a-z]+\.exe$`:                 ".exe",
		`(?:GET|POST) /[^ ]*\.(?:php)`: "get / post /",
	} {
		var got []string
		literals, _, _ := requiredLiterals(regexp.MustCompile(re))
		for _, l := range literals {
			got = append(got, string(l))
		}
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %q, want %q", re, got, want)
		}
	}
}

// TestFurtherLiterals shows what is known beside the literals themselves.
func TestFurtherLiterals(t *testing.T) {
	t.Parallel()
	for re, want := range map[string]string{
		`=https?://[^&]+\.php$`:     "end .php, also =http:// =https://",
		`^/admin/.*\.(?:cgi|asp)`:   "start /admin/, also .asp .cgi",
		`(?:char|chr)\(\d|chr \(\d`: "anywhere char(0",
		`\b(?:or|and)\s+\w+=`:       "anywhere and\t, also =",
	} {
		needles, also, where := requiredLiterals(regexp.MustCompile(re))
		slices.SortFunc(needles, bytes.Compare)
		got := [...]string{"anywhere", "start", "end"}[where] + " " + string(needles[0])
		if also != nil {
			got += ", also " + string(bytes.Join(also, []byte(" ")))
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", re, got, want)
		}
	}
}

// TestRequiredLiteralsStand makes up expressions and texts: where an expression matches, what it requires must stand.
func TestRequiredLiteralsStand(t *testing.T) {
	t.Parallel()
	pieces := []string{
		"a", "b", "ab", "(?:a|bc)", "(?:ab?|c)", "[ab]", "[a-c]", "[^a]", "a?", "b+", "(?:ab)+", "(?:c|ab){2}", "c*", ".", ".*", "(?:b|)", "(cb|a.)",
		"(?i:AB)", "\\b", "é", "(?:a{1,3}c|b.?b)", "(?:ca|.b)", "(?:aa|ab|ba|bb|ca|cc)", "(?:a|b|aa|bb|cc|ca|bca)",
	}
	matched, needles, alsos, anchored := 0, 0, 0, 0
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 11))
		src := ""
		for range 1 + r.IntN(6) {
			src += pieces[r.IntN(len(pieces))]
		}
		src = []string{"", "^", "(?i)"}[r.IntN(3)] + src + []string{"", "$"}[r.IntN(2)]
		re := regexp.MustCompile(src)
		need, also, where := requiredLiterals(re)
		for range 40 {
			text := []byte{}
			for range r.IntN(12) {
				text = append(text, []string{"a", "b", "c", "ab", "A", "é", "É", "\xff"}[r.IntN(8)]...)
			}
			if !re.Match(text) {
				continue
			}
			matched++
			folded := fold(string(text))
			op := [...]Op{Contains, StartsWith, EndsWith}[where]
			if need != nil && !slices.ContainsFunc(need, func(n []byte) bool { return compareText(op, folded, n) }) {
				t.Fatalf("%s matches %q, which has none of %q (anchorage %d)", src, text, need, where)
			}
			if also != nil && !slices.ContainsFunc(also, func(n []byte) bool { return compareText(Contains, folded, n) }) {
				t.Fatalf("%s matches %q, which has none of %q", src, text, also)
			}
			needles, alsos, anchored = needles+min(len(need), 1), alsos+min(len(also), 1), anchored+int(min(where, 1))
		}
	}
	if matched < 10000 || needles < 5000 || alsos < 500 || anchored < 100 {
		t.Errorf("%d matches, %d with literals, %d with further ones, %d at an end: the test proves little", matched, needles, alsos, anchored)
	}
}

// TestRounds matches over the point where the counter of events begins anew.
func TestRounds(t *testing.T) {
	t.Parallel()
	rule := &Rule{Detection: &Detection{Expr: And{
		&Atom{Field: "a", Op: Contains, Text: "needle"}, Not{&Atom{Field: "a", Op: Contains, Text: "other"}},
	}}}
	m, err := Compile([]*Rule{rule}, Options{Resolve: func(string) (int, bool) { return 0, true }})
	if err != nil {
		t.Fatal(err)
	}
	s := m.Scanner()
	for _, c := range []struct {
		round uint32 // before the event
		text  string
		want  int
	}{
		{0, "needle other", 0},
		{^uint32(0), "needle", 1}, // nothing that round 1 marked may count in the next round 1
		{^uint32(0), "needle", 1},
		{^uint32(0), "nothing", 0},
		{^uint32(0) - 1, "needle", 1},
	} {
		s.round, s.work.round = c.round, c.round
		if got := s.Match(one{Value{Kind: String, Text: []byte(c.text)}}); len(got) != c.want {
			t.Errorf("%q after round %d: got %v", c.text, c.round, got)
		}
	}
}

// one is an event with one value.
type one [1]Value

func (o one) First(int) *Value   { return &o[0] }
func (o one) Next(*Value) *Value { return nil }

// TestMemoIsBounded fills memos with values that never come again.
func TestMemoIsBounded(t *testing.T) {
	t.Parallel()
	budget := memoBudget
	memos := make([]memo, 200)
	r := rand.New(rand.NewPCG(1, 1))
	bytesOf := func(m *memo) int { return cap(m.entries)*16 + cap(m.keys) + 4*cap(m.hits) }
	for n := range 400_000 {
		m := &memos[n%len(memos)]
		text := make([]byte, 1+r.IntN(memoKey))
		hash := r.Uint32() & 0xfff // many collide
		if _, ok := m.find(hash, text); !ok {
			m.add(hash, text, []uint32{uint32(n), 1, 2, 3, 4, 5}[:r.IntN(6)], &budget)
		}
	}
	total := 0
	for i := range memos {
		total += bytesOf(&memos[i])
	}
	if total > memoBudget || budget < 0 {
		t.Errorf("%d bytes, %d left", total, budget)
	}
}

// TestMemoRests gives a memo values that are all different: it must stop asking, and begin again when it may.
func TestMemoRests(t *testing.T) {
	t.Parallel()
	var m memo
	asked := 0
	for range 100_000 {
		if m.awake() {
			asked++
		}
	}
	if asked > 20_000 {
		t.Errorf("a useless memo was asked for %d of 100000 values", asked)
	}
	m = memo{}
	asked = 0
	for range 100_000 {
		if m.awake() {
			asked++
			m.found++
		}
	}
	if asked != 100_000 {
		t.Errorf("a useful memo was asked for %d of 100000 values", asked)
	}
}

func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"", "0", "-1.5e3", "+.5", "5.", ".", "1e", "0x10", "inf", "1_000", "123456789012345678", "1e999"} {
		f.Add([]byte(s))
	}
	decimal := regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$`)
	f.Fuzz(func(t *testing.T, b []byte) {
		n, ok := parseNumber(b)
		if ok && !decimal.Match(b) {
			t.Errorf("%q: %v", b, n)
		}
		parseAddr(b)
		if at, ok := parseTime(b); ok && (at.Year() < 0 || at.Year() > 10_000) {
			t.Errorf("%q: %v", b, at)
		}
	})
}
