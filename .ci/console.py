"""Walk through the console as somebody who works in it: the keyboard alone, on a phone and at a desk.

Opens the corner shop with `perennial demo --serve`, does the ten tasks of a day at 390 and at 1440 pixels, takes a
picture of each page into target/screens/console, and asks of every page: no message on the console, nothing asked of
another host, nothing wider than the window, less than 150 kB, and no serious fault that axe-core knows. Then it does the
essential tasks again with script off, and looks at every page in Vietnamese and Chinese, light and dark.

    python console.py
"""

import os
import pathlib
import re
import signal
import subprocess
import sys
import time

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from browser import OVERFLOW, program

SIZES = {"phone": (390, 844), "desk": (1440, 900)}
SCREENS = pathlib.Path("target/screens/console")
DEMO = pathlib.Path("target/console-demo")
HEAVIEST = 150_000
PAGES = ["/", "/customers", "/customers?state=at_risk&sort=late", "/customers?q=nobody-at-all", "/settings",
         "/settings/staff", "/settings/keys", "/settings/audit", "/settings/health", "/styleguide", "/no-such-page"]


class Shop:
    """The corner shop, with its console open."""

    def __enter__(self):
        command = [program(), "demo", "--serve", "--listen", "127.0.0.1:0", "--out", str(DEMO), "--quiet"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.links = []
        for line in self.process.stdout:
            self.links += re.findall(r"http://\S+/sign-in/\S+", line)
            if "Ctrl-C" in line:
                break
        if not self.links:
            sys.exit("perennial demo --serve printed no link")
        self.address = self.links[0].split("/sign-in/")[0]
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=60)


class Walk:
    """One browser window, and what is wrong with what it showed."""

    def __init__(self, browser, shop, name, size, state=None, **more):
        self.shop, self.name, self.wrong, self.count = shop, name, [], 0
        self.context = browser.new_context(viewport={"width": size[0], "height": size[1]}, storage_state=state, **more)
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.say(message.text) if message.type == "error" and "status of 4" not in message.text else None)
        self.page.on("pageerror", lambda error: self.say(f"script: {error}"))
        self.page.on("request", lambda request: None if request.url.startswith((shop.address, "data:")) else self.say(f"asks {request.url}"))

    def say(self, what):
        self.wrong.append(f"{self.page.url.removeprefix(self.shop.address)}: {what}")

    def keys(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text):
        self.page.keyboard.type(text)

    def tab_to(self, selector, most=160):
        """Tab until the focus is on what the selector finds, as somebody without a mouse does."""
        for _ in range(most):
            if self.page.evaluate("s => !!document.activeElement?.matches(s)", selector):
                return
            self.keys("Tab")
        raise AssertionError(f"{self.name}: Tab does not lead to {selector} on {self.page.url}")

    def expect(self, selector, text=""):
        found = self.page.locator(selector, has_text=text) if text else self.page.locator(selector)
        found.first.wait_for(state="visible", timeout=15_000)

    def look(self, name):
        """A picture, and what a machine can see."""
        self.count += 1
        self.page.screenshot(path=SCREENS / f"{self.name}.{self.count:02}.{name}.png", full_page=True)
        if self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            self.say(f"wider than the window: {self.page.evaluate(OVERFLOW)}")
        weight = len(self.page.content().encode())
        if weight > HEAVIEST:
            self.say(f"{weight} bytes")
        found = Axe().run(self.page)
        for fault in found.response["violations"]:
            if fault["impact"] in ("serious", "critical"):
                self.say(f"axe: {fault['id']}: {fault['nodes'][0]['html'][:160]}")

    def close(self):
        self.context.close()


def sign_in(walk, link):
    walk.page.goto(link)
    walk.look("link")
    walk.keys("Enter")
    walk.page.wait_for_url(walk.shop.address + "/")


def figures(walk):
    """Home: the figures come by themselves."""
    walk.page.wait_for_selector(".say > li", timeout=120_000)
    walk.look("home")


def late(walk):
    """Who is late: by the keyboard from home, and the count follows the choice."""
    walk.keys("g", "c")
    walk.page.wait_for_url("**/customers")
    before = walk.page.locator("#results .pages").first.inner_text()
    walk.tab_to("#f-state")
    walk.page.keyboard.type("Late")
    walk.page.wait_for_function("was => document.querySelector('#results .pages').innerText !== was", arg=before)
    walk.look("late")
    walk.page.evaluate("document.activeElement.blur()")
    walk.keys("j", "j", "k", "Enter")
    walk.page.wait_for_url("**/customers/cus_*")
    walk.look("customer")


def find(walk):
    """Somebody by the end of a telephone number."""
    walk.page.evaluate("document.activeElement.blur()")
    walk.keys("/")
    walk.type("0900000012")
    walk.expect("#found a")
    walk.look("found")
    with walk.page.expect_navigation():
        walk.keys("ArrowDown", "Enter")


def why(walk):
    """Why so many points."""
    walk.tab_to(".time .why summary")
    walk.keys("Enter")
    walk.expect(".time details[open] li")
    walk.look("why")


def profile(walk):
    """A birthday is written down."""
    walk.tab_to("#act-profile > summary")
    walk.keys("Enter")
    walk.tab_to("#f-birthday")
    walk.keys("Control+a")
    walk.type("03-21")
    walk.keys("Enter")
    walk.expect("[data-toast]")
    walk.expect(".facts dd", "03-21")
    walk.look("saved")


def conflict(walk):
    """Two people write at once: the second is told, and loses nothing."""
    other = walk.context.new_page()
    other.goto(walk.page.url)
    walk.tab_to("#act-profile > summary")
    walk.keys("Enter")
    walk.tab_to("#f-address")
    walk.type("12 Hàng Bông")
    other.locator("#act-profile > summary").press("Enter")
    other.locator("#f-address").fill(f"14 Hàng Gai, {walk.name} {int(time.time())}")
    other.locator("#f-address").press("Enter")
    other.wait_for_selector("[data-toast]")
    other.close()
    walk.keys("Enter")
    walk.expect(".note.bad")
    assert walk.page.locator("#f-address").input_value() == "12 Hàng Bông", "what was typed is lost"
    walk.look("conflict")


def merge(walk):
    """Two are one, and two again."""
    walk.tab_to("#act-merge > summary")
    walk.keys("Enter")
    walk.tab_to("#f-other")
    walk.type("0900000013")
    walk.tab_to("#f-evidence")
    walk.type("showed both cards")
    walk.keys("Enter")
    walk.expect("[data-toast]")
    walk.look("merged")
    walk.tab_to("form[action$='/unmerge'] button")
    walk.keys("Enter")
    walk.expect("[data-toast]")
    walk.look("parted")


def staff(walk, address):
    """Somebody is asked in."""
    walk.page.evaluate("document.activeElement.blur()")
    walk.keys("g", "s")
    walk.page.wait_for_url("**/settings*")
    walk.look("settings")
    walk.tab_to("a[href='/settings/staff']")
    walk.keys("Enter")
    walk.page.wait_for_url("**/settings/staff")
    walk.tab_to("#f-email")
    walk.type(address)
    walk.tab_to("#f-name")
    walk.type("Cúc")
    walk.keys("Enter")
    walk.expect(".note.good code")
    walk.look("staff")


def keys(walk):
    """A till gets a key, and loses it."""
    walk.tab_to("a[href='/settings/keys']")
    walk.keys("Enter")
    walk.page.wait_for_url("**/settings/keys")
    walk.tab_to("#f-name")
    walk.type("till north 1")
    walk.keys("Enter")
    walk.expect(".note.good code")
    walk.look("key")
    walk.tab_to("form[action$='/revoke'] button")
    walk.keys("Enter")
    walk.expect("[data-toast]")
    walk.look("keys")


def audit(walk):
    """Who did that."""
    walk.tab_to("a[href='/settings/audit']")
    walk.keys("Enter")
    walk.page.wait_for_url("**/settings/audit")
    walk.expect("code", "keys.manage")
    walk.look("audit")


def day(browser, shop, size, link):
    """The ten tasks of a day, and where the session is kept."""
    walk = Walk(browser, shop, size, SIZES[size], locale="en-GB")
    sign_in(walk, link)
    figures(walk)
    late(walk)
    find(walk)
    why(walk)
    profile(walk)
    conflict(walk)
    find(walk)
    merge(walk)
    staff(walk, f"{size}-{int(time.time())}@corner.example")
    keys(walk)
    audit(walk)
    state = walk.context.storage_state()
    walk.close()
    return walk.wrong, state


def without_script(browser, shop, state):
    """What is essential works with script off: finding, changing, asking in."""
    walk = Walk(browser, shop, "plain", SIZES["desk"], state, java_script_enabled=False)
    page = walk.page
    page.goto(shop.address + "/customers?q=0900000014")
    page.locator("#results th a").first.click()
    page.locator("#act-profile > summary").click()
    page.locator("#f-birthday").fill("04-12")
    page.locator("form[action$='/profile'] button").click()
    assert "04-12" in page.content(), "a change without script"
    page.goto(shop.address + "/customers")
    page.locator("#f-state").select_option("lapsed")
    page.locator(".filters button").click()
    assert "state=lapsed" in page.url and page.locator("tr[data-hit]").count() > 0, "a filter without script"
    walk.close()
    return walk.wrong


def every_page(browser, shop, state):
    """Every page, in each language and in both lights, on both sizes."""
    wrong = []
    for language, theme in (("en", "dark"), ("vi", "light"), ("zh", "dark")):
        for size, pixels in SIZES.items():
            walk = Walk(browser, shop, f"all.{language}.{theme}.{size}", pixels, state)
            walk.context.add_cookies([{"name": "perennial-view", "value": f"{language}.{theme}", "url": shop.address}])
            for path in PAGES:
                walk.page.goto(shop.address + path)
                walk.look(re.sub(r"[^a-z]+", "-", path).strip("-") or "home")
            walk.page.goto(shop.address + "/customers?q=0900000012")
            walk.page.locator("#results th a").first.click()
            walk.look("customer")
            wrong += walk.wrong
            walk.close()
    return wrong


def main():
    SCREENS.mkdir(parents=True, exist_ok=True)
    began, wrong = time.time(), []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or "/usr/bin/chromium",
            args=["--no-sandbox"] if os.geteuid() == 0 else [],
        )
        for size in SIZES:
            # A link signs in once: each day begins with a link of its own.
            with Shop() as shop:
                found, state = day(browser, shop, size, shop.links[0])
                print(f"{size}: {len(found)} wrong, {time.time() - began:.0f} s")
                wrong += [f"{size} {what}" for what in found]
                if size == "desk":
                    wrong += [f"without script {what}" for what in without_script(browser, shop, state)]
                    wrong += every_page(browser, shop, state)
        browser.close()
    for what in wrong:
        print(f"WRONG {what}")
    print(f"{time.time() - began:.0f} s, pictures in {SCREENS}")
    if wrong:
        sys.exit(f"{len(wrong)} things are wrong")


if __name__ == "__main__":
    main()
