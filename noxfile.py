# /// script
# requires-python = ">=3.11"
# dependencies = ["nox[uv]>=2026.4.10"]
# ///
"""Every check of this repository: `nox` runs the default ones, `nox -l` lists all."""

import os
import shutil
from pathlib import Path

import nox

ROOT = Path(__file__).parent
PYPROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = ["3.11", "3.12", "3.13"]
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
ARRAYS = ("tests/formula/programs/test_other_arrays.py", "tests/formula/programs/test_torch_bugs.py")
ADAPTERS = sorted(path.stem for path in (ROOT / "ffn/conformance/implementation/adapters").glob("[a-z]*.py"))

nox.options.sessions = ["lint", "types", "tests", "proofs", "verify"]
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_existing_virtualenvs = True
nox.options.error_on_missing_interpreters = False  # those that are not installed are skipped, and named
nox.options.download_python = "never"

# A wheel that is a little older costs seconds, a build from source minutes.
os.environ.setdefault("PIP_PREFER_BINARY", "1")


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
    session.install("-e", ".", *group("test"), *group("proofs"), *group("study"), *group("types"))
    session.run("mypy")


# What is found is the same on every interpreter: on the newer ones the code only has to run.
EVERYWHERE = (
    "numbers",
    "conformance/cases/test_coverage.py",
    "conformance/test_plans.py",
    "conformance/test_causes.py",
    "formula/sets/test_value.py",
    "learn/test_rules.py",
)
NEWEST = (
    "conformance/test_verdicts.py",
    "conformance/command/test_command.py",
    "conformance/command/test_processes.py",
)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests, in full on the oldest interpreter; after `--`, `--profile=NAME` picks a Hypothesis profile."""
    session.install("-e", ".", *group("test"))
    # Derivations and site have sessions of their own; the session verify judges the reference on fuller plans.
    reference = "tests/conformance/test_planted_bugs.py::test_reference_is_never_rejected"
    options = ["tests", "--ignore=tests/proofs", "--ignore=tests/study", f"--deselect={reference}"]
    if session.python != PYTHONS[0]:
        names = (*EVERYWHERE, *(NEWEST if session.python == PYTHONS[-1] else ()))
        options = ["--hypothesis-profile=brief", *(f"tests/{name}" for name in names)]
    # Unless a -n among the arguments overrides it, three processes, for two cores: tests wait for processes that they
    # start and for limits of time. One that is done takes tests over from the others.
    session.run("pytest", "-n3", "--dist=worksteal", *options, *pytest_arguments(session))


@nox.session
def proofs(session: nox.Session) -> None:
    """Check the derivations, and that their checkers refuse every planted wrong step."""
    session.install("-e", ".", *group("test"), *group("proofs"))
    session.run("python", "-m", "proofs")
    again = "tests/proofs/test_derivations.py::test_a_derivation_reaches_its_badge"  # what the line before has seen
    session.run("pytest", "-n2", "tests/proofs", f"--deselect={again}", *pytest_arguments(session))
    session.run("pytest", "tests/learn/test_exercises.py", "-k", "[9.")  # steps that the engine judges


@nox.session
def study(session: nox.Session) -> None:
    """Build the study site in build/study and open its pages in headless Chromium, where there is one."""
    session.install("-e", ".", *group("test"), *group("proofs"), *group("study"))
    folder = ROOT / "build" / "study"
    session.run("python", "-m", "proofs.study", str(folder))
    # By file: one of them opens every page once for all its tests.
    parallel = ("-n2", "--dist=loadfile")
    session.run("pytest", *parallel, "tests/study", *pytest_arguments(session), env={"FFN_STUDY_SITE": str(folder)})


@nox.session
def rocq(session: nox.Session) -> None:
    """Have Rocq check its theorems, and refuse false ones, where coqc, Coquelicot and Flocq are installed."""
    if shutil.which("coqc") is None:
        session.skip(
            "no coqc on PATH, nothing was checked: apt-get install coq libcoq-coquelicot libcoq-flocq, on Debian"
        )
    session.install("-e", ".")
    session.run("python", "-m", "proofs.rocq", *session.posargs)


@nox.session
def mutants(session: nox.Session) -> None:
    """Change the code of a room at random and list the changes that no test notices; `nox -s mutants -- ROOM`."""
    session.install("-e", ".", *group("test"), *group("mutants"))
    session.run("python", "-m", "tests.house.mutants", *session.posargs)


def with_adapter(name: str) -> list[str]:
    """The package with what an adapter needs, in the version that the project judges where it pins one."""
    pinned = group(name) if name in PYPROJECT["dependency-groups"] else []
    return [f".[{name}]" if name in EXTRAS else ".", *pinned]


# pip here and below: uv does not look where pip may have been told to find a build of a framework for the CPU.
@nox.session(venv_backend="virtualenv")
@nox.parametrize("adapter", [nox.param(name, id=name) for name in ADAPTERS if name in EXTRAS])
def adapters(session: nox.Session, adapter: str) -> None:
    """Judge the adapter of a framework, and run the tests of what was found in it."""
    session.install("-e", *with_adapter(adapter), *group("test"))
    session.run("pytest", "-n2", "tests/conformance/adapters", *ARRAYS, "-k", adapter, *pytest_arguments(session))


@nox.session
def arrays(session: nox.Session) -> None:
    """Judge programs in jax by the sets of their formulas; those in torch come with its adapter."""
    session.install("-e", ".", *group("test"), *group("jax"))
    session.run("pytest", *ARRAYS, "-k", "jax", *pytest_arguments(session))


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
    session.install(*with_adapter(next((name for name in session.posargs if name in ADAPTERS), "reference")))
    session.run("ffn", "verify", *session.posargs)


@nox.session(venv_backend="virtualenv")
def bench(session: nox.Session) -> None:
    """Time the reference network beside autograd and torch."""
    session.install("-e", *with_adapter("torch"), *group("test"))
    session.run("python", "-m", "tests.benchmarks", *session.posargs)
