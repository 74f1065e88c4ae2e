// Package auditd reads the Linux audit log: audit.log, what ausearch --raw prints, both log_format RAW and ENRICHED, and
// audit records that went through syslog.
//
// The kernel writes several records about one event, with one id: SYSCALL, then EXECVE, SOCKADDR, CWD, PATH, PROCTITLE.
// Sigma's rules for auditd look at one record at a time, and each record is one here too. What rules for process creation,
// file and network events want lies in several of them: the arguments in EXECVE, the program in SYSCALL. So the records
// that hold the heart of such an event (EXECVE, PATH, SOCKADDR) are given what the records before them said as well: who
// acts (auid, uid, euid, ses, tty, comm, exe) and the key, under their own names, and what Sigma's taxonomy has of them.
package auditd

import (
	"bytes"

	"github.com/gatehouse-sec/gatehouse/internal/logformat"
)

// Format is the Linux audit log.
type Format struct{}

var (
	_ logformat.Format   = Format{}
	_ logformat.Layouter = Format{}
)

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

// Sniff recognises lines that name a record type and an audit event's id.
func (Format) Sniff(head []byte) int {
	good, all := 0, 0
	for line := range bytes.Lines(head) {
		if all == 20 {
			break
		}
		if line = bytes.TrimSpace(line); len(line) == 0 || string(line) == "----" {
			continue
		}
		all++
		if _, err := parseHeader(line); err == nil {
			good++
		}
	}
	if good*2 <= all {
		return 0
	}
	return 95
}

// Layout is a stream, since records are given what earlier ones of their event said.
func (Format) Layout([]byte) logformat.Layout { return logformat.Stream }

// Classes, as indexes into info.Classes.
const (
	classRecord = iota
	classProcess
	classFile
	classDeletion
	classConnection
)

var auditd = logformat.Source{Product: "linux", Service: "auditd"} //nolint:gochecknoglobals // constant data

//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "auditd", Title: "Linux audit log",
	Fields: fields(),
	Classes: []logformat.Class{
		classRecord:     {Name: "record", Sources: []logformat.Source{auditd}},
		classProcess:    {Name: "process", Sources: []logformat.Source{auditd, {Product: "linux", Category: "process_creation"}}},
		classFile:       {Name: "file", Sources: []logformat.Source{auditd, {Product: "linux", Category: "file_event"}}},
		classDeletion:   {Name: "deletion", Sources: []logformat.Source{auditd, {Product: "linux", Category: "file_delete"}}},
		classConnection: {Name: "connection", Sources: []logformat.Source{auditd, {Product: "linux", Category: "network_connection"}}},
	},
	Entities: []logformat.Entity{
		{Kind: logformat.SourceIP, Fields: []string{"addr"}},
		{Kind: logformat.Principal, Fields: []string{"acct", "AUID", "auid", "User", "UID", "uid"}},
		{Kind: logformat.Host, Fields: []string{"node"}},
		{Kind: logformat.DestIP, Fields: []string{"DestinationIp"}},
	},
	Actor:    []string{"addr", "AUID", "auid", "User", "UID", "uid", "node"},
	Needs:    []string{"time"},
	Keywords: []string{logformat.AllText},
}
