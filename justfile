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

# Open the reports of the demo in a browser: narrow and wide, in four languages, light and dark
browser:
    bash .ci/python .ci/browser.py

# Walk through the console in a browser, by keyboard alone, on a phone and at a desk
console:
    bash .ci/python .ci/console.py

# The first loop in a browser, by keyboard alone, and its numbers beside the command line's
first-loop:
    bash .ci/python .ci/first_loop.py

# Half a day's work for a machine: a 10 GB file, 10 million lines, the record killed 200 times, 10,000 seeds
soak:
    bash .ci/soak

# Our speed beside lifetimes, DuckDB, Polars and pandas, as ratios
peers *ARGS:
    bash benches/peers/run {{ARGS}}

# The mathematics of deciding and measuring beside the Python packages, answers compared, as ratios
peers-deciding *ARGS:
    REQUIREMENTS=benches/peers/deciding.txt bash .ci/python benches/peers/deciding.py {{ARGS}}

# The speed goals of deciding and measuring, in processor seconds
goals:
    cargo bench -p stats --bench goals

# Wrong programs, conditions and facts, so many of each, thrown at the readers
fuzz RUNS="100000":
    PERENNIAL_THROWS={{RUNS}} cargo test --release -p loyalty --test it -- thrown --nocapture

# The same three readers under a fuzzer that follows the branches, so many seconds each (cargo-fuzz, a C++ compiler)
fuzz-branches SECONDS="60":
    fuzz/run {{SECONDS}}

# Our own benches
bench:
    cargo bench -p stats

# The record's speed, beside bare inserts of the same rows, on both databases
bench-record:
    bash .ci/postgres cargo bench -p engine --bench record

# The first loop at size: seconds and memory of each step, with PEOPLE and WEEKS of a simulated chain
loop-speed *ARGS:
    python3 benches/loop.py {{ARGS}}

# The server under load on SQLite and PostgreSQL: requests per second, percentiles, memory
load *ARGS:
    bash benches/load/run {{ARGS}}

# The manual's page of relations, from the headers in sql/
relations:
    cargo test -p analytics --test relations

# Licences, banned crates, sources
deny:
    cargo deny check licenses bans sources

# How long each page of the console takes on a large shop: percentiles and bytes
console-speed *ARGS:
    bash benches/console/run {{ARGS}}

# Clients that others wrote against our server: Segment, RudderStack, Standard Webhooks, OpenAPI, and those who mean no good
clients *ARGS:
    bash tests/clients/run {{ARGS}}
