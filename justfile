# What to type. `just` alone lists it.

_list:
    @just --list --unsorted

# Import the sample shops, write their reports, say where to look
demo:
    cargo run --release -- demo

# All tests
test:
    cargo test --workspace

# The tests of all crates that do not compile the query engine: seconds, not minutes
quick:
    cargo test --workspace --exclude analytics --exclude perennial

# Format and lints, as .ci/run has them
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# Everything that guards the main branch
ci:
    bash .ci/run

# Do deltalake, Polars and DuckDB count the same rows in the lake as we do?
lake-clients:
    bash .ci/python .ci/lake_clients.py demo/cdnow demo/corner-shop

# The lake on an object store, before a server that speaks S3
object-store:
    bash .ci/python .ci/object_store.py demo/corner-shop/files/orders.csv

# Open the reports of the demo in a browser: narrow and wide, in three languages, light and dark
browser:
    bash .ci/python .ci/browser.py

# Half a day's work for a machine: a 10 GB file, 10 million lines, kill it anywhere
soak:
    bash .ci/soak

# Our speed beside lifetimes, DuckDB, Polars and pandas, as ratios
peers *ARGS:
    bash benches/peers/run {{ARGS}}

# Our own benches
bench:
    cargo bench -p stats

# The manual's page of relations, from the headers in sql/
relations:
    cargo test -p analytics --test relations

# Licences, banned crates, sources
deny:
    cargo deny check licenses bans sources
