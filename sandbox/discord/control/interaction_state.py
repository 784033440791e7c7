"""Describes an interaction's progress for the control interface."""

from sandbox.discord.world.state import Interaction, InteractionState, Json


def interaction_state(one: Interaction) -> Json:
    """Return an interaction's state; it is pending until its response has been carried out."""
    state = one.state if one.settled else InteractionState.PENDING
    return {
        "id": str(one.id),
        "channel": str(one.channel_id),
        "type": int(one.kind),
        "name": one.name,
        "state": str(state),
        "ack_ms": one.ack_ms,
        "message_id": str(one.original_id) if one.original_id else None,
        "ephemeral": one.private,
        "modal": one.modal,
        "choices": one.choices,
    }
