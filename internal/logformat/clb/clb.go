// Package clb reads access logs of AWS Classic Load Balancers (User Guide for Classic Load Balancers, "Access log entries").
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

// Sniff recognises the first line by its columns.
func (Format) Sniff(head []byte) int {
	parts := columns.Split(nil, columns.First(head), 0)
	if len(parts) < config.Least || len(parts) > len(config.Names)+2 {
		return 0
	}
	if _, ok := timestamp.RFC3339(parts[0]); ok && bytes.IndexByte(parts[2], ':') > 0 && seconds(parts[4]) && seconds(parts[5]) {
		return 95
	}
	return 0
}

// seconds reports whether a column is a processing time.
func seconds(part []byte) bool { return string(part) == "-1" || bytes.IndexByte(part, '.') > 0 }

// NewDecoder returns a decoder.
func (Format) NewDecoder(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	return config.New(plan, file)
}

//nolint:gochecknoglobals // constant data
var config = columns.Config{
	Names: []string{
		"time", "elb", "", "backend", "request_processing_time", "backend_processing_time", "response_processing_time", "sc-status",
		"backend_status_code", "cs-bytes", "sc-bytes", "request", "cs-user-agent", "ssl_cipher", "ssl_protocol",
	},
	Least:           12,
	Request:         11,
	HostFromRequest: "cs-host",
	Endpoints:       map[int][2]string{2: {"c-ip", "c-port"}},
	Backslashes:     true,
	Times:           []string{"time"},
	Time:            columns.RFC3339,
}

// AWS's name of a field is in parentheses where Sigma has another. Entries of TCP and SSL listeners have no request.
//
//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "clb", Title: "Classic Load Balancer access logs",
	Fields: []logformat.Field{
		{Name: "time", Type: logformat.Time, Doc: "when the request was received, UTC"},
		{Name: "elb", Doc: "name of the load balancer"},
		{Name: "c-ip", Type: logformat.IP, Doc: "address of the client (client:port)"},
		{Name: "c-port", Type: logformat.Integer, Doc: "port of the client (client:port)"},
		{Name: "backend", Doc: "address and port of the instance that worked on the request (backend:port); absent if none did"},
		{Name: "request_processing_time", Type: logformat.Float, Doc: "seconds from receiving the request to sending it to an instance; -1 if it was not sent"},
		{Name: "backend_processing_time", Type: logformat.Float, Doc: "seconds from sending the request to the first header from the instance; -1 if there was none"},
		{Name: "response_processing_time", Type: logformat.Float, Doc: "seconds from the instance's first header to the answer to the client; -1 if there was none"},
		{Name: "sc-status", Type: logformat.Integer, Doc: "status that the load balancer answered with (elb_status_code)"},
		{Name: "backend_status_code", Type: logformat.Integer, Doc: "status that the instance answered with"},
		{Name: "cs-bytes", Type: logformat.Integer, Doc: "bytes of the request's body (received_bytes)"},
		{Name: "sc-bytes", Type: logformat.Integer, Doc: "bytes of the response's body (sent_bytes)"},
		{Name: "request", Doc: "request line: method, URL with host and port, version"},
		{Name: "cs-method", Doc: "request method (from request)"},
		{Name: "cs-host", Doc: "host of the URL, from the Host header (from request)"},
		{Name: "cs-uri", Doc: "path and query of the request, first as they stand in the log; where % or + encodes something, decoded once, and where that is still encoded, twice"},
		{Name: "cs-uri-stem", Doc: "path; likewise (a + stays a +)"},
		{Name: "cs-uri-query", Doc: "query, without the question mark; likewise"},
		{Name: "cs-version", Doc: "protocol, like HTTP/1.1 (from request)"},
		{Name: "cs-user-agent", Doc: "User-Agent header (user_agent)"},
		{Name: "ssl_cipher", Doc: "cipher of the TLS connection"},
		{Name: "ssl_protocol", Doc: "version of TLS"},
	},
	Classes: []logformat.Class{
		{Name: "request", Sources: []logformat.Source{{Product: "aws", Service: "elb"}, {Category: "webserver"}}},
	},
	Entities: []logformat.Entity{
		{Kind: logformat.SourceIP, Fields: []string{"c-ip"}},
		{Kind: logformat.Host, Fields: []string{"cs-host"}},
		{Kind: logformat.Resource, Fields: []string{"cs-uri-stem"}},
		{Kind: logformat.UserAgent, Fields: []string{"cs-user-agent"}},
	},
	Actor: []string{"c-ip"},
	Needs: []string{"time"},
}
