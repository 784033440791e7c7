"""The transcript of the demo, printed to the terminal as it happens and saved as `transcript.md`."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

TRANSCRIPT = "transcript.md"

SUBTEXT = "-# "
"""Discord's mark for small text, which Markdown does not know."""

MINUTES_FROM_S = 90
"""The number of seconds from which Discord shows relative times in minutes, roughly."""


_BOLD = re.compile(r"\*\*(.+?)\*\*")


class Transcript:
    """A record of what people typed and saw, with the saved files."""

    def __init__(self, out: Path, console: Console, names: Mapping[str, int]) -> None:
        """Write to the folder `out` and the console; `names` maps members to ids, to show mentions as Discord does."""
        self._out = out
        self._console = console
        self._names = {str(member): name for name, member in names.items()}
        self._lines: list[str] = ["# An evening with Easel", ""]

    def heading(self, text: str) -> None:
        """Start a scene."""
        self._console.print(f"\n[bold]{escape(text)}[/bold]")
        self._lines += ["", f"## {text}", ""]

    def note(self, text: str) -> None:
        """Record a remark by the narrator."""
        self._console.print(f"  [dim]{escape(text)}[/dim]")
        self._lines += [f"*{text}*", ""]

    def typed(self, user: str, command: str) -> None:
        """Record that somebody sent a command."""
        self._console.print(f"  [cyan]{escape(user)}[/cyan]  {escape(command)}")
        self._lines += [f"**{user}** types `{command}`", ""]

    def pressed(self, user: str, label: str) -> None:
        """Record that somebody pressed a button."""
        self._console.print(f"  [cyan]{escape(user)}[/cyan]  presses \\[{escape(label)}]")
        self._lines += [f"**{user}** presses `[{label}]`", ""]

    def seen(self, message: Mapping[str, Any], *, private: bool) -> None:
        """Record the current text of a message by Easel."""
        lines = [self._as_shown(line) for line in text_of(message)]
        who = "Easel (only to them)" if private else "Easel"
        for number, line in enumerate(lines):
            label = who if number == 0 else " " * len(who)
            self._console.print(f"  [green]{label}[/green]  {_styled(line)}")
        self._lines += [f"**{who}**", "", *_quoted(lines), ""]

    def keep(self, name: str, content: bytes) -> Path:
        """Save a file and link it in the transcript."""
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
    """Return a message as lines of text: its content, its embeds and its buttons."""
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


def _styled(line: str) -> str:
    """Return a line with Discord's Markdown as the terminal's styles."""
    quote, line = ("[dim]│[/dim] ", line[2:]) if line.startswith("> ") else ("", line)
    return quote + _BOLD.sub(r"[bold]\1[/bold]", escape(line.removeprefix(SUBTEXT)))


def _quoted(lines: Sequence[str]) -> Iterator[str]:
    """Quote a message so that Markdown keeps its lines apart, which Discord does but Markdown does not."""
    for number, line in enumerate(lines):
        following = lines[number + 1] if number + 1 < len(lines) else None
        inner = line.startswith("> ")
        if following is None or following.startswith("> ") != inner:
            yield f"> {line.removeprefix(SUBTEXT)}"
            yield ">"  # ends the paragraph: otherwise the inner quote would go on
        else:
            yield f"> {line.removeprefix(SUBTEXT)}\\"


def _relative(seconds: float) -> str:
    amount = f"{abs(seconds) / 60:.0f} minutes" if abs(seconds) > MINUTES_FROM_S else f"{abs(seconds):.0f} seconds"
    return f"in {amount}" if seconds >= 0 else f"{amount} ago"
