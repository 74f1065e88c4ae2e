// Package columns decodes logs whose lines are columns in a known order, or in one that a header names.
package columns

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/lines"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/web"
)

// Config says what the columns are. A column that holds "-" has no value.
type Config struct {
	Names []string // the field of each column; "" is not kept
	Tabs  bool     // columns are separated by tabs, not by spaces
	// Least is how many columns a record has at least, where the header does not name fewer.
	Least int
	// Request is the column that holds a request line, from 0; -1: none. It is taken apart. Of a whole URL as its target
	// the path and query are kept, and the host unless HostFromRequest is empty.
	Request         int
	HostFromRequest string
	// Endpoints are columns that hold address:port; the two are kept under the names given.
	Endpoints map[int][2]string
	// Header reads a line that names the columns, and returns the names; nil, false where the line is none.
	Header func(line []byte) ([]string, bool)
	// Fixed says that only a file's first line can be a header, so that the file may be cut into chunks. A line further
	// down that names other columns is an error.
	Fixed bool
	// Encoded are fields that may be percent-encoded: decoded forms are further values.
	Encoded []string
	// Escaped are fields that the log itself percent-encodes: the first value is the text without that.
	Escaped []string
	// Plus are fields in which the log writes + for a space: the first value has spaces, the second is as it was written.
	Plus []string
	// Lists are fields of quoted words with commas between them, of which the quotes are taken off.
	Lists []string
	// Millis are fields in milliseconds, with ms behind the number, that are kept in seconds.
	Millis []string
	// Backslashes says that quoted columns have the escapes that web.Unescape undoes.
	Backslashes bool
	// Times are the fields of a record's time, which Time reads from a record; slots are theirs.
	Times []string
	Time  func(rec *event.Record, slots []int) (int64, bool)
}

// New returns a decoder for one file or a chunk of it.
func (c *Config) New(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	d := &decoder{
		cfg: c, plan: plan, uri: web.URISlots(plan), method: plan.Slot("cs-method"), version: plan.Slot("cs-version"),
		host: -1, dateSlot: plan.Slot("date"),
	}
	if c.HostFromRequest != "" {
		d.host = plan.Slot(c.HostFromRequest)
	}
	for _, t := range c.Times {
		d.times = append(d.times, plan.Slot(t))
	}
	d.names = c.Names
	if c.Fixed && c.Header != nil {
		if names, ok := c.Header(First(file.Head)); ok {
			d.names = names
		}
	}
	d.setColumns(d.names)
	d.fill = d.line
	return d
}

// What is made of a column.
const (
	plain = iota
	encoded
	escaped
	plus
	list
	millis
	whole // a target: path and query in one
	endpoint
	request
)

// column is a column that somebody asked for.
type column struct {
	kind       uint8
	slot       int // -1: only its parts are asked for
	addr, port int // of an endpoint
}

type decoder struct {
	cfg    *Config
	plan   *logformat.Plan
	framer lines.Framer
	fill   func([]byte, *event.Record) error
	names  []string
	cols   []column
	asked  []int // columns to look at
	least  int
	limit  int // columns that have to be split off
	stem   int // columns that hold the target's parts; -1: none
	query  int

	uri                   web.URI
	method, version, host int
	times                 []int
	dateSlot              int
	date                  []byte // day that a #Date directive names, for logs without a column for it
	dateColumn            bool
	parts                 [][]byte
	arena                 []byte
}

// setColumns takes up an order of columns.
func (d *decoder) setColumns(names []string) {
	c := d.cfg
	d.names, d.cols, d.asked = names, make([]column, len(names)), nil
	d.stem, d.query, d.dateColumn = -1, -1, false
	d.least = min(c.Least, len(names))
	d.limit = d.least
	target := d.uri.URI >= 0 || d.uri.Stem >= 0 || d.uri.Query >= 0
	for i, name := range names {
		col := column{slot: -1, addr: -1, port: -1}
		if name != "" {
			col.slot = d.plan.Slot(name)
		}
		wanted := col.slot >= 0
		switch {
		case name == "cs-uri-stem":
			d.stem, wanted = i, false
		case name == "cs-uri-query":
			d.query, wanted = i, false
		case name == "cs-uri":
			col.kind, wanted = whole, target
		case i == c.Request:
			col.kind, wanted = request, true
		case slices.Contains(c.Encoded, name):
			col.kind = encoded
		case slices.Contains(c.Escaped, name):
			col.kind = escaped
		case slices.Contains(c.Plus, name):
			col.kind = plus
		case slices.Contains(c.Lists, name):
			col.kind = list
		case slices.Contains(c.Millis, name):
			col.kind = millis
		}
		if name == "date" {
			d.dateColumn = true
		}
		if e, ok := c.Endpoints[i]; ok {
			col.kind, col.addr, col.port = endpoint, d.plan.Slot(e[0]), d.plan.Slot(e[1])
			wanted = wanted || col.addr >= 0 || col.port >= 0
		}
		if wanted {
			d.asked = append(d.asked, i)
			d.limit = max(d.limit, i+1)
		}
		d.cols[i] = col
	}
	if target {
		d.limit = max(d.limit, d.stem+1, d.query+1)
	} else {
		d.stem, d.query = -1, -1
	}
}

// Next decodes one line.
func (d *decoder) Next(buf []byte, last bool, rec *event.Record) (int, error) {
	return d.framer.Next(buf, last, rec, d.fill)
}

// Time returns a record's time.
func (d *decoder) Time(rec *event.Record) (int64, bool) { return d.cfg.Time(rec, d.times) }

func (d *decoder) line(line []byte, rec *event.Record) error {
	if d.cfg.Header != nil {
		if skip, err := d.header(line); skip {
			return err
		}
	}
	d.arena = d.arena[:0]
	if d.cfg.Tabs {
		d.parts = SplitTabs(d.parts[:0], line, d.limit)
	} else {
		d.parts = Split(d.parts[:0], line, d.limit)
	}
	if len(d.parts) < d.least {
		return logformat.Errorf("%d columns, at least %d are expected", len(d.parts), d.least)
	}
	for _, i := range d.asked {
		if i >= len(d.parts) {
			break
		}
		if part := d.parts[i]; !web.Blank(part) {
			d.column(&d.cols[i], part, rec)
		}
	}
	if d.stem >= 0 || d.query >= 0 {
		d.target(rec)
	}
	if d.date != nil && !d.dateColumn && d.dateSlot >= 0 {
		rec.Set(d.dateSlot, d.date)
	}
	return nil
}

// header takes up a line that names the columns or says something else about the log.
func (d *decoder) header(line []byte) (skip bool, err error) {
	if names, ok := d.cfg.Header(line); ok {
		switch {
		case !d.cfg.Fixed:
			d.setColumns(names)
		case !slices.Equal(names, d.names):
			return true, logformat.Errorf("the columns change within the file; split it here")
		}
		return true, logformat.ErrSkip
	}
	if line[0] != '#' {
		return false, nil
	}
	if rest, ok := bytes.CutPrefix(line, []byte("#Date: ")); ok && len(rest) >= len("2006-01-02") {
		d.date = bytes.Clone(rest[:len("2006-01-02")])
	}
	return true, logformat.ErrSkip
}

func (d *decoder) column(c *column, part []byte, rec *event.Record) {
	if d.cfg.Backslashes && bytes.IndexByte(part, '\\') >= 0 {
		start := len(d.arena)
		d.arena = web.Unescape(d.arena, part)
		part = d.arena[start:]
	}
	switch c.kind {
	case encoded:
		d.arena = web.AddQuery(rec, c.slot, part, d.arena)
		return
	case escaped:
		start := len(d.arena)
		var changed bool
		if d.arena, changed = web.Decode(d.arena, part); changed {
			part = d.arena[start:]
		}
		d.arena = web.Add(rec, c.slot, part, d.arena)
		return
	case plus:
		d.spaces(c.slot, part, rec)
		return
	case list:
		d.list(c.slot, part, rec)
		return
	case millis:
		d.millis(c.slot, part, rec)
		return
	case whole:
		d.arena = d.uri.Set(rec, part, d.arena)
		return
	case endpoint:
		setEndpoint(c, part, rec)
	case request:
		d.request(part, rec)
	}
	if c.slot >= 0 {
		rec.Set(c.slot, part)
	}
}

// list fills in "h2","http/1.1" without its quotes; the outermost are gone already.
func (d *decoder) list(slot int, part []byte, rec *event.Record) {
	start := len(d.arena)
	for _, c := range part {
		if c != '"' {
			d.arena = append(d.arena, c)
		}
	}
	rec.Set(slot, d.arena[start:])
}

// spaces fills in a text in which + stands for a space.
func (d *decoder) spaces(slot int, part []byte, rec *event.Record) {
	if bytes.IndexByte(part, '+') < 0 {
		rec.Set(slot, part)
		return
	}
	start := len(d.arena)
	d.arena = append(d.arena, part...)
	for i, c := range d.arena[start:] {
		if c == '+' {
			d.arena[start+i] = ' '
		}
	}
	rec.Set(slot, d.arena[start:])
	rec.Set(slot, part)
}

// millis fills in seconds.
func (d *decoder) millis(slot int, part []byte, rec *event.Record) {
	ms, err := strconv.ParseInt(string(bytes.TrimSuffix(part, []byte("ms"))), 10, 64)
	if err != nil {
		return
	}
	start := len(d.arena)
	d.arena = strconv.AppendFloat(d.arena, float64(ms)/1000, 'f', -1, 64)
	rec.Add(slot, event.Number, d.arena[start:], 0)
}

// target fills in what stands in the columns of the path and of the query. CloudFront's real-time logs have the query in
// the path's column as well.
func (d *decoder) target(rec *event.Record) {
	part := func(i int) []byte {
		if i < 0 || i >= len(d.parts) || web.Blank(d.parts[i]) {
			return nil
		}
		return d.parts[i]
	}
	stem, query := part(d.stem), part(d.query)
	if bytes.IndexByte(stem, '?') >= 0 {
		d.arena = d.uri.Set(rec, stem, d.arena)
		return
	}
	d.arena = d.uri.SetParts(rec, stem, query, d.arena)
}

func setEndpoint(c *column, part []byte, rec *event.Record) {
	addr, port := web.SplitEndpoint(part)
	if c.addr >= 0 && addr != nil {
		rec.Set(c.addr, addr)
	}
	if c.port >= 0 && port != nil {
		rec.Set(c.port, port)
	}
}

// request takes a request line apart. Of a whole URL the path and query are the target.
func (d *decoder) request(part []byte, rec *event.Record) {
	method, target, version := web.SplitRequest(bytes.TrimRight(part, " "))
	if d.method >= 0 && method != nil {
		rec.Set(d.method, method)
	}
	if d.version >= 0 && version != nil {
		rec.Set(d.version, version)
	}
	if i := bytes.Index(target, []byte("://")); i > 0 && i < 8 {
		authority := target[i+3:]
		target = nil
		if k := bytes.IndexAny(authority, "/?"); k >= 0 {
			authority, target = authority[:k], authority[k:]
		}
		d.authority(authority, rec)
	}
	if len(target) > 0 {
		d.arena = d.uri.Set(rec, target, d.arena)
	}
}

// authority keeps the host of a URL's authority.
func (d *decoder) authority(authority []byte, rec *event.Record) {
	if d.host < 0 {
		return
	}
	host := authority
	if i := bytes.LastIndexByte(host, ':'); i >= 0 && bytes.IndexByte(host[i:], ']') < 0 {
		host = host[:i]
	}
	if host = bytes.Trim(host, "[]"); !web.Blank(host) {
		rec.Set(d.host, host)
	}
}
