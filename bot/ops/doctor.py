"""`easel check`: looks at everything that must be right before the bot can work, and says how to mend what is not."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How serious a finding is; only WRONG makes the check fail."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: the part, what is so, and the fix where there is something to fix."""

    part: str
    grade: Grade
    what: str
    fix: str = ""

    def line(self) -> str:
        """Write the finding for a terminal."""
        mark = {Grade.OK: "ok     ", Grade.WARNING: "warning", Grade.WRONG: "WRONG  "}[self.grade]
        return f"{mark}  {self.part}: {self.what}" + (f"\n         fix: {self.fix}" if self.fix else "")


Check = Callable[[], Awaitable[list[Finding]]]


async def examine(checks: list[Check]) -> list[Finding]:
    """Make every check, one after the other; a later one does not need the earlier ones to be right."""
    findings: list[Finding] = []
    for check in checks:
        findings += await check()
    return findings
