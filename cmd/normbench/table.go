package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// A column of the table: its title, and its text for a result.
type column struct {
	title string
	text  func(r *result) string
}

var columns = []column{
	{"norm", func(r *result) string { return r.Norm }},
	{"pass", func(r *result) string { return string(r.Op) }},
	{"shape", func(r *result) string { return r.Shape }},
	{"kernels", func(r *result) string { return r.ISA }},
	{"workers", func(r *result) string { return fmt.Sprint(r.Workers) }},
	{"time", func(r *result) string { return duration(r.NS) }},
	{"limit", func(r *result) string { return duration(r.LimitNS) }},
	{"time/limit", func(r *result) string { return ratio(r.OverLimit) }},
	{"loop/time", func(r *result) string { return ratio(r.LoopNS / r.NS) }},
	{"peer/time", func(r *result) string {
		_, ns := r.fastest()
		return ratio(ns / r.NS)
	}},
	{"fastest peer", func(r *result) string {
		name, _ := r.fastest()
		return orDash(name)
	}},
}

// duration prints nanoseconds with three digits and a unit.
func duration(ns float64) string {
	switch {
	case ns < 1e3:
		return fmt.Sprintf("%.3g ns", ns)
	case ns < 999.5e3:
		return fmt.Sprintf("%.3g µs", ns/1e3)
	case ns < 999.5e6:
		return fmt.Sprintf("%.3g ms", ns/1e6)
	}
	return fmt.Sprintf("%.3g s", ns/1e9)
}

// ratio prints a ratio; a dash if there is nothing to compare with.
func ratio(r float64) string {
	if r == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", r)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// cells returns the table's rows, the titles first.
func cells(results []result) [][]string {
	rows := make([][]string, 1+len(results))
	for _, c := range columns {
		rows[0] = append(rows[0], c.title)
		for i := range results {
			rows[1+i] = append(rows[1+i], c.text(&results[i]))
		}
	}
	return rows
}

// writeTable writes an aligned table.
func writeTable(w io.Writer, results []result) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range cells(results) {
		fmt.Fprintln(t, strings.Join(row, "\t"))
	}
	return t.Flush()
}

// writeMarkdown writes the table in Markdown, numbers to the right.
func writeMarkdown(w io.Writer, results []result) error {
	for i, row := range cells(results) {
		if _, err := fmt.Fprintf(w, "| %s |\n", strings.Join(row, " | ")); err != nil {
			return err
		}
		if i == 0 {
			fmt.Fprintln(w, "|---|---|---|---|--:|--:|--:|--:|--:|--:|---|")
		}
	}
	return nil
}
