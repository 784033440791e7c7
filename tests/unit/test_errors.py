import pytest

from bot import errors
from bot.errors import EaselError, InsufficientCredit, Money, Refused, RunFailed


def every_error(root=EaselError):
    return [kind for kind in below(root) if kind.__module__ == errors.__name__]


def below(root):
    for child in root.__subclasses__():
        yield child
        yield from below(child)


def test_error_message_shows_amounts_in_credits():
    error = InsufficientCredit(needed_mcr=7_000_000, available_mcr=13_750, held_mcr=0)
    assert str(error) == "this needs 7,000 credits; 13.75 are available and 0 held"


def test_error_without_facts_still_has_a_message():
    assert str(InsufficientCredit()).startswith("this needs")


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_every_error_is_in_the_tree_of_the_module_docstring(kind):
    assert errors.__doc__ is not None
    assert kind.__name__ in errors.__doc__


def test_keys_are_unique():
    keys = [kind().key for kind in every_error()]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("kind", every_error(Refused), ids=lambda kind: kind.__name__)
def test_refusal_leaves_credits_untouched(kind):
    assert kind.money is Money.UNTOUCHED


@pytest.mark.parametrize("kind", every_error(RunFailed), ids=lambda kind: kind.__name__)
def test_failed_run_releases_the_hold(kind):
    assert kind.money is Money.RELEASED
