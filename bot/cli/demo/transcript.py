"""The evening as text: on the terminal while it happens, and in `transcript.md` for good."""

import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

TRANSCRIPT = "transcript.md"

MINUTES_FROM_S = 90
"""From here on Discord tells relative times in minutes, roughly."""


class Transcript:
    """Writes down what is typed and what is seen, and keeps the files."""

    def __init__(self, out: Path, console: Console, names: Mapping[str, int]) -> None:
        """`names` are the members' ids, so that a mention reads as Discord shows it."""
        self._out = out
        self._console = console
        self._names = {str(member): name for name, member in names.items()}
        self._lines: list[str] = ["# An evening with Easel", ""]

    def heading(self, text: str) -> None:
        """Begin a scene."""
        self._console.print(f"\n[bold]{escape(text)}[/bold]")
        self._lines += ["", f"## {text}", ""]

    def note(self, text: str) -> None:
        """Say what nobody typed."""
        self._console.print(f"  [dim]{escape(text)}[/dim]")
        self._lines += [f"*{text}*", ""]

    def typed(self, user: str, command: str) -> None:
        """Somebody sends a command."""
        self._console.print(f"  [cyan]{escape(user)}[/cyan]  {escape(command)}")
        self._lines += [f"**{user}** types `{command}`", ""]

    def pressed(self, user: str, label: str) -> None:
        """Somebody presses a button."""
        self._console.print(f"  [cyan]{escape(user)}[/cyan]  presses \\[{escape(label)}]")
        self._lines += [f"**{user}** presses `[{label}]`", ""]

    def seen(self, message: Mapping[str, Any], *, private: bool) -> None:
        """Tell what Easel's message says now."""
        lines = [self._as_shown(line) for line in text_of(message)]
        who = "Easel (only to them)" if private else "Easel"
        for number, line in enumerate(lines):
            label = who if number == 0 else " " * len(who)
            self._console.print(f"  [green]{label}[/green]  {escape(line)}")
        self._lines += [f"**{who}**", "", *(f"> {line}" for line in lines), ""]

    def keep(self, name: str, content: bytes) -> Path:
        """Keep a file of the evening."""
        path = self._out / name
        path.write_bytes(content)
        self._console.print(f"         [dim]saved {path} ({len(content):,} bytes)[/dim]")
        picture = path.suffix in {".png", ".jpg", ".webp", ".gif", ".svg"}
        self._lines += [f"{'!' if picture else ''}[{name}]({name})", ""]
        return path

    def _as_shown(self, line: str) -> str:
        line = re.sub(r"<@(\d+)>", lambda found: "@" + self._names.get(found[1], "somebody"), line)
        line = re.sub(r"<t:(\d+):R>", lambda found: _relative(int(found[1]) - time.time()), line)
        return re.sub(r"\\([^\w\s])", r"\1", line)

    def close(self) -> Path:
        """Write `transcript.md`."""
        path = self._out / TRANSCRIPT
        path.write_text("\n".join(self._lines).rstrip() + "\n", encoding="utf-8")
        return path


def text_of(message: Mapping[str, Any]) -> list[str]:
    """Write a message's words as lines: its content, its embeds, and the buttons below it."""
    parts: list[str] = [message.get("content") or ""]
    for embed in message.get("embeds", ()):
        parts += [embed.get("title") or "", embed.get("description") or ""]
        parts += [f"{field['name']}: {field['value']}" for field in embed.get("fields", ())]
        parts.append(embed.get("footer", {}).get("text") or "")
    buttons = [
        f"[{component.get('label', '')}]"
        for row in message.get("components", ())
        for component in row.get("components", ())
        if component.get("type") == 2  # noqa: PLR2004 - Discord's number for a button
    ]
    parts.append(" ".join(buttons))
    return [line for part in parts for line in part.splitlines() if line.strip()]


def _relative(seconds: float) -> str:
    amount = f"{abs(seconds) / 60:.0f} minutes" if abs(seconds) > MINUTES_FROM_S else f"{abs(seconds):.0f} seconds"
    return f"in {amount}" if seconds >= 0 else f"{amount} ago"
