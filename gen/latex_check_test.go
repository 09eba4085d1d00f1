package gen

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A texChecker reads the subset of LaTeX that equations are written in, and
// fails where TeX would: braces, delimiters and environments that do not match,
// double scripts, unknown commands, columns that do not line up.
type texChecker struct {
	tokens []string
	open   []string // what is to be closed, innermost last
	cells  []int    // & in the current row of each open environment
}

var texToken = regexp.MustCompile(`\\[A-Za-z]+|\\.|[{}&_^]|[A-Za-z0-9]+|[^A-Za-z0-9]`)

// texCommands are all that the notation uses, and the letters of Greek names.
var texCommands = strings.Fields(`paragraph begin end frac sqrt sum max min in le land lor lnot cdot mathrm operatorname hat text
 left right lfloor rfloor exp log tanh bmod infty leftarrow
 alpha beta gamma delta epsilon eta theta kappa lambda mu nu xi pi rho sigma tau phi psi omega Gamma Lambda`)

// checkTeX returns the first mistake in s.
func checkTeX(s string) error {
	c := &texChecker{tokens: texToken.FindAllString(s, -1)}
	for len(c.tokens) > 0 {
		if err := c.next(); err != nil {
			return fmt.Errorf("%w before %.60q", err, strings.Join(c.tokens, ""))
		}
	}
	if len(c.open) > 0 {
		return fmt.Errorf("%v left open", c.open)
	}
	return nil
}

func (c *texChecker) next() error {
	tok := c.tokens[0]
	c.tokens = c.tokens[1:]
	switch {
	case tok == "{" || tok == `\left`:
		if tok == `\left` && !c.delimiter() {
			return fmt.Errorf("\\left without a delimiter")
		}
		c.open = append(c.open, tok)
	case tok == "}":
		return c.close("{")
	case tok == `\right`:
		if !c.delimiter() {
			return fmt.Errorf("\\right without a delimiter")
		}
		return c.close(`\left`)
	case tok == `\begin` || tok == `\end`:
		return c.environment(tok)
	case tok == "&" || tok == `\\`:
		return c.cell(tok)
	case tok == "_" || tok == "^":
		return c.script(tok)
	case tok[0] > 126:
		return fmt.Errorf("a character %q", tok)
	case len(tok) > 2 && tok[0] == '\\' && !slices.Contains(texCommands, tok[1:]):
		return fmt.Errorf("an unknown command %s", tok)
	}
	return nil
}

// delimiter takes the token after \left or \right.
func (c *texChecker) delimiter() bool {
	ok := len(c.tokens) > 0 && slices.Contains([]string{"(", ")", "|", `\{`, `\}`, `\lfloor`, `\rfloor`}, c.tokens[0])
	if ok {
		c.tokens = c.tokens[1:]
	}
	return ok
}

func (c *texChecker) close(what string) error {
	n := len(c.open)
	if n == 0 || c.open[n-1] != what {
		return fmt.Errorf("%v is open, not %s", c.open, what)
	}
	c.open = c.open[:n-1]
	return nil
}

func (c *texChecker) environment(tok string) error {
	if len(c.tokens) < 3 || c.tokens[0] != "{" || c.tokens[2] != "}" {
		return fmt.Errorf("%s without a name", tok)
	}
	name := c.tokens[1]
	c.tokens = c.tokens[3:]
	if tok == `\begin` {
		c.open, c.cells = append(c.open, name), append(c.cells, 0)
		return nil
	}
	n := len(c.cells)
	if n == 0 || c.cells[n-1] != 1 {
		return fmt.Errorf("a last row of %s without its &", name)
	}
	c.cells = c.cells[:n-1]
	return c.close(name)
}

// cell wants one & in each row, directly in the environment.
func (c *texChecker) cell(tok string) error {
	n := len(c.cells)
	if n == 0 || c.open[len(c.open)-1] != "align" && c.open[len(c.open)-1] != "cases" {
		return fmt.Errorf("%s outside of a row", tok)
	}
	if tok == "&" {
		c.cells[n-1]++
	} else if c.cells[n-1] != 1 {
		return fmt.Errorf("a row with %d &", c.cells[n-1])
	} else {
		c.cells[n-1] = 0
	}
	return nil
}

// script wants a group behind _ and ^, and not the same script behind that.
func (c *texChecker) script(tok string) error {
	if len(c.open) == 0 {
		return fmt.Errorf("%s outside of a formula", tok)
	}
	depth := 0
	for i, t := range c.tokens {
		switch t {
		case "{":
			depth++
		case "}":
			depth--
		}
		if depth == 0 {
			if i == 0 {
				return fmt.Errorf("%s without a group", tok)
			}
			if i+1 < len(c.tokens) && c.tokens[i+1] == tok {
				return fmt.Errorf("a double %s", tok)
			}
			return nil
		}
	}
	return fmt.Errorf("%s without an end", tok)
}

// The checker would find mistakes.
func TestCheckTeX(t *testing.T) {
	align := func(s string) string { return `\begin{align}` + s + `\end{align}` }
	if err := checkTeX(align(`x_{n}^{2} &= \left(\frac{1}{2}\right) \\ y &= \begin{cases} 1 & \text{if } a \\ 2 & b \end{cases}`)); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{align(`x &= {`), align(`x &= }`), align(`x &= \left( 1`), align(`x &= \left(\frac{1\right)}{2}`),
		align(`x = 1`), align(`x &= 1 \\ y = 2`), align(`x &= \runningmean`), align(`x_{n}_{c} &= 1`), align(`x_n &= 1`),
		align(`x &= \begin{cases} 1 \end{cases}`), `\begin{align} x &= 1`, `running_{mean}`, align("x &= \u03b3"), align(`x &= \left 1`)} {
		if checkTeX(bad) == nil {
			t.Errorf("%s is not found", bad)
		}
	}
}
