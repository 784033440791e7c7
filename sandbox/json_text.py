"""Reads JSON that anyone may have sent."""

import json


def parse_json(raw: str | bytes) -> object:
    """Parse JSON. Raises ValueError.

    JSON can escape half of a surrogate pair, which no UTF-8 text may contain: it becomes a replacement character here,
    so that it can be stored and sent on.
    """
    text = raw.decode() if isinstance(raw, bytes) else raw
    value: object = json.loads(text)
    if "\\ud" not in text.lower():
        return value
    halves = json.dumps(value, ensure_ascii=False).encode("utf-16", "surrogatepass")
    return json.loads(halves.decode("utf-16", "replace"))
