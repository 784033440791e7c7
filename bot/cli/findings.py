"""The framework of `easel check`: checks of everything that the bot needs, whose findings say how to fix problems."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from bot.errors import EaselError


class Grade(StrEnum):
    """The severity of a finding; only WRONG makes the command fail."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of a check: the part of the bot, what was found, and the fix if there is something to fix."""

    part: str
    grade: Grade
    what: str
    fix: str = ""

    @classmethod
    def of_error(cls, part: str, error: EaselError) -> "Finding":
        """Return what an error of this part means for the operator: its problem and its fix."""
        problem, fix = str(error.facts.get("problem", error)), str(error.facts.get("fix", ""))
        name = str(error.facts.get("name", ""))
        return cls(part, Grade.WRONG, f"{name} {problem}".strip(), fix)

    def line(self) -> str:
        """Format the finding for a terminal."""
        mark = {Grade.OK: "ok     ", Grade.WARNING: "warning", Grade.WRONG: "WRONG  "}[self.grade]
        return f"{mark}  {self.part}: {self.what}" + (f"\n         fix: {self.fix}" if self.fix else "")


Check = Callable[[], Awaitable[list[Finding]]]


async def examine(checks: list[Check], tell: Callable[[Finding], None] | None = None) -> list[Finding]:
    """Run all checks in order and return their findings; a failed check does not stop the later ones.

    `tell` is called with each finding before the next check begins: a check that waits for a server may take a while.
    """
    findings: list[Finding] = []
    for check in checks:
        for finding in await check():
            findings.append(finding)
            if tell is not None:
                tell(finding)
    return findings
