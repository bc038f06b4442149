"""Open the reports in a real browser and look at them as a machine can.

For each sample shop, in English, Vietnamese and both kinds of Chinese, on a phone (390 wide) and a desk (1280 wide), light and dark:
no message on the console, nothing asked of the network, nothing wider than the window, no section without content, no
untranslated name, every definition and table opens; then a picture into target/screens, and the page as it prints.

    python browser.py [REPORT.html…]     default: writes the reports of demo/ in four languages first
"""

import os
import pathlib
import subprocess
import sys

from playwright.sync_api import sync_playwright

SIZES = {"phone": (390, 844), "desk": (1280, 900)}
LANGUAGES = ("en", "vi", "zh", "zh-Hant")
SCREENS = pathlib.Path("target/screens")

OVERFLOW = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  const scrolls = element => {
    for (let up = element.parentElement; up; up = up.parentElement)
      if (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(up).overflowX) && up !== document.body && up !== document.documentElement) return true;
    return false;
  };
  return [...document.body.querySelectorAll("*")]
    .filter(e => e.getBoundingClientRect().right > wide + 1 && !scrolls(e))
    .slice(0, 5)
    .map(e => `${e.tagName.toLowerCase()}.${e.getAttribute("class") || ""} “${e.textContent.trim().slice(0, 40)}”`);
}"""

EMPTY = """() => [...document.querySelectorAll("section")]
  .filter(s => s.innerText.trim().length < 15)
  .map(s => s.id || s.className)"""

# A chart that is drawn has marks: paths, bars, circles. One that is not is a frame.
BARE = """() => [...document.querySelectorAll("svg")]
  .filter(s => s.getBoundingClientRect().height > 100)
  .filter(s => s.querySelectorAll("path, rect, circle, polyline, polygon, line").length < 3)
  .map(s => (s.getAttribute("aria-label") || s.querySelector("title")?.textContent || "a chart without a title"))"""

UNTITLED = """() => [...document.querySelectorAll("svg[role=img]")]
  .filter(s => !s.getAttribute("aria-label") && !s.getAttribute("aria-labelledby") && !s.querySelector("title"))
  .length"""

# What a page shows where a sentence is missing: its key, a brace of a placeable, or a number that is none.
LEFT_OPEN = r"""() => {
  const text = document.body.innerText;
  return (text.match(/\{ ?\$?[a-z_]+ ?\}|\b(?:NaN|undefined|null|inf)\b|\b(?:report|word|def|section|chart|axis|col|data|models)-[a-z]+(?:-[a-z]+)*\b/g) || []).slice(0, 5);
}"""

DETAILS = """() => {
  const closed = [...document.querySelectorAll("main details")];
  closed.forEach(d => d.open = true);
  return closed.filter(d => d.getBoundingClientRect().height < 20 || !d.querySelector("td, li, p")).length;
}"""

DEFINITIONS = """() => [...document.querySelectorAll("[popovertarget]")]
  .filter(b => !document.getElementById(b.getAttribute("popovertarget")))
  .map(b => b.getAttribute("popovertarget"))"""


def program():
    folder = os.environ.get("CARGO_TARGET_DIR", "target")
    return os.environ.get("PERENNIAL", os.path.join(folder, "release", "perennial"))


def write_reports():
    reports = []
    for shop in ("cdnow", "corner-shop"):
        for language in LANGUAGES:
            page = SCREENS / f"{shop}.{language}.html"
            subprocess.run(
                [program(), "xray", "--quiet", "--data", f"demo/{shop}", "--lang", language, "--out", str(page)],
                check=True,
            )
            reports.append(page)
    return reports


def look(browser, report, name, size, scheme):
    problems = []
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    page.on("console", lambda message: problems.append(f"console: {message.text}") if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: problems.append(f"script: {error}"))
    page.on("request", lambda request: None if request.url.startswith(("file:", "data:")) else problems.append(f"asks {request.url}"))
    page.goto(report.resolve().as_uri())
    page.wait_for_timeout(200)
    problems += [f"wider than the window: {what}" for what in page.evaluate(OVERFLOW)]
    problems += [f"empty section: {what}" for what in page.evaluate(EMPTY)]
    problems += [f"empty chart: {what}" for what in page.evaluate(BARE)]
    problems += [f"left open: {what}" for what in page.evaluate(LEFT_OPEN)]
    problems += [f"no definition: {what}" for what in page.evaluate(DEFINITIONS)]
    untitled = page.evaluate(UNTITLED)
    if untitled:
        problems.append(f"{untitled} charts without an accessible title")
    sections = page.evaluate("() => document.querySelectorAll('main section').length")
    if sections < 8:
        problems.append(f"only {sections} sections")
    page.screenshot(path=SCREENS / f"{name}.png", full_page=True)
    page.screenshot(path=SCREENS / f"{name}.top.png")
    hollow = page.evaluate(DETAILS)
    if hollow:
        problems.append(f"{hollow} tables behind charts have nothing in them")
    problems += [f"with tables open, wider than the window: {what}" for what in page.evaluate(OVERFLOW)]
    if size[0] > 1000 and scheme == "light":
        page.pdf(path=SCREENS / f"{name}.pdf", format="A4")
    page.close()
    return problems


def main(arguments):
    SCREENS.mkdir(parents=True, exist_ok=True)
    reports = [pathlib.Path(argument) for argument in arguments] or write_reports()
    wrong = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or "/usr/bin/chromium",
            args=["--no-sandbox"] if os.geteuid() == 0 else [],
        )
        for report in reports:
            for size, pixels in SIZES.items():
                for scheme in ("light", "dark"):
                    name = f"{report.stem}.{size}.{scheme}"
                    problems = look(browser, report, name, pixels, scheme)
                    print(f"{'ok   ' if not problems else 'WRONG'} {name}")
                    for problem in problems:
                        print(f"      {problem}")
                    wrong += bool(problems)
        browser.close()
    if wrong:
        sys.exit(f"{wrong} views have something wrong")


if __name__ == "__main__":
    main(sys.argv[1:])
