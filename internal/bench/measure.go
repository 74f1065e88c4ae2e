// Package bench measures Gatehouse against peers that do a comparable piece of work on the same files in the same run.
package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"time"
)

// command is a program to measure.
type command struct {
	args    []string
	cores   int
	watched bool // its memory is
}

// usage is what one run of a program took.
type usage struct {
	wall, cpu time.Duration // cpu is of the user and the system, of all threads
	peak      int64         // the most memory that was resident, in bytes, if it was watched
	output    []byte
}

// bench is one run of all contests.
type bench struct {
	Config
	taskset string // "" where there is none: cores are bounded by GOMAXPROCS alone
}

// run runs a program once on so many cores.
func (b *bench) run(ctx context.Context, c command) (usage, error) {
	args := c.args
	if b.taskset != "" {
		args = append([]string{b.taskset, "-c", cpus(c.cores)}, args...)
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...) //nolint:gosec // the commands of this package
	cmd.Env = append(os.Environ(), "GOMAXPROCS="+strconv.Itoa(c.cores), "NO_COLOR=1")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return usage{}, fmt.Errorf("run %q: %w", c.args, err)
	}
	done, most := make(chan struct{}), make(chan int64, 1)
	if c.watched {
		go func() { most <- peak(cmd.Process.Pid, done) }()
	} else {
		most <- 0
	}
	err := cmd.Wait()
	wall := time.Since(start)
	close(done)
	resident := <-most
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 { // gatehouse found something
		err = nil
	}
	if err != nil {
		return usage{}, fmt.Errorf("run %q: %w: %s", c.args, err, bytes.TrimSpace(errs.Bytes()))
	}
	state := cmd.ProcessState
	return usage{wall: wall, cpu: state.UserTime() + state.SystemTime(), peak: resident, output: out.Bytes()}, nil
}

func cpus(cores int) string {
	if cores == 1 {
		return "0"
	}
	return "0-" + strconv.Itoa(cores-1)
}

// compete runs programs in turn, all of them once in each round, and returns what each took in each round.
func (b *bench) compete(ctx context.Context, commands ...command) ([][]usage, error) {
	out := make([][]usage, len(commands))
	for range b.Rounds {
		for i, c := range commands {
			u, err := b.run(ctx, c)
			if err != nil {
				return nil, err
			}
			out[i] = append(out[i], u)
		}
	}
	return out, nil
}

// measure takes one number of a run.
type measure func(usage) float64

func wall(u usage) float64 { return u.wall.Seconds() }
func cpu(u usage) float64  { return u.cpu.Seconds() }

// ratio is the median over the rounds of what a took to what b took in the same round.
func ratio(a, b []usage, m measure) float64 {
	var all []float64
	for i := range a {
		all = append(all, m(a[i])/m(b[i]))
	}
	return median(all)
}

// typical is the median over the rounds.
func typical(us []usage, m measure) float64 {
	var all []float64
	for _, u := range us {
		all = append(all, m(u))
	}
	return median(all)
}

func median(all []float64) float64 {
	s := slices.Sorted(slices.Values(all))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}

// less is what each run took less what starting took in the same round.
func less(us, start []usage) []usage {
	out := slices.Clone(us)
	for i := range out {
		out[i].wall -= start[i].wall
		out[i].cpu -= start[i].cpu
	}
	return out
}
