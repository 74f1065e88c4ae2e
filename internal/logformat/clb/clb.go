// Package clb reads access logs of AWS Classic Load Balancers ("Access log entries").
package clb

import (
	"bytes"

	"github.com/gatehouse-sec/gatehouse/internal/columns"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/timestamp"
)

// Format is Classic Load Balancer access logs.
type Format struct{}

var _ logformat.Format = Format{}

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

// Sniff recognises the first lines by their columns.
func (Format) Sniff(head []byte) int {
	parts := columns.Split(nil, columns.First(head))
	if len(parts) < 12 || len(parts) > 16 {
		return 0
	}
	if _, ok := timestamp.RFC3339(parts[0]); ok && bytes.IndexByte(parts[2], ':') > 0 && bytes.IndexByte(parts[4], '.') > 0 {
		return 95
	}
	return 0
}

// NewDecoder returns a decoder.
func (Format) NewDecoder(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	return config.New(plan, file)
}

//nolint:gochecknoglobals // constant data
var config = columns.Config{
	Names:     []string{"time", "elb", "", "backend:port", "request_processing_time", "backend_processing_time", "response_processing_time", "sc-status", "backend_status_code", "cs-bytes", "sc-bytes", "request", "cs-user-agent", "ssl_cipher", "ssl_protocol"},
	Least:     12,
	Request:   11,
	Endpoints: map[int][2]string{2: {"c-ip", "c-port"}},
	Time:      columns.RFC3339("time"),
}

//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "clb", Title: "Classic Load Balancer access logs",
	Fields: []logformat.Field{
		{Name: "time", Type: logformat.Time, Doc: "when the request came"},
		{Name: "elb", Doc: "load balancer"},
		{Name: "backend:port", Doc: "target"},
		{Name: "request_processing_time", Type: logformat.Float, Doc: "seconds"},
		{Name: "backend_processing_time", Type: logformat.Float, Doc: "seconds"},
		{Name: "response_processing_time", Type: logformat.Float, Doc: "seconds"},
		{Name: "sc-status", Type: logformat.Integer, Doc: "status sent"},
		{Name: "backend_status_code", Type: logformat.Integer, Doc: "status of the target"},
		{Name: "cs-bytes", Type: logformat.Integer, Doc: "bytes received"},
		{Name: "sc-bytes", Type: logformat.Integer, Doc: "bytes sent"},
		{Name: "request", Doc: "request line"},
		{Name: "cs-user-agent", Doc: "User-Agent header"},
		{Name: "ssl_cipher", Doc: "cipher"},
		{Name: "ssl_protocol", Doc: "TLS version"},
		{Name: "c-ip", Type: logformat.IP, Doc: "client address"},
		{Name: "c-port", Type: logformat.Integer, Doc: "client port"},
		{Name: "cs-method", Doc: "request method"},
		{Name: "cs-uri", Doc: "path and query; if percent-encoded, decoded once and twice as well"},
		{Name: "cs-uri-stem", Doc: "path; likewise"},
		{Name: "cs-uri-query", Doc: "query; likewise"},
		{Name: "cs-version", Doc: "protocol"},
	},
	Classes: []logformat.Class{
		{Name: "request", Sources: []logformat.Source{{Product: "aws", Service: "elb"}, {Category: "webserver"}}},
	},
	Entities: []logformat.Entity{
		{Kind: logformat.SourceIP, Fields: []string{"c-ip"}},
		{Kind: logformat.Resource, Fields: []string{"cs-uri-stem"}},
		{Kind: logformat.UserAgent, Fields: []string{"cs-user-agent"}},
	},
	Actor: []string{"c-ip"},
	Needs: []string{"time"},
}
