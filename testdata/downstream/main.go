// Command downstream uses layers that normgen made from a specification of its
// own. It trains four character models on Tiny Shakespeare, alike but for their
// normalization, and watches what the PowerNorm paper watches: how far the
// statistics of a batch are from the running statistics that inference uses.
// A distance is (1/d)*||batch - running|| over the d channels.
//
// The output depends on the flags alone.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"os"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("downstream: ")
	steps := flag.Int("steps", 300, "training steps")
	every := flag.Int("every", 25, "steps between two lines of the table")
	seed := flag.Uint64("seed", 1, "seed of the embeddings")
	flag.Parse()
	if flag.NArg() > 0 || *steps < 1 || *every < 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := train(os.Stdout, *steps, *every, *seed); err != nil {
		log.Fatal(err)
	}
}

// train runs the models and writes the table and the summary.
func train(w io.Writer, steps, every int, seed uint64) error {
	r, err := newRun(seed)
	if err != nil {
		return err
	}
	printHeader(w, r.models)
	for s := 1; s <= steps; s++ {
		if err := r.step(r.train.at((s-1)*perBatch, perBatch)); err != nil {
			return fmt.Errorf("step %d: %w", s, err)
		}
		if s == 1 || s%every == 0 || s == steps {
			printStep(w, s, r.models)
		}
	}
	if err := r.evaluate(20); err != nil {
		return err
	}
	printSummary(w, steps, r.models)
	return nil
}

func printHeader(w io.Writer, models []*model) {
	fmt.Fprintf(w, "%5s", "step")
	for _, m := range models {
		fmt.Fprintf(w, " | %-9s %9s", m.name, "|dx|")
		for _, p := range m.watched {
			fmt.Fprintf(w, " %14s", p.label)
		}
	}
	fmt.Fprintln(w)
}

// printStep prints a line: of each model its loss, the size of its gradient,
// and the distances of its statistics.
func printStep(w io.Writer, step int, models []*model) {
	fmt.Fprintf(w, "%5d", step)
	for _, m := range models {
		fmt.Fprintf(w, " | %9.4f %9.2e", m.loss, m.gradient)
		for _, d := range m.distance {
			fmt.Fprintf(w, " %14.3e", d)
		}
	}
	fmt.Fprintln(w)
}

// printSummary says what was seen. Distances are means over the steps; a
// percentage is of the batch statistic itself.
func printSummary(w io.Writer, steps int, models []*model) {
	fmt.Fprintf(w, "\nOver %d steps, distance of the batch's statistics from the running ones:\n", steps)
	share := map[string]float64{}
	for _, m := range models {
		fmt.Fprintf(w, "  %-9s last loss %.4f, held out %.4f;", m.name, m.loss, m.heldOut)
		for i, p := range m.watched {
			share[m.name+" "+p.label] = 100 * m.total[i] / m.size[i]
			fmt.Fprintf(w, " %s %.3e (%.1f%%)", p.label, m.total[i]/float64(steps), 100*m.total[i]/m.size[i])
		}
		if len(m.watched) == 0 {
			fmt.Fprint(w, " nothing runs")
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "\nInference misjudges what training normalized by: BatchNorm's mean by %.1f%% and its variance by %.1f%%,\n"+
		"PN-V's quadratic mean by %.1f%%. PowerNorm trains on the running quadratic mean itself, %.1f%% behind the batch;\n"+
		"in backward its nu is %.1f%% behind the batch's Lam/Gam.\n",
		share["BatchNorm mean"], share["BatchNorm variance"], share["PN-V quadratic mean"],
		share["PowerNorm quadratic mean"], share["PowerNorm Lam/Gam"])
}
