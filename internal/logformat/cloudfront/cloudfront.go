// Package cloudfront reads Amazon CloudFront's access logs: standard logs, as W3C text and as JSON, and real-time logs that
// a #Fields line has been put before (Amazon CloudFront Developer Guide, "Standard logging reference", "Real-time access
// logs").
package cloudfront

import (
	"bytes"

	"github.com/gatehouse-sec/gatehouse/internal/columns"
	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/jsonlog"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/timestamp"
)

// Format is Amazon CloudFront access logs.
type Format struct{}

var (
	_ logformat.Format   = Format{}
	_ logformat.Layouter = Format{}
)

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

// Sniff recognises the directive that names the columns, or the keys of the JSON form.
func (Format) Sniff(head []byte) int {
	if jsonlog.Begins(head) {
		if jsonlog.HasKeys(head, "x-edge-location", "sc-status") || jsonlog.HasKeys(head, "x-edge-request-id", "x-edge-result-type") {
			return 95
		}
		return 0
	}
	for line := range bytes.Lines(head) {
		line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		if names, ok := columns.W3CHeader(line); ok {
			for _, n := range names {
				if n == "x-edge-location" || n == "x-edge-request-id" || n == "x-edge-result-type" {
					return 95
				}
			}
			return 0
		}
		if len(bytes.TrimSpace(line)) > 0 && line[0] != '#' {
			return 0
		}
	}
	return 0
}

// Layout is Stream for the text form, whose columns may change anywhere in the file.
func (Format) Layout(head []byte) logformat.Layout {
	if jsonlog.Begins(head) {
		return jsonlog.Layout(head)
	}
	return logformat.Stream
}

// NewDecoder returns a decoder.
func (Format) NewDecoder(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	if jsonlog.Begins(file.Head) {
		return jsonConfig.New(plan, file)
	}
	return config.New(plan, file)
}

//nolint:gochecknoglobals // constant data
var config = columns.Config{
	// The 33 columns of standard logs, for records that stand without a header.
	Names: []string{
		"date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method", "cs-host", "cs-uri-stem", "sc-status", "cs-referer",
		"cs-user-agent", "cs-uri-query", "cs-cookie", "x-edge-result-type", "x-edge-request-id", "x-host-header", "cs-protocol",
		"cs-bytes", "time-taken", "x-forwarded-for", "ssl-protocol", "ssl-cipher", "x-edge-response-result-type", "cs-version",
		"fle-status", "fle-encrypted-fields", "c-port", "time-to-first-byte", "x-edge-detailed-result-type", "sc-content-type",
		"sc-content-len", "sc-range-start", "sc-range-end",
	},
	Tabs:    true,
	Least:   2,
	Request: -1,
	Header:  header,
	Escaped: escaped,
	Times:   times,
	Time:    readTime,
}

// CloudFront percent-encodes what it writes into these.
//
//nolint:gochecknoglobals // constant data
var (
	escaped = []string{"cs-user-agent", "cs-referer", "cs-cookie", "cs-headers", "cs-header-names", "cs-accept", "cs-accept-encoding", "sc-content-type"}
	times   = []string{"date", "time", "timestamp"}
)

// header reads the directive that names the columns. Standard logs call a time in milliseconds timestamp(ms).
func header(line []byte) ([]string, bool) {
	names, ok := columns.W3CHeader(line)
	for i, n := range names {
		names[i] = fieldName(n)
	}
	return names, ok
}

func fieldName(name string) string {
	switch name = columns.FieldName(name); name {
	case "timestamp-ms":
		return "timestamp"
	case "distribution-id":
		return "distributionid"
	}
	return name
}

// readTime takes the time from date and time, else from timestamp, which is in seconds or milliseconds since 1970.
func readTime(rec *event.Record, slots []int) (int64, bool) {
	if ns, ok := columns.W3CTime(rec, slots); ok {
		return ns, true
	}
	if slots[2] < 0 {
		return 0, false
	}
	return timestamp.Epoch(rec.Text(slots[2]))
}
