# /// script
# requires-python = ">=3.11"
# dependencies = ["nox[uv]>=2026.4.10", "python-discovery>=1.3"]
# ///
"""Every check of this repository: `nox` runs the default ones, `nox -l` lists all."""

import os
import shutil
import subprocess
from pathlib import Path

import nox
from python_discovery import DiskCache, PythonInfo, iter_interpreters

ROOT = Path(__file__).parent
PYPROJECT = nox.project.load_toml("pyproject.toml")
TORCH = "torch==2.13.0"

nox.options.sessions = ["lint", "types", "tests", "proofs", "verify"]
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_existing_virtualenvs = True
nox.options.error_on_missing_interpreters = True

# A wheel that is a little older costs seconds, a build from source minutes.
os.environ.setdefault("PIP_PREFER_BINARY", "1")


def pyenv_folders() -> list[str]:
    """The folders of pyenv's interpreters: its shims on PATH run the selected versions only."""
    root = os.environ.get("PYENV_ROOT", "")
    if not root and shutil.which("pyenv"):
        root = subprocess.run(["pyenv", "root"], capture_output=True, text=True, check=False).stdout.strip()
    found = Path(root).glob("versions/*/bin/python3.[1-9][0-9]") if root else ()
    return sorted({str(path.parent) for path in found})


def is_released(python: PythonInfo) -> bool:
    """Leave out prereleases and free-threaded builds: not every dependency has wheels for them."""
    return python.version_info.releaselevel == "final" and not python.free_threaded


def installed_pythons() -> list[str]:
    """The minor versions of every CPython that the project supports and that runs here."""
    # On PATH, and last there, so that nox finds them by their version too.
    os.environ["PATH"] = os.pathsep.join([os.environ["PATH"], *pyenv_folders()])
    spec = f"cpython{PYPROJECT['project']['requires-python']}"
    found = iter_interpreters(spec, cache=DiskCache(ROOT / ".nox" / ".pythons"), predicate=is_released)
    versions = {python.version_info[:2] for python in found}
    # Where there is none, name one: an empty list would be a session that runs nothing and passes.
    return [f"{major}.{minor}" for major, minor in sorted(versions)] or ["3.11"]


def group(name: str) -> list[str]:
    """The requirements in a dependency group of pyproject.toml."""
    return list(nox.project.dependency_groups(PYPROJECT, name))


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and formatting with ruff."""
    session.install(*group("lint"))
    paths = [name for name in ("ffn", "proofs", "tests", "noxfile.py") if (ROOT / name).exists()]
    session.run("ruff", "check", *paths)
    session.run("ruff", "format", "--check", *paths)


@nox.session
def types(session: nox.Session) -> None:
    """Check the types of the package, and of the derivations and the site, with mypy."""
    session.install("-e", ".", *group("test"), *group("study"), *group("types"))
    session.run("mypy", "--strict", "ffn", "proofs")


PYTHONS = installed_pythons()
SEARCHES = ("lessons/test_planted_bugs.py", "conformance/test_planted_bugs.py", "conformance/test_counterexamples.py")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests, in full on the oldest interpreter; after `--`, `--profile=NAME` picks a Hypothesis profile."""
    session.install("-e", ".", *group("test"))
    # Derivations and site have sessions of their own.
    options = ["--ignore=tests/proofs", "--ignore=tests/study"]
    if session.python != PYTHONS[0]:  # what a search finds is the same there: the code only has to run
        options += ["--hypothesis-profile=brief", *(f"--ignore=tests/{name}" for name in SEARCHES)]
    # Two processes, unless a -n among the arguments overrides it.
    session.run("pytest", "-n2", *options, *pytest_arguments(session))


@nox.session
def proofs(session: nox.Session) -> None:
    """Check the derivations, and that their checkers refuse every planted wrong step."""
    session.install("-e", ".", *group("test"))
    session.run("python", "-m", "proofs")
    session.run("pytest", "-n2", "tests/proofs", *pytest_arguments(session))


@nox.session
def study(session: nox.Session) -> None:
    """Build the study site in build/study and open its pages in headless Chromium, where there is one."""
    session.install("-e", ".", *group("test"), *group("study"))
    folder = ROOT / "build" / "study"
    session.run("python", "-m", "proofs.study", str(folder))
    session.run("pytest", "tests/study", *pytest_arguments(session), env={"FFN_STUDY_SITE": str(folder)})


# pip here and below: uv does not look where pip may have been told to find a build of torch for the CPU.
@nox.session(venv_backend="virtualenv")
def tests_torch(session: nox.Session) -> None:
    """Run the tests of the torch adapter; arguments as for `tests`."""
    session.install("-e", ".[torch]", TORCH, *group("test"))
    session.run("pytest", "tests/conformance/test_torch.py", *pytest_arguments(session))


def pytest_arguments(session: nox.Session) -> list[str]:
    """The session's arguments, with `--profile=NAME` under the name that Hypothesis gives it."""
    return [
        f"--hypothesis-{argument[2:]}" if argument.startswith("--profile=") else argument
        for argument in session.posargs
    ]


@nox.session
def verify(session: nox.Session) -> None:
    """Judge an implementation with the package as it is installed: the reference, or what follows `--`."""
    # Not editable: this session is the one that sees a file missing from the wheel.
    session.install(*([".[torch]", TORCH] if "torch" in session.posargs else ["."]))
    session.run("ffn", "verify", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Time the reference network beside autograd and torch."""
    session.install("-e", ".[torch]", TORCH, *group("test"))
    session.run("python", "-m", "tests.benchmarks", *session.posargs)
