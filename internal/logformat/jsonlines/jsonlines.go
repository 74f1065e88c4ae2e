// Package jsonlines reads JSON records of no format known otherwise: JSON lines, arrays, objects one behind the other. Any key is a field. What kind of log it is has to be said (--logsource).
package jsonlines

import (
	"github.com/gatehouse-sec/gatehouse/internal/jsonlog"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/projection"
)

// Format is JSON, of no format known otherwise.
type Format struct{}

var (
	_ logformat.Format   = Format{}
	_ logformat.Layouter = Format{}
)

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

// Sniff takes any JSON that nothing else claims.
func (Format) Sniff(head []byte) int {
	if !jsonlog.Begins(head) {
		return 0
	}
	return 10
}

// Layout says where files may be cut.
func (Format) Layout(head []byte) logformat.Layout { return jsonlog.Layout(head) }

// NewDecoder returns a decoder.
func (Format) NewDecoder(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	return config.New(plan, file)
}

//nolint:gochecknoglobals // constant data
var config = jsonlog.Config{
	Wrappers: []string{},
	Times:    []string{"@timestamp", "timestamp", "time", "ts", "eventTime", "datetime", "date", "UtcTime", "EventTime", "TimeCreated"},
	Options:  projection.Options{DottedKeys: true},
}

//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "json", Title: "JSON, of no format known otherwise",
	Fields: []logformat.Field{
		{Name: "@timestamp", Type: logformat.Time, Doc: "time"},
		{Name: "", Open: true, Doc: "any key"},
	},
	Classes: []logformat.Class{
		{Name: "generic", Sources: []logformat.Source{}},
	},
	Entities: []logformat.Entity{
		{Kind: logformat.SourceIP, Fields: []string{"src_ip", "source_ip", "client_ip", "remote_addr", "ip", "c-ip", "sourceIPAddress", "IpAddress", "SourceIp"}},
		{Kind: logformat.Principal, Fields: []string{"user", "username", "userName", "User", "TargetUserName", "SubjectUserName"}},
		{Kind: logformat.Host, Fields: []string{"host", "hostname", "Computer", "ComputerName", "Hostname"}},
		{Kind: logformat.UserAgent, Fields: []string{"user_agent", "userAgent", "http_user_agent"}},
	},
	Actor:    []string{"user", "username", "User", "host", "Computer"},
	Needs:    []string{"@timestamp", "timestamp", "time", "ts", "eventTime", "datetime", "date", "UtcTime", "EventTime", "TimeCreated"},
	Keywords: []string{logformat.AllText},
}
