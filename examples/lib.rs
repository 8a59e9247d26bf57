//! Numbered lessons.
