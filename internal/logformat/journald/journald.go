// Package journald reads entries of systemd's journal as journalctl -o json and -o export write them
// (systemd.journal-fields, and "Journal Export Formats" of systemd's documentation).
package journald

import (
	"bytes"

	"github.com/gatehouse-sec/gatehouse/internal/hostlog"
	"github.com/gatehouse-sec/gatehouse/internal/jsonlog"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
)

// Format is systemd's journal.
type Format struct{}

var (
	_ logformat.Format   = Format{}
	_ logformat.Layouter = Format{}
)

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

// Sniff recognises the fields that every entry has.
func (Format) Sniff(head []byte) int {
	if jsonlog.Begins(head) {
		if jsonlog.HasKeys(head, realtime, "_BOOT_ID") || jsonlog.HasKeys(head, realtime, "MESSAGE") {
			return 95
		}
		return 0
	}
	lines := 0
	for line := range bytes.Lines(head) {
		if line = bytes.TrimRight(line, "\r\n"); len(line) == 0 {
			continue
		}
		if lines++; lines > 10 {
			break
		}
		name, _, ok := bytes.Cut(line, []byte("="))
		if !ok || !fieldName(name) {
			return 0
		}
		if string(name) == realtime || string(name) == "__CURSOR" {
			return 95
		}
	}
	return 0
}

// Layout says where files may be cut.
func (Format) Layout(head []byte) logformat.Layout {
	if jsonlog.Begins(head) {
		return jsonlog.Layout(head)
	}
	return logformat.Stream
}

const realtime = "__REALTIME_TIMESTAMP"

//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "journald", Title: "systemd journal (JSON, export)",
	Fields: append(append([]logformat.Field{
		{Name: "time", Type: logformat.Time, Doc: "when the journal took the entry, in microseconds since 1970 (" + realtime + ")"},
	}, hostlog.Fields()...), own...),
	Classes:  hostlog.Classes(),
	Entities: hostlog.Entities(),
	Actor:    hostlog.Actor(),
	Needs:    []string{"time"},
	Keywords: []string{"message", "program"},
}

// own are the fields that have the journal's names.
//
//nolint:gochecknoglobals // constant data
var own = []logformat.Field{
	{Name: "PRIORITY", Type: logformat.Integer, Doc: "0 emergency to 7 debug"},
	{Name: "SYSLOG_FACILITY", Type: logformat.Integer, Doc: "facility of syslog: 4 and 10 are for security"},
	{Name: "MESSAGE_ID", Doc: "id of the kind of message, a UUID"},
	{Name: "UNIT", Doc: "unit that systemd writes about"},
	{Name: "_SYSTEMD_UNIT", Doc: "unit that the process belongs to"},
	{Name: "_SYSTEMD_SLICE", Doc: "slice that the process belongs to"},
	{Name: "_TRANSPORT", Doc: "how the entry came: syslog, journal, stdout, kernel, audit, driver"},
	{Name: "_HOSTNAME", Doc: "host; also in host"},
	{Name: "_MACHINE_ID", Doc: "id of the machine"},
	{Name: "_BOOT_ID", Doc: "id of the boot"},
	{Name: "_PID", Type: logformat.Integer, Doc: "process, as the kernel says; pid has what the process says of itself first"},
	{Name: "_UID", Type: logformat.Integer, Doc: "user of the process"},
	{Name: "_GID", Type: logformat.Integer, Doc: "group of the process"},
	{Name: "_COMM", Doc: "name of the process"},
	{Name: "_EXE", Doc: "path of its program"},
	{Name: "_CMDLINE", Doc: "its command line"},
	{Name: "_CAP_EFFECTIVE", Doc: "its capabilities, in hexadecimal"},
	{Name: "_AUDIT_SESSION", Type: logformat.Integer, Doc: "its audit session"},
	{Name: "_AUDIT_LOGINUID", Type: logformat.Integer, Doc: "login id of its audit session"},
	{Name: "_SELINUX_CONTEXT", Doc: "its security context"},
	{Name: "CONTAINER_NAME", Doc: "container, of entries that Docker or Podman wrote"},
}
