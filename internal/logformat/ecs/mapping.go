package ecs

// What Sigma's log sources call the schema's fields.
//
//nolint:gochecknoglobals // constant data
var (
	cloudtrail = map[string]string{
		"eventName": "event.action", "eventSource": "event.provider", "eventID": "event.id", "eventTime": "@timestamp",
		"awsRegion": "cloud.region", "sourceIPAddress": "source.address", "userAgent": "user_agent.original",
		"recipientAccountId": "aws.cloudtrail.recipient_account_id",
		"eventVersion":       "aws.cloudtrail.event_version", "eventType": "aws.cloudtrail.event_type", "eventCategory": "aws.cloudtrail.event_category",
		"errorCode": "aws.cloudtrail.error_code", "errorMessage": "aws.cloudtrail.error_message", "requestID": "aws.cloudtrail.request_id",
		"apiVersion": "aws.cloudtrail.api_version", "managementEvent": "aws.cloudtrail.management_event", "readOnly": "aws.cloudtrail.read_only",
		"sharedEventID": "aws.cloudtrail.shared_event_id", "vpcEndpointId": "aws.cloudtrail.vpc_endpoint_id",
		"userIdentity.type": "aws.cloudtrail.user_identity.type", "userIdentity.arn": "aws.cloudtrail.user_identity.arn",
		"userIdentity.accessKeyId": "aws.cloudtrail.user_identity.access_key_id", "userIdentity.invokedBy": "aws.cloudtrail.user_identity.invoked_by",
		"userIdentity.userName": "user.name", "userIdentity.principalId": "user.id", "userIdentity.accountId": "cloud.account.id",
		"userIdentity.sessionContext.attributes.mfaAuthenticated": "aws.cloudtrail.user_identity.session_context.mfa_authenticated",
		"userIdentity.sessionContext.attributes.creationDate":     "aws.cloudtrail.user_identity.session_context.creation_date",
		"userIdentity.sessionContext.sessionIssuer.type":          "aws.cloudtrail.user_identity.session_context.session_issuer.type",
		"userIdentity.sessionContext.sessionIssuer.arn":           "aws.cloudtrail.user_identity.session_context.session_issuer.arn",
		"userIdentity.sessionContext.sessionIssuer.principalId":   "aws.cloudtrail.user_identity.session_context.session_issuer.principal_id",
		"userIdentity.sessionContext.sessionIssuer.accountId":     "aws.cloudtrail.user_identity.session_context.session_issuer.account_id",
		"userIdentity.sessionContext.sessionIssuer.userName":      "user.name", // as Filebeat has it
		"requestParameters":   "aws.cloudtrail.flattened.request_parameters",
		"responseElements":    "aws.cloudtrail.flattened.response_elements",
		"additionalEventData": "aws.cloudtrail.flattened.additional_eventdata",
		"serviceEventDetails": "aws.cloudtrail.flattened.service_event_details",
		"insightDetails":      "aws.cloudtrail.flattened.insight_details",
		"resources.ARN":       "aws.cloudtrail.resources.arn", "resources.type": "aws.cloudtrail.resources.type",
		"resources.accountId": "aws.cloudtrail.resources.account_id",
	}
	vpcflow = map[string]string{
		"srcaddr": "source.ip", "dstaddr": "destination.ip", "srcport": "source.port", "dstport": "destination.port",
		"src_ip": "source.ip", "dst_ip": "destination.ip", "src_port": "source.port", "dst_port": "destination.port",
		"protocol": "network.iana_number", "bytes": "network.bytes", "packets": "network.packets", "start": "event.start", "end": "event.end",
		"action": "aws.vpcflow.action", "log-status": "aws.vpcflow.log_status", "account-id": "aws.vpcflow.account_id",
		"interface-id": "aws.vpcflow.interface_id", "instance-id": "aws.vpcflow.instance_id", "vpc-id": "aws.vpcflow.vpc_id",
		"subnet-id": "aws.vpcflow.subnet_id", "tcp-flags": "aws.vpcflow.tcp_flags", "pkt-srcaddr": "aws.vpcflow.pkt_srcaddr",
		"pkt-dstaddr": "aws.vpcflow.pkt_dstaddr", "flow-direction": "network.direction", "region": "cloud.region",
	}
	flow = map[string]string{
		"src_ip": "source.ip", "dst_ip": "destination.ip", "src_port": "source.port", "dst_port": "destination.port", "action": "event.action",
	}
	webserver = map[string]string{
		"c-ip": "source.address", "cs-username": "user.name", "cs-method": "http.request.method", "cs-version": "http.version",
		"cs-host": "url.domain", "cs-referer": "http.request.referrer", "cs-referrer": "http.request.referrer",
		"cs-user-agent": "user_agent.original", "cs-bytes": "http.request.bytes", "sc-status": "http.response.status_code",
		"sc-bytes": "http.response.bytes", "cs-content-type": "http.request.mime_type",
		// Sigma's proxy category.
		"c-uri": "url.original", "c-uri-query": "cs-uri-query", "c-uri-stem": "cs-uri-stem", "c-uri-extension": "url.extension",
		"c-useragent": "user_agent.original", "dst_ip": "destination.ip", "r-dns": "url.domain",
	}
	dns = map[string]string{
		"query": "dns.question.name", "record_type": "dns.question.type", "answer": "dns.answers.data", "src_ip": "source.ip",
		"dst_ip": "destination.ip", "parent_domain": "dns.question.registered_domain",
	}
	auth = map[string]string{ //nolint:gosec // the names of the linux-auth format, no credentials
		"host": "host.hostname", "program": "process.name", "pid": "process.pid", "user": "user.name", "USER": "user.name", "src_ip": "source.ip",
		"src_port": "source.port", "rhost": "source.domain", "method": "system.auth.ssh.method", "key_fingerprint": "system.auth.ssh.signature",
		"tty": "system.auth.sudo.tty", "pwd": "system.auth.sudo.pwd", "runas": "system.auth.sudo.user", "command": "system.auth.sudo.command",
		"home": "system.auth.useradd.home", "shell": "system.auth.useradd.shell", "uid": "user.id", "gid": "group.id", "group": "group.name",
	}
	auditd = map[string]string{
		"type": "auditd.message_type", "exe": "process.executable", "comm": "process.name", "name": "file.path", "SYSCALL": "auditd.data.syscall",
		"syscall": "auditd.data.syscall", "key": "tags", "euid": "user.effective.id", "uid": "user.id", "auid": "user.audit.id",
		"pid": "process.pid", "ppid": "process.parent.pid", "cwd": "process.working_directory", "proctitle": "process.title",
	}
	kubernetes = map[string]string{"user": "kubernetes.audit.user", "verb": "kubernetes.audit.verb", "apiGroup": "kubernetes.audit.objectRef.apiGroup"}
	process    = map[string]string{
		"Image": "process.executable", "CommandLine": "process.command_line", "OriginalFileName": "process.pe.original_file_name",
		"ProcessId": "process.pid", "ProcessGuid": "process.entity_id", "CurrentDirectory": "process.working_directory", "User": "user.name",
		"ParentImage": "process.parent.executable", "ParentCommandLine": "process.parent.command_line", "ParentProcessId": "process.parent.pid",
		"Company": "process.pe.company", "Description": "process.pe.description", "Product": "process.pe.product",
		"FileVersion": "process.pe.file_version", "Imphash": "process.pe.imphash", "IntegrityLevel": "process.Ext.token.integrity_level_name",
		"LogonId": "process.Ext.session_info.id", "TargetFilename": "file.path", "SourceFilename": "file.Ext.original.path", "FileName": "file.path",
		"TargetObject": "registry.path", "Details": "registry.data.strings", "ImageLoaded": "dll.path", "Signed": "dll.code_signature.exists",
		"SignatureStatus": "dll.code_signature.status", "Signature": "dll.code_signature.subject_name", "QueryName": "dns.question.name",
		"DestinationIp": "destination.ip", "DestinationPort": "destination.port", "DestinationHostname": "destination.domain",
		"SourceIp": "source.ip", "SourcePort": "source.port", "SourceHostname": "source.domain", "Protocol": "network.transport",
		"Computer": "host.name",
	}
	winlog = map[string]string{
		"EventID": "winlog.event_id", "Channel": "winlog.channel", "Provider_Name": "winlog.provider_name", "Computer": "winlog.computer_name",
		"ComputerName": "winlog.computer_name", "EventRecordID": "winlog.record_id", "Task": "winlog.task", "Opcode": "winlog.opcode",
		"Keywords": "winlog.keywords", "Level": "log.level", "Message": "message", "process": "winlog.event_data.process",
	}
	okta = map[string]string{
		"eventType": "okta.event_type", "displayMessage": "okta.display_message", "actor.alternateId": "okta.actor.alternate_id",
		"target.displayName": "okta.target.display_name", "outcome.reason": "okta.outcome.reason", "outcome.result": "okta.outcome.result",
		"securityContext.isProxy":                      "okta.security_context.is_proxy",
		"debugContext.debugData.requestUri":            "okta.debug_context.debug_data.request_uri",
		"debugContext.debugData.behaviors":             "okta.debug_context.debug_data.flattened.behaviors",
		"debugContext.debugData.logOnlySecurityData":   "okta.debug_context.debug_data.flattened.logOnlySecurityData",
		"client.userAgent.rawUserAgent":                "user_agent.original",
		"authenticationContext.authenticationProvider": "okta.authentication_context.authentication_provider",
	}
	azureActivity = map[string]string{"operationName": "azure.activitylogs.operation_name", "OperationNameValue": "azure.activitylogs.operation_name", "ResourceId": "azure.resource.id", "CategoryValue": "azure.activitylogs.category"}
	azureAudit    = map[string]string{
		"OperationName": "azure.auditlogs.operation_name", "operationName": "azure.auditlogs.operation_name", "Category": "azure.auditlogs.category",
		"category": "azure.auditlogs.category", "properties.message": "azure.auditlogs.properties.activity_display_name",
		"ActivityDisplayName": "azure.auditlogs.properties.activity_display_name", "LoggedByService": "azure.auditlogs.properties.logged_by_service",
		"Status": "azure.auditlogs.properties.result",
	}
	azureSignin = map[string]string{
		"ResultType": "azure.signinlogs.result_type", "resultType": "azure.signinlogs.result_type", "ResultDescription": "azure.signinlogs.result_description",
		"AuthenticationRequirement": "azure.signinlogs.properties.authentication_requirement", "userAgent": "user_agent.original",
		"properties.authenticationRequirement": "azure.signinlogs.properties.authentication_requirement",
		"callerIpAddress":                      "azure.signinlogs.caller_ip_address", "homeTenantId": "azure.signinlogs.properties.home_tenant_id",
		"properties.appId": "azure.signinlogs.properties.app_id", "AppId": "azure.signinlogs.properties.app_id",
		"DeviceDetail.trusttype": "azure.signinlogs.properties.device_detail.trust_type", "properties.deviceDetail.deviceId": "azure.signinlogs.properties.device_detail.device_id",
	}
	zeekFields = map[string]string{
		"id.orig_h": "source.ip", "id.orig_p": "source.port", "id.resp_h": "destination.ip", "id.resp_p": "destination.port",
		"user_agent": "user_agent.original", "c-useragent": "user_agent.original", "uri": "url.original", "c-uri": "url.original",
		"method": "http.request.method", "host": "url.domain", "status_code": "http.response.status_code", "request_body_len": "http.request.body.bytes",
	}
)
