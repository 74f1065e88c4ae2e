package ocsf

import (
	"maps"

	"github.com/gatehouse-sec/gatehouse/internal/logformat"
)

// Classes, as indexes into info.Classes.
const (
	classOther uint8 = iota
	classCloudTrail
	classAPI
	classKubernetes
	classAuthentication
	classFlow
	classNetwork
	classHTTP
	classDNS
	classRoute53
	classFinding
	classWinProcess
	classLinuxProcess
	classMacProcess
	classWinFile
	classLinuxFile
	classMacFile
	classWinFileDelete
	classLinuxFileDelete
	classWinFileRename
	classWinImage
	classWinNetwork
)

// unmapped goes before the names of what a source did not map into the schema.
const unmapped = "unmapped."

//nolint:gochecknoglobals // constant data
var classes = []logformat.Class{
	classOther:          {Name: "event"},
	classCloudTrail:     {Name: "cloudtrail", Sources: []logformat.Source{{Product: "aws", Service: "cloudtrail", Fields: cloudtrail, Default: unmapped}}},
	classAPI:            {Name: "api"},
	classKubernetes:     {Name: "kubernetes", Sources: []logformat.Source{{Product: "kubernetes", Service: "audit", Category: "application", Fields: kubernetes, Default: unmapped}}},
	classAuthentication: {Name: "authentication", Sources: []logformat.Source{{Category: "authentication", Fields: authentication}}},
	classFlow: {Name: "flow", Sources: []logformat.Source{
		{Product: "aws", Service: "vpcflow", Fields: flow, Default: unmapped}, {Category: "firewall", Fields: flow},
	}},
	classNetwork: {Name: "network", Sources: []logformat.Source{{Category: "firewall", Fields: flow}}},
	classHTTP:    {Name: "http", Sources: []logformat.Source{{Category: "webserver", Fields: webserver}}},
	classDNS:     {Name: "dns", Sources: []logformat.Source{{Category: "dns", Fields: dns}}},
	classRoute53: {Name: "route53", Sources: []logformat.Source{
		{Product: "aws", Service: "route53", Fields: dns}, {Category: "dns", Fields: dns},
	}},
	classFinding:         {Name: "finding"},
	classWinProcess:      host("windows", "process_creation", process),
	classLinuxProcess:    host("linux", "process_creation", process),
	classMacProcess:      host("macos", "process_creation", process),
	classWinFile:         host("windows", "file_event", actor),
	classLinuxFile:       host("linux", "file_event", actor),
	classMacFile:         host("macos", "file_event", actor),
	classWinFileDelete:   host("windows", "file_delete", actor),
	classLinuxFileDelete: host("linux", "file_delete", actor),
	classWinFileRename:   host("windows", "file_rename", renamed),
	classWinImage:        host("windows", "image_load", actor),
	classWinNetwork:      host("windows", "network_connection", actor),
}

func host(product, category string, fields map[string]string) logformat.Class {
	return logformat.Class{Name: category, Sources: []logformat.Source{{Product: product, Category: category, Fields: fields, Default: unmapped}}}
}

// Numbers of operating systems (object os, type_id).
const (
	osWindows = "100"
	osLinux   = "200"
	osMacOS   = "300"
)

// hostClasses is the classes of what happens on a host: File System Activity, Module Activity and Process Activity.
//
//nolint:gochecknoglobals // constant data
var hostClasses = []struct {
	uid, activity, os string // activity "": whatever
	class             uint8
}{
	{"1007", "1", osWindows, classWinProcess},
	{"1007", "1", osLinux, classLinuxProcess},
	{"1007", "1", osMacOS, classMacProcess},
	{"1001", "1", osWindows, classWinFile},
	{"1001", "1", osLinux, classLinuxFile},
	{"1001", "1", osMacOS, classMacFile},
	{"1001", "4", osWindows, classWinFileDelete},
	{"1001", "4", osLinux, classLinuxFileDelete},
	{"1001", "5", osWindows, classWinFileRename},
	{"1005", "1", osWindows, classWinImage},
}

// What Sigma's log sources call the schema's fields.
//
//nolint:gochecknoglobals // constant data
var (
	// Security Lake's mapping of CloudTrail; what it leaves unmapped keeps its own name under unmapped.
	cloudtrail = map[string]string{
		"eventName": "api.operation", "eventSource": "api.service.name", "eventID": "metadata.uid", "eventVersion": "metadata.product.version",
		"eventType": "metadata.event_code", "eventCategory": "metadata.product.feature.name", "eventTime": "time_dt", "awsRegion": "cloud.region",
		"sourceIPAddress": "src_endpoint.address", "userAgent": "http_request.user_agent", "errorCode": "api.response.error",
		"errorMessage": "api.response.message", "requestID": "api.request.uid", "apiVersion": "api.version", "vpcEndpointId": "src_endpoint.uid",
		"recipientAccountId": "cloud.account.uid",
		"requestParameters":  "api.request.data", "responseElements": "api.response.data",
		"userIdentity.type": "actor.user.type", "userIdentity.arn": "actor.user.uid", "userIdentity.principalId": "actor.user.uid_alt",
		"userIdentity.userName": "actor.user.name", "userIdentity.accountId": "actor.user.account.uid",
		"userIdentity.accessKeyId": "actor.user.credential_uid", "userIdentity.invokedBy": "actor.invoked_by",
		"userIdentity.identityProvider":                           "actor.idp.name",
		"userIdentity.sessionContext.attributes.creationDate":     "actor.session.created_time_dt",
		"userIdentity.sessionContext.attributes.mfaAuthenticated": "actor.session.is_mfa",
		"userIdentity.sessionContext.sessionIssuer.arn":           "actor.session.issuer",
		"resources.ARN": "resources.uid", "resources.accountId": "resources.account.uid", "resources.type": "resources.type",
	}
	kubernetes = map[string]string{
		"verb": "api.operation", "auditID": "api.request.uid", "requestURI": "http_request.url.path", "user.username": "actor.user.name",
		"user.uid": "actor.user.uid", "user.groups": "actor.user.groups.name", "sourceIPs": "src_endpoint.ip", "userAgent": "http_request.user_agent",
		"objectRef.resource": "resources.type", "objectRef.name": "resources.name", "objectRef.namespace": "resources.namespace",
		"objectRef.apiGroup": "api.group.name", "apiGroup": "api.group.name", "responseStatus.code": "api.response.code",
		"responseStatus.reason": "api.response.error", "level": "metadata.log_level", "stage": "message",
	}
	authentication = map[string]string{
		"user": "user.name", "action": "activity_name", "src_ip": "src_endpoint.ip", "dst_ip": "dst_endpoint.ip", "user_agent": "http_request.user_agent",
	}
	flow = map[string]string{
		"srcaddr": "src_endpoint.ip", "dstaddr": "dst_endpoint.ip", "srcport": "src_endpoint.port", "dstport": "dst_endpoint.port",
		"src_ip": "src_endpoint.ip", "dst_ip": "dst_endpoint.ip", "src_port": "src_endpoint.port", "dst_port": "dst_endpoint.port",
		"protocol": "connection_info.protocol_num", "bytes": "traffic.bytes", "packets": "traffic.packets", "start": "start_time", "end": "end_time",
		"action": verdict, "tcp-flags": "connection_info.tcp_flags", "flow-direction": "connection_info.direction", "log-status": "status_code",
		"account-id": "cloud.account.uid", "region": "cloud.region", "interface-id": "src_endpoint.interface_uid",
		"instance-id": "src_endpoint.instance_uid", "vpc-id": "src_endpoint.vpc_uid", "subnet-id": "src_endpoint.subnet_uid",
	}
	webserver = map[string]string{
		"c-ip": "src_endpoint.ip", "cs-username": "actor.user.name", "cs-method": "http_request.http_method", "cs-version": "http_request.version",
		"cs-host": "http_request.url.hostname", "cs-referer": "http_request.referrer", "cs-user-agent": "http_request.user_agent",
		"sc-status": "http_response.code", "sc-bytes": "http_response.length", "cs-bytes": "http_request.length",
	}
	dns = map[string]string{
		"query": "query.hostname", "record_type": "query.type", "answer": "answers.rdata", "src_ip": "src_endpoint.ip",
		// The names of Route 53's resolver query logs.
		"query_name": "query.hostname", "query_type": "query.type", "query_class": "query.class", "answers.Rdata": "answers.rdata",
		"answers.Type": "answers.type", "rcode": "rcode", "srcaddr": "src_endpoint.ip", "srcport": "src_endpoint.port",
		"account_id": "cloud.account.uid", "region": "cloud.region", "vpc_id": "src_endpoint.vpc_uid", "transport": "connection_info.protocol_name",
		"srcids.instance": "src_endpoint.instance_uid", "firewall_rule_action": "disposition",
	}
	process = program("process")
	actor   = program("actor.process")
	renamed = func() map[string]string {
		fields := maps.Clone(actor)
		fields["TargetFilename"] = "file_result.path" // file is what it was called before
		return fields
	}()
)

// program maps the names of Sysmon's events; the process that acts stands under a key of its own in each class.
func program(at string) map[string]string {
	fields := map[string]string{
		"Image": "file.path", "CommandLine": "cmd_line", "ProcessId": "pid", "ProcessGuid": "uid", "CurrentDirectory": "working_directory",
		"IntegrityLevel": "integrity", "LogonId": "session.uid", "Hashes": "file.hashes.value", "Company": "file.company_name",
		"Description": "file.desc", "Product": "file.product.name", "FileVersion": "file.version", "OriginalFileName": "file.internal_name",
		"ParentImage": "parent_process.file.path", "ParentCommandLine": "parent_process.cmd_line", "ParentProcessId": "parent_process.pid",
		"ParentUser": "parent_process.user.name",
	}
	for name, path := range fields {
		fields[name] = at + "." + path
	}
	fields["User"] = at + ".user.name"
	maps.Copy(fields, map[string]string{
		"TargetFilename": "file.path", "SourceFilename": "file.path", "ImageLoaded": "module.file.path", "Computer": "device.hostname",
		"DestinationIp": "dst_endpoint.ip", "DestinationPort": "dst_endpoint.port", "DestinationHostname": "dst_endpoint.hostname",
		"SourceIp": "src_endpoint.ip", "SourcePort": "src_endpoint.port", "Protocol": "connection_info.protocol_name",
	})
	return fields
}
