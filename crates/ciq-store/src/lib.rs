//! One SQLite file per brand: working sets out, changes in, queries, search, migrations.
