import pytest

from bot.chat.results.follow_up_actions import NEED_TEXT, TASKS
from bot.chat.texts.loader import Texts
from bot.jobs.records import Relation

SAY = Texts.load().speech("en-US")


@pytest.mark.parametrize("relation", Relation)
def test_every_step_has_a_name_and_says_where_it_came_from(relation):
    assert "75" in SAY(f"step-{relation}", price="75 credits")
    assert "K7QF-2M" in SAY(f"from-{relation}", id="K7QF-2M")


@pytest.mark.parametrize("relation", sorted(TASKS))
def test_every_step_of_a_picture_has_a_word_for_the_select(relation):
    assert SAY(f"verb-{relation}")


@pytest.mark.parametrize("relation", sorted(NEED_TEXT))
def test_every_step_that_needs_words_has_a_modal_within_discords_limits(relation):
    assert 0 < len(SAY(f"modal-{relation}")) <= 45
    assert 0 < len(SAY(f"modal-{relation}-label")) <= 45
