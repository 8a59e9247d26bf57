//! A made-up world from one seed: people, behaviour, timelines, and the truth about who is who.
