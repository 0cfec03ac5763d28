"""One file a framework, each with an ``implementation``, loaded when asked for."""

from pathlib import Path

NAMES = tuple(sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem != "__init__"))
