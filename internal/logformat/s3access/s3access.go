// Package s3access reads Amazon S3 server access logs (Amazon S3 User Guide, "Amazon S3 server access log format").
package s3access

import (
	"github.com/gatehouse-sec/gatehouse/internal/columns"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/timestamp"
)

// Format is Amazon S3 server access logs.
type Format struct{}

var _ logformat.Format = Format{}

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

// Sniff recognises the first line by its columns.
func (Format) Sniff(head []byte) int {
	parts := columns.Split(nil, columns.First(head), 0)
	if len(parts) < config.Least || len(parts[0]) != 64 && string(parts[0]) != "-" {
		return 0
	}
	if _, ok := timestamp.CLF(parts[2]); ok {
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
		"bucket-owner", "bucket", "time", "c-ip", "requester", "request-id", "operation", "key", "request", "sc-status", "error-code",
		"sc-bytes", "object-size", "total-time", "turn-around-time", "cs-referer", "cs-user-agent", "version-id", "host-id",
		"signature-version", "cipher", "auth-type", "host-header", "tls-version", "access-point-arn", "acl-required", "source-region",
	},
	Least:   17,
	Request: 8,
	Encoded: []string{"key"},
	Times:   []string{"time"},
	Time:    columns.CLF,
}

// S3 adds columns at the end now and then; older files have fewer.
//
//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "s3access", Title: "Amazon S3 server access logs",
	Fields: []logformat.Field{
		{Name: "bucket-owner", Doc: "canonical user id of the bucket's owner"},
		{Name: "bucket", Doc: "bucket that the request was for"},
		{Name: "time", Type: logformat.Time, Doc: "when the request was received"},
		{Name: "c-ip", Type: logformat.IP, Doc: "address of the requester (Remote IP); proxies may hide the real one; absent where AWS asked"},
		{Name: "requester", Doc: "canonical user id, IAM ARN or assumed role of the requester; absent for anonymous requests"},
		{Name: "request-id", Doc: "id that S3 gave the request"},
		{Name: "operation", Doc: "like REST.GET.OBJECT, SOAP.…, S3.EXPIRE.OBJECT for a lifecycle rule, BATCH.DELETE.OBJECT"},
		{Name: "key", Doc: "object, percent-encoded as it stands in the log; decoded as well"},
		{Name: "request", Doc: "request line (Request-URI)"},
		{Name: "cs-method", Doc: "request method (from request)"},
		{Name: "cs-uri", Doc: "path and query of the request, first as they stand in the log; where % or + encodes something, decoded once, and where that is still encoded, twice"},
		{Name: "cs-uri-stem", Doc: "path; likewise (a + stays a +)"},
		{Name: "cs-uri-query", Doc: "query, without the question mark; likewise"},
		{Name: "cs-version", Doc: "protocol, like HTTP/1.1 (from request)"},
		{Name: "sc-status", Type: logformat.Integer, Doc: "HTTP status of the response"},
		{Name: "error-code", Doc: "S3's error, like AccessDenied or NoSuchKey; absent on success"},
		{Name: "sc-bytes", Type: logformat.Integer, Doc: "bytes of the response, without protocol overhead (Bytes Sent); absent if none"},
		{Name: "object-size", Type: logformat.Integer, Doc: "bytes of the whole object"},
		{Name: "total-time", Type: logformat.Integer, Doc: "milliseconds from receiving the request to sending the response's last byte"},
		{Name: "turn-around-time", Type: logformat.Integer, Doc: "milliseconds that S3 worked on the request"},
		{Name: "cs-referer", Doc: "Referer header"},
		{Name: "cs-user-agent", Doc: "User-Agent header"},
		{Name: "version-id", Doc: "version of the object that was asked for"},
		{Name: "host-id", Doc: "x-amz-id-2, the extended request id"},
		{Name: "signature-version", Doc: "SigV2 or SigV4; absent for requests without a signature"},
		{Name: "cipher", Doc: "cipher of the TLS connection; absent for plain HTTP"},
		{Name: "auth-type", Doc: "AuthHeader, QueryString (a presigned URL); absent for requests without a signature"},
		{Name: "host-header", Doc: "endpoint that was connected to"},
		{Name: "tls-version", Doc: "TLSv1.2, TLSv1.3, …; absent for plain HTTP"},
		{Name: "access-point-arn", Doc: "ARN of the access point of the request"},
		{Name: "acl-required", Doc: "Yes if the request needed an access control list; absent if not"},
		{Name: "source-region", Doc: "AWS Region that the request came from"},
	},
	Classes: []logformat.Class{
		{Name: "request", Sources: []logformat.Source{
			{Product: "aws", Service: "s3access", Fields: names},
			{Category: "webserver", Fields: names},
		}},
	},
	Entities: []logformat.Entity{
		{Kind: logformat.SourceIP, Fields: []string{"c-ip"}},
		{Kind: logformat.Principal, Fields: []string{"requester"}},
		{Kind: logformat.Resource, Fields: []string{"bucket"}},
		{Kind: logformat.UserAgent, Fields: []string{"cs-user-agent"}},
	},
	Actor: []string{"requester", "c-ip"},
	Needs: []string{"time"},
}

//nolint:gochecknoglobals // constant data
var names = map[string]string{"cs-host": "host-header", "cs-username": "requester"}
