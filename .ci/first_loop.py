"""The first loop in a browser, by the keyboard: from a segment to what it brought, on a world in which the truth is known.

The shop of docs/manual/first-loop.md, with its own segment and plan: names and numbers come in, whom to call is chosen,
planned, frozen; the call list is taken out, ticked, brought back; the next month's orders come in; it is measured, closed,
and the next X-ray remembers it. What the page says must be what the command line says of a copy of the same shop, to the
last digit, and what was planted must lie within the interval.

    python first_loop.py
"""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as Tree
import zipfile

from playwright.sync_api import sync_playwright

import console
from browser import program
from console import SIZES, Walk

FOLDER = pathlib.Path("target/first-loop")
MANUAL = pathlib.Path("docs/manual/first-loop.md")
PASSWORD = "a long way to the coffee"
WORLD = ["world", "--customers", "1500", "--seed", "7", "--quiet"]
# What is planted a person, less what falls on one day with another visit.
PLANTED_ORDERS = 1.54


def run(*arguments, data="data"):
    done = subprocess.run([program(), *arguments, "--data", FOLDER / data], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"perennial {' '.join(map(str, arguments))} ended with {done.returncode}\n{done.stderr}")
    return done.stdout


def story(name):
    """A file of the manual's story."""
    return re.search(rf"```toml file={name}\n(.*?)```", MANUAL.read_text(), re.S).group(1)


class Server:
    """`perennial serve` on the shop."""

    def __enter__(self):
        command = [program(), "serve", "--listen", "127.0.0.1:0", "--data", FOLDER / "data"]
        self.log = open(FOLDER / "serve.log", "ab")
        said = self.log.tell()
        self.process = subprocess.Popen(command, stderr=self.log)
        for _ in range(600):
            told = (FOLDER / "serve.log").read_bytes()[said:].decode()
            found = re.search(r"listening on (http://[^;]+);", told)
            if found:
                self.address = found.group(1)
                return self
            time.sleep(0.1)
        sys.exit(f"perennial serve did not begin to listen: {told}")

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=120)
        self.log.close()


def press(walk, selector):
    """Go to a button by Tab and press it."""
    walk.tab_to(selector, 400)
    with walk.page.expect_navigation(timeout=120_000):
        walk.keys("Enter")


def paste(walk, selector, text):
    walk.tab_to(selector, 400)
    walk.keys("Control+a")
    walk.page.keyboard.insert_text(text)


def join(walk, token):
    """The owner opens the invitation, sets a password, and signs in with a code for an emergency."""
    walk.page.goto(f"{walk.shop.address}/join/{token}")
    paste(walk, "#f-password", PASSWORD)
    with walk.page.expect_navigation():
        walk.keys("Enter")
    code = walk.page.locator(".codes code").first.inner_text()
    walk.page.goto(walk.shop.address + "/sign-in")
    for selector, text in (("#f-email", "ana@corner.example"), ("#f-password", PASSWORD), ("#f-code", code)):
        paste(walk, selector, text)
    with walk.page.expect_navigation():
        walk.keys("Enter")
    assert "/sign-in" not in walk.page.url, walk.page.url


def bring(walk, kind, file):
    """A file comes in, columns as they were found."""
    walk.page.goto(walk.shop.address + "/imports")
    walk.tab_to("#f-kind")
    walk.page.locator("#f-kind").select_option(kind)
    walk.tab_to("#f-file")
    walk.page.locator("#f-file").set_input_files(file)
    press(walk, "form.drop button")
    walk.look(f"file-{kind}")
    press(walk, "button[value=run]")
    walk.expect("#job a.btn.go[href='/']")
    walk.look(f"brought-{kind}")


def choose(walk):
    """Whom: the segment of the story, counted and kept."""
    walk.page.goto(walk.shop.address + "/campaigns")
    press(walk, "a[href='/campaigns/segment']")
    paste(walk, "#definition #f-text", story("late.toml"))
    press(walk, "#definition button")
    walk.expect("a[href*='/campaigns/plan']")
    walk.look("segment")
    press(walk, "a.btn[href*='/campaigns/plan']")


def plan(walk):
    """What, for how much, and how it will be read. A plan that could not be told from nothing is refused with help."""
    for file, is_kept in (("cheap.toml", False), ("plan.toml", True)):
        if not walk.page.locator("details.more[open]").count():
            walk.tab_to("details.more > summary", 400)
            walk.keys("Enter")
        paste(walk, "details.more #f-text", story(file))
        press(walk, "details.more button")
        if is_kept:
            walk.page.wait_for_url("**/campaigns/of/late-calls")
        else:
            walk.expect(".note.bad", "hold_out = 0.5")
        walk.look("plan" if is_kept else "plan-refused")


def cells(path):
    """The rows of a workbook with texts."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(path) as book:
        texts = [
            "".join(part.text or "" for part in one.iter(space + "t"))
            for one in Tree.fromstring(book.read("xl/sharedStrings.xml"))
        ]
        sheet = Tree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    rows = []
    for row in sheet.iter(space + "row"):
        line = {}
        for cell in row:
            value = cell.find(space + "v")
            if value is not None:
                line[re.sub(r"\d", "", cell.get("r"))] = texts[int(value.text)] if cell.get("t") == "s" else value.text
        rows.append(line)
    return rows


def hand_over(walk):
    """Frozen; the list leaves; a week later it comes back ticked."""
    press(walk, "form[action$='/freeze'] button")
    walk.expect("form[action$='/list']")
    walk.look("frozen")
    walk.tab_to("#f-layout", 400)
    walk.page.locator("#f-layout").select_option("staff-calls")
    walk.tab_to("form[action$='/list'] button", 400)
    with walk.page.expect_download() as download:
        walk.keys("Enter")
    calls = FOLDER / "calls.xlsx"
    download.value.save_as(calls)
    head, *rows = cells(calls)
    place = {title: column for column, title in head.items()}
    words = ["opted out"] + ["no answer" if at % 5 == 0 else "reached" for at in range(1, len(rows))]
    back = FOLDER / "back.csv"
    ticked = [f"{row[place['Ref']]},2025-10-08,{word}" for row, word in zip(rows, words)]
    back.write_text("Ref,Called on,Outcome\n" + "\n".join(ticked) + "\n")
    walk.page.reload()
    walk.tab_to("#f-file", 400)
    walk.page.locator("#f-file").set_input_files(back)
    press(walk, "form[action$='/results'] button")
    walk.expect(".note.warn")
    walk.look("results")
    return len(rows)


def measure(walk):
    press(walk, "form[action$='/measure'] button")
    walk.expect(".lead.said")
    said = walk.page.locator(".lead.said").inner_text()
    walk.look("measured")
    with walk.page.expect_navigation():
        walk.tab_to("a[href$='/report']", 400)
        walk.keys("Enter")
    walk.look("report")
    report = walk.page.locator("h1").inner_text()
    walk.page.go_back()
    return said, report


def close(walk):
    """Decided as advised, and remembered by the next X-ray."""
    walk.tab_to("#f-note", 400)
    walk.type("Go on, every month")
    press(walk, "form[action$='/close'] button")
    walk.expect("#next button")
    walk.look("closed")
    press(walk, "#next button")
    walk.page.wait_for_selector(".say > li", timeout=300_000)
    walk.page.goto(walk.shop.address + "/analysis/report")
    walk.expect("#memory td", "Go on, every month")
    # A whole report weighs more than a page may.
    walk.page.screenshot(path=console.SCREENS / "loop.c.remembered.png")


def pages(browser, server, state):
    """Its pages on a phone, in four languages, light and dark."""
    wrong = []
    for language, theme in (("en", "dark"), ("vi", "light"), ("zh", "dark"), ("zh-Hant", "light")):
        walk = Walk(browser, server, f"loop.{language}.{theme}", SIZES["phone"], state)
        walk.context.add_cookies([{"name": "perennial-view", "value": f"{language}.{theme}", "url": server.address}])
        for path in ("/campaigns", "/campaigns/of/late-calls", "/campaigns/of/late-calls/report", "/campaigns/plan"):
            walk.page.goto(server.address + path)
            walk.look(re.sub(r"[^a-z]+", "-", path).strip("-"))
        wrong += walk.wrong
        walk.close()
    return wrong


def plain(text):
    return " ".join(text.replace("\u2060", "").split())


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    console.SCREENS.mkdir(parents=True, exist_ok=True)
    began = time.time()
    run(*WORLD, "--until", "2025-10-06", "--out", FOLDER / "market")
    run("import", "orders", FOLDER / "market/orders.csv", "--shop", "Corner", "--currency", "VND",
        "--timezone", "Asia/Ho_Chi_Minh", "--quiet")
    invited = json.loads(run("staff", "invite", "ana@corner.example", "--name", "Ana", "--role", "owner", "--json"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or "/usr/bin/chromium",
            args=["--no-sandbox"] if os.geteuid() == 0 else [],
        )

        def open_walk(server, part, state=None):
            return Walk(browser, server, f"loop.{part}", SIZES["desk"], state, locale="en-GB")

        with Server() as server:
            walk = open_walk(server, "a")
            join(walk, invited["invitation"])
            bring(walk, "customers", FOLDER / "market/contacts.csv")
            state, wrong = walk.context.storage_state(), walk.wrong
            walk.close()
        run("customer", "consent", "--file", FOLDER / "market/contacts.csv", "--channel", "call", "--text-version",
            "2025-01", "--said-on", "2025-09-01")
        with Server() as server:
            walk = open_walk(server, "b", state)
            choose(walk)
            plan(walk)
            rows = hand_over(walk)
            run(*WORLD, "--from", "2025-10-06", "--until", "2025-11-03", "--contacted", FOLDER / "calls.xlsx",
                "--contacted-on", "2025-10-06", "--lift", "1.6", "--lift-days", "28", "--out", FOLDER / "later",
                data="nowhere")
            bring(walk, "orders", FOLDER / "later/orders.csv")
            wrong += walk.wrong
            walk.close()
        # The same shop twice: the command line reads one, the browser the other.
        shutil.copytree(FOLDER / "data", FOLDER / "copy")
        theirs = json.loads(run("campaign", "measure", "late-calls", "--json", data="copy"))
        sentence, verdict = run("campaign", "measure", "late-calls", data="copy").splitlines()[:2]
        with Server() as server:
            walk = open_walk(server, "c", state)
            walk.page.goto(server.address + "/campaigns/of/late-calls")
            said, report = measure(walk)
            close(walk)
            wrong += walk.wrong + pages(browser, server, state)
            walk.close()
        browser.close()
    ours = json.loads(run("campaign", "measure", "late-calls", "--json"))
    assert ours == theirs, "the page and the command line do not say the same"
    assert plain(said) == plain(f"{sentence} {verdict}"), (said, sentence, verdict)
    assert plain(report) == plain(sentence), (report, sentence)
    assert rows == ours["people"]["contact"], (rows, ours["people"])
    lift = next(one for one in ours["effects"] if one["metric"] == "orders")["lift"]
    width = lift["high"] - lift["low"]
    assert abs((lift["high"] + lift["low"]) / 2 - PLANTED_ORDERS) < width and lift["low"] > 0, lift
    assert ours["people"]["leaked"] == 0 and ours["people"]["opted_out"] == 1, ours["people"]
    assert run("verify").find("all is sound") >= 0
    for what in wrong:
        print(f"WRONG {what}")
    print(f"{sentence} {verdict}")
    print(f"orders a person {lift['low']:.3f} to {lift['high']:.3f}, planted {PLANTED_ORDERS}; {rows} on the list")
    print(f"{time.time() - began:.0f} s, pictures in {console.SCREENS}")
    if wrong:
        sys.exit(f"{len(wrong)} things are wrong")


if __name__ == "__main__":
    main()
