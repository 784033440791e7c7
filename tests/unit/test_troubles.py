import pytest

from bot.errors import ContentFiltered, InsufficientCredit, ProviderDown, ProviderUnauthorized, StorageError
from bot.troubles import FRESH_S, IN_A_ROW, Part, Troubles
from tests.manual_clock import ManualClock

FULL = StorageError(problem="the disk is full", fix="Make room")


@pytest.fixture
def troubles():
    return Troubles(ManualClock())


def test_fault_for_the_operator_is_reported(troubles):
    assert troubles.current() is None
    troubles.note(FULL)
    assert troubles.current() == "storage: the disk is full"
    troubles.note_failure(ProviderUnauthorized(detail="bad key").failure)
    assert troubles.current() == "storage: the disk is full; provider account: bad key"


@pytest.mark.parametrize("error", [InsufficientCredit(needed_mcr=1), ContentFiltered(detail="no"), ProviderDown()])
def test_other_errors_are_not_troubles(troubles, error):
    troubles.note(error)
    assert troubles.current() is None


def test_success_ends_a_trouble(troubles):
    troubles.note(FULL)
    troubles.worked(Part.STORAGE)
    assert troubles.current() is None


async def test_trouble_is_forgotten_after_a_while(troubles):
    troubles.note(FULL)
    await troubles._clock.advance(FRESH_S)
    assert troubles.current() is None


def test_only_repeated_internal_errors_are_a_trouble(troubles):
    for _ in range(IN_A_ROW - 1):
        troubles.note(ValueError("odd"))
    assert troubles.current() is None
    troubles.note(ValueError("odd"))
    assert troubles.current() == "internal errors: internal-error"
