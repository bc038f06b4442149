"""Segment's analytics-python, unchanged: its whole surface, phase by phase."""
from segment import analytics

from talk import settings, phases

host, key, user = settings()
analytics.write_key, analytics.host = key, host
analytics.gzip = True
analytics.max_retries = 10


def calls(phase, numbers):
    for n in numbers:
        analytics.track(user, "Client Tested", {"n": n, "phase": phase})
    if phase == "calm":
        analytics.identify(user, {"name": f"Name of {user}"})
        analytics.page(user, "Shop", "Latte", {"url": "https://shop.example/latte"})
        analytics.screen(user, "App", "Latte")
        analytics.group(user, "north", {"name": "North"})
        analytics.alias(f"anonymous-{user}", user)
        order = {"order_id": f"o-{user}", "currency": "USD", "revenue": "12.50",
                 "products": [{"product_id": "latte", "price": "12.50", "quantity": 1}]}
        analytics.track(user, "Order Completed", order)
    analytics.flush()


phases(calls)
