// Package text turns files into batches of token numbers: it reads corpora, builds
// vocabularies, splits words by byte-pair codes, and cuts what it has read into
// batches for training and evaluation.
//
// A corpus is a [Language], one long text, or a [Parallel], pairs of sentences. Its
// files are found by name under one folder, plain or as .gz; [Languages] and
// [Parallels] list the names. Tiny Shakespeare is embedded and needs no folder.
//
// A [Reader] hands out the batches of a corpus, epoch after epoch. Which batch comes
// at a [Position] depends on nothing but the corpus, the options and their seed, so
// that a run which was cut goes on where it stood.
//
// Files are not trusted. What is not UTF-8, empty, cut off or too large is refused
// with its name and line before anything is built from it.
package text
