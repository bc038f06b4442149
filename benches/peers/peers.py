"""Perennial beside its peers, in one run. See README.md."""

import argparse
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import time
import typing
import warnings

import numpy as np

warnings.filterwarnings("ignore")

TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", "target"))
PROGRAM = os.environ.get("PERENNIAL", str(TARGET / "release" / "perennial"))
HERE = pathlib.Path(__file__).parent

ROWS = []


class Took(typing.NamedTuple):
    """Seconds of the processor, all threads together, and of the clock."""

    processor: float
    clock: float

    def __str__(self):
        return f"{self.processor:.3g} s ({self.clock:.3g} s)"


def row(work, goal, ours, peer, name, note=""):
    """One line of the table: what ours and the peer took."""
    ratios = (peer.processor / ours.processor, peer.clock / ours.clock)
    ROWS.append((work, goal, str(ours), f"{name} {peer}", *(f"{ratio:.3g}×" for ratio in ratios), note))
    print(f"  {work}: ours {ours}, {name} {peer}, {ratios[0]:.3g}× by processor, {ratios[1]:.3g}× by clock {note}", flush=True)


def say(text):
    print(f"# {text}", flush=True)


def process(*arguments, cwd=None):
    """Run Perennial; what it took, peak memory in MiB, standard output."""
    began = time.perf_counter()
    child = subprocess.Popen([PROGRAM, *map(str, arguments)], stdout=subprocess.PIPE, cwd=cwd)
    out = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    took = Took(used.ru_utime + used.ru_stime, time.perf_counter() - began)
    if status != 0:
        sys.exit(f"perennial {' '.join(map(str, arguments))} ended with {os.waitstatus_to_exitcode(status)}")
    return took, used.ru_maxrss / 1024, out


def best(measure, rounds=3):
    """The best of some rounds; one is enough beyond a minute."""
    least = measure()
    for _ in range(rounds - 1):
        if least.clock > 60:
            break
        again = measure()
        least = Took(min(least.processor, again.processor), min(least.clock, again.clock))
    return least


def timed(work):
    def measure():
        began, before = time.perf_counter(), time.process_time()
        work()
        return Took(time.process_time() - before, time.perf_counter() - began)

    return measure


# --- models --------------------------------------------------------------------------------------------------------


def log_likelihood(parameters, frequency, recency, age):
    """BG/NBD log-likelihood by equation 6 of Fader, Hardie and Lee (2005), for both programs' parameters."""
    from scipy.special import betaln, gammaln

    r, alpha, a, b = parameters
    x, t_x, t = frequency, recency, age
    a1 = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    a2 = gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
    a3 = -(r + x) * np.log(alpha + t)
    a4 = np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + t_x)
    return float(np.sum(a1 + a2 + np.where(x > 0, np.logaddexp(a3, a4), a3)))


def cdnow(folder):
    import pandas
    from lifetimes.utils import summary_data_from_transaction_data

    rows = pandas.read_csv(
        HERE / "../../fixtures/cdnow/CDNOW_master.txt",
        sep=r"\s+",
        header=0,
        names=["customer", "date", "quantity", "total"],
    )
    rows["date"] = pandas.to_datetime(rows["date"], format="%Y%m%d")
    summary = summary_data_from_transaction_data(rows, "customer", "date", observation_period_end="1998-06-30")
    path = folder / "cdnow.csv"
    summary.to_csv(path, index=False)
    return path, summary


def simulated(folder, customers, is_continuous):
    """Customers of a BG/NBD with CDNOW's parameters, in days, seen for a year with ages spread over half of it."""
    import pandas

    random = np.random.default_rng(20050101)
    age = 365 - random.uniform(0, 182, customers)
    rate = random.gamma(0.243, 1 / (4.414 * 7), customers)
    leaves = random.beta(0.793, 2.426, customers)
    clock, recency = np.zeros(customers), np.zeros(customers)
    frequency = np.zeros(customers, dtype=np.int64)
    alive = np.ones(customers, dtype=bool)
    while alive.any():
        clock = np.where(alive, clock + random.exponential(1, customers) / np.maximum(rate, 1e-12), clock)
        bought = alive & (clock <= age)
        frequency[bought] += 1
        recency[bought] = clock[bought]
        alive = bought & (random.uniform(size=customers) > leaves)
    if not is_continuous:
        recency, age = np.ceil(recency), np.floor(age) + 1
        frequency = np.minimum(frequency, recency)
    summary = pandas.DataFrame({"frequency": frequency, "recency": recency, "T": age})
    path = folder / f"customers-{'continuous' if is_continuous else 'days'}.csv"
    summary.to_csv(path, index=False)
    return path, summary


def ours_on(folder, customers):
    """What our bench says of customers by name, frames of frequency, recency and T, each piece by its name."""
    race = folder / "race"
    shutil.rmtree(race, ignore_errors=True)
    race.mkdir()
    for name, summary in customers.items():
        for column, ours in (("frequency", "frequency"), ("recency", "recency"), ("T", "age")):
            summary[column].to_numpy(dtype="<f8").tofile(race / f"{name}.{ours}.f64")
    command = ["cargo", "bench", "-q", "-p", "stats", "--bench", "customers"]
    environment = {**os.environ, "PERENNIAL_RACE": str(race.resolve())}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    pieces = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {piece["name"]: (Took(piece["processor"], piece["clock"]), piece["answer"]) for piece in pieces}


def fit_lifetimes(summary):
    from lifetimes import BetaGeoFitter

    fitted = []

    def work():
        fitted[:] = [BetaGeoFitter().fit(summary["frequency"], summary["recency"], summary["T"])]

    took = best(timed(work))
    return took, [float(fitted[0].params_[name]) for name in ("r", "alpha", "a", "b")]


def fit_pymc(path):
    """What pymc-marketing's maximum a posteriori fit takes in an environment of its own."""
    code = (
        "import sys, time, pandas\n"
        "from pymc_marketing.clv import BetaGeoModel\n"
        "d = pandas.read_csv(sys.argv[1]); d['customer_id'] = range(len(d))\n"
        "m = BetaGeoModel(data=d); m.build_model()\n"
        "t, c = time.perf_counter(), time.process_time(); m.fit(method='map')\n"
        "print(time.process_time() - c, time.perf_counter() - t)\n"
    )
    done = subprocess.run([os.environ["PYMC_PYTHON"], "-c", code, str(path)], capture_output=True, text=True, check=True)
    return Took(*map(float, done.stdout.strip().splitlines()[-1].split()))


def race_fit(arguments, folder):
    say("BG/NBD by maximum likelihood")
    many = f"{arguments.fit_customers:,} customers"
    cases = {
        "cdnow": ("CDNOW master, 23,570 customers, by day", "≥ 50×", cdnow(folder)),
        "days": (f"{many}, by day", "≥ 50×", simulated(folder, arguments.fit_customers, False)),
        "continuous": (f"{many}, continuous time", "≥ 17×", simulated(folder, arguments.fit_customers, True)),
    }
    ours = ours_on(folder, {name: summary for name, (_, _, (_, summary)) in cases.items()})
    for name, (what, goal, (path, summary)) in cases.items():
        took, parameters = ours[f"fit {name}"]
        theirs, their_parameters = fit_lifetimes(summary)
        columns = [summary[column].to_numpy(dtype=float) for column in ("frequency", "recency", "T")]
        mine, other = log_likelihood(parameters, *columns), log_likelihood(their_parameters, *columns)
        if mine < other - 1e-6 * abs(other):
            sys.exit(f"{what}: our log-likelihood {mine} is worse than {other}")
        row(f"BG/NBD fit, {what}", goal, took, theirs, "lifetimes", f"likelihood better by {(mine - other) / abs(other):.1e} relative")
        if arguments.pymc:
            row(f"BG/NBD fit, {what}", goal, took, fit_pymc(path), "pymc-marketing MAP")
        whole = best(lambda: process("fit", "bg-nbd", path, "--json")[0])
        row(f"the same, {what}, as a process", "", whole, theirs, "lifetimes", "ours starts, reads the file, fits and prints")


def race_score(arguments, folder):
    say("P(alive) and expected orders")
    from lifetimes import BetaGeoFitter

    _, summary = simulated(folder, 1_000_000, False)
    took, (expected, alive) = ours_on(folder, {"days": summary})["score days"]
    fitter = BetaGeoFitter().fit(*(summary[name] for name in ("frequency", "recency", "T")))
    columns = [summary[name] for name in ("frequency", "recency", "T")]
    found = []

    def work():
        found[:] = [
            fitter.conditional_expected_number_of_purchases_up_to_time(52, *columns),
            fitter.conditional_probability_alive(*columns),
        ]

    theirs = best(timed(work))
    for mine, other in ((expected, float(np.sum(found[0]))), (alive, float(np.sum(found[1])))):
        if abs(mine / other - 1) > 1e-4:
            sys.exit(f"scores add up to {mine} and to {other}")
    row("expected orders and P(alive), 1,000,000 customers by day", "≥ 20×", took, theirs, "lifetimes", "ours with P(no order), too")


# --- data ----------------------------------------------------------------------------------------------------------


def world(folder, customers, weeks):
    out = folder / f"world-{customers}"
    if not (out / "truth.parquet").exists():
        say(f"making the orders of {customers:,} customers")
        process("world", "--customers", customers, "--weeks", weeks, "--seed", 1, "--out", out, "--quiet")
    return out


def lines_in(path):
    with open(path, "rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 24), b"")) - 1


def imported(folder, orders, name):
    data = folder / f"data-{name}"
    shutil.rmtree(data, ignore_errors=True)
    took, memory, out = process(
        "import", "orders", orders, "--data", data, "--currency", "VND", "--timezone", "Asia/Ho_Chi_Minh", "--json", "--quiet"
    )
    return data, took, memory, json.loads(out)


def race_import(arguments, folder):
    import duckdb

    orders = world(folder, arguments.customers, arguments.weeks) / "orders.csv"
    lines = lines_in(orders)
    say(f"import of {lines:,} order lines, {orders.stat().st_size / 1e9:.2f} GB")
    parquet = folder / "duckdb.parquet"

    def plain():
        with duckdb.connect() as connection:
            connection.execute("set threads = 2")
            connection.execute(f"copy (select * from read_csv('{orders}')) to '{parquet}' (format parquet, compression zstd)")

    theirs = best(timed(plain))
    times = []

    def ours_once():
        _, took, memory, summary = imported(folder, orders, arguments.customers)
        times.append((memory, summary))
        return took

    ours = best(ours_once, 2)
    memory, summary = times[-1]
    assert summary["counts"]["accepted"] + summary["rejected"] == lines, (summary["counts"], lines)
    row(f"CSV of {lines:,} lines → lake", "≥ 0.33×", ours, theirs, "DuckDB, CSV → Parquet", f"ours checked, deduplicated, {memory:.0f} MiB")


QUERY = """
with days as (
    select customer_id, ordered_on, sum(total_minor) as paid
    from {source} where customer_id is not null group by customer_id, ordered_on
),
summary as (
    select customer_id, count(*) as order_days, min(ordered_on) as first_on, max(ordered_on) as last_on, sum(paid) as paid
    from days group by customer_id
),
scores as (
    select *, ntile(5) over (order by last_on) as r, ntile(5) over (order by order_days) as f, ntile(5) over (order by paid) as m
    from summary
)
select count(*), sum(order_days - 1), sum(r + f + m) from scores
"""


def race_query(arguments, folder):
    import deltalake
    import duckdb
    import polars

    data = folder / f"data-{arguments.customers}"
    if not data.exists():
        imported(folder, world(folder, arguments.customers, arguments.weeks) / "orders.csv", arguments.customers)
    lake = data / "lake" / "lines"
    files = deltalake.DeltaTable(str(lake)).file_uris()
    files = [file.removeprefix("file://") for file in files]
    say(f"summary and RFM from {len(files)} Parquet files")
    found = {}

    def with_duckdb():
        with duckdb.connect() as connection:
            connection.execute("set threads = 2")
            source = f"read_parquet({files!r}, hive_partitioning = true)"
            found["duckdb"] = connection.execute(QUERY.format(source=source)).fetchone()[:2]

    def with_polars():
        column = polars.col
        days = (
            polars.scan_parquet(files)
            .filter(column("customer_id").is_not_null())
            .group_by("customer_id", "ordered_on")
            .agg(column("total_minor").sum().alias("paid"))
        )
        summary = days.group_by("customer_id").agg(
            polars.len().alias("order_days"),
            column("ordered_on").min().alias("first_on"),
            column("ordered_on").max().alias("last_on"),
            column("paid").sum(),
        )
        scores = summary.with_columns(
            column("last_on").rank("ordinal").alias("r"),
            column("order_days").rank("ordinal").alias("f"),
            column("paid").rank("ordinal").alias("m"),
        )
        totals = scores.select(
            polars.len(), (column("order_days") - 1).cast(polars.Int64).sum(), (column("r") + column("f") + column("m")).sum()
        ).collect(engine="streaming")
        found["polars"] = totals.row(0)[:2]

    def with_ours():
        query = (
            "select summary.customers, summary.repeats, rfm.scores "
            "from (select count(*) as customers, sum(frequency) as repeats from customer.summary) as summary "
            "cross join (select sum(recency_score + frequency_score + monetary_score) as scores from customer.rfm) as rfm"
        )
        took, _, out = process("sql", query, "--data", data, "--json", "--quiet")
        answer = json.loads(out)["rows"][0]
        found["ours"] = (answer["customers"], answer["repeats"])
        return took

    ours = best(with_ours)
    for name, work in (("DuckDB", with_duckdb), ("Polars", with_polars)):
        row("summary + RFM on the same Parquet", "≥ 1×", ours, best(timed(work)), name)
    if len({tuple(map(int, answer)) for answer in found.values()}) != 1:
        sys.exit(f"the answers differ: {found}")
    if arguments.pandas:
        race_pandas(files, ours)


def race_pandas(files, ours):
    import pandas

    def with_pandas():
        frame = pandas.concat(pandas.read_parquet(file, columns=["customer_id", "ordered_on", "total_minor"]) for file in files)
        days = frame.dropna(subset="customer_id").groupby(["customer_id", "ordered_on"], as_index=False)["total_minor"].sum()
        summary = days.groupby("customer_id").agg(
            order_days=("ordered_on", "size"), first_on=("ordered_on", "min"), last_on=("ordered_on", "max"), paid=("total_minor", "sum")
        )
        for name in ("last_on", "order_days", "paid"):
            summary[f"{name}_score"] = pandas.qcut(summary[name].rank(method="first"), 5, labels=False)

    row("summary + RFM on the same Parquet", "", ours, best(timed(with_pandas), 1), "pandas")


def race_xray(arguments, folder):
    say("the whole X-ray")
    seconds_of, lines_of = {}, {}
    for customers in (arguments.customers // 10, arguments.customers):
        data = folder / f"data-{customers}"
        orders = world(folder, customers, arguments.weeks) / "orders.csv"
        if not data.exists():
            imported(folder, orders, customers)
        took, memory, _ = process("xray", "--data", data, "--out", folder / "xray.html", "--quiet")
        seconds_of[customers], lines_of[customers] = took.processor, lines_in(orders)
        limit = "under 4 GiB" if memory < 4096 else "OVER 4 GiB"
        ROWS.append((f"X-ray, {lines_of[customers]:,} lines, {customers:,} customers", "< 4 GiB", str(took), "", "", "", f"{memory:.0f} MiB, {limit}"))
        print(f"  {ROWS[-1][0]}: {took}, {memory:.0f} MiB", flush=True)
    few, many = sorted(seconds_of)
    growth = (seconds_of[many] / seconds_of[few]) / (lines_of[many] / lines_of[few])
    ROWS.append(("X-ray, time per line, large beside small", "≤ 1.2", "", "", f"{growth:.2f}×", "", "1 is linear"))
    print(f"  time per line grows {growth:.2f}×")


# --- the table -----------------------------------------------------------------------------------------------------


def table():
    head = ["work", "goal", "ours, processor (clock)", "peer, processor (clock)", "by processor", "by clock", ""]
    return "\n".join(f"| {' | '.join(line)} |" for line in [head, ["---"] * len(head), *ROWS])


PARTS = {"fit": race_fit, "score": race_score, "import": race_import, "query": race_query, "xray": race_xray}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000, help="customers of the order files")
    parser.add_argument("--weeks", type=int, default=12, help="of history; 12 give a customer ten lines")
    parser.add_argument("--fit-customers", type=int, default=1_000_000)
    parser.add_argument("--only", action="append", choices=list(PARTS), help="one part; may be given several times")
    parser.add_argument("--pymc", action="store_true", help="also pymc-marketing")
    parser.add_argument("--pandas", action="store_true", help="also pandas on the order lines, which takes much memory")
    parser.add_argument("--folder", type=pathlib.Path, default=TARGET / "peers")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for name in arguments.only or PARTS:
        PARTS[name](arguments, arguments.folder)
    print()
    print(table())


if __name__ == "__main__":
    main()
