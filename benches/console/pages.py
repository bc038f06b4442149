"""Ask a console for each of its pages again and again, and say how long it took: percentiles and bytes.

Starts `perennial serve` on a data folder, lets a new owner in by the front door (invitation, password, second factor), waits
for the first figures, and asks. Python's own library only.

    python benches/console/pages.py DATA ROUNDS
"""

import base64
import hashlib
import hmac
import http.client
import os
import re
import struct
import subprocess
import sys
import threading
import time
import urllib.parse

PAGES = ["/", "/customers", "/customers?state=at_risk&sort=late", "/customers?page=3", "/customers?q=0900000012",
         "/customers?q=nobody-at-all", "{customer}", "/customers/requests", "/points", "/program/corner", "/program/corner/forms",
         "/program/corner/edit", "/program/corner/versions", "/program/corner/rewards", "/program/corner/tiers",
         "/program/corner/missions", "/program/corner/liability", "/campaigns", "/campaigns/segment",
         "/campaigns/segment?ask_1_1=orders-least&value_1_1=3", "/campaigns/plan", "/analysis/period", "/analysis/cohorts",
         "/analysis/value", "/analysis/products", "/analysis/reports", "/analysis/registry", "/analysis/sql", "/imports",
         "/settings", "/settings/staff", "/settings/keys", "/settings/webhooks", "/settings/consents", "/settings/backups",
         "/settings/audit", "/settings/health", "/styleguide"]
GOAL_MS, HEAVIEST = 200, 150_000


def code(secret):
    """A time-based one-time password (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    place = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[place:place + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


class Browser:
    """One connection with one cookie."""

    def __init__(self, host):
        self.host, self.cookie = host, ""
        self.connection = http.client.HTTPConnection(host, timeout=120)

    def send(self, method, path, fields=None):
        headers = {"accept": "text/html", "cookie": self.cookie, "origin": f"http://{self.host}"}
        body = None
        if fields is not None:
            body = urllib.parse.urlencode(fields)
            headers["content-type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie" and value.split("=")[0] in ("perennial", "__Host-perennial"):
                self.cookie = value.split(";")[0]
        return answer, answer.read()


def serve(program, data):
    process = subprocess.Popen(
        [program, "serve", "--data", data, "--listen", "127.0.0.1:0", "--set", "work=no"], stderr=subprocess.PIPE, text=True
    )
    for line in process.stderr:
        found = re.search(r"listening on http://(\S+);", line)
        if found:
            # What it logs is read on, or it would wait for somebody to.
            threading.Thread(target=process.stderr.read, daemon=True).start()
            return process, found.group(1)
    sys.exit("the server said nothing of where it listens")


def invite(program, data):
    """What `perennial staff invite` prints."""
    email = f"bench-{int(time.time())}@corner.example"
    invited = subprocess.run(
        [program, "staff", "invite", email, "--name", "Bench", "--role", "owner", "--data", data], capture_output=True, text=True
    )
    token = re.search(r"invitation:\n(\S+)", invited.stdout)
    if not token:
        sys.exit(f"no invitation: {invited.stdout}{invited.stderr}")
    return email, token.group(1)


def enter(browser, email, token):
    """In by the front door: a password, and the secret of the second factor."""
    _, page = browser.send("POST", f"/join/{token}", {"password": "a sentence that is easy to remember"})
    secret = re.search(r"<code>([A-Z2-7]{16,})</code>", page.decode())
    if not secret:
        sys.exit(f"no second factor: {page.decode()[:2000]}")
    answer, page = browser.send("POST", "/sign-in", {
        "email": email, "password": "a sentence that is easy to remember", "code": code(secret.group(1)), "then": "/", "kept": "",
    })
    if answer.status != 303:
        sys.exit(f"not signed in: {answer.status} {page.decode()[:2000]}")


def main():
    data, rounds = sys.argv[1], int(sys.argv[2])
    program = os.environ["PERENNIAL"]
    # On a file one process writes: the invitation is made before the server is there.
    email, token = invite(program, data)
    process, host = serve(program, data)
    wrong = []
    try:
        browser = Browser(host)
        enter(browser, email, token)
        began = time.time()
        while b"class=\"sheet say\"" not in browser.send("GET", "/")[1]:
            if time.time() - began > 3600:
                sys.exit("no figures within an hour")
            time.sleep(1)
        print(f"first figures after {time.time() - began:.1f} s")
        _, list_page = browser.send("GET", "/customers")
        customer = re.search(r'href="(/customers/cus_[^"]+)"', list_page.decode()).group(1)
        print(f"{'page':<52} {'p50 ms':>8} {'p95 ms':>8} {'first':>8} {'kB':>6}")
        for path in PAGES:
            times, size = [], 0
            for _ in range(rounds):
                at = time.perf_counter()
                answer, body = browser.send("GET", path.format(customer=customer))
                times.append((time.perf_counter() - at) * 1000)
                size = len(body)
                if answer.status != 200:
                    wrong.append(f"{path}: {answer.status}")
                    break
            first, times = times[0], sorted(times)
            p50, p95 = times[len(times) // 2], times[min(len(times) - 1, int(len(times) * 0.95))]
            print(f"{path:<52} {p50:8.1f} {p95:8.1f} {first:8.1f} {size / 1000:6.1f}")
            if p95 > GOAL_MS:
                wrong.append(f"{path}: p95 {p95:.0f} ms")
            if size > HEAVIEST:
                wrong.append(f"{path}: {size} bytes")
    finally:
        process.terminate()
        process.wait(timeout=60)
    for what in wrong:
        print(f"WRONG {what}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
