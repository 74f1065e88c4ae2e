package windows

const linuxSysmon = "sysmon-linux"

// services are Sigma's names of channels (Sigma's "Logsource Definitions" for Windows), with the provider that tells where
// an export leaves the channel out. Sysmon for Linux writes Linux events in the shape of Windows ones.
//
//nolint:gochecknoglobals // constant data
var services = []struct {
	name     string
	channels []string
	provider string
}{
	{"security", []string{"Security"}, "Microsoft-Windows-Security-Auditing"},
	{"system", []string{"System"}, "Service Control Manager"},
	{"application", []string{"Application"}, ""},
	{"sysmon", []string{"Microsoft-Windows-Sysmon/Operational"}, "Microsoft-Windows-Sysmon"},
	{linuxSysmon, []string{"Linux-Sysmon/Operational"}, "Linux-Sysmon"},
	{"powershell", []string{"Microsoft-Windows-PowerShell/Operational", "PowerShellCore/Operational"}, "Microsoft-Windows-PowerShell"},
	{"powershell-classic", []string{"Windows PowerShell"}, "PowerShell"},
	{"windefend", []string{"Microsoft-Windows-Windows Defender/Operational"}, "Microsoft-Windows-Windows Defender"},
	{"taskscheduler", []string{"Microsoft-Windows-TaskScheduler/Operational"}, "Microsoft-Windows-TaskScheduler"},
	{"wmi", []string{"Microsoft-Windows-WMI-Activity/Operational"}, "Microsoft-Windows-WMI-Activity"},
	{"bits-client", []string{"Microsoft-Windows-Bits-Client/Operational"}, "Microsoft-Windows-Bits-Client"},
	{"firewall-as", []string{"Microsoft-Windows-Windows Firewall With Advanced Security/Firewall"}, "Microsoft-Windows-Windows Firewall With Advanced Security"},
	{"codeintegrity-operational", []string{"Microsoft-Windows-CodeIntegrity/Operational"}, "Microsoft-Windows-CodeIntegrity"},
	{"applocker", []string{
		"Microsoft-Windows-AppLocker/EXE and DLL", "Microsoft-Windows-AppLocker/MSI and Script",
		"Microsoft-Windows-AppLocker/Packaged app-Deployment", "Microsoft-Windows-AppLocker/Packaged app-Execution",
	}, "Microsoft-Windows-AppLocker"},
	{"appxdeployment-server", []string{"Microsoft-Windows-AppXDeploymentServer/Operational"}, "Microsoft-Windows-AppXDeployment-Server"},
	{"appxpackaging-om", []string{"Microsoft-Windows-AppxPackaging/Operational"}, "Microsoft-Windows-AppxPackagingOM"},
	{"appmodel-runtime", []string{"Microsoft-Windows-AppModel-Runtime/Admin"}, "Microsoft-Windows-AppModel-Runtime"},
	{"application-experience", []string{
		"Microsoft-Windows-Application-Experience/Program-Telemetry", "Microsoft-Windows-Application-Experience/Program-Compatibility-Assistant",
	}, "Microsoft-Windows-Application-Experience"},
	{"ntlm", []string{"Microsoft-Windows-NTLM/Operational"}, "Microsoft-Windows-NTLM"},
	{"lsa-server", []string{"Microsoft-Windows-LSA/Operational"}, "LsaSrv"},
	{"ldap", []string{"Microsoft-Windows-LDAP-Client/Debug"}, "Microsoft-Windows-LDAP-Client"},
	{"capi2", []string{"Microsoft-Windows-CAPI2/Operational"}, "Microsoft-Windows-CAPI2"},
	{"certificateservicesclient-lifecycle-system", []string{"Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational"}, "Microsoft-Windows-CertificateServicesClient-Lifecycle-System"},
	{"dns-client", []string{"Microsoft-Windows-DNS Client Events/Operational", "Microsoft-Windows-DNS-Client/Operational"}, "Microsoft-Windows-DNS-Client"},
	{"dns-server", []string{"DNS Server"}, "Microsoft-Windows-DNS-Server-Service"},
	{"dns-server-audit", []string{"Microsoft-Windows-DNS-Server/Audit", "Microsoft-Windows-DNSServer/Audit"}, ""},
	{"dns-server-analytic", []string{"Microsoft-Windows-DNS-Server/Analytical", "Microsoft-Windows-DNSServer/Analytical"}, ""},
	{"dhcp", []string{"Microsoft-Windows-DHCP-Server/Operational"}, "Microsoft-Windows-DHCP-Server"},
	{"smbclient-security", []string{"Microsoft-Windows-SmbClient/Security"}, ""},
	{"smbclient-connectivity", []string{"Microsoft-Windows-SmbClient/Connectivity"}, ""},
	{"smbserver-connectivity", []string{"Microsoft-Windows-SMBServer/Connectivity"}, ""},
	{"printservice-admin", []string{"Microsoft-Windows-PrintService/Admin"}, ""},
	{"printservice-operational", []string{"Microsoft-Windows-PrintService/Operational"}, ""},
	{"terminalservices-localsessionmanager", []string{"Microsoft-Windows-TerminalServices-LocalSessionManager/Operational"}, "Microsoft-Windows-TerminalServices-LocalSessionManager"},
	{"driver-framework", []string{"Microsoft-Windows-DriverFrameworks-UserMode/Operational"}, "Microsoft-Windows-DriverFrameworks-UserMode"},
	{"security-mitigations", []string{"Microsoft-Windows-Security-Mitigations/KernelMode", "Microsoft-Windows-Security-Mitigations/UserMode", "Microsoft-Windows-Security-Mitigations/Kernel Mode", "Microsoft-Windows-Security-Mitigations/User Mode"}, "Microsoft-Windows-Security-Mitigations"},
	{"diagnosis-scripted", []string{"Microsoft-Windows-Diagnosis-Scripted/Operational"}, "Microsoft-Windows-Diagnosis-Scripted"},
	{"shell-core", []string{"Microsoft-Windows-Shell-Core/Operational"}, "Microsoft-Windows-Shell-Core"},
	{"openssh", []string{"OpenSSH/Operational"}, "OpenSSH"},
	{"vhdmp", []string{"Microsoft-Windows-VHDMP-Operational", "Microsoft-Windows-VHDMP/Operational"}, "Microsoft-Windows-VHDMP"},
	{"iis-configuration", []string{"Microsoft-IIS-Configuration/Operational"}, "Microsoft-Windows-IIS-Configuration"},
	{"msexchange-management", []string{"MSExchange Management"}, "MSExchange CmdletLogs"},
	{"microsoft-servicebus-client", []string{"Microsoft-ServiceBus-Client", "Microsoft-ServiceBus-Client/Operational"}, "Microsoft-ServiceBus-Client"},
	{"ntfs", []string{"Microsoft-Windows-Ntfs/Operational"}, ""},
	{"hyper-v-worker", []string{"Microsoft-Windows-Hyper-V-Worker-Admin", "Microsoft-Windows-Hyper-V-Worker-Operational"}, "Microsoft-Windows-Hyper-V-Worker"},
	{"kernel-event-tracing", []string{"Microsoft-Windows-Kernel-EventTracing/Admin"}, "Microsoft-Windows-Kernel-EventTracing"},
	{"kernel-shimengine", []string{"Microsoft-Windows-Kernel-ShimEngine/Operational", "Microsoft-Windows-Kernel-ShimEngine/Diagnostic"}, "Microsoft-Windows-Kernel-ShimEngine"},
	{"sense", []string{"Microsoft-Windows-SENSE/Operational"}, "Microsoft-Windows-SENSE"},
}
