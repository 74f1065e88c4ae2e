package auditd

import "bytes"

// file makes the PATH record of a file that is created, emptied, appended to or deleted a file event. Only the first and
// last show in the record itself; the others are seen in how the event's system call opened the file.
func (d *decoder) file(h *header, e held) {
	var name, kind []byte
	for p := (pairs{rest: h.body}); p.next(); {
		switch string(p.key) {
		case "nametype":
			kind = p.value
		case "name":
			if name = p.value; !p.quoted && !nothing(name) {
				name = d.decode(name)
			}
		}
	}
	if nothing(name) {
		return
	}
	c := summary(e.syscall)
	if string(c.success) == "no" {
		return
	}
	switch {
	case string(kind) == "CREATE", string(kind) == "NORMAL" && c.overwrites():
		d.rec.Class = classFile
	case string(kind) == "DELETE":
		d.rec.Class = classDeletion
	default:
		return
	}
	d.set("TargetFilename", d.absolute(d.folder(e.cwd), name))
	if len(e.syscall) > 0 {
		d.actor(&c)
	}
}

// absolute returns a path that was given in a folder.
func (d *decoder) absolute(folder, name []byte) []byte {
	if name[0] == '/' || len(folder) == 0 {
		return name
	}
	start := len(d.scratch)
	d.scratch = append(append(d.scratch, bytes.TrimSuffix(folder, []byte("/"))...), '/')
	d.scratch = append(d.scratch, bytes.TrimPrefix(name, []byte("./"))...)
	return d.scratch[start:len(d.scratch):len(d.scratch)]
}

// Flags of open (asm-generic/fcntl.h).
const (
	writes  = 0o1 | 0o2               // O_WRONLY, O_RDWR
	changes = 0o100 | 0o1000 | 0o2000 // O_CREAT, O_TRUNC, O_APPEND
)

// overwrites reports whether the system call empties a file or opens it to write it anew or to append to it. How openat2
// opens a file is in memory that the log does not show.
func (c *call) overwrites() bool {
	var flags []byte
	switch string(c.call()) {
	case "truncate", "truncate64", "creat":
		return true
	case "open":
		flags = c.args[1]
	case "openat":
		flags = c.args[2]
	default:
		return false
	}
	n := 0
	for _, b := range flags[:min(len(flags), 8)] {
		switch {
		case b >= '0' && b <= '9':
			n = n<<4 | int(b-'0')
		case b >= 'a' && b <= 'f':
			n = n<<4 | int(b-'a'+10)
		default:
			return false
		}
	}
	return n&writes != 0 && n&changes != 0
}
