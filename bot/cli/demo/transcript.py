"""The transcript of the demo, printed to the terminal as it happens and saved as `transcript.md`."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.text import Text

TRANSCRIPT = "transcript.md"

SUBTEXT = "-# "
"""Discord's mark for small text, which standard Markdown does not have."""

MINUTES_FROM_S = 90
"""Roughly the number of seconds from which Discord shows relative times in minutes."""

HOURS_FROM_S = 90 * 60
"""The same for hours."""


LEAST_WIDTH = 20

_MARKS = re.compile(r"\\([^\w\s])|\*\*((?:\\.|[^\\])+?)\*\*|\*((?:\\.|[^\\*])+?)\*")
"""An escaped character, bold text, or italic text."""


class Transcript:
    """A record of what people typed and saw, with the saved files."""

    def __init__(self, out: Path, console: Console, names: Mapping[str, int]) -> None:
        """Write to the folder `out` and the console; `names` maps members to ids, to show mentions as Discord does."""
        self._out = out
        self._console = console
        self._names = {str(member): f"@{name}" for name, member in names.items()}
        self._lines: list[str] = ["# An evening with Easel", ""]

    def learn(self, names: Mapping[str, str]) -> None:
        """Show further mentions by name: channels as `#name`, roles as `@name`, by their ids."""
        self._names |= names

    def evening(self, text: str) -> None:
        """Start another evening."""
        self._console.rule(f"[bold]{escape(text)}[/bold]")
        self._lines += ["", f"# {text}", ""]

    def heading(self, text: str) -> None:
        """Start a scene."""
        self._console.print(f"\n[bold]{escape(text)}[/bold]")
        self._lines += ["", f"## {text}", ""]

    def note(self, text: str) -> None:
        """Record a remark by the narrator."""
        self._console.print(f"  [dim]{escape(text)}[/dim]")
        self._lines += [f"*{text}*", ""]

    def typed(self, user: str, command: str) -> None:
        """Record that someone sent a command."""
        self._print(user, "cyan", [Text(command)])
        self._lines += [f"**{user}** types `{command}`", ""]

    def pressed(self, user: str, label: str) -> None:
        """Record that someone pressed a button."""
        self._print(user, "cyan", [Text(f"presses [{label}]")])
        self._lines += [f"**{user}** presses `[{label}]`", ""]

    def chose(self, user: str, what: str) -> None:
        """Record someone's choice in a menu."""
        self._print(user, "cyan", [Text(f"chooses {what}")])
        self._lines += [f"**{user}** chooses {what}", ""]

    def wrote(self, user: str, text: str) -> None:
        """Record the text that someone entered in a form."""
        self._print(user, "cyan", [Text(f"writes: {text}")])
        self._lines += [f"**{user}** writes: {text}", ""]

    def seen(self, message: Mapping[str, Any], *, private: bool) -> None:
        """Record the current text of a message by Easel."""
        lines = [self._as_shown(line) for line in text_of(message)]
        who = "Easel (only to them)" if private else "Easel"
        self._print(who, "green", list(map(_styled, lines)))
        self._lines += [f"**{who}**", "", *_quoted(lines), ""]

    def keep(self, name: str, content: bytes) -> Path:
        """Save a file and link it in the transcript."""
        path = self._out / name
        path.write_bytes(content)
        self._console.print(f"         [dim]saved {path} ({len(content):,} bytes)[/dim]")
        picture = path.suffix in {".png", ".jpg", ".webp", ".gif", ".svg"}
        self._lines += [f"{'!' if picture else ''}[{name}]({name})", ""]
        return path

    def _print(self, who: str, style: str, lines: Sequence[Text]) -> None:
        """Print what someone said next to their name; long lines continue below their beginning."""
        beside = len(who) + 4
        width = max(LEAST_WIDTH, self._console.width - beside)
        pieces = [piece for line in lines for piece in line.wrap(self._console, width)]
        for number, piece in enumerate(pieces):
            piece.rstrip()
            start = Text.assemble("  ", (who, style), "  ") if number == 0 else Text(" " * beside)
            self._console.print(start + piece, soft_wrap=True)

    def _as_shown(self, line: str) -> str:
        line = re.sub(r"<(?:@&?|#)(\d+)>", lambda found: self._names.get(found[1], "@someone"), line)
        line = re.sub(r"<(/[^:>]+):\d+>", r"\1", line)
        return re.sub(r"<t:(\d+):R>", lambda found: relative(int(found[1]) - time.time()), line)

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


def _styled(line: str) -> Text:
    """Return a line with Discord's Markdown converted to terminal styles."""
    quote, line = (Text("│ ", "dim"), line[2:]) if line.startswith("> ") else (Text(), line)
    return quote + _without_marks(line.removeprefix(SUBTEXT))


def _without_marks(line: str) -> Text:
    text, end = Text(), 0
    for found in _MARKS.finditer(line):
        text.append(line[end : found.start()])
        end = found.end()
        escaped, bold, italic = found.groups()
        inner = Text(escaped) if escaped else _without_marks(bold or italic)
        inner.stylize("bold" if bold else "italic" if italic else "")
        text.append_text(inner)
    return text.append(line[end:])


def _quoted(lines: Sequence[str]) -> Iterator[str]:
    """Quote a message so that Markdown keeps its lines apart, as Discord does by default."""
    for number, line in enumerate(lines):
        following = lines[number + 1] if number + 1 < len(lines) else None
        inner = line.startswith("> ")
        if following is None or following.startswith("> ") != inner:
            yield f"> {line.removeprefix(SUBTEXT)}"
            yield ">"  # ends the paragraph: otherwise the inner quote would continue
        else:
            yield f"> {line.removeprefix(SUBTEXT)}\\"


def relative(seconds: float) -> str:
    """Return a time as Discord shows it: "in 5 minutes", or "1 second ago" if it is negative."""
    away = abs(seconds)
    if away > HOURS_FROM_S:
        amount = f"{away / 3600:.0f} hours"
    else:
        amount = f"{away / 60:.0f} minutes" if away > MINUTES_FROM_S else _seconds(round(away))
    return f"in {amount}" if seconds >= 0 else f"{amount} ago"


def _seconds(count: int) -> str:
    return "1 second" if count == 1 else f"{count} seconds"
