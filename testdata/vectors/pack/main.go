// Command pack writes vectors.gz from a directory that holds the reference
// suites as JSON files, in its folders zoo and autograd. It refuses an input
// that is not exactly a float32.
//
//	go run ./testdata/vectors/pack -from dir -o testdata/vectors/vectors.gz
//	go run ./testdata/vectors/pack -cases cases.json -o testdata/vectors/onnx/onnx.gz
package main

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"

	"github.com/normgen/normgen/testdata/vectors"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("pack: ")
	from := flag.String("from", "", "directory with the folders zoo and autograd")
	list := flag.String("cases", "", "instead, a file with a JSON list of cases as onnx/cases.py writes it")
	out := flag.String("o", "vectors.gz", "file to write")
	flag.Parse()
	read, path := readSuites, *from
	if *list != "" {
		read, path = readCases, *list
	}
	cases, err := read(path)
	if err != nil {
		log.Fatal(err)
	}
	b, err := vectors.Encode(cases)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(*out, b, 0o644); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d cases, %d bytes\n", len(cases), len(b))
}

// readSuites reads both suites and returns the cases in their packed order.
func readSuites(dir string) ([]*vectors.Case, error) {
	zoo, err := readAll(filepath.Join(dir, "zoo"), zooCase)
	if err != nil {
		return nil, err
	}
	autograd, err := readAll(filepath.Join(dir, "autograd"), autogradCase)
	if err != nil {
		return nil, err
	}
	cases := append(zoo, autograd...)
	slices.SortFunc(cases, func(a, b *vectors.Case) int {
		return cmp.Or(cmp.Compare(a.Suite, b.Suite), cmp.Compare(a.ID, b.ID))
	})
	return cases, nil
}

// readCases reads a list of cases.
func readCases(path string) ([]*vectors.Case, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var cases []*vectors.Case
	if err := json.Unmarshal(b, &cases); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, c := range cases {
		if err := checkInputs(c); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", path, c.ID, err)
		}
	}
	return cases, nil
}

// readAll converts every JSON file of a folder.
func readAll[F any](dir string, convert func(F) (*vectors.Case, error)) ([]*vectors.Case, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("no JSON files in %s", dir)
	}
	var cases []*vectors.Case
	for _, name := range names {
		c, err := readCase(name, convert)
		if err == nil {
			err = checkInputs(c)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(name), err)
		}
		cases = append(cases, c)
	}
	return cases, nil
}

func readCase[F any](name string, convert func(F) (*vectors.Case, error)) (*vectors.Case, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var f F
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, err
	}
	return convert(f)
}

// checkInputs reports an input, parameter or initial state that is not exactly
// representable in float32.
func checkInputs(c *vectors.Case) error {
	maps := []map[string]vectors.Tensor{c.Params, c.State}
	for _, s := range c.Steps {
		maps = append(maps, s.In)
	}
	if c.Eval != nil {
		maps = append(maps, c.Eval.In)
	}
	for _, m := range maps {
		for name, t := range m {
			if !t.Exact32() {
				return fmt.Errorf("input %s is not exactly float32", name)
			}
		}
	}
	return nil
}
