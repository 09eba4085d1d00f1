package replay

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen"
	"github.com/normgen/normgen/gen/ir"
)

// Layers lowers every spec of a directory: the layers by the names that routes
// give them, as derived.
func Layers(dir string) (map[string]*ir.Layer, error) {
	specs, err := filepath.Glob(filepath.Join(dir, "*.dsl"))
	if err == nil && len(specs) == 0 {
		err = fmt.Errorf("no specs in %s", dir)
	}
	if err != nil {
		return nil, err
	}
	layers := map[string]*ir.Layer{}
	for _, path := range specs {
		units, err := lower(path)
		if err != nil {
			return nil, err
		}
		for _, u := range units {
			layers[strings.TrimSuffix(filepath.Base(path), ".dsl")+"."+u.Layer.Name] = u.Layer
		}
	}
	return layers, nil
}

func lower(path string) ([]gen.Unit, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, errs := dsl.Parse(filepath.Base(path), src)
	if errs.HasErrors() {
		return nil, errs
	}
	p, errs := dsl.Check(f)
	if errs.HasErrors() {
		return nil, errs
	}
	return gen.Lower(p)
}
