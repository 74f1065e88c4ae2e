// Package iis reads logs of Microsoft IIS, and of HTTP.sys below it, in the W3C extended format (Microsoft, "W3C Logging";
// W3C, "Extended Log File Format").
package iis

import (
	"bytes"

	"github.com/gatehouse-sec/gatehouse/internal/columns"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
)

// Format is Microsoft IIS logs.
type Format struct{}

var (
	_ logformat.Format   = Format{}
	_ logformat.Layouter = Format{}
)

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

// Sniff recognises the directive that names the columns, or the software that IIS says it is.
func (Format) Sniff(head []byte) int {
	for line := range bytes.Lines(head) {
		line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if line[0] != '#' {
			return 0
		}
		names, ok := columns.W3CHeader(line)
		if !ok {
			continue
		}
		web := 0
		for _, n := range names {
			switch n {
			case "x-edge-location", "x-edge-request-id":
				return 0 // CloudFront
			case "cs-method", "cs-uri-stem", "cs-uri", "sc-status", "c-ip", "s-ip":
				web++
			}
		}
		if web >= 2 {
			return 90
		}
		return 0
	}
	return 0
}

// Layout is Stream, since the columns may change anywhere in the file.
func (Format) Layout([]byte) logformat.Layout { return logformat.Stream }

// NewDecoder returns a decoder.
func (Format) NewDecoder(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	return config.New(plan, file)
}

//nolint:gochecknoglobals // constant data
var config = columns.Config{
	// IIS's default, for records that stand without a header.
	Names: []string{
		"date", "time", "s-ip", "cs-method", "cs-uri-stem", "cs-uri-query", "s-port", "cs-username", "c-ip", "cs-user-agent",
		"cs-referer", "sc-status", "sc-substatus", "sc-win32-status", "time-taken",
	},
	Least:   2,
	Request: -1,
	Header:  columns.W3CHeader,
	Encoded: []string{"cs-referer"},
	Plus:    []string{"cs-user-agent", "cs-cookie"},
	Times:   []string{"date", "time"},
	Time:    columns.W3CTime,
}

// cs(User-Agent) and the like are written cs-user-agent, as Sigma has them.
//
//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "iis", Title: "Microsoft IIS logs (W3C extended)",
	Fields: []logformat.Field{
		{Name: "date", Doc: "day of the request, UTC; from the #Date directive if there is no such column"},
		{Name: "time", Doc: "time of day of the request, UTC"},
		{Name: "s-sitename", Doc: "site, like W3SVC1"},
		{Name: "s-computername", Doc: "name of the server"},
		{Name: "s-ip", Type: logformat.IP, Doc: "address of the server"},
		{Name: "cs-method", Doc: "request method"},
		{Name: "cs-uri", Doc: "path and query, put together from the two, first as they stand in the log; where % or + encodes something, decoded once, and where that is still encoded, twice"},
		{Name: "cs-uri-stem", Doc: "path; likewise (a + stays a +)"},
		{Name: "cs-uri-query", Doc: "query; likewise"},
		{Name: "s-port", Type: logformat.Integer, Doc: "port of the server"},
		{Name: "cs-username", Doc: "user that signed in, DOMAIN\\user; absent for anonymous ones"},
		{Name: "c-ip", Type: logformat.IP, Doc: "address of the client"},
		{Name: "c-port", Type: logformat.Integer, Doc: "port of the client (HTTP.sys error log)"},
		{Name: "cs-version", Doc: "protocol, like HTTP/1.1"},
		{Name: "cs-user-agent", Doc: "User-Agent header; IIS writes + for a space: the first value has spaces, the second is as written"},
		{Name: "cs-cookie", Doc: "cookies; likewise"},
		{Name: "cs-referer", Doc: "Referer header; decoded as well"},
		{Name: "cs-host", Doc: "Host header"},
		{Name: "sc-status", Type: logformat.Integer, Doc: "status of the response"},
		{Name: "sc-substatus", Type: logformat.Integer, Doc: "IIS's own part of the status: the 8 of 403.8"},
		{Name: "sc-win32-status", Type: logformat.Integer, Doc: "Windows error code"},
		{Name: "sc-bytes", Type: logformat.Integer, Doc: "bytes sent"},
		{Name: "cs-bytes", Type: logformat.Integer, Doc: "bytes received"},
		{Name: "time-taken", Type: logformat.Integer, Doc: "milliseconds"},
		{Name: "streamid", Type: logformat.Integer, Doc: "HTTP/2 stream"},
		{Name: "x-forwarded-for", Doc: "X-Forwarded-For header, where it is logged as a custom field"},
		{Name: "s-siteid", Doc: "site (HTTP.sys error log)"},
		{Name: "s-reason", Doc: "why the request failed, like BadRequest or Timer_ConnectionIdle (HTTP.sys error log)"},
		{Name: "s-queuename", Doc: "application pool (HTTP.sys error log)"},
	},
	Classes: []logformat.Class{
		{Name: "request", Sources: []logformat.Source{{Category: "webserver"}, {Product: "windows", Service: "iis"}}},
	},
	Entities: []logformat.Entity{
		{Kind: logformat.SourceIP, Fields: []string{"c-ip"}},
		{Kind: logformat.Principal, Fields: []string{"cs-username"}},
		{Kind: logformat.Host, Fields: []string{"cs-host", "s-computername", "s-ip"}},
		{Kind: logformat.Resource, Fields: []string{"cs-uri-stem"}},
		{Kind: logformat.UserAgent, Fields: []string{"cs-user-agent"}},
	},
	Actor: []string{"c-ip"},
	Needs: []string{"date", "time"},
}
