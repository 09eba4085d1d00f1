package text

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"strings"
	"unicode/utf8"
)

// Limits of one file. The longest text in use, WikiText-103, has 540 MB, and its
// longest line 22 kB.
const (
	maxBytes = 1 << 30
	maxLine  = 1 << 20
)

// eachLine calls visit with the lines of a file, counted from 1, without their ends.
// The file is name.gz or, without that, name. Errors of visit get the position.
func eachLine(fsys fs.FS, name string, visit func(n int, line string) error) error {
	file, name, err := open(fsys, name)
	if err != nil {
		return err
	}
	defer file.Close()
	n := 0
	if err := scan(file, &n, visit); err != nil {
		return fmt.Errorf("%s:%d: %w", name, n, err)
	}
	if n == 0 {
		return fmt.Errorf("%s: the file has no lines", name)
	}
	return nil
}

// scan leaves the number of the line that it was at in n.
func scan(r io.Reader, n *int, visit func(int, string) error) error {
	limited := &io.LimitedReader{R: r, N: maxBytes + 1}
	lines := bufio.NewScanner(limited)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	for lines.Scan() {
		*n++
		if limited.N == 0 {
			return fmt.Errorf("the text has more than %d bytes", maxBytes)
		}
		line := lines.Text()
		if i := invalid(line); i >= 0 {
			return fmt.Errorf("byte %d of the line is not UTF-8: texts are UTF-8", i+1)
		}
		if err := visit(*n, line); err != nil {
			return err
		}
	}
	err := lines.Err()
	if err == nil {
		return nil
	}
	*n++
	switch {
	case errors.Is(err, bufio.ErrTooLong):
		return fmt.Errorf("the line has more than %d bytes", maxLine)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, gzip.ErrChecksum):
		return fmt.Errorf("the compressed file is cut off or damaged here: %w", err)
	}
	return err
}

// fields are the words of a line: what spaces and tabs leave. Other white space is
// part of words, as in the corpora.
func fields(line string) iter.Seq[string] {
	return strings.FieldsFuncSeq(line, func(r rune) bool { return r == ' ' || r == '\t' })
}

// invalid is the index of the first byte that is not UTF-8, or -1.
func invalid(s string) int {
	if utf8.ValidString(s) {
		return -1
	}
	for i, r := range s {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return i
			}
		}
	}
	return -1
}

// open also returns the name that it found.
func open(fsys fs.FS, name string) (io.ReadCloser, string, error) {
	packed := name + ".gz"
	file, err := openRegular(fsys, packed)
	if errors.Is(err, fs.ErrNotExist) {
		file, err = openRegular(fsys, name)
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%s: there is neither this file nor %s in the data folder: %w", name, packed, fs.ErrNotExist)
		}
		return file, name, err
	}
	if err != nil {
		return nil, packed, err
	}
	z, err := gzip.NewReader(file)
	if err != nil {
		file.Close()
		return nil, packed, fmt.Errorf("%s: not a gzip file: %w", packed, err)
	}
	return &unpacked{z, file}, packed, nil
}

// openRegular does not open a pipe, which would wait for a writer.
func openRegular(fsys fs.FS, name string) (fs.File, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file", name)
	}
	return fsys.Open(name)
}

// unpacked is a gzip stream that owns its file.
type unpacked struct {
	*gzip.Reader
	file io.Closer
}

func (u *unpacked) Close() error { return errors.Join(u.Reader.Close(), u.file.Close()) }
