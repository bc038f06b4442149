"""What schemathesis has to be told: how JSON lines look. It makes lines that are commands, lines that are nearly so, any
JSON, and lines that are none."""
import json

import schemathesis
from hypothesis import strategies as st

WORDS = st.sampled_from(["order", "join", "return", "event", "adjust", "claim", "tick", "phone:0901234567", "o-1", "beans", ""])
ANY = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=20) | WORDS,
                   lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=8)
FIELDS = {"type": WORDS, "key": WORDS, "id": WORDS, "member": WORDS, "order": WORDS, "wallet": WORDS, "units": ANY,
          "lines": ANY, "name": WORDS, "x": ANY}
COMMANDS = st.fixed_dictionaries({"type": WORDS}, optional={name: value for name, value in FIELDS.items() if name != "type"})
LINES = st.one_of(COMMANDS.map(json.dumps), ANY.map(json.dumps), st.text(max_size=40))

schemathesis.openapi.media_type("application/x-ndjson", st.lists(LINES, max_size=6).map(
    lambda lines: "\n".join(lines).encode("utf-8", "surrogatepass")))
