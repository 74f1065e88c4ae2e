// Package utmp reads wtmp and btmp, in which Linux hosts keep who signed in and who failed to: records of struct utmp
// (utmp(5)), of 384 bytes on x86, and of 400 on ARM64 and others whose times have 64 bits.
package utmp

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"strconv"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/timestamp"
)

// Format is wtmp, btmp and utmp.
type Format struct{}

var (
	_ logformat.Format   = Format{}
	_ logformat.Layouter = Format{}
)

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

// Classes, as indexes into info.Classes.
const (
	classOther = iota
	classFailure
)

//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "utmp", Title: "Linux wtmp and btmp",
	Fields: []logformat.Field{
		{Name: "time", Type: logformat.Time, Doc: "when, in seconds since 1970"},
		{Name: "type", Doc: "RUN_LVL, BOOT_TIME, NEW_TIME, OLD_TIME, INIT_PROCESS, LOGIN_PROCESS, USER_PROCESS, DEAD_PROCESS"},
		{Name: "action", Doc: "what the record tells: login, logout, auth_failure, boot"},
		{Name: "user", Doc: "account; in btmp what was typed in its place"},
		{Name: "line", Doc: "terminal: pts/0, tty1, ssh:notty"},
		{Name: "rhost", Doc: "the other side, as it was given: a name or an address"},
		{Name: "src_ip", Type: logformat.IP, Doc: "address of the other side"},
		{Name: "pid", Type: logformat.Integer, Doc: "process"},
		{Name: "session", Type: logformat.Integer, Doc: "session"},
	},
	Classes: []logformat.Class{
		classOther:   {Name: "wtmp", Sources: []logformat.Source{{Product: "linux", Service: "wtmp"}}},
		classFailure: {Name: "btmp", Sources: []logformat.Source{{Product: "linux", Service: "btmp"}}},
	},
	Entities: []logformat.Entity{
		{Kind: logformat.SourceIP, Fields: []string{"src_ip", "rhost"}},
		{Kind: logformat.Principal, Fields: []string{"user"}},
	},
	Actor: []string{"src_ip", "rhost", "user"},
	Needs: []string{"time"},
}

// Places in a record. Up to the host both kinds are alike.
const (
	atPID  = 4
	atLine = 8
	atUser = 44
	atHost = 76

	lineSize = 32
	userSize = 32
	hostSize = 256
)

// shape is where the rest of a record is.
type shape struct {
	size, session, seconds, micros, addr int
	wide                                 bool // session and times have 64 bits
}

//nolint:gochecknoglobals // constants
var (
	narrow = shape{size: 384, session: 336, seconds: 340, micros: 344, addr: 348}
	wide   = shape{size: 400, session: 336, seconds: 344, micros: 352, addr: 360, wide: true}
)

// typeNames are the types by number (utmp.h).
//
//nolint:gochecknoglobals // a constant table
var typeNames = [...]string{"EMPTY", "RUN_LVL", "BOOT_TIME", "NEW_TIME", "OLD_TIME", "INIT_PROCESS", "LOGIN_PROCESS", "USER_PROCESS", "DEAD_PROCESS"}

const (
	bootTime     = 2
	loginProcess = 6
	userProcess  = 7
	deadProcess  = 8
)

// Sniff recognises records: a type, a time, texts that end with NULs, and nothing where nothing is to be.
func (Format) Sniff(head []byte) int {
	if shapeOf(head) == nil {
		return 0
	}
	return 95
}

// shapeOf returns the shape that the first records have, nil if they have none.
func shapeOf(head []byte) *shape {
	for _, s := range [...]*shape{&narrow, &wide} {
		n := min(len(head)/s.size, 8)
		good, used := 0, 0
		for i := range n {
			b := head[i*s.size : (i+1)*s.size]
			if s.valid(b) {
				good++
				if b[0] != 0 {
					used++
				}
			}
		}
		if n > 0 && good == n && used > 0 {
			return s
		}
	}
	return nil
}

// valid reports whether b can be a record.
func (s *shape) valid(b []byte) bool {
	if int(b[0]) >= len(typeNames) || b[1] != 0 {
		return false
	}
	if b[0] == 0 {
		return true
	}
	sec, usec := s.time(b)
	const first, last = 315532800, 7258118400 // the years 1980 to 2199
	if sec < first || sec > last || usec < 0 || usec >= 1_000_000 {
		return false
	}
	for _, text := range [...][]byte{b[atLine : atLine+lineSize], b[atUser : atUser+userSize], b[atHost : atHost+hostSize]} {
		if len(bytes.Trim(text[len(cString(text)):], "\x00")) > 0 {
			return false
		}
	}
	return len(bytes.Trim(b[s.addr+16:], "\x00")) == 0
}

func (s *shape) time(b []byte) (sec, usec int64) {
	if s.wide {
		return int64(binary.LittleEndian.Uint64(b[s.seconds:])), int64(binary.LittleEndian.Uint64(b[s.micros:]))
	}
	return int64(binary.LittleEndian.Uint32(b[s.seconds:])), int64(int32(binary.LittleEndian.Uint32(b[s.micros:])))
}

// Layout is a stream: records have no line ends.
func (Format) Layout([]byte) logformat.Layout { return logformat.Stream }

// NewDecoder returns a decoder.
func (Format) NewDecoder(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	d := &decoder{shape: shapeOf(file.Head)}
	if d.shape == nil {
		d.shape = &narrow
	}
	for i, f := range info.Fields {
		d.slots[i] = plan.Slot(f.Name)
	}
	return d
}

// Fields, as indexes into decoder.slots, in the order of info.Fields.
const (
	fTime = iota
	fType
	fAction
	fUser
	fLine
	fRhost
	fSrcIP
	fPID
	fSession
	fieldCount
)

type decoder struct {
	shape   *shape
	slots   [fieldCount]int
	scratch []byte
}

// Next decodes one record.
func (d *decoder) Next(buf []byte, last bool, rec *event.Record) (int, error) {
	if len(buf) < d.shape.size {
		if last {
			return len(buf), logformat.Errorf("the record is cut off")
		}
		return 0, logformat.ErrShort
	}
	b := buf[:d.shape.size]
	switch {
	case !d.shape.valid(b):
		return len(b), logformat.Errorf("not a record of utmp")
	case b[0] == 0:
		return len(b), logformat.ErrSkip
	}
	d.record(b, rec)
	return len(b), nil
}

// Time returns a record's time.
func (d *decoder) Time(rec *event.Record) (int64, bool) {
	return timestamp.Epoch(rec.Text(d.slots[fTime]))
}

func (d *decoder) set(rec *event.Record, field int, text []byte) {
	if s := d.slots[field]; s >= 0 && len(text) > 0 {
		rec.Set(s, text)
	}
}

// made returns what was appended to the scratch since it had length n.
func (d *decoder) made(n int) []byte { return d.scratch[n:len(d.scratch):len(d.scratch)] }

func (d *decoder) record(b []byte, rec *event.Record) {
	d.scratch = d.scratch[:0]
	kind := typeNames[b[0]]
	user, line := cString(b[atUser:atUser+userSize]), cString(b[atLine:atLine+lineSize])
	var host []byte
	if b[0] >= loginProcess { // else the kernel's version stands there
		host = cString(b[atHost : atHost+hostSize])
	}
	sec, usec := d.shape.time(b)
	d.scratch = strconv.AppendInt(d.scratch, sec, 10)
	d.scratch = append(d.scratch, '.')
	for unit := int64(100_000); unit > 0; unit /= 10 {
		d.scratch = append(d.scratch, byte('0'+usec/unit%10))
	}
	d.set(rec, fTime, d.made(0))
	n := len(d.scratch)
	d.scratch = append(d.scratch, kind...)
	d.set(rec, fType, d.made(n))
	d.set(rec, fUser, user)
	d.set(rec, fLine, line)
	d.set(rec, fRhost, host)
	n = len(d.scratch)
	d.scratch = strconv.AppendUint(d.scratch, uint64(binary.LittleEndian.Uint32(b[atPID:])), 10)
	pid := d.made(n)
	d.set(rec, fPID, pid)
	n = len(d.scratch)
	if d.scratch = strconv.AppendUint(d.scratch, uint64(binary.LittleEndian.Uint32(b[d.shape.session:])), 10); string(d.made(n)) != "0" {
		d.set(rec, fSession, d.made(n))
	}
	n = len(d.scratch)
	if addr := address(b[d.shape.addr:]); addr.IsValid() {
		d.scratch = addr.AppendTo(d.scratch)
		d.set(rec, fSrcIP, d.made(n))
	}
	d.action(b[0], user, rec)
	d.raw(kind, user, line, host, pid, sec, rec)
}

// action says what a record tells. sshd and login write a failure to btmp as a LOGIN_PROCESS with the name that was typed;
// in wtmp getty writes one of the name LOGIN for each terminal that waits.
func (d *decoder) action(kind byte, user []byte, rec *event.Record) {
	switch {
	case kind == loginProcess && string(user) != "LOGIN":
		rec.Class = classFailure
		d.set(rec, fAction, actionFailure)
	case kind == userProcess:
		d.set(rec, fAction, actionLogin)
	case kind == deadProcess:
		d.set(rec, fAction, actionLogout)
	case kind == bootTime:
		d.set(rec, fAction, actionBoot)
	}
}

//nolint:gochecknoglobals // constants
var (
	actionFailure = []byte("auth_failure")
	actionLogin   = []byte("login")
	actionLogout  = []byte("logout")
	actionBoot    = []byte("boot")
)

// raw gives the record a text to be shown as evidence, as the program last has it.
func (d *decoder) raw(kind string, user, line, host, pid []byte, sec int64, rec *event.Record) {
	n := len(d.scratch)
	d.scratch = time.Unix(sec, 0).UTC().AppendFormat(d.scratch, time.RFC3339)
	d.scratch = append(append(d.scratch, ' '), kind...)
	for _, part := range [...][]byte{user, line, host} {
		if len(part) > 0 {
			d.scratch = append(append(d.scratch, ' '), part...)
		}
	}
	d.scratch = append(append(d.scratch, " pid "...), pid...)
	rec.Raw = d.made(n)
}

// address reads ut_addr_v6: an IPv4 address stands in its first four bytes, and nothing behind it.
func address(b []byte) netip.Addr {
	a := [16]byte(b[:16])
	switch {
	case a == [16]byte{}:
		return netip.Addr{}
	case [12]byte(a[4:]) == [12]byte{}:
		return netip.AddrFrom4([4]byte(a[:4]))
	}
	return netip.AddrFrom16(a).Unmap()
}

// cString returns what stands before the first NUL.
func cString(b []byte) []byte {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		return b[:i]
	}
	return b
}
