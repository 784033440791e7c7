"""Removes characters that hide, reverse or stack text, and keeps those that people need to write their languages.

Zero-width joiners, tag characters and variation selectors are invisible, but emoji, Indic scripts, Arabic and Persian
cannot be written without them. They stay in the sequences that Unicode defines for them and are removed elsewhere
(UTS #51 "Unicode Emoji", sections 1.4 and 2; UAX #31, section 2.3; the Unicode Core Specification, sections 9.2, 12.1
and 23.4). Python's own `unicodedata` is as old as the interpreter, so the properties come from the `regex` package,
and unassigned code points that Unicode reserves for emoji (Extended_Pictographic) count as emoji. All patterns are
linear: no repetition in them is both unbounded and ambiguous.
"""

import regex

MARKS_PER_LETTER = 4
"""How many combining marks one letter keeps. Pointed Hebrew with cantillation needs four; "zalgo" needs dozens."""

LONGEST_CLUSTER = 32
"""The most code points in a grapheme cluster that is never cut; the longest emoji that Unicode recommends has 14."""

_CONTEXTUAL = r"\u200c\u200d\ufe00-\ufe0f\u180b-\u180f\U000e0020-\U000e007f\U000e0100-\U000e01ef"
"""Joiners, variation selectors and tags: kept or removed according to their neighbours."""

_HIDDEN = regex.compile(
    # Unassigned, private, surrogate, control and format characters; characters that have no glyph by definition, such
    # as the Hangul fillers; and three characters with an empty glyph (Braille, music, Khitan).
    rf"[[\p{{Cn}}\p{{Co}}\p{{Cs}}\p{{Cc}}\p{{Cf}}\p{{Default_Ignorable_Code_Point}}\u2800\U0001d159\U00016fe4]"
    rf"--[\p{{Extended_Pictographic}}\p{{Prepended_Concatenation_Mark}}{_CONTEXTUAL}]]+",
    regex.V1,
)
_SPACES = regex.compile(r"[\p{Z}\t\n\v\f\r\x1c-\x1f\x85]", regex.V1)
_MARKS = regex.compile(rf"[\p{{Mn}}\p{{Me}}{_CONTEXTUAL}]{{{MARKS_PER_LETTER + 1},}}", regex.V1)

_JOINING = "".join(
    rf"\p{{scx={script}}}"
    for script in (
        # Cursive scripts, then the scripts with a virama or conjuncts.
        *("Arab", "Syrc", "Mong", "Nkoo", "Mand", "Adlm", "Rohg", "Phag", "Mani"),
        *("Deva", "Beng", "Guru", "Gujr", "Orya", "Taml", "Telu", "Knda", "Mlym", "Sinh", "Khmr", "Mymr", "Tibt"),
        *("Java", "Bali", "Sund", "Newa", "Tirh", "Gran", "Cakm", "Limb", "Mtei", "Kthi", "Modi", "Sidd", "Shrd"),
    )
)
_LETTER = rf"[[\p{{L}}\p{{M}}]&&[{_JOINING}]]"
_PICTURE = r"(?:\p{Extended_Pictographic}[\ufe0e\ufe0f]?[\U0001f3fb-\U0001f3ff]?)"
_FLAG = r"\U0001f3f4[\U000e0061-\U000e007a]{2}[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,4}\U000e007f"
_KEPT = "|".join(
    (
        _FLAG,
        rf"{_PICTURE}(?:\u200d{_PICTURE}){{0,4}}+",  # as many as a kiss or family emoji needs
        r"[0-9#*]\ufe0f?\u20e3",
        r"\p{Unified_Ideograph}[\ufe00-\ufe02\U000e0100-\U000e01ef]",
        r"[[\p{Sm}0\u3001\u3002\uff01\uff0c\uff0e\uff1a\uff1b\uff1f]--\p{Extended_Pictographic}][\ufe00\ufe01]",
        r"[\p{scx=Mymr}\p{scx=Phag}]\ufe00",
        r"\p{L}(?<=\p{scx=Mong})[\u180b-\u180d\u180f](?:\u180e(?=\p{scx=Mong}))?",
        r"\p{L}(?<=\p{scx=Mong})\u180e(?=\p{scx=Mong})",
        rf"(?<={_LETTER})\u200d|(?<=^|[^\p{{L}}\p{{M}}{_CONTEXTUAL}])\u200d(?={_LETTER})",
        rf"(?<={_LETTER})\u200c(?={_LETTER})|(?<=\p{{ccc=9}})\u200c",
    )
)
_SEQUENCES = regex.compile(rf"({_KEPT})|[{_CONTEXTUAL}]", regex.V1)
_CLUSTER = regex.compile(r"\X")
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)
_SEEN = regex.compile(
    r"[[\p{L}\p{N}\p{P}\p{S}]--[\p{Default_Ignorable_Code_Point}\u2800\U0001d159\U00016fe4]]"
    r"|\p{Extended_Pictographic}",
    regex.V1,
)


def visible(text: str) -> str:
    """Return the text on one line, with single spaces and without characters that hide, reverse or stack text."""
    return " ".join(unhidden(text).split())


def unhidden(text: str) -> str:
    """Return the text without characters that hide, reverse or stack text; every kind of space becomes a plain one."""
    if text.isascii() and text.isprintable():
        return text
    shown = _HIDDEN.sub("", _SPACES.sub(" ", text))
    return _SEQUENCES.sub(r"\1", _MARKS.sub(_few_marks, shown))


def is_blank(text: str) -> bool:
    """Return whether the text is invisible to a reader: no letter, digit, sign or emoji."""
    return _SEEN.search(text) is None


def cut(line: str, limit: int) -> str:
    """Return the beginning of the line, at most `limit` characters long, without cutting a character as people see it.

    Only clusters that are longer than any real one are cut. The search begins at most a few clusters before the limit,
    so it costs the same for every length.
    """
    if len(line) <= limit:
        return line
    start = _safe_start(line, max(0, limit - 2 * LONGEST_CLUSTER))
    ends = [start + found.end() for found in _CLUSTER.finditer(line[start : limit + 1])][:-1]
    if ends and ends[-1] >= limit - LONGEST_CLUSTER:
        return line[: ends[-1]]
    return line[:limit] if limit > LONGEST_CLUSTER else ""


def _safe_start(line: str, start: int) -> int:
    """Move the start back to the beginning of a pair of regional indicators: two of them are one flag."""
    first = start
    while first and ord(line[first - 1]) in _FLAG_LETTERS:
        first -= 1
    return start - (start - first) % 2


def _few_marks(found: regex.Match[str]) -> str:
    left = MARKS_PER_LETTER
    kept: list[str] = []
    for character in found[0]:
        is_mark = _MARK.match(character) is not None
        left -= is_mark
        if not is_mark or left >= 0:
            kept.append(character)
    return "".join(kept)


_MARK = regex.compile(rf"[[\p{{Mn}}\p{{Me}}]--[{_CONTEXTUAL}]]", regex.V1)
