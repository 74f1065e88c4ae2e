package simulate

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// dayLog is one log of a day: what is written where, and how much quieter than a stream it is.
type dayLog struct {
	kind, file string // the file within the folder of logs
	quiet      time.Duration
	attacks    func(v *vocabulary) []*attack
	noise      []Label // of attacks that go on all the time, also in streams
}

func dayLogs() []dayLog {
	return []dayLog{
		{kind: "cloudtrail", file: "AWSLogs", quiet: 5, attacks: cloudAttacks},
		{kind: "access", file: "web/access.log", quiet: 3, attacks: webAttacks, noise: []Label{{
			Name: "The internet knocks at the web server", Techniques: []string{"T1595.002"}, Entities: []Entity{from("198.18.0.0/15")},
			Rules: []string{"74d615e9-f877-494f-8238-01834f7274a1"}, // known scanner by its user agent
		}}},
		{kind: "sshd", file: "hosts/auth.log", quiet: 1, attacks: sshAttacks, noise: []Label{{
			Name: "The internet knocks at port 22", Techniques: []string{"T1110.001"}, Entities: []Entity{by("root")},
			Rules: []string{"d02b41ea-88c9-46a3-a057-2d7a15c0a07e"}, // one account guessed at from many addresses
		}}},
		{kind: "vpcflow", file: "vpc/flow.log", quiet: 3, attacks: flowAttacks},
		{kind: "k8saudit", file: "kubernetes/audit.log", quiet: 12, attacks: clusterAttacks},
	}
}

// Day writes the logs of the day that begins at start into the folder logs below dir, and labels.jsonl beside it, which says
// what attacks are in them; it returns these labels in the order of time. There must be no logs yet.
func Day(dir string, seed uint64, start time.Time) ([]Label, error) {
	if _, err := os.Stat(filepath.Join(dir, "logs")); err == nil {
		return nil, fmt.Errorf("%s holds logs already; take them away, or choose another folder", dir)
	}
	var labels []Label
	for _, l := range dayLogs() {
		more, err := l.write(filepath.Join(dir, "logs"), seed, start)
		if err != nil {
			return nil, fmt.Errorf("make the day's %s: %w", l.kind, err)
		}
		labels = append(labels, more...)
	}
	slices.SortStableFunc(labels, func(a, b Label) int { return a.First.Compare(b.First) })
	return labels, writeLabels(filepath.Join(dir, "labels.jsonl"), labels)
}

func (l *dayLog) write(dir string, seed uint64, start time.Time) ([]Label, error) {
	st, err := newStream(l.kind, seed, start, l.quiet)
	if err != nil {
		return nil, err
	}
	end := start.AddDate(0, 0, 1)
	attacks := l.attacks(st.words)
	st.scope.grow(st.words)
	for _, a := range attacks {
		st.join(a, start.Add(a.start))
	}
	if l.kind == "cloudtrail" {
		err = st.deliver(dir, func(_ int64, next time.Time) bool { return next.Before(end) })
	} else {
		err = st.file(filepath.Join(dir, l.file), end)
	}
	if err != nil {
		return nil, err
	}
	var labels []Label
	for _, a := range attacks {
		if a.at < len(a.steps) {
			return nil, fmt.Errorf("the attack %q goes on past midnight", a.label.Name)
		}
		a.label.Files = append(a.label.Files, l.file)
		labels = append(labels, a.label)
	}
	for _, label := range l.noise {
		label.Files, label.First, label.Last = []string{l.file}, start, end
		labels = append(labels, label)
	}
	return labels, nil
}

// file writes the records before a time into a file whose time of change is the end, since syslog has no year but that.
func (st *Stream) file(name string, end time.Time) (err error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
		return err
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<18)
	err = errors.Join(st.writeUntil(w, end), w.Flush(), f.Close())
	if err != nil {
		return err
	}
	return os.Chtimes(name, end, end)
}

func writeLabels(name string, labels []Label) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("write the labels: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	enc := json.NewEncoder(f)
	for _, l := range labels {
		if err := enc.Encode(l); err != nil {
			return fmt.Errorf("write the labels: %w", err)
		}
	}
	return nil
}
