package run

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
)

// A Table is a CSV file of numbers that grows by rows. Its first column is the step.
type Table struct {
	file    *os.File
	columns []string
	row     []string
}

// OpenTable opens a table for more rows. Rows of steps after the last one are cut off:
// a run that goes on from there writes them again.
func OpenTable(name string, last int, columns ...string) (*Table, error) {
	old, err := ReadTable(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return newTable(name, old.UpTo(last), columns)
}

// newTable writes a table that begins with some rows.
func newTable(name string, old Rows, columns []string) (*Table, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o644)
	if err != nil {
		return nil, err
	}
	t := &Table{file: f, columns: columns}
	w := csv.NewWriter(f)
	err = w.Write(columns)
	if slices.Equal(old.Columns, columns) {
		err = errors.Join(err, w.WriteAll(old.rows))
	}
	w.Flush()
	if err = errors.Join(err, w.Error()); err != nil {
		f.Close()
	}
	return t, err
}

// Add writes a row: the step, words if the table has such columns, and numbers.
func (t *Table) Add(step int, words []string, numbers ...float64) error {
	t.row = append(append(t.row[:0], strconv.Itoa(step)), words...)
	for _, v := range numbers {
		t.row = append(t.row, strconv.FormatFloat(v, 'g', 8, 64))
	}
	if len(t.row) != len(t.columns) {
		return fmt.Errorf("%s: %d values for the columns %v", t.file.Name(), len(t.row), t.columns)
	}
	w := csv.NewWriter(t.file)
	err := w.Write(t.row)
	w.Flush()
	return errors.Join(err, w.Error())
}

// Close closes the file.
func (t *Table) Close() error { return t.file.Close() }

// Rows are those of a table that was read.
type Rows struct {
	Columns []string
	rows    [][]string
}

// ReadTable reads a table, without what a crash left of its last row.
func ReadTable(name string) (Rows, error) {
	f, err := os.Open(name)
	if err != nil {
		return Rows{}, err
	}
	defer f.Close()
	var all [][]string
	for r := csv.NewReader(f); ; {
		row, err := r.Read()
		if err != nil { // the end, or half a row
			break
		}
		all = append(all, row)
	}
	if len(all) == 0 {
		return Rows{}, nil
	}
	return Rows{all[0], all[1:]}, nil
}

// Len returns the number of rows.
func (r *Rows) Len() int { return len(r.rows) }

// Words returns a column as it stands; nil if there is none.
func (r *Rows) Words(column string) []string {
	i := slices.Index(r.Columns, column)
	if i < 0 {
		return nil
	}
	out := make([]string, len(r.rows))
	for k, row := range r.rows {
		out[k] = row[i]
	}
	return out
}

// Numbers returns a column; what is no number is NaN.
func (r *Rows) Numbers(column string) []float64 {
	words := r.Words(column)
	out := make([]float64, len(words))
	for i, w := range words {
		v, err := strconv.ParseFloat(w, 64)
		if err != nil {
			v = nan
		}
		out[i] = v
	}
	return out
}

// UpTo keeps the rows up to a step, which is the first column.
func (r Rows) UpTo(last int) Rows {
	return r.without(func(row []string) bool {
		step, err := strconv.Atoi(row[0])
		return err != nil || step > last
	})
}

func (r Rows) without(out func(row []string) bool) Rows {
	return Rows{r.Columns, slices.DeleteFunc(slices.Clone(r.rows), out)}
}

// Where keeps the rows with that word in a column.
func (r Rows) Where(column, word string) Rows {
	i := slices.Index(r.Columns, column)
	return r.without(func(row []string) bool { return i < 0 || row[i] != word })
}
