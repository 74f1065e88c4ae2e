package ecs

import (
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/windows"
)

// Classes, as indexes into info.Classes; those of Windows events follow.
const (
	classOther uint8 = iota
	classCloudTrail
	classVPCFlow
	classWeb
	classProxy
	classDNS
	classFirewall
	classSSHD
	classSudo
	classAuth
	classCron
	classSyslog
	classAuditd
	classKubernetes
	classLinuxProcess
	classLinuxFile
	classLinuxFileDelete
	classLinuxNetwork
	classMacProcess
	classMacFile
	classMacNetwork
	classWinProcess
	classWinFile
	classWinFileDelete
	classWinFileRename
	classWinFileAccess
	classWinNetwork
	classWinRegistry
	classWinImage
	classWinDNS
	classOkta
	classM365
	classGitHub
	classGCP
	classAzureActivity
	classAzureAudit
	classAzureSignin
	classZeekDNS
	classZeekHTTP
	classZeekSMB
	classZeekRPC
	classZeekRDP
	classZeekKerberos
	classZeekX509
	firstWindows
)

//nolint:gochecknoglobals // constant data
var classes = append([]logformat.Class{
	classOther:      {Name: "event"},
	classCloudTrail: class("cloudtrail", logformat.Source{Product: "aws", Service: "cloudtrail", Fields: cloudtrail, Default: "event.original."}),
	classVPCFlow: class("vpcflow", logformat.Source{Product: "aws", Service: "vpcflow", Fields: vpcflow, Default: "aws.vpcflow."},
		logformat.Source{Category: "firewall", Fields: flow}),
	classWeb:             class("web", logformat.Source{Category: "webserver", Fields: webserver}),
	classProxy:           class("proxy", logformat.Source{Category: "proxy", Fields: webserver}),
	classDNS:             class("dns", logformat.Source{Category: "dns", Fields: dns}),
	classFirewall:        class("firewall", logformat.Source{Category: "firewall", Fields: flow}),
	classSSHD:            linux("sshd", "sshd", "auth", "syslog"),
	classSudo:            linux("sudo", "sudo", "auth", "syslog"),
	classAuth:            linux("auth", "auth", "syslog"),
	classCron:            linux("cron", "cron", "syslog"),
	classSyslog:          linux("syslog", "syslog"),
	classAuditd:          class("auditd", logformat.Source{Product: "linux", Service: "auditd", Fields: auditd, Default: "auditd.data."}, logformat.Source{Product: "linux", Category: "process_creation", Fields: process}),
	classKubernetes:      class("kubernetes", logformat.Source{Product: "kubernetes", Service: "audit", Category: "application", Fields: kubernetes, Default: "kubernetes.audit."}),
	classLinuxProcess:    host("linux", "process_creation"),
	classLinuxFile:       host("linux", "file_event"),
	classLinuxFileDelete: host("linux", "file_delete"),
	classLinuxNetwork:    host("linux", "network_connection"),
	classMacProcess:      host("macos", "process_creation"),
	classMacFile:         host("macos", "file_event"),
	classMacNetwork:      host("macos", "network_connection"),
	classWinProcess:      host("windows", "process_creation"),
	classWinFile:         host("windows", "file_event"),
	classWinFileDelete:   host("windows", "file_delete"),
	classWinFileRename:   host("windows", "file_rename"),
	classWinFileAccess:   host("windows", "file_access"),
	classWinNetwork:      host("windows", "network_connection"),
	classWinRegistry: class("registry_set", logformat.Source{Product: "windows", Category: "registry_set", Fields: process},
		logformat.Source{Product: "windows", Category: "registry_event", Fields: process}),
	classWinImage:      host("windows", "image_load"),
	classWinDNS:        host("windows", "dns_query"),
	classOkta:          class("okta", logformat.Source{Product: "okta", Service: "okta", Fields: okta}),
	classM365:          class("m365", logformat.Source{Product: "m365", Service: "audit", Default: "o365.audit."}),
	classGitHub:        class("github", logformat.Source{Product: "github", Service: "audit", Fields: map[string]string{"action": "event.action"}, Default: "github."}),
	classGCP:           class("gcp", logformat.Source{Product: "gcp", Service: "gcp.audit"}),
	classAzureActivity: class("azure-activity", logformat.Source{Product: "azure", Service: "activitylogs", Fields: azureActivity}),
	classAzureAudit:    class("azure-audit", logformat.Source{Product: "azure", Service: "auditlogs", Fields: azureAudit}),
	classAzureSignin:   class("azure-signin", logformat.Source{Product: "azure", Service: "signinlogs", Fields: azureSignin}),
	classZeekDNS:       zeek("dns"),
	classZeekHTTP:      zeek("http"),
	classZeekSMB:       zeek("smb_files"),
	classZeekRPC:       zeek("dce_rpc"),
	classZeekRDP:       zeek("rdp"),
	classZeekKerberos:  zeek("kerberos"),
	classZeekX509:      zeek("x509"),
}, windows.Classes(winlog, "winlog.event_data.")...)

func class(name string, sources ...logformat.Source) logformat.Class {
	return logformat.Class{Name: name, Sources: sources}
}

func linux(name string, services ...string) logformat.Class {
	c := logformat.Class{Name: name}
	for _, s := range services {
		c.Sources = append(c.Sources, logformat.Source{Product: "linux", Service: s, Fields: auth})
	}
	return c
}

func host(product, category string) logformat.Class {
	return class(category, logformat.Source{Product: product, Category: category, Fields: process})
}

func zeek(service string) logformat.Class {
	return class("zeek-"+service, logformat.Source{Product: "zeek", Service: service, Fields: zeekFields, Default: "zeek." + service + "."})
}

// datasets is the classes of event.dataset; system.auth is told apart by its program.
//
//nolint:gochecknoglobals // constant data
var datasets = map[string]uint8{
	"aws.cloudtrail": classCloudTrail, "aws.vpcflow": classVPCFlow, "aws.elb_logs": classWeb, "aws.cloudfront_logs": classWeb, "aws.s3access": classWeb,
	"nginx.access": classWeb, "nginx.ingress_controller": classWeb, "apache.access": classWeb, "iis.access": classWeb, "traefik.access": classWeb,
	"haproxy.log": classWeb, "tomcat.log": classWeb, "system.syslog": classSyslog, "auditd.log": classAuditd,
	"kubernetes.audit_logs": classKubernetes, "aws.route53_resolver_logs": classDNS, "network_traffic.dns": classDNS, "network_traffic.http": classWeb,
	"okta.system": classOkta, "o365.audit": classM365, "github.audit": classGitHub, "gcp.audit": classGCP,
	"azure.activitylogs": classAzureActivity, "azure.auditlogs": classAzureAudit, "azure.signinlogs": classAzureSignin,
	"zeek.dns": classZeekDNS, "zeek.http": classZeekHTTP, "zeek.smb_files": classZeekSMB, "zeek.dce_rpc": classZeekRPC, "zeek.rdp": classZeekRDP,
	"zeek.kerberos": classZeekKerberos, "zeek.x509": classZeekX509,
}

// modules is the classes of event.module where each of its datasets is of one kind.
//
//nolint:gochecknoglobals // constant data
var modules = map[string]uint8{
	"auditd": classAuditd, "squid": classProxy, "zscaler": classProxy, "zscaler_zia": classProxy, "bluecoat": classProxy, "cisco_umbrella": classProxy,
	"iptables": classFirewall, "cisco_asa": classFirewall, "cisco_ftd": classFirewall, "panw": classFirewall, "fortinet": classFirewall,
	"fortinet_fortigate": classFirewall, "pfsense": classFirewall, "checkpoint": classFirewall, "sophos": classFirewall,
}

// authClass returns the class of what a program wrote to the auth log.
func authClass(program []byte) uint8 {
	switch string(program) {
	case "sshd":
		return classSSHD
	case "sudo":
		return classSudo
	case "cron", "CRON", "crond":
		return classCron
	}
	return classAuth
}

// Operating systems, as indexes into kind.classes.
const (
	osUnknown = iota
	osWindows
	osLinux
	osMacOS
)

// kind is what an event is whose integration is not known: its category, type and action say so.
type kind struct {
	category, kind, action string // "" is whatever
	process, question      bool   // it names a process, a DNS question
	classes                [4]uint8
}

//nolint:gochecknoglobals // constant data
var endpoint = []kind{
	{category: "process", kind: "start", classes: [4]uint8{osWindows: classWinProcess, osLinux: classLinuxProcess, osMacOS: classMacProcess}},
	{category: "file", kind: "creation", classes: [4]uint8{osWindows: classWinFile, osLinux: classLinuxFile, osMacOS: classMacFile}},
	{category: "file", kind: "deletion", classes: [4]uint8{osWindows: classWinFileDelete, osLinux: classLinuxFileDelete}},
	{category: "file", action: "rename", classes: [4]uint8{osWindows: classWinFileRename}},
	{category: "file", action: "open", classes: [4]uint8{osWindows: classWinFileAccess}},
	{category: "registry", kind: "change", classes: [4]uint8{osWindows: classWinRegistry}},
	{category: "library", kind: "start", classes: [4]uint8{osWindows: classWinImage}},
	{category: "network", question: true, process: true, classes: [4]uint8{osWindows: classWinDNS, osUnknown: classDNS, osLinux: classDNS, osMacOS: classDNS}},
	{category: "network", question: true, classes: [4]uint8{classDNS, classDNS, classDNS, classDNS}},
	{category: "network", process: true, kind: "start", classes: [4]uint8{osWindows: classWinNetwork, osLinux: classLinuxNetwork, osMacOS: classMacNetwork}},
	{category: "web", classes: [4]uint8{classWeb, classWeb, classWeb, classWeb}},
}
