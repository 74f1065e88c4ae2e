// Package simulate makes logs of a made-up company: realistic, of any size, the same for the same seed, and with attacks in
// them that labels tell of.
package simulate

import (
	"container/heap"
	"fmt"
	"io"
	"slices"
	"time"
)

// Start is when a stream begins if nothing else is asked for: a Monday.
func Start() time.Time { return time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC) }

// cast makes the actors of one kind of log, and the vocabulary that they speak.
type cast func(r random) (*vocabulary, []*actor)

func casts() map[string]cast {
	return map[string]cast{
		"cloudtrail": cloudtrail,
		"access":     access,
		"sshd":       sshd,
		"vpcflow":    vpcflow,
		"k8saudit":   k8saudit,
	}
}

// Kinds are the logs that can be made.
func Kinds() []string {
	var names []string
	for name := range casts() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Stream makes the records of one log, in the order of time, without end.
type Stream struct {
	header          string // of the file
	words           *vocabulary
	scope           *scope
	queue           queue
	account, region slot // where records have such a thing
}

// New starts a stream. The same kind, seed and start give the same records.
func New(kind string, seed uint64, start time.Time) (*Stream, error) {
	return newStream(kind, seed, start, 1)
}

// newStream starts the stream of a company whose people and machines rest longer by a factor.
func newStream(kind string, seed uint64, start time.Time, quiet time.Duration) (*Stream, error) {
	casting, ok := casts()[kind]
	if !ok {
		return nil, fmt.Errorf("simulate: no kind of log is called %q", kind)
	}
	r := newRandom(seed, kind)
	v, actors := casting(r)
	st := &Stream{words: v, scope: newScope(v, r), account: -1, region: -1}
	if kind == "vpcflow" {
		st.header = flowHeader
	}
	if kind == "cloudtrail" {
		st.account, st.region = v.slot("account"), v.slot("region")
	}
	for _, a := range actors {
		a.pause *= quiet
		st.scope.now = start.UTC()
		// Somebody is always in the middle of a pause when a stream begins.
		first := time.Duration(st.scope.Float64() * float64(min(a.pause, time.Hour)))
		if !a.even {
			first = a.rest(st.scope)
		}
		st.join(a, start.UTC().Add(first))
	}
	return st, nil
}

// join gives somebody a first turn.
func (st *Stream) join(p player, at time.Time) {
	heap.Push(&st.queue, turn{at: at, player: p, order: len(st.queue)})
}

// Next appends the next record, with its newline, and says when it happened.
func (st *Stream) Next(dst []byte) ([]byte, time.Time) {
	now := st.queue[0]
	st.scope.now = now.at
	dst, wait := now.player.act(st.scope, dst)
	st.queue[0].at = now.at.Add(max(wait, time.Microsecond))
	heap.Fix(&st.queue, 0)
	return append(dst, '\n'), now.at
}

// Write writes whole records until size bytes are written.
func (st *Stream) Write(w io.Writer, size int64) error {
	const block = 256 << 10
	buf := append(make([]byte, 0, block+64<<10), st.header...)
	for size > 0 {
		for len(buf) < block && int64(len(buf)) < size {
			buf, _ = st.Next(buf)
		}
		if _, err := w.Write(buf); err != nil {
			return fmt.Errorf("write the log: %w", err)
		}
		size -= int64(len(buf))
		buf = buf[:0]
	}
	return nil
}

// writeUntil writes the records before a time.
func (st *Stream) writeUntil(w io.Writer, end time.Time) error {
	buf := []byte(st.header)
	for st.queue[0].at.Before(end) {
		if _, err := w.Write(buf); err != nil {
			return fmt.Errorf("write the log: %w", err)
		}
		buf, _ = st.Next(buf[:0])
	}
	_, err := w.Write(buf)
	return err
}

// player is who takes turns in a stream.
type player interface {
	// act appends a record and says how long the player waits before the next one.
	act(s *scope, dst []byte) (out []byte, wait time.Duration)
}

// turn is when a player acts next.
type turn struct {
	at     time.Time
	player player
	order  int // who comes first at the same time
}

// queue is a heap of turns.
type queue []turn

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	if c := q[i].at.Compare(q[j].at); c != 0 {
		return c < 0
	}
	return q[i].order < q[j].order
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(turn)) } //nolint:errcheck,forcetypeassert // only turns are pushed
func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}
