package main

import (
	"fmt"
	"strings"
)

// Temporary files stand beside the files they become: a rename is atomic only
// within one file system.
const (
	tempPrefix = ".normgen-"
	tempSuffix = ".tmp"
)

func tempName(name string) string { return tempPrefix + name + tempSuffix }

// apply makes the directory what the changes say. Every new file is complete
// and on disk before the first one takes its place; an error before that
// leaves the old set as it was. Files that are right are not touched, so that
// build caches stay warm.
func apply(d disk, changes []change) error {
	if err := removeTemps(d); err != nil {
		return err
	}
	if !outOfDate(changes) {
		return nil
	}
	if err := writeTemps(d, changes); err != nil {
		removeTemps(d) // as far as the disk lets us; the next run tries again
		return err
	}
	if err := swap(d, changes); err != nil {
		return fmt.Errorf("%w (some files are new already: run normgen again)", err)
	}
	return nil
}

// outOfDate reports whether a change needs the disk.
func outOfDate(changes []change) bool {
	for _, c := range changes {
		if c.State != same {
			return true
		}
	}
	return false
}

func writeTemps(d disk, changes []change) error {
	for _, c := range changes {
		if c.State != missing && c.State != stale {
			continue
		}
		if err := d.create(tempName(c.Name), c.New, 0o644); err != nil {
			return fmt.Errorf("writing %s: %w", c.Name, err)
		}
	}
	return nil
}

// swap puts the temporary files in place and removes the orphans.
func swap(d disk, changes []change) error {
	for _, c := range changes {
		if err := c.swap(d); err != nil {
			return err
		}
	}
	return d.sync()
}

func (c change) swap(d disk) error {
	switch c.State {
	case missing, stale:
		return d.rename(tempName(c.Name), c.Name)
	case orphaned:
		return d.remove(c.Name)
	}
	return nil
}

// removeTemps removes the temporary files of runs that did not end well. The
// lock keeps those of a running one safe.
func removeTemps(d disk) error {
	names, err := d.names()
	if err != nil {
		return err
	}
	for _, name := range names {
		if !strings.HasPrefix(name, tempPrefix) || !strings.HasSuffix(name, tempSuffix) {
			continue
		}
		if err := d.remove(name); err != nil {
			return err
		}
	}
	return nil
}
