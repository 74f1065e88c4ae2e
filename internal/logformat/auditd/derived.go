package auditd

import (
	"bytes"
	"strconv"

	"github.com/gatehouse-sec/gatehouse/internal/logformat"
)

// call is what a SYSCALL record says about the process.
type call struct {
	arch, number, name      []byte
	success                 []byte
	pid, ppid, uid, ses, by []byte // by: the user's name, in an enriched log
	exe                     []byte
	exeQuoted               bool
	args                    [4][]byte
}

// summary reads a SYSCALL record's body.
func summary(body []byte) call {
	var c call
	for p := (pairs{rest: body}); p.next(); {
		switch string(p.key) {
		case "arch":
			c.arch = p.value
		case "syscall":
			c.number = p.value
		case "SYSCALL":
			c.name = p.value
		case "success":
			c.success = p.value
		case "pid":
			c.pid = p.value
		case "ppid":
			c.ppid = p.value
		case "uid":
			c.uid = p.value
		case "UID":
			c.by = p.value
		case "ses":
			c.ses = p.value
		case "exe":
			c.exe, c.exeQuoted = p.value, p.quoted
		case "a0", "a1", "a2", "a3":
			c.args[p.key[1]-'0'] = p.value
		}
	}
	return c
}

// call returns the system call's name.
func (c *call) call() []byte {
	if c.name != nil {
		return c.name
	}
	return syscallName(c.arch, c.number)
}

// image returns the path of the program.
func (d *decoder) image(c *call) []byte {
	if c.exeQuoted {
		return c.exe
	}
	if nothing(c.exe) {
		return nil
	}
	return d.decode(c.exe)
}

// Values that stand in no record.
//
//nolint:gochecknoglobals // constants
var (
	root        = []byte("root")
	noSession   = []byte("0")
	initiated   = []byte("true")
	commandLine = []byte("CommandLine")
)

// actor sets what Sigma's taxonomy has of the process that acts.
func (d *decoder) actor(c *call) {
	d.set("Image", d.image(c))
	d.set("ProcessId", c.pid)
	d.set("ParentProcessId", c.ppid)
	switch {
	case len(c.by) > 0 && !unset(c.by):
		d.set("User", c.by)
	case string(c.uid) == "0":
		d.set("User", root)
	case !unset(c.uid):
		d.set("User", c.uid)
	}
	if unset(c.ses) {
		d.set("LogonId", noSession)
	} else {
		d.set("LogonId", c.ses)
	}
}

// process makes the EXECVE record of a program that was started an event of process creation. Only the first of an event's
// EXECVE records, which has argc, is one.
func (d *decoder) process(h *header, e held) error {
	if !bytes.HasPrefix(bytes.TrimLeft(h.body, " "), []byte("argc=")) {
		return nil
	}
	d.rec.Class = classProcess
	if d.slot("CurrentDirectory") >= 0 {
		cwd, err := d.following(h)
		if err != nil {
			return err
		}
		d.set("CurrentDirectory", cwd)
	}
	if len(e.syscall) == 0 {
		return nil
	}
	c := summary(e.syscall)
	if string(c.success) == "no" {
		d.rec.Class = classRecord
		return nil
	}
	d.actor(&c)
	if p := d.joined.parentOf(h.node, c.ppid); p != nil {
		d.set("ParentImage", d.copied(p.image)) // p may be c's own place from the next line on
		d.set("ParentCommandLine", d.copied(p.command))
	}
	d.joined.started(h.node, c.pid, d.image(&c), d.command)
	return nil
}

func (d *decoder) copied(b []byte) []byte {
	start := len(d.scratch)
	d.scratch = append(d.scratch, b...)
	return d.scratch[start:len(d.scratch):len(d.scratch)]
}

// following returns the working folder that the next line gives, if it is the CWD record of the same event.
func (d *decoder) following(h *header) ([]byte, error) {
	end := bytes.IndexByte(d.buf, '\n')
	if end < 0 {
		if d.last {
			return nil, nil
		}
		return nil, logformat.ErrShort
	}
	line := d.buf[end+1:]
	if end = bytes.IndexByte(line, '\n'); end >= 0 {
		line = line[:end]
	} else if !d.last && len(line) <= maxHeld {
		return nil, logformat.ErrShort
	}
	if len(line) > maxHeld {
		return nil, nil
	}
	next, err := parseHeader(bytes.TrimRight(line, "\r"))
	if err != nil || string(next.kind) != "CWD" || !bytes.Equal(next.id, h.id) || !bytes.Equal(next.node, h.node) {
		return nil, nil //nolint:nilerr // the next line is looked at when its turn comes
	}
	return d.folder(next.body), nil
}

// folder reads a CWD record's body.
func (d *decoder) folder(body []byte) []byte {
	for p := (pairs{rest: body}); p.next(); {
		if string(p.key) != "cwd" {
			continue
		}
		if p.quoted {
			return p.value
		}
		return d.decode(p.value)
	}
	return nil
}

// socket reads a socket address, and makes the SOCKADDR record of a connect a network connection.
func (d *decoder) socket(h *header, e held) {
	var a address
	for p := (pairs{rest: h.body}); p.next(); {
		if string(p.key) == "saddr" {
			raw := d.decode(p.value)
			var ok bool
			if a, ok = socketAddress(raw); !ok {
				return
			}
		}
	}
	d.set("saddr_fam", a.family)
	d.set("path", a.path)
	if !a.ip.IsValid() {
		return
	}
	start := len(d.scratch)
	d.scratch = a.ip.AppendTo(d.scratch)
	middle := len(d.scratch)
	d.scratch = strconv.AppendUint(d.scratch, uint64(a.port), 10)
	ip, port := d.scratch[start:middle:middle], d.scratch[middle:len(d.scratch):len(d.scratch)]
	d.set("laddr", ip)
	d.set("lport", port)
	if len(e.syscall) == 0 {
		return
	}
	c := summary(e.syscall)
	if string(c.call()) != "connect" {
		return
	}
	d.rec.Class = classConnection
	d.set("DestinationIp", ip)
	d.set("DestinationPort", port)
	d.set("Initiated", initiated)
	d.actor(&c)
}
