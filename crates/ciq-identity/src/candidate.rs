//! A customer as matching sees it.
