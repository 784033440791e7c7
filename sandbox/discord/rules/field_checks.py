"""Validates a JSON body as Discord does: checks every field and reports all problems at once (code 50035).

`FieldErrors` collects the problems; `Body` reads one JSON object and adds a problem for each value that is missing, of
the wrong type, too long or out of range. A getter that finds a problem returns None, so that it is reported only once.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

from sandbox.discord.rules.error_codes import DiscordError, invalid_form

LARGEST_ID = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry of an `_errors` list."""

    code: str
    message: str


REQUIRED = Problem("BASE_TYPE_REQUIRED", "This field is required")
NOT_AN_OBJECT = Problem("MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
NOT_A_LIST = Problem("LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
NOT_A_URL = Problem("URL_TYPE_INVALID_URL", "Not a well formed URL.")


def not_one_of(allowed: Collection[object]) -> Problem:
    """Return the problem for a value that is not one of the allowed ones."""
    return Problem("BASE_TYPE_CHOICES", f"Value must be one of {{{', '.join(map(repr, allowed))}}}.")


def bad_length(least: int, most: int) -> Problem:
    """Return the problem for a string or list that is too short or too long."""
    if least == 0:
        return Problem("BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
    return Problem("BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")


def not_a(kind: str, value: object) -> Problem:
    """Return the problem for a value that is not an integer, a boolean or an id."""
    code = "BOOLEAN_TYPE_CONVERT" if kind == "bool" else "NUMBER_TYPE_COERCE"
    text = "Must be either true or false." if kind == "bool" else f'Value "{value}" is not {kind}.'
    return Problem(code, text)


@dataclass(frozen=True, slots=True)
class FieldErrors:
    """A path in a body and the problems found so far; all paths of one body share the same list."""

    path: tuple[str, ...] = ()
    found: list[tuple[tuple[str, ...], Problem]] = field(default_factory=list[tuple[tuple[str, ...], Problem]])

    def at(self, *keys: str | int) -> "FieldErrors":
        """Return the same errors at a deeper path."""
        return FieldErrors((*self.path, *map(str, keys)), self.found)

    def add(self, problem: Problem) -> None:
        """Add a problem at this path."""
        self.found.append((self.path, problem))

    def refuse(self) -> None:
        """Raise 50035 if any problem was found.

        Raises:
            DiscordError: with all problems in its tree.

        """
        if self.found:
            raise self.error()

    def error(self) -> DiscordError:
        """Return the error 50035 with the tree of all problems."""
        tree: dict[str, object] = {}
        for path, problem in self.found:
            here = tree
            for key in path:
                here = cast("dict[str, object]", here.setdefault(key, {}))
            entries = cast("list[dict[str, str]]", here.setdefault("_errors", []))
            entries.append({"code": problem.code, "message": problem.message})
        return invalid_form(tree)


def refuse_at(path: Sequence[str | int], problem: Problem) -> DiscordError:
    """Return the error 50035 with a single problem."""
    errors = FieldErrors().at(*path)
    errors.add(problem)
    return errors.error()


@dataclass(frozen=True, slots=True)
class Body:
    """One JSON object of a request, with the errors at its path."""

    data: Mapping[str, object]
    errors: FieldErrors

    def has(self, key: str) -> bool:
        """Return whether the key is present and not null."""
        return self.data.get(key) is not None

    def add(self, key: str, problem: Problem) -> None:
        """Add a problem with a field."""
        self.errors.at(key).add(problem)

    def text(self, key: str, *, most: int, least: int = 0, required: bool = False) -> str | None:
        """Read a string; lengths are in characters. A blank one counts as missing if the field is required."""
        value = self._get(key, required=required or (least > 0 and key in self.data))
        if value is None:
            return None
        if not isinstance(value, str):
            self.add(key, Problem("STRING_TYPE_CONVERT", "Could not interpret value as string."))
            return None
        if required and not value.strip():
            self.add(key, REQUIRED)
            return None
        if not least <= len(value) <= most:
            self.add(key, bad_length(least, most))
            return None
        return value

    def integer(self, key: str, *, least: int, most: int, required: bool = False) -> int | None:
        """Read an integer within bounds."""
        value = self._get(key, required=required)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self.add(key, not_a("int", value))
            return None
        if value < least:
            self.add(key, Problem("NUMBER_TYPE_MIN", f"int value should be greater than or equal to {least}."))
            return None
        if value > most:
            self.add(key, Problem("NUMBER_TYPE_MAX", f"int value should be less than or equal to {most}."))
            return None
        return value

    def one_of(self, key: str, allowed: Collection[object], *, required: bool = False) -> object | None:
        """Read a value that must be one of the allowed ones."""
        value = self._get(key, required=required)
        if value is not None and (isinstance(value, bool) or value not in allowed):
            self.add(key, not_one_of(allowed))
            return None
        return value

    def boolean(self, key: str) -> bool | None:
        """Read true or false."""
        value = self.data.get(key)
        if value is not None and not isinstance(value, bool):
            self.add(key, not_a("bool", value))
            return None
        return value

    def snowflake(self, key: str, *, required: bool = False) -> int | None:
        """Read an id, given as a string or number."""
        value = self._get(key, required=required)
        if value is None:
            return None
        number = as_snowflake(value)
        if number is None:
            self.add(key, not_a("snowflake", value))
        return number

    def url(self, key: str, *, most: int, schemes: Collection[str], required: bool = False) -> str | None:
        """Read a URL with one of these schemes."""
        value = self.text(key, most=most, required=required)
        if value is None:
            return None
        problem = url_problem(value, schemes)
        if problem is not None:
            self.add(key, problem)
            return None
        return value

    def child(self, key: str, *, required: bool = False) -> "Body | None":
        """Read an object inside this one."""
        value = self._get(key, required=required)
        return None if value is None else as_body(value, self.errors.at(key))

    def items(self, key: str, *, most: int, least: int = 0, required: bool = False) -> Sequence[object]:
        """Read a list of a valid length; empty if it is absent or invalid."""
        value = self._get(key, required=required)
        if value is None:
            return ()
        if not isinstance(value, list):
            self.add(key, NOT_A_LIST)
            return ()
        found = cast("list[object]", value)
        if required and not found:
            self.add(key, REQUIRED)
            return ()
        if not least <= len(found) <= most:
            self.add(key, bad_length(least, most))
            return ()
        return found

    def children(self, key: str, *, most: int, least: int = 0, required: bool = False) -> Iterator["Body"]:
        """Read a list of objects; report and skip other values."""
        for index, value in enumerate(self.items(key, most=most, least=least, required=required)):
            body = as_body(value, self.errors.at(key, index))
            if body is not None:
                yield body

    def each(self, key: str, values: Sequence[object], problem: Callable[[object], Problem | None]) -> None:
        """Add the problem that `problem` returns for each value of a list, if any."""
        for index, value in enumerate(values):
            wrong = problem(value)
            if wrong is not None:
                self.errors.at(key, index).add(wrong)

    def _get(self, key: str, *, required: bool) -> object | None:
        value = self.data.get(key)
        if value is None and required:
            self.add(key, REQUIRED)
        return value


def as_body(value: object, errors: FieldErrors) -> Body | None:
    """Return a JSON value as an object, or add a problem and return None."""
    if not isinstance(value, Mapping):
        errors.add(NOT_AN_OBJECT)
        return None
    return Body(cast("Mapping[str, object]", value), errors)


def as_snowflake(value: object) -> int | None:
    """Return an id given as a string or number; None if it is not an id."""
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif isinstance(value, str) and value.isascii() and value.isdigit():
        number = int(value)
    else:
        return None
    return number if 0 <= number <= LARGEST_ID else None


def url_problem(value: str, schemes: Collection[str]) -> Problem | None:
    """Return what is wrong with a URL; None if it is valid."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return NOT_A_URL
    if not parts.scheme or any(character.isspace() for character in value):
        return NOT_A_URL
    if parts.scheme.lower() not in schemes:
        listed = ", ".join(repr(scheme) for scheme in schemes)
        return Problem(
            "URL_TYPE_INVALID_SCHEME", f'Scheme "{parts.scheme}" is not supported. Must be one of ({listed}).'
        )
    if not parts.netloc or (parts.scheme in {"http", "https"} and not parts.hostname):
        return NOT_A_URL
    return None
