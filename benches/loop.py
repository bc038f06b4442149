"""The first loop at size: how long freezing, exporting, taking results in and measuring take, and how much memory.

    python3 benches/loop.py [PEOPLE] [WEEKS] [FOLDER]      default: 20,000 people, 52 weeks, target/loop-bench

Makes a chain of shops (`perennial world`), brings it in, plans a campaign for everybody with e-mail and consent, and runs
each step of the loop as a process of its own, the way a shop does. Goals, on two cores: a million people frozen and exported
in less than 30 s, ten million orders measured in less than 30 s. `PERENNIAL` names the program; without it the release build.
The files of the world are kept in FOLDER and used again; the shop is made anew.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

PEOPLE = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
WEEKS = int(sys.argv[2]) if len(sys.argv) > 2 else 52
FOLDER = pathlib.Path(sys.argv[3] if len(sys.argv) > 3 else "target/loop-bench")
PROGRAM = os.environ.get("PERENNIAL") or os.path.join(os.environ.get("CARGO_TARGET_DIR", "target"), "release/perennial")
# The world begins on 2024-07-01; the last four weeks are the campaign's.
START = time.mktime((2024, 7, 1, 12, 0, 0, 0, 0, 0))

SEGMENT = """
name = "everybody"
who = { field = "summary.order_days", at_least = 1 }
"""

PLAN = """
name = "all"
segment = "everybody"
promise = "unannounced"
channel = "email"
action = "A coffee on the house"
message = "Hello {name}, a coffee is waiting for you. {ref}"
cost_per_contact = "50"
metric = "margin"
hold_out = 0.2
accept_unseen_below = "100000000"
"""


def day(weeks):
    return time.strftime("%Y-%m-%d", time.localtime(START + weeks * 7 * 86_400))


def run(what, *arguments, is_shown=True):
    """One process; its seconds, its largest memory, what it said."""
    began = time.monotonic()
    process = subprocess.Popen(
        [PROGRAM, *map(str, arguments), "--data", FOLDER / "data", "--quiet"], stdout=subprocess.PIPE, text=True
    )
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    if status != 0:
        sys.exit(f"{what} ended with {status}")
    if is_shown:
        busy = usage.ru_utime + usage.ru_stime
        print(f"{what:<10} {seconds:8.1f} s {busy:8.1f} s of processor {usage.ru_maxrss // 1024:7,} MiB", flush=True)
    return seconds, said


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(FOLDER / "data", ignore_errors=True)
    made = FOLDER / f"world-{PEOPLE}-{WEEKS}"
    world = ["world", "--customers", PEOPLE, "--weeks", WEEKS, "--seed", 7]
    if not (made / "orders.csv").exists():
        run("world", *world, "--until", day(WEEKS - 4), "--out", made)
    usual = ["--shop", "Chain", "--currency", "VND", "--timezone", "Asia/Ho_Chi_Minh"]
    run("orders", "import", "orders", made / "orders.csv", *usual)
    run("returns", "import", "returns", made / "returns.csv")
    run("customers", "import", "customers", made / "contacts.csv")
    run("consents", "customer", "consent", "--file", made / "contacts.csv", "--channel", "email", "--text-version", "1",
        "--said-on", "2024-07-01")
    (FOLDER / "segment.toml").write_text(SEGMENT)
    (FOLDER / "plan.toml").write_text(PLAN)
    run("segment", "segment", "check", FOLDER / "segment.toml", "--keep")
    run("plan", "campaign", "plan", FOLDER / "plan.toml")

    freeze, said = run("freeze", "campaign", "freeze", "all", "--json")
    frozen = json.loads(said)
    list_file = FOLDER / "list.csv"
    export, said = run("export", "campaign", "export", "all", "--layout", "email", "--out", list_file, "--json")
    exported = json.loads(said)
    back = FOLDER / "back.csv"
    with open(list_file, encoding="utf-8-sig") as rows, open(back, "w", encoding="utf-8") as out:
        out.write("ref,status\n")
        for number, row in enumerate(rows):
            if number > 0:
                out.write(row.rstrip().rsplit(",", 1)[1] + (",sent\n" if number % 50 else ",stop\n"))
    run("results", "campaign", "results", "all", back)
    later = FOLDER / f"later-{PEOPLE}-{WEEKS}"
    run("world", *world, "--from", day(WEEKS - 4), "--until", day(WEEKS), "--contacted", list_file, "--contacted-on",
        day(WEEKS - 4), "--lift", 0.3, "--out", later)
    run("orders", "import", "orders", later / "orders.csv")
    measure, said = run("measure", "campaign", "measure", "all", "--out", FOLDER / "result.html", "--json")
    measured = json.loads(said)
    _, said = run("", "sql", "select count(distinct order_id) as orders from lake.lines", "--json", is_shown=False)
    orders = json.loads(said)["rows"][0]["orders"]

    people = frozen["contact"] + frozen["held_out"] + sum(frozen["left_out"].values())
    print(f"{people:,} people frozen and {exported['rows']:,} exported in {freeze + export:.1f} s (goal: a million in 30 s)")
    print(f"{orders:,} orders measured in {measure:.1f} s (goal: ten million in 30 s)")
    lift = measured["effects"][0]["lift"]
    print(f"lift a person {lift['low']:.0f} to {lift['high']:.0f} minor units")


main()
