package lab

import (
	"os"
	"os/signal"
)

// ignoreInterrupts keeps the process alive while another handles the interrupt. The
// returned function ends that.
func ignoreInterrupts() func() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt)
	return func() { signal.Stop(c) }
}
