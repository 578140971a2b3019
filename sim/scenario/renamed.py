"""Fields of scenarios and comparisons that had another name in version 0.1.0."""

NEW_NAMES = {
    "fresh_luck": "independent_reactions",  # of a comparison
    "luck": "reaction_seed",
    "records.control_variate": "records.expected_sales",
    "records.luck": "records.expected_sales",
    "paid": "campaigns",
    "platform.paid": "platform.boosts",
    **{
        f"platform.weights.{term}": f"platform.weights.review.{term}"
        for term in ("dwell", "interaction", "entry", "conversion")
    },
    "rooms.bait_stock": "rooms.bait_share",
    "viewers.in_room.bargain_pace": "viewers.in_room.wait_pace",
    "viewers.in_room.hold_pace": "viewers.in_room.wait_pace",
    "viewers.in_room.release_pace": "viewers.in_room.wait_pace",
    "platform.tags.bought": "platform.tags.purchases",
    "platform.tags.entered": "platform.tags.rooms",
    "platform.tags.interacted": "platform.tags.reaction",
    "platform.tags.skipped": "platform.tags.videos",
    "platform.tags.stayed": "platform.tags.rooms",
    "platform.tags.watched": "platform.tags.videos",
    "viewers.mood_memory": "viewers.satisfaction_memory",
}
"""Old dotted path -> new dotted path."""


def renamed(path: str) -> tuple[str, str] | None:
    """The new path of a field that had another name, and that in words; None if it had none."""
    for old, new in NEW_NAMES.items():
        if path == old or path.startswith((f"{old}.", f"{old}[")):
            now = new + path.removeprefix(old)
            return now, f"{path} is now called {now}"
    return None
