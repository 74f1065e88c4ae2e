// Package nlb reads access logs of AWS Network Load Balancers, which have the TLS connections (User Guide for Network Load
// Balancers, "Access log entries").
package nlb

import (
	"github.com/gatehouse-sec/gatehouse/internal/columns"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/timestamp"
)

// Format is Network Load Balancer access logs.
type Format struct{}

var _ logformat.Format = Format{}

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

// Sniff recognises the first line by its columns.
func (Format) Sniff(head []byte) int {
	parts := columns.Split(nil, columns.First(head), 0)
	if len(parts) < config.Least || string(parts[0]) != "tls" || len(parts[1]) < 3 || parts[1][1] != '.' {
		return 0
	}
	if _, ok := timestamp.RFC3339(parts[2]); ok {
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
	Names: []string{
		"type", "version", "time", "elb", "listener", "", "destination", "connection_time", "tls_handshake_time", "received_bytes",
		"sent_bytes", "incoming_tls_alert", "chosen_cert_arn", "chosen_cert_serial", "tls_cipher", "tls_protocol_version",
		"tls_named_group", "domain_name", "alpn_fe_protocol", "alpn_be_protocol", "alpn_client_preference_list",
		"tls_connection_creation_time",
	},
	Least:     11,
	Request:   -1,
	Endpoints: map[int][2]string{5: {"c-ip", "c-port"}},
	Lists:     []string{"alpn_client_preference_list"},
	Times:     []string{"time"},
	Time:      columns.RFC3339,
}

// The names are AWS's; a connection has no request.
//
//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "nlb", Title: "Network Load Balancer access logs",
	Fields: []logformat.Field{
		{Name: "type", Doc: "type of the listener: tls"},
		{Name: "version", Doc: "version of the log entry: 2.0"},
		{Name: "time", Type: logformat.Time, Doc: "when the connection ended, UTC"},
		{Name: "elb", Doc: "resource id of the load balancer: net/name/id"},
		{Name: "listener", Doc: "resource id of the TLS listener"},
		{Name: "c-ip", Type: logformat.IP, Doc: "address of the client (client:port)"},
		{Name: "c-port", Type: logformat.Integer, Doc: "port of the client (client:port)"},
		{Name: "destination", Doc: "address and port that the client connected to, the listener's or an endpoint's (destination:port)"},
		{Name: "connection_time", Type: logformat.Integer, Doc: "milliseconds that the connection lasted"},
		{Name: "tls_handshake_time", Type: logformat.Integer, Doc: "milliseconds of the TLS handshake, within connection_time; absent if there was none"},
		{Name: "received_bytes", Type: logformat.Integer, Doc: "bytes from the client, decrypted"},
		{Name: "sent_bytes", Type: logformat.Integer, Doc: "bytes to the client, before encryption"},
		{Name: "incoming_tls_alert", Type: logformat.Integer, Doc: "TLS alert from the client"},
		{Name: "chosen_cert_arn", Doc: "ARN of the certificate shown to the client"},
		{Name: "chosen_cert_serial", Doc: "reserved by AWS"},
		{Name: "tls_cipher", Doc: "cipher suite, by OpenSSL's name; absent if the handshake failed"},
		{Name: "tls_protocol_version", Doc: "version of TLS: tlsv12"},
		{Name: "tls_named_group", Doc: "reserved by AWS"},
		{Name: "domain_name", Doc: "server name that the client asked for (SNI)"},
		{Name: "alpn_fe_protocol", Doc: "protocol agreed with the client: h2, http/1.1, http/1.0"},
		{Name: "alpn_be_protocol", Doc: "protocol agreed with the target"},
		{Name: "alpn_client_preference_list", Doc: "protocols that the client offered, in its order, separated by commas"},
		{Name: "tls_connection_creation_time", Type: logformat.Time, Doc: "when the connection began, UTC"},
	},
	Classes: []logformat.Class{
		{Name: "connection", Sources: []logformat.Source{{Product: "aws", Service: "elb"}}},
	},
	Entities: []logformat.Entity{
		{Kind: logformat.SourceIP, Fields: []string{"c-ip"}},
		{Kind: logformat.Host, Fields: []string{"domain_name"}},
		{Kind: logformat.Resource, Fields: []string{"elb"}},
	},
	Actor: []string{"c-ip"},
	Needs: []string{"time"},
}
