//! The fold: a working set and events in, changes out. Pure.
