"""Values of environment variables as people write them in files that are not read by a shell, such as `--env-file`."""

import re
from collections.abc import Mapping

from bot.errors import SettingsError

_REMARK = re.compile(r"(?:^|\s+)#.*$", re.DOTALL)
QUOTES = ('"', "'")


def as_meant(values: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return values without surrounding spaces and quotes or trailing comments, as in `.env`; empty ones are left out.

    Raises SettingsError for a quote that is not closed.
    """
    meant = {name: value if value is None else _meant(name, value) for name, value in values.items()}
    return {name: value for name, value in meant.items() if value != ""}


def _meant(name: str, value: str) -> str:
    value = value.strip()
    quote = value[:1]
    if quote not in QUOTES or not quote:
        return _REMARK.sub("", value)
    inner, closed, rest = value[1:].partition(quote)
    if not closed or _REMARK.sub("", rest).strip():
        raise SettingsError(
            name=name.upper(),
            problem="begins with a quote that does not end it (docker's --env-file passes quotes on as they are)",
            fix="Write the value without quotes, or close them",
        )
    return inner
