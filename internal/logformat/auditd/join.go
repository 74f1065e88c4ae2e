package auditd

import "bytes"

// Records of events may be interleaved; those of one event come within a few lines.
const (
	openEvents = 16       // events whose records are remembered
	maxHeld    = 8 << 10  // bytes of a record that are
	maxProcs   = 8 << 10  // processes that are remembered as parents
	maxCommand = 16 << 10 // bytes of a command line that are
)

// join remembers what records say that a later one of their event, or of a child's, is given as well. What it keeps is
// bounded, and depends on the lines before only, not on how they were read.
type join struct {
	events [openEvents]held
	next   int // the event that is forgotten next

	procs   map[process]int // places in parents
	parents []parent
	oldest  int
	nodes   map[string]string
}

// held is what is remembered of one event.
type held struct {
	node, id     []byte
	syscall, cwd []byte // bodies of the two records
}

// process is a process on a host.
type process struct {
	node string
	pid  string
}

type parent struct {
	process        process
	image, command []byte
}

// Kinds of line that are remembered.
const (
	syscallLine = iota
	cwdLine
)

func newJoin() join { return join{procs: map[process]int{}, nodes: map[string]string{}} }

// find returns what is remembered of a record's event; it is empty if there is nothing.
func (j *join) find(h *header) held {
	if e := j.at(h); e != nil {
		return *e
	}
	return held{}
}

func (j *join) at(h *header) *held {
	for i := range j.events {
		e := &j.events[i]
		if bytes.Equal(e.id, h.id) && bytes.Equal(e.node, h.node) {
			return e
		}
	}
	return nil
}

// remember keeps a record for those that follow.
func (j *join) remember(h *header, kind int) {
	if len(h.body) > maxHeld {
		return
	}
	e := j.at(h)
	if e == nil {
		e = &j.events[j.next]
		j.next = (j.next + 1) % openEvents
		e.node, e.id = append(e.node[:0], h.node...), append(e.id[:0], h.id...)
		e.syscall, e.cwd = e.syscall[:0], e.cwd[:0]
	}
	if kind == syscallLine {
		e.syscall = append(e.syscall[:0], h.body...)
	} else {
		e.cwd = append(e.cwd[:0], h.body...)
	}
}

// started remembers the program that a process runs from now on.
func (j *join) started(node, pid, image, command []byte) {
	if len(pid) == 0 || len(pid) > 10 {
		return
	}
	at, ok := j.procs[process{string(node), string(pid)}]
	if !ok {
		at = j.place()
		p := &j.parents[at]
		p.process = process{j.name(node), string(pid)}
		j.procs[p.process] = at
	}
	p := &j.parents[at]
	p.image = append(p.image[:0], image...)
	p.command = append(p.command[:0], command[:min(len(command), maxCommand)]...)
}

// place makes room for one more process: the one that was first seen the longest ago is forgotten.
func (j *join) place() int {
	if len(j.parents) < maxProcs {
		j.parents = append(j.parents, parent{})
		return len(j.parents) - 1
	}
	at := j.oldest
	j.oldest = (j.oldest + 1) % maxProcs
	delete(j.procs, j.parents[at].process)
	return at
}

// name returns a host's name as a string that is shared.
func (j *join) name(node []byte) string {
	if s, ok := j.nodes[string(node)]; ok {
		return s
	}
	if len(j.nodes) >= maxProcs {
		clear(j.nodes)
	}
	s := string(node)
	j.nodes[s] = s
	return s
}

// parentOf returns what a process runs, nil if its start was not seen.
func (j *join) parentOf(node, pid []byte) *parent {
	if at, ok := j.procs[process{string(node), string(pid)}]; ok {
		return &j.parents[at]
	}
	return nil
}
