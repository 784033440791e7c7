"""Counts with their nouns, such as "1 server" and "2 servers"."""


def counted(number: int, what: str) -> str:
    """Return a count with its noun. `what` is the singular."""
    if number == 1:
        return f"1 {what}"
    return f"{number:,} {what}es" if what.endswith("s") else f"{number:,} {what}s"
