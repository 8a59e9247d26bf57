//! What happens when an event arrives: take, parse, load, fold, commit, acknowledge.
