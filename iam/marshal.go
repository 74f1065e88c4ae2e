package iam

import "encoding/json"

// MarshalJSON writes a policy as IAM takes it: lists where there may be lists, keys of one operator together.
func (p *Policy) MarshalJSON() ([]byte, error) {
	out := struct {
		Version   string `json:",omitempty"`
		ID        string `json:"Id,omitempty"`
		Statement []*jsonStatement
	}{p.Version, p.ID, []*jsonStatement{}}
	for i := range p.Statements {
		out.Statement = append(out.Statement, p.Statements[i].json())
	}
	return json.Marshal(out)
}

type jsonStatement struct {
	Sid          string `json:",omitempty"`
	Effect       string
	Principal    any                            `json:",omitempty"`
	NotPrincipal any                            `json:",omitempty"`
	Action       *[]string                      `json:",omitempty"`
	NotAction    *[]string                      `json:",omitempty"`
	Resource     *[]string                      `json:",omitempty"`
	NotResource  *[]string                      `json:",omitempty"`
	Condition    map[string]map[string][]string `json:",omitempty"`
}

func (s *Statement) json() *jsonStatement {
	out := &jsonStatement{Sid: s.Sid, Effect: s.Effect.String()}
	if s.Principal != nil && s.Principal.Not {
		out.NotPrincipal = s.Principal.json()
	} else if s.Principal != nil {
		out.Principal = s.Principal.json()
	}
	put := func(p *Patterns, yes, no **[]string) {
		if p == nil {
			return
		}
		list := append([]string{}, p.List...)
		if p.Not {
			*no = &list
		} else {
			*yes = &list
		}
	}
	put(&s.Action, &out.Action, &out.NotAction)
	put(s.Resource, &out.Resource, &out.NotResource)
	for _, c := range s.Conditions {
		if out.Condition == nil {
			out.Condition = map[string]map[string][]string{}
		}
		op := c.Operator.String()
		if out.Condition[op] == nil {
			out.Condition[op] = map[string][]string{}
		}
		out.Condition[op][c.Key] = append([]string{}, c.Values...)
	}
	return out
}

func (p *Principal) json() any {
	if p.Everyone {
		return "*"
	}
	out := map[string][]string{}
	for _, k := range []struct {
		name string
		list []string
	}{{"AWS", p.AWS}, {"Service", p.Service}, {"Federated", p.Federated}, {"CanonicalUser", p.CanonicalUser}} {
		if k.list != nil {
			out[k.name] = append([]string{}, k.list...)
		}
	}
	return out
}
