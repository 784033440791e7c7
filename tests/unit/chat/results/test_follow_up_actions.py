import pytest

from bot.chat.results.follow_up_actions import NEED_TEXT, TASKS, is_temporary
from bot.chat.texts.texts import Texts
from bot.errors import ResultReplaced, Retry, RunFailed
from bot.jobs.records import Relation

SAY = Texts.load().speech("en-US")


@pytest.mark.parametrize("relation", Relation)
def test_every_action_has_a_label_and_an_origin_text(relation):
    assert "75" in SAY(f"step-{relation}", price="75 credits")
    assert "K7QF-2M" in SAY(f"from-{relation}", id="K7QF-2M")


@pytest.mark.parametrize("relation", sorted(TASKS))
def test_every_action_on_a_picture_has_a_text_for_the_select(relation):
    assert SAY(f"verb-{relation}")


@pytest.mark.parametrize("relation", sorted(NEED_TEXT))
def test_every_action_that_needs_text_has_a_modal_within_discords_limits(relation):
    assert 0 < len(SAY(f"modal-{relation}")) <= 45
    assert 0 < len(SAY(f"modal-{relation}-label")) <= 45


@pytest.mark.parametrize("kind", RunFailed.family(), ids=lambda kind: kind.__name__)
def test_failed_job_can_be_repeated_exactly_if_trying_later_may_help(kind):
    assert is_temporary(kind().key) is (kind.retry is Retry.LATER)


def test_job_whose_result_was_replaced_can_be_repeated():
    assert is_temporary(ResultReplaced().key)
