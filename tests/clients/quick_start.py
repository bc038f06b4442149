"""The quick start of the manual, through a client that was generated from the OpenAPI document."""
import os

from perennial_client import AuthenticatedClient
from perennial_client.api.customers import create_customer, join
from perennial_client.api.orders import create_order
from perennial_client.api.points import list_balances
from perennial_client.models import CustomerIn, JoinIn, KeyIn, LineIn, OrderIn

client = AuthenticatedClient(base_url=os.environ["CLIENT_HOST"], token=os.environ["CLIENT_KEY"])
body = CustomerIn(identifiers=[KeyIn(kind="phone", value="0901 999 888")])
seen = create_customer.sync(client=client, body=body)
assert seen.id.startswith("cus_"), seen
joined = join.sync(customer=seen.id, client=client, body=JoinIn())
assert joined.outcome == "done", joined
lines = [LineIn(id="1", product="latte", gross_minor=45000)]
earned = create_order.sync(client=client, body=OrderIn(id="generated-1", customer=seen.id, lines=lines))
assert earned.outcome == "done" and earned.moved, earned
balances = list_balances.sync(customer=seen.id, client=client)
assert balances.data[0].available > 0, balances
again = create_order.sync(client=client, body=OrderIn(id="generated-1", customer=seen.id, lines=lines))
assert again.moved == earned.moved, again
print("quick start through a generated client:", balances.data[0].available, balances.data[0].wallet)
