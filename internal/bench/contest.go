package bench

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
)

// detect is the command that looks for attacks in a log.
func (b *bench) detect(cores int, path string, flags ...string) command {
	return command{args: append([]string{b.Gatehouse, "detect", "-o", "json", path}, flags...), cores: cores}
}

// watch has the memory of a command watched, which takes some time of its own.
func (c command) watch() command {
	c.watched = true
	return c
}

func (b *bench) peer(cores int, name, path string) command {
	return command{args: append(append([]string{}, b.Self...), name, path), cores: cores}
}

// rate says how fast a log was read.
func rate(l log, seconds float64) string {
	return fmt.Sprintf("%.0f MB/s", float64(l.bytes)/1e6/seconds)
}

func events(l log, seconds float64) string {
	return fmt.Sprintf("%.2f million lines/s", float64(l.lines)/1e6/seconds)
}

func (b *bench) jsonLines(ctx context.Context) ([]Row, error) {
	l, err := lines(b.Dir, "cloudtrail", b.Size)
	if err != nil {
		return nil, err
	}
	u, err := b.compete(ctx, b.detect(1, l.path), b.peer(1, "json", l.path))
	if err != nil {
		return nil, err
	}
	byCPU, byWall := ratio(u[1], u[0], cpu), ratio(u[1], u[0], wall)
	return []Row{{
		Claim: "CloudTrail JSON lines, all shipped rules, one core, against encoding/json into a map", Target: "8× as fast",
		Measured: fmt.Sprintf("%.1f× by CPU, %.1f× by the clock; %s, %s against %s", byCPU, byWall,
			rate(l, typical(u[0], cpu)), events(l, typical(u[0], cpu)), rate(l, typical(u[1], cpu))),
		Met: verdict(byCPU >= 8),
	}}, nil
}

func (b *bench) compressed(ctx context.Context) ([]Row, error) {
	l, err := bucket(b.Dir, b.Size)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for cores := 1; cores <= 2; cores++ {
		u, err := b.compete(ctx, b.detect(cores, l.path), b.peer(cores, "gunzip", l.path))
		if err != nil {
			return nil, err
		}
		byCPU, byWall := ratio(u[0], u[1], cpu), ratio(u[0], u[1], wall)
		rows = append(rows, Row{
			Claim:  fmt.Sprintf("CloudTrail .json.gz, all shipped rules, %s, against klauspost gunzip alone", coresText(cores)),
			Target: "1.8× its time at most, CPU and clock",
			Measured: fmt.Sprintf("%.2f× the CPU, %.2f× by the clock; %s of JSON for each second of CPU against %s, in %d files of %d kB", byCPU, byWall,
				rate(log{bytes: b.Size}, typical(u[0], cpu)), rate(log{bytes: b.Size}, typical(u[1], cpu)), l.files, l.bytes/l.files/1000),
			Met: verdict(byCPU <= 1.8 && byWall <= 1.8),
		})
	}
	return rows, nil
}

func coresText(n int) string {
	if n == 1 {
		return "one core"
	}
	return "two cores"
}

// manyRules compares the shipped rules alone with them and all of SigmaHQ's. What loading the rules takes, on a log of
// one record, is measured in the same rounds and told apart.
func (b *bench) manyRules(ctx context.Context) ([]Row, error) {
	var rows []Row
	for _, k := range []struct{ kind, name string }{{"cloudtrail", "CloudTrail"}, {"access", "web"}, {"sshd", "Linux"}} {
		claim, target := "All of SigmaHQ loaded, against the shipped rules alone, on "+k.name+" logs, one core", "1.5× the time at most"
		if b.Sigma == "" {
			rows = append(rows, Row{Claim: claim, Target: target, Measured: "skipped: SigmaHQ's rules are not here"})
			continue
		}
		big, err := lines(b.Dir, k.kind, b.Size)
		if err != nil {
			return nil, err
		}
		small, err := lines(b.Dir, k.kind, 1)
		if err != nil {
			return nil, err
		}
		all := []string{"--rules", b.Sigma}
		u, err := b.compete(ctx, b.detect(1, big.path), b.detect(1, small.path), b.detect(1, big.path, all...), b.detect(1, small.path, all...))
		if err != nil {
			return nil, err
		}
		reading, whole := ratio(less(u[2], u[3]), less(u[0], u[1]), cpu), ratio(u[2], u[0], cpu)
		rows = append(rows, Row{
			Claim: claim, Target: target,
			Measured: fmt.Sprintf("%.2f× by CPU; with loading the rules, %.2f s against %.2f s, %.2f× on %d MB", reading,
				typical(u[3], cpu), typical(u[1], cpu), whole, big.bytes/1e6),
			Met: verdict(reading <= 1.5),
		})
	}
	return rows, nil
}

// awk is the contests with mawk's programs of two lines.
func (b *bench) awk(ctx context.Context) ([]Row, error) {
	const notFound = "$9 == 404 { n[$1]++ }\nEND { for (a in n) print n[a], a }"
	const failures = "/Failed password/ { for (i = 1; i < NF; i++) if ($i == \"from\") n[$(i+1)]++ }\nEND { for (a in n) print n[a], a }"
	var rows []Row
	for _, c := range []struct{ claim, kind, program, rules string }{
		{"Access log, web rules, one core, against mawk counting 404s by address", "access", notFound, "web"},
		{"Access log, top of 404s by address, one core, against mawk counting them", "access", notFound, ""},
		{"sshd log, brute-force rules, one core, against mawk counting failures by address", "sshd", failures, "linux/ssh_brute_force.yml"},
	} {
		row := Row{Claim: c.claim, Target: "as fast"}
		mawk, err := exec.LookPath("mawk")
		if err != nil {
			row.Measured = "skipped: mawk is not installed"
			rows = append(rows, row)
			continue
		}
		l, err := lines(b.Dir, c.kind, b.Size)
		if err != nil {
			return nil, err
		}
		contest := []command{{args: []string{mawk, c.program, l.path}, cores: 1}}
		if c.rules == "" {
			contest = append(contest, command{args: []string{b.Gatehouse, "top", "c-ip", "--where", "sc_status == 404", l.path}, cores: 1})
		} else {
			contest = append(contest, b.detect(1, l.path, "--no-builtin", "--rules", filepath.Join(b.Rules, c.rules)), b.detect(1, l.path))
		}
		u, err := b.compete(ctx, contest...)
		if err != nil {
			return nil, err
		}
		byCPU, byWall := ratio(u[0], u[1], cpu), ratio(u[0], u[1], wall)
		row.Measured = fmt.Sprintf("%.2f× as fast by CPU, %.2f× by the clock; %s against %s", byCPU, byWall,
			events(l, typical(u[1], cpu)), events(l, typical(u[0], cpu)))
		if c.rules != "" {
			row.Measured += fmt.Sprintf("; with all shipped rules %.2f×", ratio(u[0], u[2], cpu))
		}
		row.Met = verdict(byCPU >= 1)
		rows = append(rows, row)
	}
	return rows, nil
}

func (b *bench) secondCore(ctx context.Context) ([]Row, error) {
	var rows []Row
	for _, k := range []struct{ kind, name string }{{"cloudtrail", "CloudTrail JSON lines"}, {"access", "access log"}, {"sshd", "sshd log"}} {
		l, err := lines(b.Dir, k.kind, b.Size)
		if err != nil {
			return nil, err
		}
		u, err := b.compete(ctx, b.detect(1, l.path), b.detect(2, l.path))
		if err != nil {
			return nil, err
		}
		gain := ratio(u[0], u[1], wall)
		rows = append(rows, Row{
			Claim: "A second core, " + k.name, Target: "1.7× as fast",
			Measured: fmt.Sprintf("%.2f× by the clock, with %.2f× the CPU", gain, ratio(u[1], u[0], cpu)), Met: verdict(gain >= 1.7),
		})
	}
	return rows, nil
}
