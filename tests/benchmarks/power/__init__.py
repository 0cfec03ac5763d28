"""What is seen: planted bugs by the sets of the kit and by the checks that people use, on the same numbers."""

from typing import Any

from rich.console import Console

from tests.benchmarks.power import kernels, page
from tests.benchmarks.power.gradients import powers


def measure() -> dict[str, Any]:
    """Print both tables, and write them into the pages that have them."""
    figures = {"kernels": kernels.power(), "gradients": powers()}
    for table in page.tables(figures):
        Console().print(table, markup=False)
    page.write(figures)
    return figures
