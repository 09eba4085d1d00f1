package runtime

// CallElements is the most that one call of an assembly function walks, a
// multiple of RowBlock: 256 KiB take less than 100 µs, and the garbage collector
// waits no longer. Loops over the elements of one row are not cut: a longer row is
// one call (gate 15).
const CallElements = 1 << 16
