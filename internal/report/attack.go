package report

import (
	"net/url"
	"slices"

	"github.com/gatehouse-sec/gatehouse/internal/attack"
	"github.com/gatehouse-sec/gatehouse/internal/finding"
)

// placesOf returns under which of a rule's tactics one of its techniques belongs: those that ATT&CK lists it under, or
// all of them where it lists it under none of them. "" stands for no tactic.
func placesOf(technique string, tactics []finding.Tactic) []string {
	of := attack.TacticsOf(technique)
	var listed, all []string
	for _, t := range tactics {
		all = append(all, t.ID)
		if slices.Contains(of, t.ID) {
			listed = append(listed, t.ID)
		}
	}
	switch {
	case listed != nil:
		return listed
	case all != nil:
		return all
	case len(of) > 0:
		return of[:1]
	}
	return []string{""}
}

func tacticName(id string, tactics []finding.Tactic) string {
	for _, t := range tactics {
		if t.ID == id && t.Name != "" {
			return t.Name
		}
	}
	return attack.Name(id)
}

// links returns those references that are addresses of web pages.
func links(refs []string) []string {
	var out []string
	for _, r := range refs {
		if u, err := url.Parse(r); err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" {
			out = append(out, u.String())
		}
	}
	return out
}
