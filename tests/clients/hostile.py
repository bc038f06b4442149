"""Those who mean no good: ten thousand connections that hardly say anything, a body of a gigabyte, JSON without end,
floods of headers, strings that mean something elsewhere. The right answer to each, flat memory, and a till that is
served meanwhile."""
import asyncio
import json
import resource
import socket
import time

SLOW = 10_000
MEGABYTE = 1 << 20
STRINGS = ["' or 1=1 --", "\"; drop table customer; --", "$1", "{{7*7}}", "${jndi:ldap://x}", "../../etc/passwd",
           "<script>alert(1)</script>", "\u202e\u0000x", "%00", "%s%n", "ᅠ", "𒐫" * 50, "A" * 5000]


def memory(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


def run(server, key):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    many = min(SLOW, hard - 200)
    if soft < many + 200:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    pid = server.process.pid
    before = memory(pid)
    asyncio.run(slow(server, key, many, pid, before))
    gigabyte(server, key, pid, before)
    deep(server, key)
    floods(server)
    strings(server, key)
    after = memory(pid)
    print(f"hostile: memory {before:.0f} MB before, {after:.0f} MB after")
    assert after - before < 300, f"{after - before:.0f} MB more than before"


async def slow(server, key, many, pid, before):
    """Slow clients hold their connections open; whoever asks properly is answered."""
    held = []
    for _ in range(many // 500):
        opened = [asyncio.open_connection("127.0.0.1", server.port) for _ in range(500)]
        for reader, writer in await asyncio.gather(*opened):
            writer.write(b"GET /v1/keys HTTP/1.1\r\nx-a: ")
            held.append((reader, writer))
    await asyncio.sleep(1)
    began = time.monotonic()
    status = (await asyncio.to_thread(server.ask, "GET", "/v1/keys", key))[0]
    took = time.monotonic() - began
    assert status == 200, status
    more = memory(pid) - before
    print(f"hostile: {len(held)} slow connections, {more / len(held) * 1024:.1f} KB each; a till waits {took * 1000:.0f} ms")
    # Who sends no headers within ten seconds is let go.
    await asyncio.wait_for(held[0][0].read(), 30)
    for _, writer in held:
        writer.close()


def gigabyte(server, key, pid, before):
    """A body of a gigabyte is refused long before its end, and never held."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as one:
        one.sendall(f"POST /v1/orders HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n"
                    "content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n".encode())
        chunk, sent = b"%x\r\n" % MEGABYTE + b" " * MEGABYTE + b"\r\n", 0
        try:
            while sent < 1024:
                one.sendall(chunk)
                sent += 1
        except OSError:
            pass
        one.settimeout(10)
        try:
            answer = one.recv(4096).decode(errors="replace")
        except OSError:
            answer = ""
    assert not answer or " 413 " in answer.splitlines()[0], answer
    assert sent < 512, f"{sent} MB of a body were read"
    print(f"hostile: a body of 1 GB is refused after {sent} MB")
    try:
        status, problem = server.ask("POST", "/v1/orders", key, {"id": "x" * 2 * MEGABYTE, "lines": []})
        assert status == 413, (status, problem)
    except OSError:
        pass  # It was refused before it was sent, and the line was cut.


def deep(server, key):
    for depth in (100, 10_000, 200_000):
        text = "[" * depth + "]" * depth
        status, _ = raw(server, "POST", "/v1/orders", key, text.encode())
        assert status in (400, 422), (depth, status)


def raw(server, method, path, key, body, headers=()):
    import http.client
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    said = {"content-type": "application/json", **dict(headers)}
    if key:
        said["authorization"] = f"Bearer {key}"
    connection.request(method, path, body, said)
    answer = connection.getresponse()
    return answer.status, answer.read()


def floods(server):
    """Many headers, long headers, long addresses."""
    floods = [
        "".join(f"x-{n}: a\r\n" for n in range(5000)),
        f"x-long: {'a' * 10 * MEGABYTE}\r\n",
        "".join(f"x-{n}: {'b' * 1000}\r\n" for n in range(90)),
    ]
    for flood in floods:
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as one:
            try:
                one.sendall(f"GET /livez HTTP/1.1\r\nhost: x\r\n{flood}\r\n".encode())
                first = one.recv(4096).decode(errors="replace").splitlines()[:1]
            except OSError:
                first = []
        assert not first or any(code in first[0] for code in (" 400 ", " 431 ")), first
    status, _ = raw(server, "GET", "/v1/customers?search=" + "a" * 60_000, None, None)
    assert status in (400, 401, 414, 431), status


def strings(server, key):
    """Strings that mean something elsewhere mean nothing here: no field makes a 5xx."""
    for text in STRINGS:
        bodies = [
            ("/v1/customers", {"identifiers": [{"kind": "external_id", "value": text}],
                               "profile": {"fields": {"name": text}, "attributes": {text: text}, "tags": [text]}}),
            ("/v1/orders", {"id": text, "store": text, "till": text, "invoice": text,
                            "lines": [{"id": text, "product": text, "category": text, "gross_minor": 1}]}),
            ("/v1/events", {"id": text, "customer": text, "name": text}),
            ("/v1/keys", {"name": text, "source": text, "scopes": [text]}),
            ("/v1/webhooks", {"url": text, "topics": [text]}),
        ]
        for path, body in bodies:
            status, answer = raw(server, "POST", path, key, json.dumps(body).encode())
            assert status < 500, (path, text, status, answer)
    status, customers = server.ask("GET", "/v1/customers?search=or", key)
    assert status == 200, customers
    print(f"hostile: {len(STRINGS)} strings in every field, no answer of 5xx")
