package run

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"

	"github.com/normgen/normgen/runtime/transformer/text"
)

// Names of tasks where the corpora's own are long.
var corpora = map[string]string{"shakespeare": text.Shakespeare}

// Tasks lists the tasks: a corpus each.
func Tasks() []string {
	names := slices.Concat(text.Languages(), text.Parallels())
	names[slices.Index(names, text.Shakespeare)] = "shakespeare"
	return names
}

// corpus returns the name of a task's corpus.
func corpus(task string) string {
	if name, ok := corpora[task]; ok {
		return name
	}
	return task
}

// Sizes lists the sizes of models.
func Sizes() []string { return slices.Sorted(maps.Keys(sizes)) }

func isParallel(task string) bool { return slices.Contains(text.Parallels(), task) }

// Preset returns the settings that a task begins with. Size is one of
// [Sizes]; "" is the one that trains in the time of the task on two cores.
func Preset(task, size string) (Settings, error) {
	if task == "" {
		task = "shakespeare"
	}
	if !slices.Contains(Tasks(), task) {
		return Settings{}, fmt.Errorf("no task %q: there are %s", task, strings.Join(Tasks(), ", "))
	}
	s := Settings{Task: task, Norms: "LayerNorm", Seed: 1, Accumulate: 1, Schedule: inverseRoot, Clip: 1, Log: 10, Evaluate: 100, Beam: 1,
		BLAS: "gonum", Threads: runtime.NumCPU()}
	switch {
	case isParallel(task):
		s.translation()
	case corpus(task) == text.Shakespeare:
		s.characters()
	default:
		s.words()
	}
	if size == "" {
		size = s.Size
	}
	s.Size = size
	resize, ok := sizes[size]
	if !ok {
		return s, fmt.Errorf("no size %q: there are %s", size, strings.Join(Sizes(), ", "))
	}
	resize(&s)
	return s, nil
}

// characters: minutes with products in Go.
func (s *Settings) characters() {
	s.Size, s.Steps = "tiny", 500
	s.Length, s.Batch, s.Dropout = 64, 1024, 0.1
	s.Rate, s.Warmup = 2e-3, 50
}

// words: Penn Treebank and WikiText-2, where regularization decides.
func (s *Settings) words() {
	s.Size, s.Minutes = "medium", 8
	s.Length, s.Batch, s.Dropout = 64, 2048, 0.3
	s.Rate, s.Warmup = 2e-3, 400
}

// translation: Multi30k and low-resource IWSLT14.
func (s *Settings) translation() {
	s.Size, s.Minutes = "small", 8
	s.Source, s.Target = "de", "en"
	if s.Task == "enja50k" {
		s.Source, s.Target = "en", "ja"
	}
	s.Length, s.Batch, s.Dropout = 80, 3000, 0.2
	s.Rate, s.Warmup, s.Smoothing = 1.5e-3, 500, 0.1
}

// sizes of models.
var sizes = map[string]func(s *Settings){
	"tiny":   func(s *Settings) { s.Layers, s.Width, s.Hidden, s.Heads = 2, 96, 384, 4 },
	"mini":   func(s *Settings) { s.Layers, s.Width, s.Hidden, s.Heads = 3, 128, 256, 4 },
	"small":  func(s *Settings) { s.Layers, s.Width, s.Hidden, s.Heads = 3, 256, 512, 8 },
	"medium": func(s *Settings) { s.Layers, s.Width, s.Hidden, s.Heads = 3, 256, 1024, 4 },
	"base":   func(s *Settings) { s.Layers, s.Width, s.Hidden, s.Heads = 6, 512, 2048, 8 },
}
