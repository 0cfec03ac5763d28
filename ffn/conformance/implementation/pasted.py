"""A sequence of calls as Python that can be pasted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.cases.case import flat
from ffn.cases.writing import imports, literal
from ffn.conformance.implementation.boundary.calling.playing import WRITTEN
from ffn.conformance.implementation.sequence import AT_ONCE, Arrays, Sequence, Use, leaves_of, same_contents
from ffn.network.formulas import argument_names

Leaf = Callable[[str, npt.NDArray[Any]], str]  # the expression of an array, by its path


def pasted(sequence: Sequence) -> str:
    """The calls, one after the other; what each returns is printed, and kept."""
    lines = [*_imports(sequence.uses), "kept = []"]
    current: dict[str, Any] = {}
    for place, use in enumerate(sequence.uses):
        lines += _assignments(use, current)
        following = sequence.uses[place + 1 : place + 2]
        lines += _at_once(use, bool(following and following[0].at_once)) if use.at_once else _call(use)
    return "\n".join(lines)


def _imports(uses: tuple[Use, ...]) -> Iterator[str]:
    yield from imports(next(array for array in uses[0].case.arrays() if array.dtype.kind not in "biu")).splitlines()
    threads = max(use.thread for use in uses)
    if threads or any(use.at_once for use in uses):
        yield "from concurrent.futures import ThreadPoolExecutor"
    if any(use.at_once for use in uses):
        yield from ("from functools import partial", "calls = []")
    if kinds := {type(network).__name__ for use in uses if (network := getattr(use.case, "network", None))}:
        yield f"from ffn import {', '.join(sorted({'Hidden', 'Output'} | kinds))}"
    if threads:
        yield f"threads = [ThreadPoolExecutor(1) for _ in range({threads})]"


def _assignments(use: Use, current: dict[str, Any]) -> Iterator[str]:
    """What gives each argument its value; where an argument is as it was, nothing."""
    shared: dict[Any, str] = {}
    for name in _given(use):
        value, old = getattr(use.case, name), current.get(name)
        current[name] = value
        if not isinstance(value, (tuple, np.ndarray)):
            yield from () if old == value else (f"{name} = {value!r}",)
        elif use.shared:
            yield from _of_shared(name, value, shared)
        else:
            yield from _of_arrays(name, value, old, use.arrays)


def _of_shared(name: str, value: Any, shared: dict[Any, str]) -> Iterator[str]:
    """Arrays with the same contents under one name."""
    for array in flat(value):
        if _key(array) not in shared:
            shared[_key(array)] = f"array_{len(shared)}"
            yield f"{shared[_key(array)]} = {literal(array)}"
    yield f"{name} = {_tree(name, value, lambda path, array: shared[_key(array)])}"


def _of_arrays(name: str, value: Any, old: Any, arrays: Arrays) -> Iterator[str]:
    before, after = dict(leaves_of(name, old)), dict(leaves_of(name, value))
    changed = {path for path, a in after.items() if path not in before or not same_contents(before[path], a)}
    alike = all(path in before and before[path].shape == after[path].shape for path in changed)
    if arrays is Arrays.IN_PLACE and old is not None and alike:
        yield from (f"{path}[...] = {literal(after[path])}" for path in sorted(changed))
    elif changed or arrays is Arrays.ALL_NEW:
        if arrays is Arrays.SAME_ADDRESS and old is not None:
            yield f"del {name}  # what is made next is likely to lie there"
        kept = set(after) - changed if arrays in (Arrays.NEW, Arrays.IN_PLACE) else set()
        yield f"{name} = {_tree(name, value, lambda path, array: path if path in kept else literal(array))}"


def _key(array: npt.NDArray[Any]) -> tuple[Any, ...]:
    return array.shape, array.tobytes()


def _tree(path: str, value: Any, leaf: Leaf) -> str:
    if not isinstance(value, tuple):
        return leaf(path, value)
    inner = (_tree(f"{path}[{place}]", each, leaf) for place, each in enumerate(value))
    return f"({', '.join(inner)},)"


def _given(use: Use) -> list[str]:
    return [name for name in argument_names(use.method) if getattr(use.case, name) is not None]


def _call(use: Use) -> Iterator[str]:
    call, given = f"implementation.{use.method}", ", ".join(_given(use))
    asked = f"threads[{use.thread - 1}].submit({call}, {given}).result()" if use.thread else f"{call}({given})"
    yield f"kept.append({asked})"
    yield "print(kept[-1])"
    if use.written:
        arrays = "(array for layer in kept[-1] for array in layer)" if use.name == "gradient" else "kept[-1:]"
        yield f"for array in {arrays}:"
        yield f"    np.asarray(array)[...] = {WRITTEN}"


def _at_once(use: Use, another_follows: bool) -> Iterator[str]:
    yield f"calls.append(partial(implementation.{use.method}, {', '.join(_given(use))}))"
    if not another_follows:
        yield "with ThreadPoolExecutor(len(calls)) as pool:"
        yield f"    for answers in pool.map(lambda call: [call() for _ in range({AT_ONCE})], calls):"
        yield "        print(*answers, sep='\\n')"
