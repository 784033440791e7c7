"""A channel's defaults fill in the options that neither the order nor its member sets."""

from bot.catalogue.order import Task
from bot.chat.ordering.member_defaults import with_channel_defaults
from bot.policy.policy_records import ChannelDefaults
from bot.preferences.preference_records import Preference

DEFAULTS = ChannelDefaults(1, model="google/imagen-4", aspect="16:9", visibility="private")


def test_channel_default_fills_in_options_left_out_by_the_member():
    said = with_channel_defaults(Preference(), DEFAULTS, Task.IMAGINE)
    assert (said.models, said.aspect, said.visibility) == ({Task.IMAGINE: "google/imagen-4"}, "16:9", "private")


def test_members_preferences_take_precedence_over_the_channels_defaults():
    own = Preference(aspect="1:1", visibility="channel", models={Task.IMAGINE: "google/imagen-4-fast"})
    assert with_channel_defaults(own, DEFAULTS, Task.IMAGINE) == own


def test_model_of_the_channel_is_left_out_if_it_cannot_do_the_task():
    assert with_channel_defaults(Preference(), DEFAULTS, None).models == {}
