// Package iis reads Microsoft IIS logs in the W3C extended format ("W3C Logging").
package iis

import (
	"bytes"

	"github.com/gatehouse-sec/gatehouse/internal/columns"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
)

// Format is Microsoft IIS logs.
type Format struct{}

var _ logformat.Format = Format{}

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

// Sniff recognises the first lines by their columns.
func (Format) Sniff(head []byte) int {
	h := head[:min(len(head), 4096)]
	if bytes.Contains(h, []byte("#Fields:")) && bytes.Contains(h, []byte("cs-method")) && !bytes.Contains(h, []byte("x-edge-location")) {
		return 90
	}
	return 0
}

// Layout: the header may stand anywhere in the file.
func (Format) Layout([]byte) logformat.Layout { return logformat.Stream }

// NewDecoder returns a decoder.
func (Format) NewDecoder(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	return config.New(plan, file)
}

//nolint:gochecknoglobals // constant data
var config = columns.Config{
	Names:   []string{"date", "time", "s-ip", "cs-method", "cs-uri-stem", "cs-uri-query", "s-port", "cs-username", "c-ip", "cs-user-agent", "cs-referer", "sc-status", "sc-substatus", "sc-win32-status", "time-taken"},
	Least:   3,
	Request: -1,
	Header:  columns.W3CHeader,
	Encoded: []string{"cs-user-agent", "cs-referer"},
	Time:    columns.W3CTime,
}

//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "iis", Title: "Microsoft IIS logs",
	Fields: []logformat.Field{
		{Name: "date", Doc: "day, UTC"},
		{Name: "time", Doc: "time of day, UTC"},
		{Name: "s-ip", Type: logformat.IP, Doc: "server address"},
		{Name: "cs-method", Doc: "request method"},
		{Name: "cs-uri-stem", Doc: "path; percent-decoded as well"},
		{Name: "cs-uri-query", Doc: "query; percent-decoded as well"},
		{Name: "s-port", Type: logformat.Integer, Doc: "server port"},
		{Name: "cs-username", Doc: "user"},
		{Name: "c-ip", Type: logformat.IP, Doc: "client address"},
		{Name: "cs-user-agent", Doc: "User-Agent header, + for spaces; decoded as well"},
		{Name: "cs-referer", Doc: "Referer header"},
		{Name: "sc-status", Type: logformat.Integer, Doc: "status"},
		{Name: "sc-substatus", Type: logformat.Integer, Doc: "substatus"},
		{Name: "sc-win32-status", Type: logformat.Integer, Doc: "Windows status"},
		{Name: "time-taken", Type: logformat.Integer, Doc: "milliseconds"},
		{Name: "s-sitename", Doc: "site"},
		{Name: "s-computername", Doc: "server"},
		{Name: "cs-version", Doc: "protocol"},
		{Name: "cs-host", Doc: "Host header"},
		{Name: "cs-cookie", Doc: "cookies"},
		{Name: "sc-bytes", Type: logformat.Integer, Doc: "bytes sent"},
		{Name: "cs-bytes", Type: logformat.Integer, Doc: "bytes received"},
	},
	Classes: []logformat.Class{
		{Name: "request", Sources: []logformat.Source{{Category: "webserver"}, {Product: "windows", Service: "iis"}}},
	},
	Entities: []logformat.Entity{
		{Kind: logformat.SourceIP, Fields: []string{"c-ip"}},
		{Kind: logformat.Resource, Fields: []string{"cs-uri-stem"}},
		{Kind: logformat.UserAgent, Fields: []string{"cs-user-agent"}},
		{Kind: logformat.Principal, Fields: []string{"cs-username"}},
		{Kind: logformat.Host, Fields: []string{"cs-host", "s-computername"}},
	},
	Actor: []string{"c-ip"},
	Needs: []string{"date", "time"},
}
