package auditd

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/lines"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/timestamp"
)

// NewDecoder returns a decoder.
func (Format) NewDecoder(plan *logformat.Plan, _ logformat.File) logformat.Decoder {
	d := &decoder{slots: map[string]int{}, own: map[string]int{}, time: plan.Slot("time"), text: plan.Slot(logformat.AllText)}
	for _, name := range plan.Fields {
		d.slots[name] = plan.Slot(name)
		if !given(name) {
			d.own[name] = plan.Slot(name)
		}
	}
	for i := range d.args {
		d.args[i] = plan.Slot("a" + strconv.Itoa(i))
	}
	d.joined = newJoin()
	d.fill = d.line
	return d
}

// given reports whether a field is no pair of a record, so that a pair of this name, which a program may have written, does
// not count.
func given(name string) bool {
	switch name {
	case "time", "serial", "node", "type", "saddr_fam", "laddr", "lport", "seresult", "seperms", logformat.AllText:
		return true
	}
	for _, f := range taxonomy {
		if f.Name == name {
			return true
		}
	}
	return false
}

type decoder struct {
	framer lines.Framer
	fill   func([]byte, *event.Record) error
	slots  map[string]int
	own    map[string]int // slots of fields that are pairs of a record
	args   [maxArg]int
	time   int
	text   int // slot of all text
	joined join

	buf     []byte // what Next was given
	last    bool
	rec     *event.Record
	scratch []byte // decoded values of the record
	command []byte // the arguments of an EXECVE record
	legible []byte // what the record has in hexadecimal only, for whoever reads it as evidence
	shown   []byte // the record with that behind it
}

// Next decodes one line.
func (d *decoder) Next(buf []byte, last bool, rec *event.Record) (int, error) {
	d.buf, d.last = buf, last
	n, err := d.framer.Next(buf, last, rec, d.fill)
	if err != nil && errors.Is(err, logformat.ErrShort) { // also of the line after this one
		return 0, err
	}
	return n, err
}

// Time returns when it happened.
func (d *decoder) Time(rec *event.Record) (int64, bool) { return timestamp.Epoch(rec.Text(d.time)) }

func (d *decoder) slot(name string) int {
	if s, ok := d.slots[name]; ok {
		return s
	}
	return -1
}

func (d *decoder) set(name string, value []byte) {
	if s, ok := d.slots[name]; ok && len(value) > 0 {
		d.rec.Set(s, value)
	}
}

func (d *decoder) line(line []byte, rec *event.Record) error {
	if string(line) == "----" { // ausearch puts it between events
		return logformat.ErrSkip
	}
	h, err := parseHeader(line)
	if err != nil {
		return err
	}
	d.rec, d.scratch, d.command, d.legible = rec, d.scratch[:0], d.command[:0], d.legible[:0]
	d.set("time", h.time)
	d.set("serial", h.serial)
	d.set("node", h.node)
	d.set("type", h.kind)
	if d.text >= 0 {
		rec.Set(d.text, line)
	}
	err = d.record(&h)
	if len(d.legible) > 0 {
		d.shown = append(append(d.shown[:0], line...), d.legible...)
		rec.Raw = d.shown
	}
	return err
}

func (d *decoder) record(h *header) error {
	switch string(h.kind) {
	case "SYSCALL":
		d.pairs(h.body)
		d.syscall(h.body)
		d.joined.remember(h, syscallLine)
	case "CWD":
		d.pairs(h.body)
		d.joined.remember(h, cwdLine)
	case "EXECVE":
		d.arguments(h.body)
		e := d.joined.find(h)
		d.borrow(e.syscall)
		return d.process(h, e)
	case "PATH":
		d.pairs(h.body)
		e := d.joined.find(h)
		d.borrow(e.syscall)
		d.file(h, e)
	case "SOCKADDR":
		d.pairs(h.body)
		e := d.joined.find(h)
		d.borrow(e.syscall)
		d.socket(h, e)
	case "AVC", "USER_AVC":
		d.access(h.body)
		d.pairs(h.body)
	default:
		d.pairs(h.body)
	}
	return nil
}

// pairs sets the fields that are in the record as they are.
func (d *decoder) pairs(body []byte) {
	for p := (pairs{rest: body}); p.next(); {
		d.pair(&p)
	}
}

func (d *decoder) pair(p *pairs) {
	slot, ok := d.own[string(p.key)]
	if nothing(p.value) || !ok && (p.quoted || !escaped(p.key)) {
		return
	}
	value := p.value
	if !p.quoted && escaped(p.key) {
		value = d.decode(value)
		if len(value) != len(p.value) && string(p.key) == "proctitle" {
			value = spaced(value)
		}
		d.also(p.key, value, p.value)
	}
	switch {
	case !ok:
	case unsettable(p.key) && unset(value):
		d.rec.Add(slot, event.Null, nil, 0)
	case string(p.key) == "key":
		for key := range bytes.SplitSeq(value, []byte{1}) {
			d.rec.Set(slot, key)
		}
	default:
		d.rec.Set(slot, value)
	}
}

// borrow gives a record who acts and why it was logged, which only its event's SYSCALL record says.
func (d *decoder) borrow(body []byte) {
	for p := (pairs{rest: body}); p.next(); {
		switch string(p.key) {
		case "auid", "AUID", "uid", "UID", "euid", "EUID", "ses", "tty", "comm", "exe", "key":
			d.pair(&p)
		}
	}
}

// decode returns what hexadecimal stands for, and anything else as it is.
func (d *decoder) decode(value []byte) []byte {
	start := len(d.scratch)
	out, ok := unhex(d.scratch, value)
	d.scratch = out
	if !ok {
		return value
	}
	return out[start:len(out):len(out)]
}

// also gives keyword searches, and whoever reads the record, a value that the record has in hexadecimal only.
func (d *decoder) also(key, value, raw []byte) {
	if len(value) == len(raw) {
		return
	}
	if d.text >= 0 {
		d.rec.Set(d.text, value)
	}
	d.read(key, value)
}

// read puts key="value" behind the record, as auditd itself does with what it makes of a record (log_format = ENRICHED).
func (d *decoder) read(key, value []byte) {
	d.legible = append(append(append(d.legible, ' '), key...), `="`...)
	d.legible = append(append(d.legible, value...), '"')
}

// spaced puts spaces for the NULs between arguments, in place, in a value that was decoded.
func spaced(value []byte) []byte {
	for i, c := range value {
		if c == 0 {
			value[i] = ' '
		}
	}
	return bytes.TrimRight(value, " ")
}

// syscall names the system call where the log does not.
func (d *decoder) syscall(body []byte) {
	slot := d.slot("SYSCALL")
	if slot < 0 || d.rec.First(slot) != nil {
		return
	}
	c := summary(body)
	if name := c.call(); name != nil {
		d.rec.Set(slot, name)
	}
}

// arguments reads an EXECVE record. An argument that is too long for one record is written as a1[0]=… a1[1]=…, over
// several records (kernel/auditsc.c, audit_log_execve_info); what stands in one of them is put together.
func (d *decoder) arguments(body []byte) {
	argument, count, hidden := -1, 0, false
	start := 0 // of the argument in d.command
	for p := (pairs{rest: body}); p.next(); {
		n, ok := argumentNumber(p.key)
		if !ok {
			if slot, ok := d.own[string(p.key)]; ok && !nothing(p.value) {
				d.rec.Set(slot, p.value)
			}
			continue
		}
		if n != argument {
			d.argument(argument, start)
			if count > 0 {
				d.command = append(d.command, ' ')
			}
			argument, start = n, len(d.command)
			count++
		}
		if p.quoted {
			d.command = append(d.command, p.value...)
			continue
		}
		var decoded bool
		if d.command, decoded = unhex(d.command, p.value); !decoded && !nothing(p.value) {
			d.command = append(d.command, p.value...)
		}
		hidden = hidden || decoded
	}
	d.argument(argument, start)
	d.set("CommandLine", d.command)
	if d.text >= 0 && len(d.command) > 0 {
		d.rec.Set(d.text, d.command)
	}
	if hidden {
		d.read(commandLine, d.command)
	}
}

// argument gives an argument its field. d.command may still move when it grows, so the field has a copy.
func (d *decoder) argument(n, start int) {
	if n < 0 || n >= maxArg || d.args[n] < 0 {
		return
	}
	from := len(d.scratch)
	d.scratch = append(d.scratch, d.command[start:]...)
	d.rec.Set(d.args[n], d.scratch[from:len(d.scratch):len(d.scratch)])
}

// argumentNumber reads a7 and a7[2], not a7_len.
func argumentNumber(key []byte) (int, bool) {
	if len(key) < 2 || key[0] != 'a' {
		return 0, false
	}
	digits := key[1:]
	if i := bytes.IndexByte(digits, '['); i > 0 {
		digits = digits[:i]
	}
	if len(digits) > 7 || !decimal(digits) {
		return 0, false
	}
	n := 0
	for _, c := range digits {
		n = n*10 + int(c-'0')
	}
	return n, true
}

// access reads what SELinux writes as words: "avc:  denied  { read write } for ".
func (d *decoder) access(body []byte) {
	_, rest, ok := bytes.Cut(body, []byte("avc:"))
	if !ok {
		return
	}
	result, rest := word(bytes.TrimLeft(rest, " "))
	d.set("seresult", result)
	if _, after, ok := bytes.Cut(rest, []byte("{")); ok {
		if perms, _, ok := bytes.Cut(after, []byte("}")); ok {
			d.set("seperms", bytes.TrimSpace(perms))
		}
	}
}
