"""Walk through the console as somebody who works in it: the keyboard alone, on a phone and at a desk.

Opens the corner shop with `perennial demo --serve`, does the tasks of a day at 390 and at 1440 pixels (who is late, somebody
by a number, why so many points, a birthday, two who write at once, two who are one, a segment, a campaign from the segment to
the decision, a figure of the program changed and tried, vouchers, a part of the analysis, a query, a file brought in, staff,
keys, webhooks, a backup, who did what, a session that ends while one types), takes a picture of each page into target/screens/console, and asks of every page: no message on the console, nothing asked of
another host, nothing wider than the window, less than 150 kB, and no serious fault that axe-core knows. Then it does the
essential tasks again with script off, and looks at every page in Vietnamese and both kinds of Chinese, light and dark.

    python console.py
"""

import base64
import hashlib
import hmac
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import TimeoutError, sync_playwright

from browser import OVERFLOW, program

SIZES = {"phone": (390, 844), "desk": (1440, 900)}
SCREENS = pathlib.Path("target/screens/console")
DEMO = pathlib.Path("target/console-demo")
HEAVIEST = 150_000
PAGES = ["/", "/customers", "/customers?state=at_risk&sort=late", "/customers?q=nobody-at-all", "/customers/requests",
         "/customers/cases", "/points",
         "/program/corner", "/program/corner/forms", "/program/corner/edit", "/program/corner/tries", "/program/corner/versions",
         "/program/corner/rewards", "/program/corner/rewards/off/vouchers", "/program/corner/tiers", "/program/corner/missions",
         "/program/corner/referrals", "/program/corner/liability", "/program/new",
         "/campaigns", "/campaigns/segment", "/campaigns/plan", "/campaigns/of/{campaign}",
         "/analysis/period", "/analysis/change", "/analysis/cohort", "/analysis/cohorts", "/analysis/base", "/analysis/value",
         "/analysis/late", "/analysis/kinds", "/analysis/next", "/analysis/products", "/analysis/places", "/analysis/models",
         "/analysis/reports", "/analysis/registry", "/analysis/registry?of=customer", "/analysis/sql",
         "/imports", "/settings", "/settings/staff", "/settings/keys", "/settings/webhooks", "/settings/consents",
         "/settings/backups", "/settings/audit", "/settings/health", "/styleguide", "/no-such-page"]
# Pages that are looked at in every language and light; the others in Vietnamese, light, at a desk and Chinese, dark, on a phone.
FACES = ["/", "/customers", "/program/corner/forms", "/analysis/cohorts", "/imports", "/settings", "/styleguide"]

class Shop:
    """The corner shop, with its console open."""

    def __enter__(self):
        # A file that was brought in before is turned away, and has no rejects to look at.
        shutil.rmtree(DEMO, ignore_errors=True)
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
        self.page.wait_for_load_state()
        for _ in range(most):
            if self.page.evaluate("s => !!document.activeElement?.matches(s)", selector):
                return
            self.keys("Tab")
        raise AssertionError(f"{self.name}: Tab does not lead to {selector} on {self.page.url}")

    def expect(self, selector, text="", seconds=20):
        found = self.page.locator(selector, has_text=text) if text else self.page.locator(selector)
        found.first.wait_for(state="visible", timeout=seconds * 1000)

    def go(self, *keys):
        """Somewhere by its letter, with the focus nowhere in particular."""
        self.page.evaluate("document.activeElement.blur()")
        self.keys("g", *keys)

    def choose(self, selector, value):
        """An option of a choice, as the keyboard would."""
        self.tab_to(selector)
        self.page.locator(selector).select_option(value)

    def write(self, selector, text):
        """A text in place of what is in a field."""
        self.tab_to(selector)
        self.keys("Control+a")
        self.type(text)

    def press(self, selector):
        """A button, by the keyboard."""
        self.tab_to(selector)
        self.keys("Enter")

    def look(self, name, asks_axe=True):
        """A picture, and what a machine can see."""
        self.count += 1
        self.page.screenshot(path=SCREENS / f"{self.name}.{self.count:02}.{name}.png", full_page=True)
        if self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            self.say(f"wider than the window: {self.page.evaluate(OVERFLOW)}")
        weight = len(self.page.content().encode())
        if weight > HEAVIEST:
            self.say(f"{weight} bytes")
        if not asks_axe:
            return
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


def case(walk):
    """Something is taken up for a customer, answered, and stands on the page of open cases."""
    walk.press("#act-case > summary")
    walk.write("#f-about", "the soup was cold")
    walk.keys("Enter")
    walk.expect("#cases article", "the soup was cold")
    walk.write("#f-text-1", "called back")
    walk.press("#cases button[value=note]")
    walk.expect("#cases li", "called back")
    walk.look("case")
    here = walk.page.url
    walk.page.goto(walk.shop.address + "/customers/cases")
    walk.expect("td, th", "the soup was cold")
    walk.look("cases")
    walk.page.goto(here)
    walk.press("#cases button[value=close]")
    walk.expect("[data-toast]")


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
    return walk.page.locator(".note.good code").inner_text()


def code(secret):
    """The six digits of this half minute (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, (int(time.time()) // 30).to_bytes(8, "big"), hashlib.sha1).digest()
    place = digest[-1] & 15
    return f"{(int.from_bytes(digest[place:place + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def sign_in_again(walk, address, password, second):
    """By password and a second factor, with the keyboard."""
    walk.write("#f-email", address)
    walk.write("#f-password", password)
    walk.write("#f-code", second)
    walk.keys("Enter")


def expired(browser, shop, size, link, address):
    """A session ends while somebody types: they sign in again, and what they typed is there, looked at, and sent."""
    walk = Walk(browser, shop, f"{size}.expired", SIZES[size], locale="en-GB")
    page, password = walk.page, "a long pass phrase for the corner shop"
    page.goto(shop.address + link)
    walk.look("join")
    walk.write("#f-password", password)
    walk.keys("Enter")
    walk.expect(".codes code")
    walk.look("joined")
    secret = page.locator(".faint code").inner_text()
    spare = page.locator(".codes code").first.inner_text()
    page.goto(shop.address + "/sign-in")
    walk.look("sign-in")
    sign_in_again(walk, address, password, code(secret))
    page.wait_for_url(shop.address + "/")
    page.goto(shop.address + "/customers?q=0900000021")
    page.locator("#results th a").first.press("Enter")
    walk.press("#act-profile > summary")
    typed = f"7 Phố Huế, {walk.name} & <b>"
    walk.write("#f-address", typed)
    walk.context.clear_cookies()
    walk.keys("Enter")
    walk.expect(".note", "Your session has ended")
    walk.look("ended")
    sign_in_again(walk, address, "not the pass phrase", "000000")
    walk.expect(".note.bad")
    sign_in_again(walk, address, password, spare)
    walk.expect("h1", "Still as you typed it")
    assert page.locator("[name=address]").input_value() == typed, "what was typed is lost"
    walk.look("waits")
    walk.press("main form button")
    walk.expect("[data-toast]")
    walk.expect(".facts dd", typed)
    walk.look("sent")
    walk.close()
    return walk.wrong


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
    walk.expect("td", "making or revoking keys")
    walk.look("audit")


def segment(walk, name):
    """Who: two conditions, one of them of what was done; counted while they are chosen, kept, and seen."""
    walk.page.goto(walk.shop.address + "/campaigns/segment")
    walk.write("#f-name", name)
    walk.choose("#f-ask-1-1", "orders-least")
    walk.write("#f-value-1-1", "2")
    walk.choose("#f-ask-1-2", "ordered")
    walk.write("#f-days-1-2", "365")
    walk.expect("#counted .type-t5")
    walk.look("segment")
    walk.press("#definition button")
    walk.expect("[data-toast]")
    # Two people change it: the second is told, and keeps what they wrote.
    walk.page.goto(walk.shop.address + f"/campaigns/segment?name={name}")
    other = walk.context.new_page()
    other.goto(walk.page.url)
    walk.choose("#f-ask-1-2", "agreed")
    walk.write("#f-value-1-2", "sms")
    walk.page.wait_for_function("() => document.querySelector('#f-text').value.includes('consent')")
    walk.expect("#counted .type-t5")
    walk.look("consent")
    other.locator("#f-value-1-1").fill("3")
    other.wait_for_function("() => document.querySelector('#f-text').value.includes('at_least = 3')")
    other.locator("#definition button").press("Enter")
    other.wait_for_selector("[data-toast]")
    other.close()
    walk.press("#definition button")
    walk.expect(".note.warn pre", "at_least = 3")
    assert "consent" in walk.page.locator("#f-text").input_value(), "what was chosen is lost"
    walk.look("segment-conflict")
    walk.press("#definition button")
    walk.expect("[data-toast]")
    walk.page.goto(walk.shop.address + f"/customers?saved={name}")
    walk.expect("tr[data-hit]")
    walk.look("kept")


def campaign(walk, name):
    """From the segment to the decision: a plan, the lot, a list, what came back, what it brought."""
    page, shop = walk.page, walk.shop.address
    page.goto(f"{shop}/campaigns/plan?who=segment:{name}")
    walk.write("#f-name", name)
    walk.write("#f-title", "Coffee on us")
    walk.write("#f-action", "a coffee")
    walk.choose("#f-channel", "sms")
    walk.choose("#f-purpose", "service")
    walk.write("#f-cost_per_contact", "350")
    walk.write("#f-margin", "40")
    walk.write("#f-accept_unseen_below", "1000000")
    walk.write("#f-recipient", "staff")
    walk.look("plan")
    walk.keys("Enter")
    page.wait_for_url("**/campaigns/of/*", timeout=60_000)
    walk.look("planned")
    walk.press("form[action$='/freeze'] button")
    walk.expect("form[action$='/list']", seconds=90)
    walk.choose("#f-layout", "excel")
    with page.expect_download() as taken:
        walk.press("form[action$='/list'] button")
    list_file = SCREENS / f"{walk.name}.list.xlsx"
    taken.value.save_as(list_file)
    page.reload()
    walk.look("listed")
    walk.tab_to("#f-file")
    page.locator("#f-file").set_input_files(list_file)
    walk.press("form[action$='/results'] button")
    walk.expect("[data-toast], .note.bad", seconds=60)
    walk.look("results")
    walk.press("form[action$='/measure'] button")
    walk.expect("[data-toast], .note.bad", seconds=90)
    walk.look("measured")
    walk.choose("#f-decision", "stop")
    walk.write("#f-note", "a try")
    walk.keys("Enter")
    walk.expect("[data-toast]")
    walk.look("decided")


def figure(walk, points):
    """A figure of the program: changed in a form, tried on the past, put in force; and somebody who comes too late is told."""
    page, shop = walk.page, walk.shop.address
    page.goto(shop + "/program/corner/forms")
    late = walk.context.new_page()
    late.goto(page.url)
    field = "[name='program.toml/reward/0/prices.0.points']"
    walk.write(field, points)
    walk.look("forms")
    walk.keys("Enter")
    walk.expect("button[value=apply]")
    walk.look("change")
    walk.press("button[value=try]")
    page.wait_for_selector(".lens h2, .note.bad", timeout=120_000)
    walk.look("tried")
    if page.locator(".note.bad").count():
        walk.say(page.locator(".note.bad").first.inner_text())
    page.goto(shop + "/program/corner/forms")
    walk.write(field, points)
    walk.keys("Enter")
    walk.expect("button[value=apply]")
    walk.press("button[value=apply]")
    walk.expect("[data-toast]")
    walk.look("rules")
    late.locator(field).fill("77")
    late.locator(field).press("Enter")
    late.wait_for_selector(".note.warn")
    assert "points = 77" in late.content(), "what was typed is lost"
    late.close()


def vouchers(walk):
    """Codes made beforehand, to print and as a file."""
    walk.page.goto(walk.shop.address + "/program/corner/rewards")
    walk.press("[aria-labelledby=reward-off] details > summary")
    walk.write("#count-off", "5")
    walk.keys("Enter")
    walk.expect(".coupons li")
    walk.look("vouchers")
    with walk.page.expect_download():
        walk.press("a[href$='vouchers.csv']")


def analysis(walk):
    """A part of the shop, and a picture and a table of it."""
    page = walk.page
    page.goto(walk.shop.address + "/analysis/period")
    walk.look("lens")
    page.locator("#f-store").select_option(index=1)
    walk.press(".filters button")
    page.wait_for_selector(".lens h2", timeout=120_000)
    walk.look("part")
    for ending in ("svg", "csv"):
        with page.expect_download():
            walk.press(f".takes a[href*='.{ending}']")
    with page.expect_download() as taken:
        walk.press(".takes [data-png]")
    assert taken.value.suggested_filename.endswith(".png"), "a picture as PNG"


def query(walk, name):
    """An analyst's own question, kept."""
    walk.page.goto(walk.shop.address + "/analysis/sql")
    walk.write("#f-sql", "select state, count(*) as customers from customer.cadence group by state order by state")
    walk.write("#f-name", name)
    walk.press("button[value=ask]")
    walk.expect("td", "active")
    walk.look("query")
    walk.press("button[value=keep]")
    walk.expect(".tags a", name)
    walk.write("#f-sql", "select * from nothing.at_all")
    walk.press("button[value=ask]")
    walk.expect(".note.bad")


def bring_in(walk):
    """A file: what was found out, its first rows, how far it is, what was rejected."""
    page = walk.page
    file = SCREENS / f"{walk.name}.orders.csv"
    rows = [f"w-{walk.name}-{number},2026-0{1 + number % 9}-1{number % 9},0900000{number % 900:03},{10000 + number},tea" for number in range(400)]
    file.write_text("\n".join(["order,date,phone,total,product", *rows, "w-x,no day at all,0900000001,5000,tea"]) + "\n")
    walk.go("i")
    page.wait_for_url("**/imports")
    walk.look("imports")
    walk.tab_to("#f-file")
    page.locator("#f-file").set_input_files(file)
    walk.press("form.drop button")
    walk.expect("table th select")
    walk.look("columns")
    walk.press("button[value=run]")
    page.wait_for_selector("a[href^='/imports/rejects/'], .note.bad", timeout=60_000)
    walk.look("brought")
    with page.expect_download():
        walk.press("a[href^='/imports/rejects/']")


def settings(walk):
    """How the shop looks, what customers agree to, who is told, a backup."""
    page, shop = walk.page, walk.shop.address
    page.goto(shop + "/settings")
    other = walk.context.new_page()
    other.goto(page.url)
    walk.write("#f-name", f"Corner shop {walk.name}")
    walk.keys("Enter")
    walk.expect("[data-toast]")
    # Somebody had the page open meanwhile: they are told, and keep what they typed.
    other.locator("#f-name").fill("Another name")
    other.locator("#f-name").press("Enter")
    other.wait_for_selector(".note.bad")
    assert other.locator("#f-name").input_value() == "Another name", "what was typed is lost"
    other.close()
    page.goto(shop + "/settings/consents")
    walk.write("#f-text", f"I want to hear of offers by SMS. {walk.name} {int(time.time())}")
    walk.press("main form .btn.go")
    walk.expect("[data-toast]")
    walk.look("consents")
    page.goto(shop + "/settings/webhooks")
    walk.write("#f-url", "https://shop.example/perennial")
    walk.keys("Enter")
    walk.expect(".note.good code")
    walk.look("webhook")
    page.goto(shop + "/settings/webhooks")
    walk.press("table.list th a")
    page.wait_for_url("**/settings/webhooks/wh_*")
    walk.press("button[value=delete]")
    walk.expect("[data-toast]")
    page.goto(shop + "/settings/backups")
    walk.press("main form .btn.go")
    page.wait_for_selector("table.list button", timeout=120_000)
    walk.press("table.list button")
    page.wait_for_selector("table.list .tag.good", timeout=60_000)
    walk.look("backup")


def day(browser, shop, size, link, state):
    """The tasks of a day, and where the session is kept. Whoever has signed in before goes on."""
    walk = Walk(browser, shop, size, SIZES[size], state, locale="en-GB", accept_downloads=True)
    mark = f"{size}-{int(time.time())}"
    if state is None:
        sign_in(walk, link)
    else:
        walk.page.goto(shop.address + "/")
    figures(walk)
    late(walk)
    find(walk)
    why(walk)
    profile(walk)
    case(walk)
    conflict(walk)
    find(walk)
    merge(walk)
    segment(walk, mark)
    campaign(walk, mark)
    figure(walk, "61" if size == "phone" else "62")
    vouchers(walk)
    analysis(walk)
    query(walk, mark)
    bring_in(walk)
    settings(walk)
    link = staff(walk, f"{mark}@corner.example")
    keys(walk)
    audit(walk)
    state = walk.context.storage_state()
    walk.close()
    return walk.wrong + expired(browser, shop, size, link, f"{mark}@corner.example"), state, mark


def without_script(browser, shop, state):
    """What is essential works with script off: finding, changing, counting, acting, bringing in, planning, asking, settings."""
    walk = Walk(browser, shop, "plain", SIZES["desk"], state, java_script_enabled=False, accept_downloads=True)
    page, at = walk.page, shop.address
    mark = f"plain-{int(time.time())}"

    def until(selector, what, seconds=60):
        """Looked at again by hand, as a page without script asks for it."""
        for _ in range(seconds):
            if page.locator(selector).count():
                return
            time.sleep(1)
            page.reload()
        raise AssertionError(f"{what} without script: {page.url}")

    def shows(selector, what):
        """On the page that answers: a click does not wait for it."""
        try:
            page.locator(selector).first.wait_for(state="attached", timeout=60_000)
        except TimeoutError:
            raise AssertionError(f"{what} without script: {page.locator('main').inner_text()[:400]}") from None

    def said(what):
        shows("[data-toast]", what)

    page.goto(at + "/customers?q=0900000014")
    page.locator("#results th a").first.click()
    page.locator("#act-profile > summary").click()
    page.locator("#f-birthday").fill("04-12")
    page.locator("form[action$='/profile'] button").click()
    said("a change")
    assert "04-12" in page.content(), "a change without script is not there"
    page.locator("#act-points > summary").click()
    page.locator("#f-units").fill("5")
    page.locator("#f-reason").fill("waited")
    page.locator("form[action$='/points'] button").click()
    said("points by hand")
    page.locator("#act-case > summary").click()
    page.locator("#f-about").fill("a lost umbrella")
    page.locator("form[action$='/cases'] button").click()
    said("a case")
    page.goto(at + "/customers")
    page.locator("#f-state").select_option("lapsed")
    page.locator(".filters button").click()
    page.wait_for_url("**state=lapsed**")
    shows("tr[data-hit]", "a filter")
    page.goto(at + "/campaigns/segment")
    page.locator("#f-name").fill(mark)
    page.locator("#f-ask-1-1").select_option("orders-least")
    page.locator("#f-value-1-1").fill("2")
    page.locator("#f-ask-1-2").select_option("agreed")
    page.locator("#f-value-1-2").fill("sms")
    page.locator("form[data-live] .btn").first.click()
    until("#counted .type-t5", "a count")
    page.locator("#definition button").click()
    said("a segment")
    page.goto(at + f"/campaigns/plan?who=segment:{mark}")
    for name, value in {"name": mark, "title": "Coffee", "action": "a coffee", "cost_per_contact": "350", "margin": "40",
                        "accept_unseen_below": "1000000", "recipient": "staff"}.items():
        page.locator(f"#f-{name}").fill(value)
    page.locator("#f-channel").select_option("sms")
    page.locator("#f-purpose").select_option("service")
    page.locator("main form .btn.go").first.click()
    page.locator("form[action$='/freeze'] button").click(timeout=90_000)
    with page.expect_download(timeout=90_000):
        page.locator("form[action$='/list'] button").click()
    page.goto(at + "/program/corner/forms")
    page.locator("[name='program.toml/reward/0/prices.0.points']").fill("99")
    page.locator("main form .btn.go").first.click()
    shows("button[value=apply]", "a plan")
    page.locator("button[value=apply]").click()
    said("putting in force")
    page.goto(at + "/program/corner/rewards")
    page.locator("[aria-labelledby=reward-off] details > summary").click()
    page.locator("#count-off").fill("2")
    page.locator("[aria-labelledby=reward-off] form button").click()
    shows(".coupons li:nth-child(2)", "vouchers")
    page.goto(at + "/analysis/period")
    page.locator("#f-channel").select_option(index=1)
    page.locator(".filters button").click()
    until(".lens h2", "a part")
    with page.expect_download():
        page.locator(".takes a[href*='.csv']").first.click()
    page.goto(at + "/analysis/sql")
    page.locator("#f-sql").fill("select 1 as one")
    page.locator("button[value=ask]").click()
    shows("td:has-text('1')", "a query")
    file = SCREENS / "plain.orders.csv"
    rows = [f"p-{number},2026-0{1 + number % 9}-1{number % 9},0900000{number % 900:03},{20000 + number},tea" for number in range(50)]
    file.write_text("\n".join(["order,date,phone,total,product", *rows]) + "\n")
    page.goto(at + "/imports")
    page.locator("#f-file").set_input_files(file)
    page.locator("form.drop button").click()
    page.locator("button[value=run]").click()
    until("main:has-text('50 rows read')", "a file")
    page.goto(at + "/settings/staff")
    page.locator("#f-email").fill(f"{mark}@corner.example")
    page.locator("#f-name").fill("Dung")
    page.locator("form.row .btn.go").click()
    shows(".note.good code", "an invitation")
    page.goto(at + "/settings")
    page.locator("#f-name").fill("Corner shop")
    page.locator("main form .btn.go").click()
    said("the shop's name")
    page.locator(".me > summary").click()
    page.locator("button[name=language][value=vi]").click()
    shows("html[lang=vi]", "another language")
    walk.close()
    return walk.wrong


def every_page(browser, shop, state, campaign_name):
    """Every page, in each language and in both lights, on both sizes."""
    wrong = []
    for language, theme in (("en", "dark"), ("vi", "light"), ("zh", "dark"), ("zh-Hant", "light")):
        for size, pixels in SIZES.items():
            walk = Walk(browser, shop, f"all.{language}.{theme}.{size}", pixels, state)
            walk.context.add_cookies([{"name": "perennial-view", "value": f"{language}.{theme}", "url": shop.address}])
            is_whole = (language, size) in (("vi", "desk"), ("zh", "phone"))
            for path in PAGES if is_whole else FACES:
                walk.page.goto(shop.address + path.format(campaign=campaign_name))
                walk.look(re.sub(r"[^a-z]+", "-", path).strip("-") or "home", asks_axe=is_whole)
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
        # A link signs in once: the second day goes on in the session of the first.
        with Shop() as shop:
            state, mark = None, ""
            for size in SIZES:
                found, state, mark = day(browser, shop, size, shop.links[0], state)
                print("\n".join([f"{size}: {time.time() - began:.0f} s", *found]), flush=True)
                wrong += [f"{size} {what}" for what in found]
            wrong += [f"without script {what}" for what in without_script(browser, shop, state)]
            wrong += every_page(browser, shop, state, mark)
        browser.close()
    for what in wrong:
        print(f"WRONG {what}")
    print(f"{time.time() - began:.0f} s, pictures in {SCREENS}")
    if wrong:
        sys.exit(f"{len(wrong)} things are wrong")


if __name__ == "__main__":
    main()
