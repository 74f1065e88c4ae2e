// Package attack holds the names of ATT&CK's Enterprise tactics and techniques, and reads them off a rule's tags.
package attack

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// Version is the version of ATT&CK whose names the tables hold.
const Version = "19.0"

// Item is a tactic or a technique: its number and its name.
type Item struct{ ID, Name string }

// tactics are in the order of the Enterprise matrix (attack.mitre.org/matrices/enterprise).
var tactics = [...]struct{ tag, id, name string }{ //nolint:gochecknoglobals // a constant table
	{"reconnaissance", "TA0043", "Reconnaissance"},
	{"resource-development", "TA0042", "Resource Development"},
	{"initial-access", "TA0001", "Initial Access"},
	{"execution", "TA0002", "Execution"},
	{"persistence", "TA0003", "Persistence"},
	{"privilege-escalation", "TA0004", "Privilege Escalation"},
	{"stealth", "TA0005", "Stealth"},
	{"defense-impairment", "TA0112", "Defense Impairment"},
	{"credential-access", "TA0006", "Credential Access"},
	{"discovery", "TA0007", "Discovery"},
	{"lateral-movement", "TA0008", "Lateral Movement"},
	{"collection", "TA0009", "Collection"},
	{"command-and-control", "TA0011", "Command and Control"},
	{"exfiltration", "TA0010", "Exfiltration"},
	{"impact", "TA0040", "Impact"},
}

// formerTag is the tactic that version 19 split into Stealth, which kept its number, and Defense Impairment.
const formerTag = "defense-evasion"

//go:embed techniques.txt
var techniques string

type technique struct {
	name    string   // its own, without that of the technique above it
	tactics []string // TA numbers
}

var table = sync.OnceValue(func() map[string]technique { return read(techniques) }) //nolint:gochecknoglobals // a constant table

// read reads techniques.txt, whose head says what is in it. What it says first of a number counts.
func read(text string) map[string]technique {
	m := map[string]technique{}
	var tactic, parent string
	var above technique
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
			continue
		case line[0] == '[':
			tactic = idOf(strings.Trim(line, "[]"))
			continue
		}
		id, name, _ := strings.Cut(line, " ")
		name, others, _ := strings.Cut(name, " | ")
		t := technique{name: name, tactics: []string{tactic}}
		if id[0] == '.' {
			id = parent + id
			t.tactics = above.tactics
		} else {
			for tag := range strings.FieldsSeq(others) {
				t.tactics = append(t.tactics, idOf(tag))
			}
			parent, above = id, t
		}
		if _, ok := m[id]; !ok {
			m[id] = t
		}
	}
	return m
}

func idOf(tag string) string {
	for _, t := range &tactics {
		if t.tag == tag {
			return t.id
		}
	}
	return ""
}

// Tactics returns all tactics in the order of the matrix.
func Tactics() []Item {
	out := make([]Item, len(tactics))
	for i, t := range &tactics {
		out[i] = Item{t.id, t.name}
	}
	return out
}

// Parse reads the tactics and techniques off a rule's tags as the Sigma specification writes them (appendix
// "Sigma tags", namespace attack): attack.credential-access, attack.t1110.001. Tactics are in the order of the matrix,
// techniques by number, each once. A technique that is not in the table has no name. Where no tag names a tactic, each
// technique's first tactic counts. Defense Evasion, which is
// no tactic any more, is read as the half of it that the techniques belong to. Other tags are passed over.
func Parse(tags []string) (tactics, techniques []Item) {
	found, former := map[string]bool{}, false
	for _, tag := range tags {
		rest, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(tag)), "attack.")
		if !ok {
			continue
		}
		rest = strings.ReplaceAll(rest, "_", "-")
		former = former || rest == formerTag
		if id := idOf(rest); id != "" {
			found[id] = true
		} else if id := strings.ToUpper(rest); isTechnique(id) && !found[id] {
			found[id] = true
			techniques = append(techniques, Item{id, FullName(id)})
		} else if len(rest) == 6 && rest[:2] == "ta" && isTactic(id) {
			found[id] = true
		}
	}
	if former {
		found[formerTactic(techniques)] = true
	}
	slices.SortFunc(techniques, func(a, b Item) int { return strings.Compare(a.ID, b.ID) })
	for _, t := range Tactics() {
		if found[t.ID] {
			tactics = append(tactics, t)
		}
	}
	if tactics == nil {
		tactics = tacticsOf(techniques)
	}
	return tactics, techniques
}

// formerTactic says which half of the former tactic a rule with these techniques means.
func formerTactic(techniques []Item) string {
	stealth, impairment := idOf("stealth"), idOf("defense-impairment")
	meant := stealth
	for _, t := range techniques {
		switch of := TacticsOf(t.ID); {
		case slices.Contains(of, stealth):
			return stealth
		case slices.Contains(of, impairment):
			meant = impairment
		}
	}
	return meant
}

func tacticsOf(techniques []Item) (out []Item) {
	for _, t := range Tactics() {
		if slices.ContainsFunc(techniques, func(x Item) bool {
			of := TacticsOf(x.ID)
			return len(of) > 0 && of[0] == t.ID
		}) {
			out = append(out, t)
		}
	}
	return out
}

// isTechnique reports whether an id has the form of a technique's, T1234 or T1234.001.
func isTechnique(id string) bool {
	if len(id) != 5 && len(id) != 9 || id[0] != 'T' {
		return false
	}
	for i := 1; i < len(id); i++ {
		if i == 5 {
			if id[i] != '.' {
				return false
			}
		} else if id[i] < '0' || id[i] > '9' {
			return false
		}
	}
	return true
}

func isTactic(id string) bool {
	for _, t := range &tactics {
		if t.id == id {
			return true
		}
	}
	return false
}

// Name returns the name of a tactic or technique, of a sub-technique its own alone ("Password Guessing"); "" if it is
// not in the tables.
func Name(id string) string {
	for _, t := range &tactics {
		if t.id == id {
			return t.name
		}
	}
	return table()[id].name
}

// FullName is Name with that of the technique above before it: "Brute Force: Password Guessing".
func FullName(id string) string {
	name := Name(id)
	if parent, _, sub := strings.Cut(id, "."); sub && name != "" {
		return Name(parent) + ": " + name
	}
	return name
}

// TacticsOf returns the numbers of a technique's tactics, the one it is listed under first.
func TacticsOf(id string) []string {
	return slices.Clone(table()[id].tactics)
}
