"""Mutate one room of the code at random, and list the mutants with which no test fails.

mutmut changes one token or argument at a time inside of functions. It reaches no decorated function (a property, a
cache) and no constant of a module: the constants of the error model have tests of their own. It forks each mutant from
a process that has imported the code, so that what runs at import is not changed any more: who survives is tried once
more in a process of its own.
A survivor that means the same as the code stands in `equivalent.toml`, with why; it is known by its lines, so that it
falls out of the list with them. So does a class of them, by the functions that were read for it and what is changed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

import tomli_w

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
ROOMS = tomllib.loads((HERE / "rooms.toml").read_text(encoding="utf-8"))
EQUIVALENT = HERE / "equivalent.toml"
COPIED = ("ffn", "proofs", "tests", "pyproject.toml", "noxfile.py", "README.md", "CONTRIBUTING.md", "CHANGELOG.md")
SHARE = 0.95
MOST_SECONDS = 900  # for the tests of one mutant in a process of its own
# pytest escapes what is no ASCII in a test's name, and does so twice in a process that collects twice, as mutmut's
# does: then no test of that name is found, and the clean run fails.
NAMED_AS_THEY_ARE = "disable_test_id_escaping_and_forfeit_all_rights_to_community_support"
SURVIVED, WITHOUT_TESTS = 0, 33  # mutmut's exit statuses of a mutant


class Mutant(NamedTuple):
    """A mutant by its function and the lines that it changes, as `mutmut show` has them."""

    function: str
    was: str
    becomes: str


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.house.mutants", description=__doc__)
    parser.add_argument("room", choices=ROOMS)
    parser.add_argument("--count", type=int, default=300, help="how many mutants are drawn (default 300)")
    parser.add_argument("--seed", type=int, default=0, help="which ones (default 0)")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "mutants", help="where the copies are made")
    arguments = parser.parse_args()
    copy = copied(arguments.room, arguments.folder)
    mutmut(copy, "none.such")  # makes the mutants, and finds which tests enter which function
    names = sorted(statuses(copy))
    chosen = random.Random(arguments.seed).sample(names, min(arguments.count, len(names)))
    if not chosen:
        parser.exit(3, f"no mutant of {arguments.room} was made: see mutmut's words above\n")
    words = mutmut(copy, *chosen)
    found = statuses(copy)
    if all(found[name] is None for name in chosen):
        parser.exit(3, f"{words[-2000:]}\nno mutant of {arguments.room} was judged: see mutmut's words above\n")
    known, classes = equivalent(), list(entries("class"))
    # A mutant that ends the process group of who judges it leaves those after it, and itself, without a status.
    alive = [name for name in chosen if found[name] in (SURVIVED, WITHOUT_TESTS, None)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        alone = pool.map(lambda name: found[name] == WITHOUT_TESTS or survives(copy, name), alive)
        alive = [name for name, alive_alone in zip(alive, alone, strict=True) if alive_alone]
    named = [(name, shown(copy, name)) for name in alive]
    survivors = [
        (n, mutant) for n, mutant in named if mutant not in known and not any(in_class(mutant, c) for c in classes)
    ]
    for name, mutant in survivors:
        print(f"{name}{' (no test enters it)' if found[name] == WITHOUT_TESTS else ''}")
        print(f"  - {mutant.was}\n  + {mutant.becomes}")
    dead = len(chosen) - len(survivors)
    share = dead / len(chosen)
    print(
        f"{arguments.room}: {dead} of {len(chosen)} mutants of {len(names)} die or mean the same "
        f"({len(alive) - len(survivors)} mean the same): {share:.1%}"
    )
    sys.exit(share < SHARE)


def copied(room: str, folder: Path) -> Path:
    """A copy of the repository in which mutmut finds what to mutate; what it found before is thrown away."""
    copy = folder / room
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, copy / name)
    settings = {
        "source_paths": ["ffn", "proofs"],
        "only_mutate": ROOMS[room]["code"],
        "do_not_mutate": ROOMS[room].get("left_out", []),
        "also_copy": list(COPIED[3:]),
        "pytest_add_cli_args": [
            *("-p", "no:cacheprovider", "-p", "tests.house.mutants.quickest_first", "--hypothesis-profile=brief"),
            *("-o", f"{NAMED_AS_THEY_ARE}=true"),
            *(f"--deselect={test}" for test in ROOMS[room].get("without", [])),
        ],
        "pytest_add_cli_args_test_selection": ROOMS[room]["tests"],
    }
    with (copy / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n" + tomli_w.dumps({"tool": {"mutmut": settings}}))
    return copy


def mutmut(copy: Path, *names: str) -> str:
    """What a run of mutmut prints, its spinner left out."""
    done = subprocess.run(["mutmut", "run", *names], cwd=copy, capture_output=True, text=True, start_new_session=True)
    return re.sub(r"[^\n]*\r", "", done.stdout + done.stderr)


def statuses(copy: Path) -> dict[str, int | None]:
    """The exit status of each mutant's tests, by the mutant's name; None where they were not run."""
    found: dict[str, int | None] = {}
    for file in (copy / "mutants").rglob("*.meta"):
        found |= json.loads(file.read_text(encoding="utf-8"))["exit_code_by_key"]
    return found


def survives(copy: Path, name: str) -> bool:
    """Whether the tests that enter the mutant's function pass with it in a process of their own."""
    entered = subprocess.run(["mutmut", "tests-for-mutant", name], cwd=copy, capture_output=True, text=True, check=True)
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--hypothesis-profile=brief"]
    command += ["-p", "tests.house.mutants.quickest_first", "-o", f"{NAMED_AS_THEY_ARE}=true"]
    try:
        done = subprocess.run(
            [*command, *entered.stdout.split("\n")[:-1]],
            cwd=copy / "mutants",
            capture_output=True,
            env=os.environ | {"MUTANT_UNDER_TEST": name, "PYTHONPATH": str(copy / "mutants")},
            start_new_session=True,
            timeout=MOST_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def shown(copy: Path, name: str) -> Mutant:
    done = subprocess.run(["mutmut", "show", name], cwd=copy, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()[3:]
    was, becomes = (" / ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+")
    return Mutant(re.sub(r"__mutmut_\d+$", "", name), was, becomes)


def equivalent() -> set[Mutant]:
    """The mutants that are listed as meaning the same as the code."""
    return {Mutant(entry["function"], entry["was"], entry["becomes"]) for entry in entries("mutant")}


def in_class(mutant: Mutant, entry: dict[str, str]) -> bool:
    """Whether a mutant of these functions changes nothing but what the pattern matches."""
    was, becomes = (re.sub(entry["pattern"], "", lines) for lines in (mutant.was, mutant.becomes))
    return fnmatch(mutant.function, entry["functions"]) and was == becomes


def entries(kind: str) -> Iterator[dict[str, str]]:
    yield from tomllib.loads(EQUIVALENT.read_text(encoding="utf-8")).get(kind, [])


if __name__ == "__main__":
    main()
