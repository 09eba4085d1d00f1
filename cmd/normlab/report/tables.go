package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"gonum.org/v1/gonum/stat"

	"github.com/normgen/normgen/cmd/normlab/run"
	"github.com/normgen/normgen/runtime/transformer/checkpoint"
)

// table writes a table, the first columns words, the others numbers: in Markdown, and
// as text among the tables.
func (p *page) table(words int, head []string, rows [][]string) {
	align(&p.tables, append([][]string{head}, rows...))
	line := func(cells []string) { p.add("| %s |\n", strings.Join(cells, " | ")) }
	p.add("\n")
	line(head)
	rule := make([]string, len(head))
	for i := range rule {
		rule[i] = "---:"
		if i < words {
			rule[i] = "---"
		}
	}
	line(rule)
	for _, r := range rows {
		line(r)
	}
}

// align writes rows with columns as wide as their widest cell.
func align(w io.Writer, rows [][]string) {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintln(out, strings.ReplaceAll(strings.Join(r, "\t"), "**", ""))
	}
	out.Flush()
	fmt.Fprintln(w)
}

// results is the table of norms and batch sizes.
func (p *page) results(g *Group) {
	metrics := g.metrics()
	head := []string{"norm"}
	if len(g.Sweep.Batches) > 1 {
		head = append(head, "batch")
	}
	for _, m := range metrics {
		head = append(head, m.name)
	}
	head = append(head, "runs", "steps", "minutes", "tokens/s", "norms' time")
	var rows [][]string
	for _, batch := range g.Sweep.Batches {
		for _, norm := range g.Sweep.Norms {
			if runs := g.of(norm, batch); len(runs) > 0 {
				rows = append(rows, g.row(norm, batch, runs, metrics))
			}
		}
	}
	p.table(1, head, rows)
}

func (g *Group) row(norm string, batch int, runs []Run, metrics []metric) []string {
	row := []string{g.Sweep.Label(norm)}
	if len(g.Sweep.Batches) > 1 {
		row = append(row, strconv.Itoa(batch))
	}
	for _, m := range metrics {
		row = append(row, intervalOf(m.values(runs)).format(m.decimals))
	}
	mean := func(of func(Run) float64) float64 {
		var values []float64
		for _, r := range runs {
			values = append(values, of(r))
		}
		return stat.Mean(values, nil)
	}
	count := strconv.Itoa(len(runs))
	if n := diverged(runs); n > 0 {
		count += fmt.Sprintf(", %d diverged", n)
	}
	return append(row, count, span(runs, func(r Run) int { return r.Steps }),
		strconv.FormatFloat(mean(func(r Run) float64 { return r.Seconds / 60 }), 'f', 1, 64),
		strconv.FormatFloat(mean(func(r Run) float64 { return float64(r.Tokens) / r.Seconds }), 'f', 0, 64),
		strconv.FormatFloat(100*mean(func(r Run) float64 { return r.NormShare }), 'f', 1, 64)+" %")
}

// claims is the table of what others say and what these runs say.
func (p *page) claims(g *Group) {
	if len(g.Sweep.Claims) == 0 {
		return
	}
	m := g.metrics()[0]
	direction := "higher"
	if m.lower {
		direction = "lower"
	}
	p.add("\n## What reproduces\n\nThe difference is in %s, of which %s is better.\n", m.name, direction)
	var rows [][]string
	for _, c := range g.Sweep.Claims {
		v, what := g.judge(c), g.Sweep.Label(c.Better)+" is better than "+g.Sweep.Label(c.Worse)
		if c.Batch > 0 {
			what += fmt.Sprintf(" with batches of %d", c.Batch)
		}
		rows = append(rows, []string{what, c.Source, v.format(m.decimals), v.text})
	}
	p.table(4, []string{"claim", "source", "difference here", "verdict"}, rows)
}

// writeRuns writes one line for each run.
func writeRuns(name string, groups []*Group) error {
	return checkpoint.Replace(name, func(w io.Writer) error {
		out := csv.NewWriter(w)
		out.Write([]string{"sweep", "task", "norms", "seed", "batch", "status", "steps", "seconds", "tokens", "parameters", "norm_share", "train_nll",
			"best_step", "valid_nll", "valid_perplexity", "test_nll", "test_perplexity", "test_bleu", "test_bleu_tokenized", "commit", "products", "kernels"})
		for _, g := range groups {
			for _, r := range g.Runs {
				out.Write(line(g, r))
			}
		}
		out.Flush()
		return out.Error()
	})
}

func line(g *Group, r Run) []string {
	s := r.Settings
	f := func(v float64) string {
		if v-v != 0 {
			return ""
		}
		return strconv.FormatFloat(v, 'g', 8, 64)
	}
	of := func(e *run.Evaluated, v func(*run.Evaluated) float64) string { return f(number(e, v)) }
	nll := func(e *run.Evaluated) float64 { return float64(e.NLL) }
	perplexity := func(e *run.Evaluated) float64 { return float64(e.Perplexity) }
	step := func(e *run.Evaluated) float64 { return float64(e.Step) }
	return []string{g.Name, s.Task, s.Norms, strconv.FormatUint(s.Seed, 10), strconv.Itoa(s.Batch), r.Status, strconv.Itoa(r.Steps), f(r.Seconds),
		strconv.Itoa(r.Tokens), strconv.Itoa(r.Parameters), f(r.NormShare), f(r.Train),
		of(r.Best, step), of(r.Best, nll), of(r.Best, perplexity), of(r.Test, nll), of(r.Test, perplexity),
		of(r.Test, func(e *run.Evaluated) float64 { return e.BLEU }), of(r.Test, func(e *run.Evaluated) float64 { return e.BLEUTokenized }),
		r.Machine.Commit, r.Machine.Products, r.Machine.Kernels}
}
