package run

import (
	"fmt"
	"os/exec"
	goruntime "runtime"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/transformer"
	"github.com/normgen/normgen/runtime/transformer/blas"
)

// A Machine is what a run was computed with: results quote it.
type Machine struct {
	Products string `json:"products"` // library, version, kernels, threads
	Threads  int    `json:"threads"`
	Kernels  string `json:"kernels"` // of the norms: avx512, avx2 or go
	Go       string `json:"go"`
	System   string `json:"system"`
	Commit   string `json:"commit"` // of normgen; "unknown" outside of a checkout
}

// engine makes what models compute with. The caller closes the pool.
func (s *Settings) engine() (transformer.Engine, *runtime.Goroutines, error) {
	var products blas.Products
	library, path, _ := strings.Cut(s.BLAS, ":")
	switch library {
	case "gonum":
		products = blas.Gonum[float32]()
	case "openblas":
		var err error
		if products, err = blas.OpenBLAS[float32](path, s.Threads); err != nil {
			return transformer.Engine{}, nil, err
		}
	default:
		return transformer.Engine{}, nil, fmt.Errorf("no library %q: -blas takes gonum, openblas or openblas:FILE", s.BLAS)
	}
	pool := runtime.NewGoroutines(s.Threads)
	return transformer.Engine{Products: products, Pool: pool}, pool, nil
}

// machine describes an engine.
func (s *Settings) machine(e transformer.Engine) (Machine, error) {
	isa, err := runtime.BestISA()
	return Machine{Products: e.Products.String(), Threads: s.Threads, Kernels: isa.String(), Go: goruntime.Version(),
		System: goruntime.GOOS + "/" + goruntime.GOARCH, Commit: commit()}, err
}

// commit is the one that the program was built from, as far as go build or git say.
var commit = sync.OnceValue(func() string {
	const module = "github.com/normgen/normgen"
	if info, ok := debug.ReadBuildInfo(); ok {
		set := map[string]string{}
		for _, s := range info.Settings {
			set[s.Key] = s.Value
		}
		if rev := set["vcs.revision"]; rev != "" && info.Main.Path == module {
			return mark(rev, set["vcs.modified"] == "true")
		}
		for _, m := range append(info.Deps, &info.Main) {
			if m.Path == module && m.Version != "" && m.Version != "(devel)" {
				return m.Version
			}
		}
	}
	return checkout(module)
})

// checkout asks git, for go run, which leaves the commit out: if the module here is
// normgen.
func checkout(module string) string {
	here, err := exec.Command("go", "list", "-m").Output()
	if err != nil || strings.TrimSpace(string(here)) != module {
		return "unknown"
	}
	rev, err := exec.Command("git", "rev-parse", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	changed, err := exec.Command("git", "status", "--porcelain", "--untracked-files=no").Output()
	return mark(strings.TrimSpace(string(rev)), err != nil || len(changed) > 0)
}

func mark(rev string, modified bool) string {
	rev = rev[:min(12, len(rev))]
	if modified {
		return rev + " with local changes"
	}
	return rev
}
