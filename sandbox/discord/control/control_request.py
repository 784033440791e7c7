"""Typed access to the body of a control request; a missing or invalid field becomes a 400."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import cast

from sandbox.control_http import refuse
from sandbox.discord.request_body import ReceivedFile
from sandbox.discord.rules.permissions import Permission
from sandbox.discord.world.state import Json

LONGEST_WAIT_S = 60.0


@dataclass(frozen=True, slots=True)
class ControlRequest:
    """The JSON object of a control request."""

    data: Mapping[str, object]

    def text(self, key: str) -> str:
        """Read a required string or id."""
        value = self.data.get(key)
        if not isinstance(value, str | int) or isinstance(value, bool) or value == "":
            raise refuse(f"{key} is missing")
        return str(value)

    def optional(self, key: str) -> str | None:
        """Read an optional string or id."""
        return None if self.data.get(key) is None else self.text(key)

    def boolean(self, key: str, *, default: bool) -> bool:
        """Read a boolean."""
        value = self.data.get(key, default)
        if not isinstance(value, bool):
            raise refuse(f"{key} must be true or false")
        return value

    def number(self, key: str) -> int:
        """Read a whole number that is not negative; 0 if it is missing."""
        text = self.optional(key) or "0"
        if not text.isascii() or not text.isdigit():
            raise refuse(f"{key} must be a whole number")
        return int(text)

    def mapping(self, key: str) -> Mapping[str, object]:
        """Read an object; empty if it is missing."""
        value: object = self.data.get(key) or {}
        if not isinstance(value, dict):
            raise refuse(f"{key} must be an object")
        return cast("dict[str, object]", value)

    def texts(self, key: str) -> list[str]:
        """Read a list of strings; empty if it is missing."""
        value: object = self.data.get(key) or []
        if not isinstance(value, list):
            raise refuse(f"{key} must be a list")
        return [str(one) for one in cast("list[object]", value)]

    def objects(self, key: str) -> list["ControlRequest"]:
        """Read a list of objects; empty if it is missing."""
        value: object = self.data.get(key) or []
        listed = cast("list[object]", value) if isinstance(value, list) else [value]
        if not all(isinstance(one, dict) for one in listed):
            raise refuse(f"{key} must be a list of objects")
        return [ControlRequest(cast("dict[str, object]", one)) for one in listed]

    def bits(self, key: str) -> int:
        """Read permissions: a list of names, or a number; no permissions if the field is missing."""
        value = self.data.get(key) or 0
        if isinstance(value, list):
            names = [str(one).upper() for one in cast("list[object]", value)]
            unknown = [name for name in names if name not in Permission.__members__]
            if unknown:
                raise refuse(f"unknown permission {', '.join(unknown)}")
            return int(sum(Permission[name] for name in set(names)))
        text = str(value)
        if not text.isdigit():
            raise refuse(f"{key} must be a number or a list of names")
        return int(text)

    def files(self, key: str = "files") -> dict[str, ReceivedFile]:
        """Read files, keyed by the name of their option."""
        return {name: _file(index, one) for index, (name, one) in enumerate(self.mapping(key).items())}

    def file_list(self, key: str = "files") -> tuple[ReceivedFile, ...]:
        """Read a list of files."""
        value: object = self.data.get(key) or []
        if not isinstance(value, list):
            raise refuse(f"{key} must be a list")
        return tuple(_file(index, one) for index, one in enumerate(cast("list[object]", value)))


Action = Callable[[ControlRequest], Awaitable[Json]]
"""Changes the world as requested, and returns the changes."""


def _file(index: int, value: object) -> ReceivedFile:
    wanted = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    name, encoded = wanted.get("name"), wanted.get("base64")
    if not isinstance(name, str) or not isinstance(encoded, str):
        raise refuse('a file is {"name", "base64"}')
    try:
        return ReceivedFile(index, name, base64.b64decode(encoded, validate=True))
    except binascii.Error as error:
        raise refuse(f"the base64 of {name} is broken") from error


def wait_s(query: Mapping[str, str]) -> float:
    """Read how many seconds a request may wait; 0 by default."""
    try:
        return min(LONGEST_WAIT_S, max(0.0, float(query.get("wait_s", "0"))))
    except ValueError:
        raise refuse("wait_s must be a number of seconds") from None
