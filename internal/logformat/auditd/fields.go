package auditd

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gatehouse-sec/gatehouse/internal/logformat"
)

// maxArg is how many of an EXECVE record's arguments are fields, a0 to a31; CommandLine has all of them.
const maxArg = 32

// fields lists the fields: those that records have by their own names (audit-documentation, "field-dictionary.csv"), and
// those of Sigma's taxonomy that are put together from several records of an event.
func fields() []logformat.Field {
	list := slices.Clone(pairFields)
	for _, id := range ids {
		list = append(list,
			logformat.Field{Name: id[0], Type: logformat.Integer, Doc: id[1]},
			logformat.Field{Name: strings.ToUpper(id[0]), Doc: id[1] + ", by name, in an enriched log"})
	}
	for i := range maxArg {
		list = append(list, logformat.Field{Name: "a" + strconv.Itoa(i), Doc: "EXECVE: argument " + strconv.Itoa(i) + "; SYSCALL, up to a3: argument as a number in hexadecimal"})
	}
	return append(list, taxonomy...)
}

//nolint:gochecknoglobals // constant data
var pairFields = []logformat.Field{
	{Name: "time", Type: logformat.Time, Doc: "when it happened, in seconds since 1970 as it was written"},
	{Name: "serial", Type: logformat.Integer, Doc: "number of the event; its records have it in common"},
	{Name: "node", Doc: "host that logged it, where the log names it"},
	{Name: "type", Doc: "type of the record: SYSCALL, EXECVE, PATH, USER_LOGIN, ADD_USER"},
	{Name: "arch", Doc: "ABI of the system call, as a number in hexadecimal: c000003e is x86_64"},
	{Name: "ARCH", Doc: "ABI by name, in an enriched log"},
	{Name: "syscall", Doc: "number of the system call"},
	{Name: "SYSCALL", Doc: "system call by name; in a raw log it is looked up for x86_64, i386 and aarch64"},
	{Name: "success", Doc: "yes or no: whether the system call succeeded"},
	{Name: "exit", Doc: "what the system call returned"},
	{Name: "items", Type: logformat.Integer, Doc: "number of PATH records of the event"},
	{Name: "argc", Type: logformat.Integer, Doc: "EXECVE: number of arguments"},
	{Name: "pid", Type: logformat.Integer, Doc: "process"},
	{Name: "ppid", Type: logformat.Integer, Doc: "its parent"},
	{Name: "comm", Doc: "name of the process, at most 15 bytes"},
	{Name: "exe", Doc: "path of the program"},
	{Name: "tty", Doc: "terminal"},
	{Name: "key", Doc: "keys of the audit rule that asked for the record"},
	{Name: "proctitle", Doc: "PROCTITLE: the command line, cut at 128 bytes"},
	{Name: "cwd", Doc: "CWD: working folder"},
	{Name: "item", Type: logformat.Integer, Doc: "PATH: number of the record among those of its event"},
	{Name: "name", Doc: "PATH: the path as the program gave it; AVC: name of the file"},
	{Name: "nametype", Doc: "PATH: NORMAL, PARENT, CREATE, DELETE, UNKNOWN"},
	{Name: "inode", Type: logformat.Integer, Doc: "PATH: inode"},
	{Name: "mode", Doc: "PATH: type and permissions of the file, in octal"},
	{Name: "dev", Doc: "PATH: device of the file"},
	{Name: "rdev", Doc: "PATH: device that a special file stands for"},
	{Name: "saddr", Doc: "SOCKADDR: socket address, in hexadecimal"},
	{Name: "saddr_fam", Doc: "SOCKADDR: inet, inet6, local, netlink"},
	{Name: "laddr", Type: logformat.IP, Doc: "SOCKADDR: the address in saddr"},
	{Name: "lport", Type: logformat.Integer, Doc: "SOCKADDR: the port in saddr"},
	{Name: "path", Doc: "SOCKADDR: path of a local socket; AVC and others: path of the file"},
	{Name: "op", Doc: "what was done: PAM:authentication, adding-user, add_rule"},
	{Name: "acct", Doc: "account that a program's record is about"},
	{Name: "id", Doc: "id of the account or group that is changed"},
	{Name: "grp", Doc: "group that is changed"},
	{Name: "hostname", Doc: "host of the other side"},
	{Name: "addr", Type: logformat.IP, Doc: "address of the other side"},
	{Name: "terminal", Doc: "terminal"},
	{Name: "res", Doc: "success or failed, or 1 or 0: how it ended"},
	{Name: "unit", Doc: "SERVICE_START, SERVICE_STOP: unit of systemd"},
	{Name: "cmd", Doc: "USER_CMD: the command that sudo runs"},
	{Name: "data", Doc: "TTY, USER_TTY: what was typed"},
	{Name: "grantors", Doc: "PAM modules that agreed"},
	{Name: "reason", Doc: "ANOM_ABEND and others: why"},
	{Name: "sig", Type: logformat.Integer, Doc: "signal that ended or was sent to a process"},
	{Name: "opid", Type: logformat.Integer, Doc: "OBJ_PID: process that was acted upon (ptrace, kill)"},
	{Name: "ocomm", Doc: "OBJ_PID: its name"},
	{Name: "prom", Doc: "ANOM_PROMISCUOUS: 256 when an interface becomes promiscuous"},
	{Name: "list", Doc: "CONFIG_CHANGE: list of the audit rule"},
	{Name: "audit_enabled", Doc: "CONFIG_CHANGE: 0 off, 1 on, 2 locked"},
	{Name: "old", Doc: "value before a change"},
	{Name: "new", Doc: "value after a change"},
	{Name: "old-auid", Doc: "LOGIN: login id before"},
	{Name: "old-ses", Doc: "LOGIN: session before"},
	{Name: "seresult", Doc: "AVC: denied or granted"},
	{Name: "seperms", Doc: "AVC: permissions asked for"},
	{Name: "scontext", Doc: "AVC: context of the process"},
	{Name: "tcontext", Doc: "AVC: context of what it acts upon"},
	{Name: "tclass", Doc: "AVC: class of what it acts upon"},
	{Name: "permissive", Doc: "AVC: 1 if it was let through all the same"},
	{Name: "enforcing", Doc: "MAC_STATUS: 1 if SELinux enforces"},
	{Name: "apparmor", Doc: "AppArmor: DENIED, ALLOWED, STATUS"},
	{Name: "operation", Doc: "AppArmor: what was tried"},
	{Name: "profile", Doc: "AppArmor: profile"},
	{Name: "requested_mask", Doc: "AppArmor: what was asked for"},
	{Name: "denied_mask", Doc: "AppArmor: what was refused"},
	{Name: "subj", Doc: "security context of the process"},
	{Name: "obj", Doc: "security context of the file"},
	{Name: "cap_fe", Doc: "PATH: 1 if the file's capabilities are effective"},
	{Name: "cap_fp", Doc: "PATH: capabilities of the file that are permitted"},
	{Name: "ses", Type: logformat.Integer, Doc: "session, null outside any"},
	{Name: "ID", Doc: "account or group that is changed, by name, in an enriched log"},
}

// ids are fields of ids; in an enriched log the field of the same name in capitals has the name.
//
//nolint:gochecknoglobals // constant data
var ids = [...][2]string{
	{"auid", "login id, that of whoever signed in; null where nobody did"},
	{"uid", "user"},
	{"gid", "group"},
	{"euid", "effective user"},
	{"suid", "saved user"},
	{"fsuid", "user for files"},
	{"egid", "effective group"},
	{"sgid", "saved group"},
	{"fsgid", "group for files"},
	{"ouid", "owner of the file"},
	{"ogid", "group of the file"},
	{"oauid", "OBJ_PID: login id of the process"},
}

// taxonomy is the fields of Sigma's taxonomy for events of processes, files and networks.
//
//nolint:gochecknoglobals // constant data
var taxonomy = []logformat.Field{
	{Name: "CommandLine", Doc: "EXECVE: the arguments with spaces between them"},
	{Name: "Image", Doc: "EXECVE, PATH of a file event, SOCKADDR of a connection: path of the program, from the event's SYSCALL record"},
	{Name: "ParentImage", Doc: "EXECVE: path of the parent's program, where the log holds its own execution"},
	{Name: "ParentCommandLine", Doc: "EXECVE: the parent's command line, likewise"},
	{Name: "CurrentDirectory", Doc: "EXECVE: working folder, where the next record is CWD"},
	{Name: "User", Doc: "EXECVE and the others: user of the process: the name in an enriched log, root, or the id"},
	{Name: "LogonId", Doc: "EXECVE and the others: session, 0 outside any"},
	{Name: "ProcessId", Type: logformat.Integer, Doc: "EXECVE and the others: process"},
	{Name: "ParentProcessId", Type: logformat.Integer, Doc: "EXECVE and the others: its parent"},
	{Name: "TargetFilename", Doc: "PATH of a file that is created, emptied, appended to or deleted: its path, taken from the event's CWD if relative"},
	{Name: "DestinationIp", Type: logformat.IP, Doc: "SOCKADDR of a connection: the other side"},
	{Name: "DestinationPort", Type: logformat.Integer, Doc: "SOCKADDR of a connection: its port"},
	{Name: "Initiated", Type: logformat.Boolean, Doc: "SOCKADDR of a connection: true, since connect makes it"},
}
