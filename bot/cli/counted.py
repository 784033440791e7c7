"""Counts with their nouns, such as "1 server" and "2 servers"."""


def counted(number: int, noun: str) -> str:
    """Return a count with its noun. `noun` is the singular."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun}es" if noun.endswith("s") else f"{number:,} {noun}s"
