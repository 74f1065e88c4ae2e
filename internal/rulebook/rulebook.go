// Package rulebook loads rules: those that are shipped and those of a person's own folders, with what Gatehouse adds to a
// Sigma rule (what to do next, and examples that it must and must not match).
package rulebook

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/gatehouse-sec/gatehouse/sigma"
)

// Folder is a tree of rule files: every *.yml and *.yaml in it.
type Folder struct {
	FS   fs.FS
	Name string // what its files' names begin with when they are shown
	// Shipped rules do not load without an example that matches and one that does not.
	Shipped bool
	// Brief says to leave out of shipped rules what is only said of findings, for Book.Whole to read it.
	Brief bool
	// Placeholders are put into the rules by the modifier expand.
	Placeholders Placeholders
}

// Book is loaded rules.
type Book struct {
	Set     *sigma.RuleSet
	Details map[*sigma.Rule]*Detail
	// Skipped rules could not be loaded; Unsupported ones are well formed but ask for what can't be had here.
	Skipped, Unsupported []error

	folders []Folder
}

// Detail is what stands in a rule under the key "gatehouse".
type Detail struct {
	Next    string
	Shipped bool

	whole *sigma.Rule                 // once rest was called
	node  yaml.Node                   // of the key, where all of it was read
	read  func() (yaml.Node, error)   // reads it where only its outline was
	rest  func() (*sigma.Rule, error) // reads the rule where it was read in brief
}

// Examples returns the rule's examples.
func (d *Detail) Examples() ([]Example, error) {
	node := d.node
	if d.read != nil {
		var err error
		if node, err = d.read(); err != nil {
			return nil, err
		}
	}
	if node.IsZero() {
		return nil, nil
	}
	var read struct {
		Next     string    `yaml:"next"`
		Examples []Example `yaml:"examples"`
	}
	if err := decodeStrict(&node, &read); err != nil {
		return nil, fmt.Errorf("key gatehouse: %w", err)
	}
	return read.Examples, nil
}

// maxRuleFile is the most bytes that one rule file may have.
const maxRuleFile = 4 << 20

// Load reads the rules of some folders. What is wrong with a rule is in the book; the error is of a folder as a whole.
func Load(ctx context.Context, folders ...Folder) (*Book, error) {
	b := &Book{Details: map[*sigma.Rule]*Detail{}, folders: folders}
	var rules []*sigma.Rule
	for _, f := range folders {
		files, err := ruleFiles(f)
		if err != nil {
			return nil, err
		}
		parsed := parseAll(ctx, f, files)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for _, p := range parsed {
			for _, err := range p.errs {
				b.reject(err)
			}
			for _, r := range p.rules {
				d, err := detailOf(f, r)
				if err != nil {
					b.reject(&sigma.ParseError{File: r.File, Line: r.Line, Err: err})
					continue
				}
				b.Details[r] = d
				rules = append(rules, r)
			}
		}
	}
	set, errs := sigma.NewRuleSet(rules)
	for _, err := range errs {
		b.reject(err)
	}
	b.Set = set
	return b, nil
}

// Whole returns a rule with all that is said of its findings, and what to do about them. What was read in brief is read now.
func (b *Book) Whole(r *sigma.Rule) (whole *sigma.Rule, next string) {
	d := b.Details[r]
	if d == nil {
		return r, ""
	}
	if d.rest != nil {
		if whole, err := d.rest(); err == nil { // it is of the program itself, and was read before
			d.whole, d.Next, d.rest = whole, nextOf(whole), nil
		}
	}
	return cmp.Or(d.whole, r), strings.TrimSpace(d.Next)
}

func nextOf(r *sigma.Rule) string {
	var key struct{ Next string }
	if node, ok := r.Custom["gatehouse"]; !ok || node.Decode(&key) != nil {
		return ""
	}
	return key.Next
}

// Next returns what to do about a finding of the rule.
func (b *Book) Next(r *sigma.Rule) string {
	_, next := b.Whole(r)
	return next
}

func (b *Book) reject(err error) {
	var pe *sigma.ParseError
	if errors.As(err, &pe) && pe.Unsupported {
		b.Unsupported = append(b.Unsupported, err)
		return
	}
	b.Skipped = append(b.Skipped, err)
}

// ErrNoFiles says that a folder has no rule file in it.
var ErrNoFiles = errors.New("there is no file *.yml or *.yaml")

func ruleFiles(f Folder) ([]string, error) {
	var files []string
	err := fs.WalkDir(f.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		ext := path.Ext(name)
		if !d.IsDir() && (ext == ".yml" || ext == ".yaml") {
			files = append(files, name)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("rules in %s: %w", cmp.Or(f.Name, "."), err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("rules in %s: %w", cmp.Or(f.Name, "."), ErrNoFiles)
	}
	slices.Sort(files)
	return files, nil
}

type parsed struct {
	rules []*sigma.Rule
	errs  []error
}

// parseAll parses files on all cores and keeps their order.
func parseAll(ctx context.Context, f Folder, files []string) []parsed {
	out := make([]parsed, len(files))
	next := make(chan int)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range next {
				out[i] = parseFile(f, files[i])
			}
		})
	}
	for i := range files {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	wg.Wait()
	return out
}

func parseFile(f Folder, name string) parsed {
	data, err := readFile(f, name)
	shown := path.Join(f.Name, name)
	if err != nil {
		return parsed{errs: []error{&sigma.ParseError{File: shown, Line: 1, Err: err}}}
	}
	if f.Shipped {
		data = outline(data, f.Brief)
	}
	rules, errs := sigma.Parse(shown, data, sigma.WithPlaceholders(f.Placeholders))
	return parsed{rules, errs}
}

func readFile(f Folder, name string) ([]byte, error) {
	info, err := fs.Stat(f.FS, name)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxRuleFile {
		return nil, fmt.Errorf("larger than %d MiB, which no rule file is", maxRuleFile>>20)
	}
	return fs.ReadFile(f.FS, name)
}

// again reads a rule of a shipped file once more: its document as more leaves it.
func again(f Folder, r *sigma.Rule, more func([]byte) []byte) (*sigma.Rule, error) {
	data, err := readFile(f, strings.TrimPrefix(strings.TrimPrefix(r.File, f.Name), "/"))
	if err != nil {
		return nil, err
	}
	rules, errs := sigma.Parse(r.File, more(document(data, r.Line)))
	if len(rules) != 1 {
		return nil, fmt.Errorf("read %s:%d again: %w", r.File, r.Line, errors.Join(errs...))
	}
	return rules[0], nil
}

var errNoExamples = errors.New("a shipped rule needs an example that matches and one that does not")

func detailOf(f Folder, r *sigma.Rule) (*Detail, error) {
	d := &Detail{Shipped: f.Shipped}
	var brief struct {
		Next     string `yaml:"next"`
		Examples []struct {
			Match bool `yaml:"match"`
		} `yaml:"examples"`
	}
	if node, ok := r.Custom["gatehouse"]; ok {
		if err := node.Decode(&brief); err != nil {
			return nil, fmt.Errorf("key gatehouse: %w", err)
		}
		d.Next, d.node = brief.Next, node
	}
	if !f.Shipped {
		return d, nil
	}
	d.node = yaml.Node{}
	d.read = func() (yaml.Node, error) {
		whole, err := again(f, r, func(data []byte) []byte { return data })
		if err != nil {
			return yaml.Node{}, err
		}
		return whole.Custom["gatehouse"], nil
	}
	if f.Brief {
		d.rest = func() (*sigma.Rule, error) {
			return again(f, r, func(data []byte) []byte { return outline(data, false) })
		}
	}
	matches, misses := false, false
	for _, e := range brief.Examples {
		matches = matches || e.Match
		misses = misses || !e.Match
	}
	if !matches || !misses {
		return nil, errNoExamples
	}
	return d, nil
}

func decodeStrict(node *yaml.Node, into any) error {
	text, err := yaml.Marshal(node)
	if err != nil {
		return err
	}
	dec := yaml.NewDecoder(strings.NewReader(string(text)))
	dec.KnownFields(true)
	return dec.Decode(into)
}
