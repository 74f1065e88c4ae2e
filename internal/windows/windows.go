// Package windows says which of Sigma's log sources an event of the Windows event log counts as, for the formats that carry
// such events: its channel decides the service, and its id, within some channels, the category.
package windows

import (
	"maps"

	"github.com/gatehouse-sec/gatehouse/internal/logformat"
)

// Classes returns the classes of events, which Class indexes. Below goes before the names of an event's own data
// ("winlog.event_data."), and fields maps the names of what the system says of every event, where they are others than
// Sigma's.
func Classes(fields map[string]string, below string) []logformat.Class {
	source := func(service, category string, own map[string]string) logformat.Source {
		s := logformat.Source{Product: product(service), Service: service, Category: category, Fields: fields, Default: below}
		if len(own) > 0 {
			s.Fields = maps.Clone(own)
			for name, native := range s.Fields {
				s.Fields[name] = below + native
			}
			maps.Copy(s.Fields, fields)
		}
		return s
	}
	out := []logformat.Class{{Name: "event", Sources: []logformat.Source{source("", "", nil)}}}
	for _, s := range services {
		out = append(out, logformat.Class{Name: s.name, Sources: []logformat.Source{source(s.name, "", nil)}})
	}
	for _, g := range groups {
		c := logformat.Class{Name: g.categories[0]}
		for _, category := range g.categories {
			c.Sources = append(c.Sources, source(g.service, category, nil))
		}
		if g.fields != nil { // the service's own rules have the event's own names
			c.Sources = []logformat.Source{source(g.service, "", nil), source(g.service, g.categories[0], g.fields)}
		}
		out = append(out, c)
	}
	return out
}

func product(service string) string {
	if service == linuxSysmon {
		return "linux"
	}
	return "windows"
}

// Class returns the class of an event. The provider counts where there is no channel, and the event type, which Sysmon's
// registry events have, where an id stands for several categories. Absent values are nil.
func Class(channel, provider, id, eventType []byte) uint8 {
	s, ok := index.channels[string(channel)]
	if !ok && len(channel) == 0 {
		s = index.providers[string(provider)]
	}
	if s == 0 {
		return 0
	}
	n, ok := number(id)
	if !ok {
		return s
	}
	for _, c := range index.events[eventKey{s, n}] {
		if c.eventType == "" || c.eventType == string(eventType) {
			return c.class
		}
	}
	return s
}

// number reads an event id, which has 16 bits.
func number(text []byte) (uint16, bool) {
	if len(text) == 0 || len(text) > 5 {
		return 0, false
	}
	n := 0
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return uint16(n), n < 1<<16
}

// eventKey is an event id within a service.
type eventKey struct {
	service uint8
	id      uint16
}

// candidate is a class that events of an id are of if their type is this one; "": whatever it is.
type candidate struct {
	eventType string
	class     uint8
}

type lookup struct {
	channels, providers map[string]uint8 // to the class of a service
	events              map[eventKey][]candidate
}

//nolint:gochecknoglobals // constant data
var index = newLookup()

func newLookup() *lookup {
	l := &lookup{channels: map[string]uint8{}, providers: map[string]uint8{}, events: map[eventKey][]candidate{}}
	numbers := map[string]uint8{}
	for i, s := range services {
		n := uint8(i + 1)
		numbers[s.name] = n
		for _, c := range s.channels {
			l.channels[c] = n
		}
		if s.provider != "" {
			l.providers[s.provider] = n
		}
	}
	for i, g := range groups {
		for _, id := range g.ids {
			key := eventKey{numbers[g.service], id}
			l.events[key] = append(l.events[key], candidate{g.eventType, uint8(1 + len(services) + i)})
		}
	}
	return l
}
