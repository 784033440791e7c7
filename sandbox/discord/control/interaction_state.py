"""Interactions as the control interface tells of them."""

from sandbox.discord.world.state import Interaction, InteractionState, Json


def interaction_state(one: Interaction) -> Json:
    """Tell how far an interaction is: it is pending until its answer is carried out."""
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
