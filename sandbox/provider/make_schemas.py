"""Writes `schemas.json` from the models reference: `python -m sandbox.provider.make_schemas REFERENCE.json`.

Run it after each change to the reference; the output is committed, so that others do not need the reference.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).with_name("schemas.json")
KEPT = (
    "id",
    "call_by",
    "version",
    "price_usd",
    "price_per",
    "tasks",
    "prompt_field",
    "image_fields",
    "mask_field",
    "video_field",
    "audio_field",
    "count_field",
    "duration_field",
    "aspect_field",
    "seed_field",
    "resolution_field",
    "size_fields",
    "format_field",
    "fixed_seconds",
    "typical_seconds",
)
OF_AN_INPUT = ("type", "required", "default", "enum", "minimum", "maximum", "format", "items")
HASH = re.compile(r"\b[0-9a-f]{64}\b")


def schema(row: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of one model for the provider."""
    made: dict[str, Any] = {key: row[key] for key in KEPT}
    made["inputs"] = {
        name: {key: spec[key] for key in OF_AN_INPUT if key in spec} for name, spec in row["inputs"].items()
    }
    output = row["output"]
    made["output"] = {key: output[key] for key in ("shape", "media", "media_by_format", "keys") if key in output}
    # Replicate runs community models by version only, including those whose version appears only in the reference's
    # note.
    found = HASH.search(row.get("note") or "")
    if made["version"] is None and found:
        made |= {"call_by": "version", "version": found[0]}
    return made


def main(arguments: list[str]) -> int:
    """Write the file; return 2 for wrong usage."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m sandbox.provider.make_schemas REFERENCE.json\n")
        return 2
    rows = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    text = json.dumps([schema(row) for row in rows], ensure_ascii=False, indent=1)
    SCHEMAS.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
