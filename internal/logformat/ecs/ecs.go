// Package ecs reads events in the Elastic Common Schema: what Filebeat, Winlogbeat, Auditbeat and Elastic Agent write, line
// by line, and what comes out of Elasticsearch as search hits. Keys may be nested or written with dots.
//
// Fields have the schema's names ("ECS Field Reference"); those of an integration are as its reference lists them.
package ecs

import (
	"bytes"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/jsonlog"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/projection"
	"github.com/gatehouse-sec/gatehouse/internal/web"
	"github.com/gatehouse-sec/gatehouse/internal/windows"
)

// Format is the Elastic Common Schema.
type Format struct{}

var (
	_ logformat.Format   = Format{}
	_ logformat.Layouter = Format{}
)

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

// Sniff recognises a time under @timestamp beside the schema's version, or beside fields that say what an event is.
func (Format) Sniff(head []byte) int {
	if !jsonlog.Begins(head) || !jsonlog.HasKeys(head, "@timestamp") {
		return 0
	}
	for _, keys := range [...][]string{
		{"ecs"},
		{"ecs.version"},
		{"event.dataset"},
		{"event.category"},
		{"winlog.channel"},
		{"winlog", "channel"},
		{"event", "dataset"},
		{"event", "category", "kind"},
	} {
		if jsonlog.HasKeys(head, keys...) {
			return 96
		}
	}
	return 0
}

// Layout says where files may be cut.
func (Format) Layout(head []byte) logformat.Layout { return jsonlog.Layout(head) }

//nolint:gochecknoglobals // constant data
var (
	config = newConfig(places)
	hits   = newConfig(func(field string) []string { // of a search: each event is the _source of a hit
		out := places(field)
		for _, p := range out {
			out = append(out, "_source."+p)
		}
		return out
	})
)

func newConfig(places func(string) []string) jsonlog.Config {
	return jsonlog.Config{
		Wrappers: []string{"hits"},
		Outer:    []string{"hits"},
		Places:   places,
		Times:    []string{"@timestamp"},
		Options:  projection.Options{DottedKeys: true, Embedded: []string{"event.original", "_source.event.original"}},
	}
}

// NewDecoder returns a decoder.
func (Format) NewDecoder(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	c := &config
	if jsonlog.HasKeys(file.Head, "_source") {
		c = &hits
	}
	d := &decoder{Decoder: c.New(plan, file), uri: web.URISlots(plan), action: plan.Slot("action")}
	for i, name := range needs {
		d.slots[i] = plan.Slot(name)
	}
	return d
}

// needs are the fields that say what an event is, or that others are made of.
//
//nolint:gochecknoglobals // a constant list
var needs = [...]string{
	fDataset: "event.dataset", fModule: "event.module", fCategory: "event.category", fType: "event.type", fAction: "event.action",
	fChannel: "winlog.channel", fProvider: "winlog.provider_name", fID: "winlog.event_id", fKind: "winlog.event_data.EventType",
	fOS: "host.os.type", fProcess: "process.name", fURL: "url.original", fPath: "url.path", fQuery: "url.query",
	fQuestion: "dns.question.name", fSSH: "system.auth.ssh.event", fSudo: "system.auth.sudo.command",
	fSudoError: "system.auth.sudo.error", fExecutable: "process.executable",
}

const (
	fDataset = iota
	fModule
	fCategory
	fType
	fAction
	fChannel
	fProvider
	fID
	fKind
	fOS
	fProcess
	fURL
	fPath
	fQuery
	fQuestion
	fSSH
	fSudo
	fSudoError
	fExecutable
)

type decoder struct {
	*jsonlog.Decoder
	slots  [len(needs)]int
	uri    web.URI
	action int // slot
	arena  []byte
}

// Next decodes an event.
func (d *decoder) Next(buf []byte, last bool, rec *event.Record) (int, error) {
	n, err := d.Decoder.Next(buf, last, rec)
	if err != nil {
		return n, err
	}
	rec.Class = d.class(rec)
	d.arena = d.uri.SetURL(rec, rec.Text(d.slots[fPath]), rec.Text(d.slots[fQuery]), rec.Text(d.slots[fURL]), d.arena[:0])
	if d.action >= 0 {
		if action := d.deed(rec); action != "" {
			start := len(d.arena)
			d.arena = append(d.arena, action...)
			rec.Set(d.action, d.arena[start:])
		}
	}
	return n, nil
}

// class says what an event is: by the channel of a Windows event, by the dataset, by the module, and else by the category
// that the schema has for it.
func (d *decoder) class(rec *event.Record) uint8 {
	channel, provider := rec.Text(d.slots[fChannel]), rec.Text(d.slots[fProvider])
	if channel != nil || provider != nil {
		return firstWindows + windows.Class(channel, provider, rec.Text(d.slots[fID]), rec.Text(d.slots[fKind]))
	}
	dataset := rec.Text(d.slots[fDataset])
	if string(dataset) == "system.auth" {
		return authClass(rec.Text(d.slots[fProcess]))
	}
	if c, ok := datasets[string(dataset)]; ok {
		return c
	}
	module := rec.Text(d.slots[fModule])
	if module == nil {
		module, _, _ = bytes.Cut(dataset, []byte("."))
	}
	if c, ok := modules[string(module)]; ok {
		return c
	}
	return d.category(rec)
}

// category goes by event.category and event.type, which are lists, and by the operating system of the host.
func (d *decoder) category(rec *event.Record) uint8 {
	os := d.system(rec)
	for v := rec.First(d.slots[fCategory]); v != nil; v = rec.Next(v) {
		for _, k := range endpoint {
			if k.category == string(v.Text) && (k.kind == "" || d.has(rec, fType, k.kind)) && (k.action == "" || d.has(rec, fAction, k.action)) &&
				(!k.process || rec.First(d.slots[fExecutable]) != nil) && (!k.question || rec.First(d.slots[fQuestion]) != nil) && k.classes[os] != 0 {
				return k.classes[os]
			}
		}
	}
	return classOther
}

func (d *decoder) has(rec *event.Record, field int, want string) bool {
	for v := rec.First(d.slots[field]); v != nil; v = rec.Next(v) {
		if string(v.Text) == want {
			return true
		}
	}
	return false
}

func (d *decoder) system(rec *event.Record) int {
	switch string(rec.Text(d.slots[fOS])) {
	case "windows":
		return osWindows
	case "linux", "debian", "redhat", "suse", "arch": // the latter are families, where the type is not said
		return osLinux
	case "macos", "darwin":
		return osMacOS
	}
	return osUnknown
}

// deed says what a sign-in event tells, in the words of the linux-auth format.
func (d *decoder) deed(rec *event.Record) string {
	switch string(rec.Text(d.slots[fSSH])) {
	case "Accepted":
		return "accepted"
	case "Failed":
		return "failed_password"
	case "Invalid":
		return "invalid_user"
	}
	if rec.First(d.slots[fSudoError]) != nil {
		return "sudo_denied"
	}
	if rec.First(d.slots[fSudo]) != nil {
		return "sudo"
	}
	switch string(rec.Text(d.slots[fProcess])) {
	case "useradd":
		return "user_added"
	case "groupadd":
		return "group_added"
	}
	return ""
}
