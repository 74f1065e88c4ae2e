// Package cloudfront reads Amazon CloudFront standard access logs ("Standard log file fields").
package cloudfront

import (
	"bytes"

	"github.com/gatehouse-sec/gatehouse/internal/columns"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
)

// Format is Amazon CloudFront access logs.
type Format struct{}

var _ logformat.Format = Format{}

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

// Sniff recognises the first lines by their columns.
func (Format) Sniff(head []byte) int {
	if bytes.Contains(head[:min(len(head), 2048)], []byte("#Fields:")) && bytes.Contains(head[:min(len(head), 2048)], []byte("x-edge-location")) {
		return 95
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
	Names:   []string{"date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method", "cs-host", "cs-uri-stem", "sc-status", "cs-referer", "cs-user-agent", "cs-uri-query", "cs-cookie", "x-edge-result-type", "x-edge-request-id", "x-host-header", "cs-protocol", "cs-bytes", "time-taken", "x-forwarded-for", "ssl-protocol", "ssl-cipher", "x-edge-response-result-type", "cs-version", "fle-status", "fle-encrypted-fields", "c-port", "time-to-first-byte", "x-edge-detailed-result-type", "sc-content-type", "sc-content-len", "sc-range-start", "sc-range-end"},
	Tabs:    true,
	Least:   12,
	Request: -1,
	Header:  columns.W3CHeader,
	Encoded: []string{"cs-user-agent", "cs-referer"},
	Time:    columns.W3CTime,
}

//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "cloudfront", Title: "Amazon CloudFront access logs",
	Fields: []logformat.Field{
		{Name: "date", Doc: "day, UTC"},
		{Name: "time", Doc: "time of day, UTC"},
		{Name: "x-edge-location", Doc: "edge"},
		{Name: "sc-bytes", Type: logformat.Integer, Doc: "bytes sent"},
		{Name: "c-ip", Type: logformat.IP, Doc: "client address"},
		{Name: "cs-method", Doc: "request method"},
		{Name: "cs-host", Doc: "distribution"},
		{Name: "cs-uri-stem", Doc: "path; percent-decoded as well"},
		{Name: "sc-status", Type: logformat.Integer, Doc: "status; 000 if the client went away"},
		{Name: "cs-referer", Doc: "Referer header"},
		{Name: "cs-user-agent", Doc: "User-Agent header; percent-decoded as well"},
		{Name: "cs-uri-query", Doc: "query; percent-decoded as well"},
		{Name: "cs-cookie", Doc: "cookies"},
		{Name: "x-edge-result-type", Doc: "Hit, Miss, Error, …"},
		{Name: "x-edge-request-id", Doc: "id"},
		{Name: "x-host-header", Doc: "Host header"},
		{Name: "cs-protocol", Doc: "http, https, ws"},
		{Name: "cs-bytes", Type: logformat.Integer, Doc: "bytes received"},
		{Name: "time-taken", Type: logformat.Float, Doc: "seconds"},
		{Name: "x-forwarded-for", Doc: "proxies"},
		{Name: "ssl-protocol", Doc: "TLS version"},
		{Name: "ssl-cipher", Doc: "cipher"},
		{Name: "x-edge-response-result-type", Doc: "result"},
		{Name: "cs-version", Doc: "protocol"},
		{Name: "fle-status", Doc: "field-level encryption"},
		{Name: "fle-encrypted-fields", Type: logformat.Integer, Doc: "fields"},
		{Name: "c-port", Type: logformat.Integer, Doc: "client port"},
		{Name: "time-to-first-byte", Type: logformat.Float, Doc: "seconds"},
		{Name: "x-edge-detailed-result-type", Doc: "result in detail"},
		{Name: "sc-content-type", Doc: "type"},
		{Name: "sc-content-len", Type: logformat.Integer, Doc: "length"},
		{Name: "sc-range-start", Type: logformat.Integer, Doc: "range"},
		{Name: "sc-range-end", Type: logformat.Integer, Doc: "range"},
	},
	Classes: []logformat.Class{
		{Name: "request", Sources: []logformat.Source{{Product: "aws", Service: "cloudfront"}, {Category: "webserver"}}},
	},
	Entities: []logformat.Entity{
		{Kind: logformat.SourceIP, Fields: []string{"c-ip"}},
		{Kind: logformat.Resource, Fields: []string{"cs-uri-stem"}},
		{Kind: logformat.UserAgent, Fields: []string{"cs-user-agent"}},
		{Kind: logformat.Host, Fields: []string{"x-host-header", "cs-host"}},
	},
	Actor: []string{"c-ip"},
	Needs: []string{"date", "time"},
}
