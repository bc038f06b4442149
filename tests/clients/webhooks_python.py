"""A receiver of webhooks that believes only what the Python library standardwebhooks verifies.

The first message is answered 500, so that it must come again. What was verified is printed, one line a message.
"""
import json
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

secret = os.environ["CLIENT_SECRET"]
refused = set()


def is_verified(body, headers, with_secret=secret):
    try:
        Webhook(with_secret).verify(body, headers)
        return True
    except WebhookVerificationError:
        return False


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        headers = {name: self.headers[name] for name in ("webhook-id", "webhook-timestamp", "webhook-signature")}
        late = dict(headers, **{"webhook-timestamp": str(int(headers["webhook-timestamp"]) - 600)})
        verdict = {
            "id": headers["webhook-id"],
            "type": json.loads(body)["type"],
            "verified": is_verified(body, headers),
            "altered": is_verified(body + " ", headers),
            "late": is_verified(body, late),
            "other": is_verified(body, headers, "whsec_" + "A" * 43 + "="),
            "signatures": len(headers["webhook-signature"].split()),
        }
        if not refused:
            refused.add(headers["webhook-id"])
            self.send_response(500)
            self.end_headers()
            return
        print(json.dumps(verdict), flush=True)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


HTTPServer(("127.0.0.1", int(os.environ["CLIENT_PORT"])), Receiver).serve_forever()
