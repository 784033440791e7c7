"""Validates translated names and descriptions: known locales, and names that must be unique.

Source: Discord's documentation, "Application Commands", Localization, and "Reference", Locales.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import cast

from sandbox.discord.rules.field_checks import Body, Problem, not_one_of

LOCALES = frozenset(
    "id da de en-GB en-US es-ES es-419 fr hr it lt hu nl no pl pt-BR ro fi sv-SE "  # noqa: SIM905 - easier to read
    "vi tr cs el bg ru uk hi th zh-CN ja zh-TW ko".split()
)
NAMES = "name_localizations"


def check_localised(body: Body, key: str, problem: Callable[[str], Problem | None]) -> None:
    """Report unknown locales, and the problem that `problem` returns for each text."""
    texts = body.child(key)
    for locale, text in texts.data.items() if texts is not None else ():
        place = body.errors.at(key, locale)
        if locale not in LOCALES:
            place.add(not_one_of(sorted(LOCALES)))
        elif not isinstance(text, str):
            place.add(Problem("STRING_TYPE_CONVERT", "Could not interpret value as string."))
        else:
            wrong = problem(text)
            if wrong is not None:
                place.add(wrong)


def check_unlike(bodies: Iterable[Body], taken: Problem) -> None:
    """Report names that are repeated in the same language."""
    seen: set[tuple[str, str]] = set()
    for body in bodies:
        for locale, name in localised(body.data, NAMES).items():
            if (locale, name) in seen:
                body.errors.at(NAMES, locale).add(taken)
            seen.add((locale, name))


def localised(holder: Mapping[str, object], key: str) -> Mapping[str, str]:
    """Return a key's strings by language; values that are not strings are left out."""
    found = holder.get(key)
    texts: Mapping[str, object] = cast("Mapping[str, object]", found) if isinstance(found, Mapping) else {}
    return {locale: text for locale, text in texts.items() if isinstance(text, str)}
