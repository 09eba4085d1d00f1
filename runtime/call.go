package runtime

// CallElements is the most that one call of an assembly function walks, a
// multiple of RowBlock: 256 KiB take less than 100 µs, and the garbage collector
// waits no longer.
const CallElements = 1 << 16
