package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// Config says what to measure with.
type Config struct {
	Gatehouse string   // the program
	Self      []string // a command that calls Peer with its last two arguments
	Dir       string   // for the logs that are made; what is in it is taken away first
	Rules     string   // the shipped rules
	Sigma     string   // SigmaHQ's rules; "": what needs them is skipped
	Size      int64    // of the logs
	Large     int64    // of the log that memory is measured with
	Addresses int64    // different ones of the log that correlation's memory is measured with
	Rounds    int
	Progress  io.Writer
}

// Row is what one claim came to.
type Row struct {
	Claim, Target, Measured string
	Met                     Verdict
}

// Verdict says whether a claim holds.
type Verdict int

// What a claim comes to.
const (
	Skipped Verdict = iota
	Met
	Missed
)

func (v Verdict) String() string { return [...]string{"skipped", "met", "**not met**"}[v] }

func verdict(met bool) Verdict {
	if met {
		return Met
	}
	return Missed
}

// Run measures everything and returns a row for each claim.
func Run(ctx context.Context, cfg Config) ([]Row, error) {
	if cfg.Rounds < 1 || cfg.Gatehouse == "" || cfg.Dir == "" {
		return nil, errors.New("bench: Config.Gatehouse, Config.Dir and Config.Rounds are required")
	}
	b := &bench{Config: cfg}
	if path, err := exec.LookPath("taskset"); err == nil {
		b.taskset = path
	}
	if err := os.RemoveAll(cfg.Dir); err != nil {
		return nil, fmt.Errorf("take away the logs of an earlier run: %w", err)
	}
	if err := os.MkdirAll(cfg.Dir, 0o750); err != nil {
		return nil, fmt.Errorf("make a folder for logs: %w", err)
	}
	var rows []Row
	for _, contest := range []struct {
		name string
		run  func(context.Context) ([]Row, error)
	}{
		{"CloudTrail JSON lines", b.jsonLines},
		{"CloudTrail .json.gz", b.compressed},
		{"all of SigmaHQ", b.manyRules},
		{"web and SSH logs against mawk", b.awk},
		{"the second core", b.secondCore},
		{"memory", b.memory},
	} {
		fmt.Fprintf(cfg.Progress, "measuring %s\n", contest.name) //nolint:errcheck // progress only
		more, err := contest.run(ctx)
		if err != nil {
			return nil, fmt.Errorf("measure %s: %w", contest.name, err)
		}
		for _, r := range more {
			fmt.Fprintf(cfg.Progress, "  %s: %s (%s)\n", r.Claim, r.Measured, r.Met) //nolint:errcheck // likewise
		}
		rows = append(rows, more...)
	}
	return rows, nil
}
