"""Hypothesis profiles, and no sets kept from one test to the next.

The default profile searches the same cases at each run, ``thorough`` searches at random and longer.
"""

import pytest
from hypothesis import HealthCheck, Phase, settings

from ffn import admissible

pytest_plugins = ["pytester"]

SLOW_IS_FINE = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.differing_executors)

settings.register_profile(
    "default",
    max_examples=100,
    derandomize=True,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),  # --hypothesis-explain: what in an example may vary
    suppress_health_check=SLOW_IS_FINE,
)
settings.register_profile(
    "thorough", max_examples=2000, derandomize=False, deadline=None, suppress_health_check=SLOW_IS_FINE
)
# On further interpreters, to see that all runs there: the search itself does not depend on them.
settings.register_profile("brief", settings.get_profile("default"), max_examples=20)
settings.load_profile("default")


@pytest.fixture(autouse=True)
def _no_sets_of_other_tests() -> None:
    """What a test planted in the number systems is in no set that another one is given."""
    admissible.forget()
