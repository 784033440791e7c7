"""The framework of `easel check`."""

from bot.cli.findings import Finding, Grade, examine


async def test_each_finding_is_reported_before_the_next_check_begins():
    told: list[str] = []
    begun_after: list[list[str]] = []

    def check(name: str):
        async def found() -> list[Finding]:
            begun_after.append([*told])
            return [Finding(name, Grade.OK, "works")]

        return found

    findings = await examine([check("database"), check("bucket")], lambda finding: told.append(finding.part))
    assert begun_after == [[], ["database"]]
    assert [one.part for one in findings] == told == ["database", "bucket"]
