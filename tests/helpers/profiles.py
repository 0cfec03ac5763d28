"""How many examples a property gets, relative to the profile."""

from hypothesis import settings

DEFAULT = 100  # max_examples of the default profile


def examples(count: int) -> settings:
    """``count`` examples in the default profile, and as many times more in a longer one."""
    assert settings.default is not None
    return settings(max_examples=max(1, count * settings.default.max_examples // DEFAULT))


def search(count: int) -> settings:
    """``count`` examples or more: for a search that has to find something, in a brief profile too."""
    return settings(max_examples=max(count, examples(count).max_examples))
