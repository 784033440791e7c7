from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.access import Asker, may_use
from bot.jobs.records import Rung, State, Visibility
from tests.unit.chat import samples

GUILD, MEMBER, OTHER, MODERATOR = 10, 30, 31, 32
OWN = Asker(MEMBER, GUILD, sees_channel=True)
OWN_BLIND = Asker(MEMBER, GUILD, sees_channel=False)
OWN_IN_DM = Asker(MEMBER, 0, sees_channel=False)
SEEING = Asker(OTHER, GUILD, sees_channel=True)
BLIND = Asker(OTHER, GUILD, sees_channel=False)
ELSEWHERE = Asker(OTHER, 11, sees_channel=True)

TABLE = [
    # what happened to the job, then who may use it: OWN, OWN_BLIND and OWN_IN_DM, then SEEING, BLIND and ELSEWHERE
    ({}, "yes yes yes", "yes no no"),
    ({"visibility": Visibility.PRIVATE}, "yes yes yes", "no no no"),
    ({"visibility": Visibility.DM}, "yes yes yes", "no no no"),
    ({"state": State.RUNNING, "shown_by": None}, "yes yes yes", "yes no no"),
    ({"state": State.DELIVERING, "shown_by": None}, "yes yes yes", "yes no no"),
    ({"state": State.FAILED}, "yes yes yes", "yes no no"),
    ({"state": State.UNDELIVERED, "shown_by": None}, "yes yes yes", "no no no"),
    ({"shown_by": Rung.KEPT}, "yes yes yes", "no no no"),
    ({"shown_by": Rung.DM}, "yes yes yes", "no no no"),
    ({"shown_by": Rung.NEW_MESSAGE}, "yes yes yes", "yes no no"),
    ({"removed_by": MEMBER}, "yes yes yes", "no no no"),
    ({"removed_by": MODERATOR}, "no no no", "no no no"),
    ({"removed_by": MODERATOR, "visibility": Visibility.PRIVATE}, "no no no", "no no no"),
]


def job(**changes):
    return samples.job(**({"state": State.DONE, "shown_by": Rung.TOKEN_EDIT} | changes))


@pytest.mark.parametrize(("changes", "own", "others"), TABLE)
def test_members_who_may_see_a_job_may_use_it(changes, own, others):
    askers = (OWN, OWN_BLIND, OWN_IN_DM, SEEING, BLIND, ELSEWHERE)
    found = ["yes" if may_use(job(**changes), asker) else "no" for asker in askers]
    assert found == [*own.split(), *others.split()]


jobs = st.builds(
    job,
    state=st.sampled_from(State),
    visibility=st.sampled_from(Visibility),
    shown_by=st.none() | st.sampled_from(Rung),
    removed_by=st.sampled_from((0, MEMBER, MODERATOR)),
)
askers = st.builds(
    Asker, st.sampled_from((MEMBER, OTHER, MODERATOR)), st.sampled_from((0, GUILD, 11)), sees_channel=st.booleans()
)


@given(jobs, askers)
def test_others_use_only_public_results_in_channels_they_can_see(found, asker):
    if may_use(found, asker) and asker.member != found.member:
        assert found.visibility is Visibility.CHANNEL
        assert (asker.guild, asker.sees_channel) == (found.guild, True)
        assert found.removed_by == 0


@given(jobs, askers)
def test_member_loses_their_own_job_only_to_a_moderator(found, asker):
    if asker.member == found.member:
        assert may_use(found, asker) == (found.removed_by != MODERATOR)


@given(jobs)
def test_seeing_the_channel_never_removes_access_to_a_job(found):
    for member, guild in product((MEMBER, OTHER), (0, GUILD, 11)):
        blind, seeing = (may_use(found, Asker(member, guild, sees_channel=sees)) for sees in (False, True))
        assert seeing >= blind
