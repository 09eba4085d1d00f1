package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
)

// pause writes the hint that a loop waits for another processor.
func pause(c *build.Context) {
	c.Function("pause")
	c.Attributes(attr.NOSPLIT)
	c.SignatureExpr("func()")
	c.Doc("pause tells the processor that the caller spins.")
	c.PAUSE()
	c.RET()
}

// fence writes what orders streaming stores before all later ones.
func fence(c *build.Context) {
	c.Function("fence")
	c.Attributes(attr.NOSPLIT)
	c.SignatureExpr("func()")
	c.Doc("fence makes what was written past the caches visible before all that is written later.")
	c.SFENCE()
	c.RET()
}
