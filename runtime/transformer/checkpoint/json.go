package checkpoint

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// maxDigits is the number of digits of the largest 64-bit number.
const maxDigits = 20

// checkJSON checks what the parser of the header lets through or takes long over:
// names that come twice, of which it would keep the last, objects where none belong,
// and arrays and numbers of any length. A header is an object of objects, whose values
// are strings or arrays of numbers.
func checkJSON(header []byte) error {
	if len(header) == 0 || header[0] != '{' {
		return errors.New("the header is not a JSON object")
	}
	if !utf8.Valid(header) {
		return errors.New("the header is not UTF-8")
	}
	d := scanner{json.NewDecoder(bytes.NewReader(header))}
	d.UseNumber()
	err := d.object(func(name string) error {
		if err := d.object(func(string) error { return d.value() }); err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("the header: %w", err)
	}
	return nil
}

// A scanner reads JSON token by token, without recursion.
type scanner struct{ *json.Decoder }

func (d scanner) token() (json.Token, error) {
	t, err := d.Token()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return t, err
}

// object reads an object, of which visit reads the values.
func (d scanner) object(visit func(name string) error) error {
	t, err := d.token()
	if err != nil {
		return err
	}
	if t != json.Delim('{') {
		return fmt.Errorf("%.40q where an object belongs", fmt.Sprint(t))
	}
	seen := map[string]bool{}
	for d.More() {
		t, err := d.token()
		if err != nil {
			return err
		}
		name, _ := t.(string) // of an object's members the decoder accepts no other names
		switch {
		case name == "" || len(name) > maxName:
			return fmt.Errorf("a name of %d bytes: they have 1 to %d", len(name), maxName)
		case seen[name]:
			return fmt.Errorf("the name %q comes twice", name)
		}
		seen[name] = true
		if err := visit(name); err != nil {
			return err
		}
	}
	_, err = d.token()
	return err
}

// value reads a string or an array of numbers.
func (d scanner) value() error {
	t, err := d.token()
	if err != nil {
		return err
	}
	if _, ok := t.(string); ok {
		return nil
	}
	if t != json.Delim('[') {
		return fmt.Errorf("%.40q where a string or an array of numbers belongs", fmt.Sprint(t))
	}
	for n := 0; d.More(); n++ {
		t, err := d.token()
		if err != nil {
			return err
		}
		number, ok := t.(json.Number)
		switch {
		case !ok:
			return fmt.Errorf("%.40q where a number belongs", fmt.Sprint(t))
		case n == maxRank:
			return fmt.Errorf("an array of more than %d numbers", maxRank)
		case len(number) > maxDigits:
			return fmt.Errorf("a number of %d digits: at most %d are read", len(number), maxDigits)
		}
	}
	_, err = d.token()
	return err
}
