package sigma

import "math"

// anchor chooses the rules' anchors. In the first round each rule takes its rarest tests. A field that is looked at for every
// event costs something by itself, which its rules share: in the further rounds rules move to fields where others are.
func (c *compiler) anchor(roots []*branch) {
	const rounds = 4
	const fieldCost = 0.3 // of looking at a field, in evaluations of a rule
	users := map[int]int{}
	var chosen [][]*branch
	for round := range rounds {
		toll := func(slot int) float64 {
			if round == 0 {
				return 0
			}
			return fieldCost / float64(max(users[slot], 1))
		}
		chosen = make([][]*branch, len(roots))
		next := map[int]int{}
		for i, b := range roots {
			chosen[i], _ = c.anchors(b, toll)
			for _, a := range chosen[i] {
				next[a.slot]++
			}
		}
		users = next
	}
	for i, leaves := range chosen {
		if roots[i].op == opNever {
			continue
		}
		if leaves == nil {
			c.m.always = append(c.m.always, int32(i))
		}
		for _, l := range leaves {
			id := c.set(l)
			c.setInfo[id].eager = true
			if s := &c.m.sets[id]; len(s.rules) == 0 || s.rules[len(s.rules)-1] != int32(i) {
				s.rules = append(s.rules, int32(i))
			}
		}
	}
}

// anchors returns sets of which one holds whenever the branch does, nil if there are none, and what relying on them costs
// for an average event, in evaluations of a rule.
func (c *compiler) anchors(b *branch, toll func(slot int) float64) ([]*branch, float64) {
	none := math.Inf(1)
	switch b.op {
	case opSet:
		return []*branch{b}, c.chance(b) + toll(b.slot)
	case opRef:
		present := &branch{op: opSet, slot: b.slot, terms: []int32{c.term(termKey{slot: b.slot, kind: nonNull}, nil)}}
		return []*branch{present}, c.chance(present) + toll(b.slot)
	case opAll, opSame:
		var best []*branch
		least := none
		for _, k := range b.kids {
			if a, cost := c.anchors(k, toll); cost < least {
				best, least = a, cost
			}
		}
		return best, least
	case opAny:
		var union []*branch
		sum := 0.0
		for _, k := range b.kids {
			a, cost := c.anchors(k, toll)
			union = append(union, a...)
			sum += cost
		}
		if math.IsInf(sum, 1) {
			return nil, none
		}
		return union, sum
	default:
		return nil, none
	}
}

// chance guesses how often a set holds, and adds what finding that out costs. What many rules ask for (a service's name) is
// more common than what one rule asks for (one of the service's calls).
func (c *compiler) chance(b *branch) float64 {
	sum, burden := 0.0, 0.0
	for _, id := range b.terms {
		t := c.m.terms[id]
		sum += t.chance * (1 + 0.2*float64(max(t.rules, 1)-1))
		burden += t.burden
	}
	return min(sum, 1) + burden
}
