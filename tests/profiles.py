"""How many examples a property gets, relative to the profile."""

from hypothesis import settings

DEFAULT = 100  # max_examples of the default profile


def examples(count: int) -> settings:
    """``count`` examples in the default profile, and as many times more in a longer one."""
    return settings(max_examples=max(1, count * settings.default.max_examples // DEFAULT))
