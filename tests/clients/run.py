"""Clients that others wrote, unchanged, against our server: nothing they send is lost or counted twice through an
answer of 503, a killed server and a restart; what we tell, their libraries verify; what the OpenAPI document says is
what is answered.

    just clients              everything
    just clients segment_node webhooks openapi

It starts a server of its own on a folder that is gone afterwards. See README.md.
"""
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import hostile

HERE = Path(__file__).resolve().parent
SENDERS = {
    "segment_python": [sys.executable, "segment_python.py"],
    "segment_node": ["node", "segment_node.mjs"],
    "segment_browser": ["node", "segment_browser.mjs"],
    "rudder_python": [sys.executable, "rudder_python.py"],
    "rudder_node": ["node", "rudder_node.mjs"],
}
RECEIVERS = {
    "webhooks_python": [sys.executable, "webhooks_python.py"],
    "webhooks_node": ["node", "webhooks_node.mjs"],
}
EACH = 40
PHASES = ["calm", "refused", "killed", "restarted", "calm_again"]


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Server:
    """Our server, on a folder of its own."""

    def __init__(self, binary, folder):
        self.binary, self.folder, self.port = binary, folder, free_port()
        self.process = None

    def command(self, *words):
        done = subprocess.run([self.binary, *words, "--data", self.folder, "--json"], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"perennial {' '.join(words)}: {done.stderr}")
        return json.loads(done.stdout)

    def start(self, handed_over=None):
        words = ["serve", "--listen", f"127.0.0.1:{self.port}", "--program", str(HERE / "program"),
                 "--set", "webhook_inside=127.0.0.0/8", "--set", "per_second=100000", "--set", "burst=100000",
                 "--set", "log=warn"]
        self.process = subprocess.Popen([self.binary, *words, "--data", self.folder], **hand_over(handed_over))
        until(lambda: self.status("/readyz") == 200, 60, "the server does not answer")

    def end(self, how):
        self.process.send_signal(how)
        self.process.wait(timeout=60)

    def status(self, path):
        try:
            return self.ask("GET", path)[0]
        except OSError:
            return 0

    def ask(self, method, path, key=None, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"content-type": "application/json"}
        if key:
            headers["authorization"] = f"Bearer {key}"
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text[:1] in (b"{", b"[") else text


def hand_over(descriptor):
    """As systemd hands a socket over: it is the third descriptor, and the environment says whose it is."""
    if descriptor is None:
        return {}

    def before():
        if descriptor != 3:
            os.dup2(descriptor, 3)
        os.set_inheritable(3, True)
        os.environ["LISTEN_FDS"], os.environ["LISTEN_PID"] = "1", str(os.getpid())

    return {"preexec_fn": before, "pass_fds": (3,)}


def until(holds, seconds, otherwise):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise SystemExit(otherwise() if callable(otherwise) else otherwise)
        time.sleep(0.1)


class Gate(ThreadingHTTPServer):
    """What stands before the server, as a proxy does: it can be shut (503), and says 502 where nobody answers."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, server):
        super().__init__(("127.0.0.1", 0), Passing)
        self.behind, self.is_shut, self.turned_away = server, False, 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        """A client that has gone is no news here."""

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        gate = self.server
        try:
            if gate.is_shut:
                raise ConnectionRefusedError
            connection = http.client.HTTPConnection("127.0.0.1", gate.behind.port, timeout=30)
            headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            status, headers, text = answer.status, answer.getheaders(), answer.read()
        except (OSError, http.client.HTTPException):
            gate.turned_away += 1
            status, headers, text = (503 if gate.is_shut else 502), [], b""
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                self.send_header(name, value)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_OPTIONS = pass_on

    def log_message(self, *_):
        pass


def environment(**more):
    return dict(os.environ, **more)


class Client:
    """A client that others wrote, in a process of its own."""

    def __init__(self, server, gate, name):
        self.name, self.user = name, f"u-{name}"
        source = name.replace("_", "-")
        self.reads = server.command("key", "create", f"{name} reads", "--for", "owner", "--source", source)["key"]
        writes = server.command("key", "create", f"{name} writes", "--for", "intake", "--source", source)["key"]
        variables = environment(CLIENT_HOST=gate.url, CLIENT_KEY=writes, CLIENT_USER=self.user)
        self.process = subprocess.Popen(SENDERS[name], cwd=os.environ["CLIENT_FOLDER"], env=variables, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def begin(self, phase):
        at = PHASES.index(phase) * EACH
        self.process.stdin.write(f"{phase} {at} {at + EACH}\n")
        self.process.stdin.flush()

    def through(self, phase):
        for line in self.process.stdout:
            if line.split() == ["through", phase]:
                return
        raise SystemExit(f"{self.name} ended in the phase '{phase}'")

    def arrived(self, server):
        """The numbers of what arrived, as often as it is kept."""
        status, data = server.ask("GET", f"/v1/customers/ext:{self.user}/data", self.reads)
        if status != 200:
            return []
        bodies = [event["body"] for event in data["events"] if event["kind"] == "event"]
        numbers = [body.get("properties", {}).get("n") for body in bodies if body.get("name") == "client_tested"]
        return sorted(int(n) for n in numbers if n is not None)


def disturb(server, gate, phase):
    """What happens while a phase is under way."""
    if phase == "refused":
        time.sleep(2)
        gate.is_shut = False
    elif phase in ("killed", "restarted"):
        time.sleep(0.2)
        server.end(signal.SIGKILL if phase == "killed" else signal.SIGTERM)
        time.sleep(1)
        server.start()


def senders(server, names):
    gate = Gate(server)
    clients = [Client(server, gate, name) for name in names]
    for phase in PHASES:
        gate.is_shut = phase == "refused"
        for client in clients:
            client.begin(phase)
        disturb(server, gate, phase)
        for client in clients:
            client.through(phase)
    expected = list(range(EACH * len(PHASES)))
    for client in clients:
        # A browser goes on trying as long as its page is open.
        until(lambda: len(client.arrived(server)) >= len(expected), 90,
              lambda: f"{client.name}: {sorted(set(expected) - set(client.arrived(server)))} did not arrive")
        client.process.stdin.close()
        arrived = client.arrived(server)
        assert arrived == expected, f"{client.name}: {len(arrived)} kept, {len(set(arrived))} different"
        status, order = server.ask("GET", f"/v1/orders/o-{client.user}", client.reads)
        assert status == 200 and len(order["lines"]) == 1, f"{client.name}: {status} {order}"
        customer = server.ask("GET", f"/v1/customers/ext:{client.user}", client.reads)[1]
        assert customer["name"] == f"Name of {client.user}", f"{client.name}: {customer}"
        dead = server.ask("GET", "/v1/dead-items", client.reads)[1]["data"]
        assert not [item for item in dead if item["source"] == client.name.replace("_", "-")], f"{client.name}: {dead}"
        print(f"{client.name}: {len(arrived)} of {len(expected)} messages, each once, and order, name and alias")
    print(f"the gate turned {gate.turned_away} requests away")
    assert gate.turned_away > 0, "nothing was turned away: the disturbance did not disturb"


def receivers(server, names):
    key = server.command("key", "create", "webhooks", "--for", "owner", "--source", "hooks")["key"]
    for name in names:
        port = free_port()
        made = server.command("webhook", "--set", "webhook_inside=127.0.0.0/8", "create", f"http://127.0.0.1:{port}/",
                              "--topic", "points.*")
        variables = environment(CLIENT_SECRET=made["secret"], CLIENT_PORT=str(port))
        process = subprocess.Popen(RECEIVERS[name], cwd=os.environ["CLIENT_FOLDER"], env=variables, text=True,
                                   stdout=subprocess.PIPE)
        try:
            until(lambda: can_connect(port), 30, f"{name} does not listen")
            receive(server, key, name, made["id"], process)
        finally:
            process.kill()


def can_connect(port):
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def receive(server, key, name, webhook, process):
    customer = server.ask("POST", "/v1/customers", key,
                          {"identifiers": [{"kind": "external_id", "value": name}]})[1]["id"]
    server.ask("POST", f"/v1/customers/{customer}/memberships", key, {})
    for count in range(5):
        order = {"id": f"{name}-{count}", "customer": customer,
                 "lines": [{"id": "1", "product": "latte", "gross_minor": 1000}]}
        status, answer = server.ask("POST", "/v1/orders", key, order)
        assert status == 201, answer
    got = [json.loads(process.stdout.readline()) for _ in range(5)]
    server.command("webhook", "rotate", webhook)
    server.command("webhook", "test", webhook)
    got.append(json.loads(process.stdout.readline()))
    for verdict in got:
        assert verdict["verified"], verdict
        assert not (verdict["altered"] or verdict["late"] or verdict["other"]), verdict
    ids = [verdict["id"] for verdict in got]
    assert ids == sorted(set(ids)), f"{name}: of one customer in order, each once: {ids}"
    assert [verdict["signatures"] for verdict in got] == [1] * 5 + [2], got
    assert got[-1]["type"] == "webhook.test", got
    print(f"{name}: {len(got)} messages verified, also after one was refused and with two secrets in force")


def openapi(server):
    key = server.command("key", "create", "openapi", "--for", "owner", "--source", "openapi")["key"]
    url = f"http://127.0.0.1:{server.port}"
    bin_folder = Path(sys.executable).parent
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "openapi.json"
        document.write_bytes(urllib.request.urlopen(f"{url}/openapi.json").read())
        config = Path(folder) / "config.yml"
        config.write_text("package_name_override: perennial_client\nproject_name_override: perennial\npost_hooks: []\n")
        generated = Path(folder) / "generated"
        subprocess.run([bin_folder / "openapi-python-client", "generate", "--path", document, "--config", config,
                        "--meta", "none", "--output-path", generated / "perennial_client"], check=True)
        variables = environment(CLIENT_HOST=url, CLIENT_KEY=key, PYTHONPATH=str(generated))
        subprocess.run([sys.executable, HERE / "quick_start.py"], env=variables, check=True)
        # A stream has no end, and whoever revokes keys ends the run. How JSON lines look is said in hooks.py.
        paths = ("/v1/live", "/v1/keys/{key}")
        left_out = [word for path in paths for word in ("--exclude-path", path)]
        checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
        subprocess.run([bin_folder / "schemathesis", "run", f"{url}/openapi.json", "--header",
                        f"Authorization: Bearer {key}", "--checks", checks, "--phases", "examples,fuzzing",
                        "--max-examples", os.environ.get("CLIENT_EXAMPLES", "20"), "--seed", "7", *left_out],
                       env=environment(SCHEMATHESIS_HOOKS="hooks", PYTHONPATH=str(HERE)), cwd=folder, check=True)


def handed_over(server):
    """The socket is ours, and handed to one server after the other: a client that asks all the time is refused by
    nobody."""
    listening = socket.create_server(("127.0.0.1", server.port), backlog=512)
    listening.set_inheritable(True)
    server.start(handed_over=listening.fileno())
    refused, answered, is_over = [], [0], threading.Event()

    def ask():
        while not is_over.is_set():
            try:
                status, _ = server.ask("GET", "/livez")
                answered[0] += 1
                if status != 200:
                    refused.append(status)
            except (OSError, http.client.HTTPException) as error:
                refused.append(repr(error))

    asking = [threading.Thread(target=ask) for _ in range(4)]
    for one in asking:
        one.start()
    for _ in range(3):
        time.sleep(0.5)
        server.end(signal.SIGTERM)
        server.start(handed_over=listening.fileno())
    is_over.set()
    for one in asking:
        one.join()
    listening.close()
    assert not refused, refused[:5]
    print(f"handed over: {answered[0]} requests through three restarts, none refused")


def main():
    wanted = sys.argv[1:]
    is_wanted = lambda name, group: not wanted or name in wanted or group in wanted
    binary = os.environ["PERENNIAL"]
    with tempfile.TemporaryDirectory() as folder:
        server = Server(binary, folder)
        server.start()
        try:
            sending = [name for name in SENDERS if is_wanted(name, "senders")]
            if sending:
                senders(server, sending)
            receiving = [name for name in RECEIVERS if is_wanted(name, "webhooks")]
            if receiving:
                receivers(server, receiving)
            if is_wanted("openapi", "openapi"):
                openapi(server)
            if is_wanted("restart", "restart"):
                server.end(signal.SIGTERM)
                handed_over(server)
                server.end(signal.SIGTERM)
                server.start()
            if is_wanted("hostile", "hostile"):
                key = server.command("key", "create", "hostile", "--for", "owner", "--source", "hostile")["key"]
                hostile.run(server, key)
        finally:
            server.process.kill()
            server.process.wait()


main()
