"""What is judged cannot bring the judge down: each misbehaviour has its verdict, its reason, and an end.

Claims: an implementation that hangs, crashes, ends its process, outgrows its memory or raises anything gets the verdict
``error`` with the reason, and the other laws go on; what it does to its own process does not reach the judge; every
answer is held to its arguments and their dtype, whatever the law; nothing of it is left when the judge is done.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ffn import ActivationCase, reference
from ffn.conformance.implementation.boundary.data.stored import stored
from ffn.conformance.implementation.boundary.isolation.wire import Line
from ffn.conformance.implementation.errors import Died, Impure
from ffn.conformance.implementation.loading import Limits, LoadingError, load
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.laws import matching
from ffn.conformance.running.runner import run_law
from ffn.conformance.running.tally import LawReport
from ffn.conformance.verdict import Verdict

pytestmark = pytest.mark.skipif(os.name != "posix", reason="processes are isolated on POSIX systems alone")

FILE = Path(__file__).with_name("misbehaving.py")
VALUE, GRADIENT, SEQUENCES = "activation/tanh/value", "gradient/tanh", "state/activations"
HOLDS, WRONG, ERROR, NOT_OFFERED = Verdict.HOLDS, Verdict.WRONG, Verdict.ERROR, Verdict.NOT_OFFERED
PATIENT, HASTY = Limits(seconds=60), Limits(seconds=0.5)
LIMITED = Limits(seconds=60, memory=0.5)

# class, law, verdict, part of the message, limits
BEHAVIOURS: tuple[tuple[str, str, Verdict, str, Limits], ...] = (
    ("Tanh", VALUE, HOLDS, "", PATIENT),
    ("Tanh", SEQUENCES, HOLDS, "", PATIENT),
    ("Hangs", SEQUENCES, ERROR, "no answer within 0.5 s, in activation (misbehaving.py:", HASTY),
    ("ReadsNowhere", SEQUENCES, ERROR, "the process was killed by SIGSEGV, in activation (misbehaving.py:", PATIENT),
    ("Exits", SEQUENCES, ERROR, "activation raised SystemExit: 3 (misbehaving.py:", PATIENT),
    ("RaisesKeyboardInterrupt", SEQUENCES, ERROR, "raised KeyboardInterrupt", PATIENT),
    ("SpeaksForTheKit", SEQUENCES, ERROR, "the process sent something else than an answer, in activation", PATIENT),
    ("Hangs", VALUE, ERROR, "no answer within 0.5 s, in activation (misbehaving.py:", HASTY),
    ("Sleeps", VALUE, ERROR, "no answer within 0.5 s, in activation (misbehaving.py:", HASTY),
    ("Stops", VALUE, ERROR, "no answer within 0.5 s, in activation", HASTY),
    ("HangsDeafToSignals", VALUE, ERROR, "no answer within 0.5 s, in activation (misbehaving.py:", HASTY),
    ("EndsQuietly", VALUE, ERROR, "the process ended with status 0, in activation", PATIENT),
    ("EndsWithAWord", VALUE, ERROR, "status 7, in activation; its last line: the kernel is not there", PATIENT),
    ("Exits", VALUE, ERROR, "activation raised SystemExit: 3 (misbehaving.py:", PATIENT),
    ("ReadsNowhere", VALUE, ERROR, "the process was killed by SIGSEGV, in activation (misbehaving.py:", PATIENT),
    ("Aborts", VALUE, ERROR, "the process was killed by SIGABRT, in activation (misbehaving.py:", PATIENT),
    ("KillsItself", VALUE, ERROR, "the process was killed by SIGKILL, in activation", PATIENT),
    ("TerminatesItself", VALUE, ERROR, "the process was killed by SIGTERM, in activation", PATIENT),
    ("AllocatesAtOnce", VALUE, ERROR, "more than 0.5 GiB of memory, in activation", LIMITED),
    ("AllocatesByAndBy", VALUE, ERROR, "more than 0.5 GiB of memory, in activation", LIMITED),
    ("RaisesBaseException", VALUE, ERROR, "activation raised Odd: no Exception (misbehaving.py:", PATIENT),
    ("RaisesGeneratorExit", VALUE, ERROR, "activation raised GeneratorExit (misbehaving.py:", PATIENT),
    ("RaisesKeyboardInterrupt", VALUE, ERROR, "activation raised KeyboardInterrupt", PATIENT),
    ("RaisesWhatHasNoText", VALUE, ERROR, "raised Unspeakable: its text raises SystemExit (misbehaving.py:", PATIENT),
    ("RaisesAtLength", VALUE, ERROR, "activation raised ValueError: long", PATIENT),
    ("RecursesForever", VALUE, ERROR, "activation raised RecursionError", PATIENT),
    ("NotYet", VALUE, NOT_OFFERED, "", PATIENT),
    ("LateArrayRaises", VALUE, ERROR, "IndexError: list index out of range (misbehaving.py:", PATIENT),
    ("LateArrayEnds", VALUE, ERROR, "the process ended with status 0", PATIENT),
    ("LateArrayHangs", VALUE, ERROR, "no answer within 0.5 s, in activation (misbehaving.py:", HASTY),
    ("LazyGradientRaises", GRADIENT, ERROR, "gradient raised RuntimeError: not in the mood (misbehaving.py:", PATIENT),
    ("LazyGradientExits", GRADIENT, ERROR, "gradient raised SystemExit (misbehaving.py:", PATIENT),
    ("EndlessGradient", GRADIENT, ERROR, "gradient returned more than 2 parts", PATIENT),
    ("SupportsAnArray", GRADIENT, ERROR, "supports returned ndarray, not True or False", PATIENT),
    ("SupportsNothingSaid", GRADIENT, ERROR, "supports returned NoneType, not True or False", PATIENT),
    ("UsesUpDescriptors", VALUE, ERROR, "its process has no file descriptors left, in activation", PATIENT),
    ("SupportsRaises", GRADIENT, ERROR, "supports raised KeyError: 'gaussian' (misbehaving.py:", PATIENT),
    ("Vanishes", VALUE, ERROR, "activation raised AttributeError: 'Vanishes' object has no attribute", PATIENT),
    ("ForksAndBothReturn", VALUE, HOLDS, "", PATIENT),
    ("LeavesToAFork", VALUE, ERROR, "the process ended with status 0, in activation", HASTY),
    ("LeavesThreads", VALUE, HOLDS, "", PATIENT),
    ("LeavesAProcess", VALUE, HOLDS, "", PATIENT),
    ("ClosesItsOutput", VALUE, HOLDS, "", PATIENT),
    ("ClosesEverything", VALUE, ERROR, "the process ended with status", PATIENT),
    ("SpeaksForTheKit", VALUE, ERROR, "the process sent something else than an answer, in activation", PATIENT),
    ("Floods", VALUE, HOLDS, "", PATIENT),
    ("ReplacesItsOutput", VALUE, HOLDS, "", PATIENT),
    ("ChangesFolder", VALUE, HOLDS, "", PATIENT),
    ("RaisesFloatingPointErrors", VALUE, HOLDS, "", PATIENT),
    ("PatchesTheKit", VALUE, HOLDS, "", PATIENT),
    ("PatchesNumPy", VALUE, ERROR, "activation returned shape ()", PATIENT),
    ("ChangesTheNetwork", GRADIENT, WRONG, "gradient changed its input: network", PATIENT),
    ("ChangesTheLayer", GRADIENT, WRONG, "gradient changed its input: network", PATIENT),
    ("ChangesTheWeights", GRADIENT, WRONG, "gradient changed its input: layer 1, W", PATIENT),
    ("RectifiesInPlace", VALUE, WRONG, "activation changed its input: z", PATIENT),
    ("Reshapes", VALUE, WRONG, "activation changed its input: z", PATIENT),
    ("ReturnsFloat64", VALUE, WRONG, "activation returns float64, the inputs are float32: tanh", PATIENT),
    ("ReturnsLongdouble", VALUE, WRONG, "activation returns longdouble, the inputs are float32: tanh", PATIENT),
    ("ReturnsBigEndian", VALUE, HOLDS, "", PATIENT),
    ("ReturnsAPlainLoss", "reduction/mean", HOLDS, "", PATIENT),
    ("NamedByANumber", VALUE, HOLDS, "", PATIENT),
    ("Pickles", VALUE, HOLDS, "", PATIENT),
    ("UsesProcesses", VALUE, HOLDS, "", PATIENT),
)


def judged(subject: Subject, law: str, examples: int = 3) -> LawReport:
    return run_law(matching((law,))[0], "float32", subject, examples)


@pytest.mark.parametrize(
    ("name", "law", "verdict", "message", "limits"), BEHAVIOURS, ids=[row[0] for row in BEHAVIOURS]
)
def test_a_misbehaviour_has_its_verdict_and_its_reason(
    name: str, law: str, verdict: Verdict, message: str, limits: Limits
) -> None:
    """Without it one bad call would take every other verdict with it, or end in a reason that nobody can act on."""
    subject = load(f"{FILE}:{name}", limits=limits)
    before = os.getcwd(), np.geterr(), np.asarray
    report = judged(subject, law)
    subject.close()
    assert report.verdict is verdict, report.message
    assert message in report.message
    assert len(report.message) < 1000
    assert (report.counterexample is not None) == verdict.fails
    assert (os.getcwd(), np.geterr(), np.asarray) == before


def test_the_other_laws_go_on() -> None:
    """Without it the first death would end the run."""
    subject = load(f"{FILE}:EndsQuietly", limits=PATIENT)
    assert [judged(subject, law).verdict for law in (VALUE, GRADIENT, VALUE)] == [ERROR, HOLDS, ERROR]
    subject.close()


def test_a_death_is_not_searched_again() -> None:
    """Without it a smaller example would be looked for at the price of a time limit a step."""
    subject = load(f"{FILE}:Sleeps", limits=HASTY)
    calls = []
    made = subject.boundary.calls
    subject.boundary.calls = lambda several: calls.extend(several) or made(several)  # type: ignore[method-assign, func-returns-value]
    assert judged(subject, VALUE, examples=40).examples == len(calls) == 1
    subject.close()


def test_a_death_is_told_of_the_call_that_it_came_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it what is asked for ahead, of several cases in one message, would be blamed on the first of them."""
    subject = load(f"{FILE}:DiesAtItsThirdCall", limits=PATIENT)
    zs = [np.full(1, number, dtype=np.float32) for number in range(4)]
    cases = [ActivationCase("tanh", z) for z in zs]
    subject.expect([("activation", case) for case in cases])
    sent: list[Any] = []
    monkeypatch.setattr(subject.boundary, "calls", lambda calls: sent.append(calls))
    for z, case in zip(zs[:2], cases, strict=False):
        assert np.array_equal(subject.answer("activation", case), np.tanh(z))
    with pytest.raises(Died, match="status 5, in activation"):
        subject.answer("activation", cases[2])
    assert not sent
    monkeypatch.undo()
    assert np.array_equal(subject.answer("activation", cases[3]), np.tanh(zs[3]))
    subject.close()


def test_an_answer_that_was_asked_for_ahead_is_given_once() -> None:
    """Without it a second call would be the first one's answer, and a function that remembers would look like one."""
    subject = load(f"{FILE}:Counts", limits=PATIENT)
    case = ActivationCase("tanh", np.zeros(1, dtype=np.float32))
    subject.expect([("activation", case)])
    assert [subject.answer("activation", case).item() for _ in range(3)] == [1, 2, 3]
    subject.close()


def test_the_time_that_is_lost_is_limited() -> None:
    """Without it an implementation that always hangs would take the time limit for each law and precision."""
    subject = load(f"{FILE}:Sleeps", limits=Limits(seconds=0.3, lost=0.2))
    assert "no answer within 0.3 s" in judged(subject, VALUE).message
    assert "not called: 0.2 s were lost to calls without an answer; activation" in judged(subject, VALUE).message
    subject.close()


def processes(text: str) -> list[int]:
    """The processes whose command line contains the text, those that ended and wait to be noticed left out."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if text in command:
            found.append(int(folder.name))
    return found


def gone(text: str, seconds: float = 10) -> bool:
    """Whether no such process is left, soon."""
    deadline = time.monotonic() + seconds
    while processes(text) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not processes(text)


SOON = 3.0  # seconds: the kernel ends them at once, and this machine may be busy
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are found in /proc")
CORRECT = FILE.read_text()


@linux
def test_nothing_is_left_behind(tmp_path: Path) -> None:
    """Without it each run would leave processes on the machine, and files beside the user's own."""
    (tmp_path / "mine.py").write_text(CORRECT)
    (tmp_path / "work").mkdir()
    spec = f"{tmp_path}/mine.py:LeavesAProcess"
    command = [sys.executable, "-m", "ffn", "verify", spec, "--law", VALUE, "--dtype", "float32", "--examples", "3"]
    environment = {**os.environ, "PYTHONPATH": str(Path(reference.__file__).parents[2])}
    done = subprocess.run(command, cwd=tmp_path / "work", capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert gone(spec)
    assert gone("sleep 61.25")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["mine.py", "work"]


JUDGE = """
import sys
from ffn.conformance.implementation.loading import Limits, load
from ffn.conformance.laws import matching
from ffn.conformance.running.runner import run_law
subject = load(sys.argv[1], limits=Limits(seconds=float(sys.argv[2])))
print("loaded", flush=True)
run_law(matching(("activation/tanh/value",))[0], "float32", subject) if sys.argv[3:] else sys.stdin.read()
"""


@linux
@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("Hangs", ()),
        ("Hangs", ("in a call",)),
        ("HangsDeafToSignals", ("in a call",)),
        ("StartsAProcess", ("in a call",)),
    ],
    ids=["idle", "in a call that hangs", "deaf to signals", "with a process of its own"],
)
def test_a_judge_that_is_killed_leaves_no_process(tmp_path: Path, name: str, asked: tuple[str, ...]) -> None:
    """Without it a run that was killed would go on computing, for as long as the time limit of a call."""
    (tmp_path / "mine.py").write_text(CORRECT)
    spec = f"{tmp_path}/mine.py:{name}"
    judge = [sys.executable, "-c", JUDGE, spec, "60", *asked]
    with subprocess.Popen(judge, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as started:
        assert started.stdout is not None
        assert started.stdout.readline() == b"loaded\n"
        time.sleep(0.5 if asked else 0)
        started.kill()
    assert gone(spec, SOON)
    assert gone("sleep 62.5", SOON)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("while True: pass", "cannot be loaded: no answer within 2 s (mine.py:1)"),
        ("import os; os._exit(0)", "cannot be loaded: the process ended with status 0"),
        ("import os; os.abort()", "cannot be loaded: the process was killed by SIGABRT"),
        ("raise KeyboardInterrupt", "cannot be loaded: KeyboardInterrupt (mine.py:1)"),
        (
            "class implementation:\n    dtypes = ['float32']\n    loss = 'mse'",
            "implementation.loss is a str, not a method",
        ),
        ("raise BaseException('no')", "mine.py cannot be imported: BaseException: no (mine.py:1)"),
        ("def implementation():\n    raise ValueError('no')", "is not an implementation: ValueError: no (mine.py:2)"),
        ("class implementation:\n    dtypes = 3\n    loss = print", "is not an implementation: TypeError"),
        ("", "has no attribute 'implementation'"),
    ],
)
def test_what_cannot_be_loaded_says_why(tmp_path: Path, text: str, message: str) -> None:
    """Without it a file that fails when it is read would end the judge, or hold it."""
    (tmp_path / "mine.py").write_text(text)
    with pytest.raises(LoadingError) as error:
        load(str(tmp_path / "mine.py"), limits=Limits(loading=2 if "while" in text else 60))
    assert message in str(error.value)


def test_loading_takes_no_longer_than_the_time_limit_makes_it() -> None:
    """Without it an import that hangs would be waited for a minute by who asked for a second."""
    assert [Limits.of(seconds, 1).loading for seconds in (0.1, 1, 10, 100)] == [10, 10, 60, 600]


@pytest.mark.parametrize("name", ["random.py", "json.py", "numpy.py", "socket.py", "my file.py", "ffn.py"])
def test_a_file_may_be_called_like_a_module(tmp_path: Path, name: str) -> None:
    """Without it Python's own modules, or the kit, would be replaced by the user's file."""
    (tmp_path / name).write_text(CORRECT)
    subject = load(f"{tmp_path / name}:Tanh", limits=PATIENT)
    assert judged(subject, VALUE).verdict is HOLDS
    subject.close()


WHOLE = np.arange(60, dtype=np.float32).reshape(3, 4, 5)


@pytest.mark.parametrize(
    "array",
    [
        WHOLE,
        WHOLE.T,
        WHOLE[:, ::2, 1::3],
        WHOLE[::-1, :, ::-2],
        WHOLE[1],
        WHOLE.astype(">f4")[0],
        np.broadcast_to(WHOLE[0, 0], (4, 5)),
        np.array(3.0),
        np.frombuffer(bytes(21), np.float32, 5, 1),
    ],
    ids=["whole", "transposed", "strided", "reversed", "offset", "big-endian", "broadcast", "0-d", "unaligned"],
)
def test_an_array_arrives_as_it_lies(array: Any) -> None:
    """Without it an implementation that reads memory without strides would never be given any."""
    kept = stored(array, as_it_lies=True)
    there = kept.restored()
    assert (there.tolist(), there.dtype) == (array.tolist(), array.dtype)
    assert (there.strides, there.flags.aligned) == (array.strides, array.flags.aligned)
    assert there.ctypes.data % 64 == array.ctypes.data % 64
    assert kept.is_kept_by(there)
    assert there.flags.writeable is array.flags.writeable
    there = there.copy()
    there[...] = 99
    assert not kept.is_kept_by(there)


@pytest.mark.parametrize("copied", [True, False])
def test_a_case_is_not_changed_in_this_process_either(copied: bool) -> None:
    """Without it an update in place would change the very numbers that the answer is judged by."""
    from ffn.cases.case import ActivationCase

    class Doubles:
        dtypes = ("float32",)

        def activation(self, name: str, z: Any) -> Any:
            z *= 2
            return z

    case = ActivationCase("relu", np.arange(6, dtype=np.float32)[::2])
    with pytest.raises(Impure, match="activation changed its input: z"):
        Subject(Doubles()).answer("activation", case, copied)
    assert case.z.tolist() == [0, 2, 4]


def test_in_this_process_the_users_own_interrupt_comes_through() -> None:
    """Without it Ctrl-C would be taken for a failure of the implementation."""
    with pytest.raises(KeyboardInterrupt):
        judged(load(f"{FILE}:RaisesKeyboardInterrupt", isolate=False), VALUE)


def test_ctrl_c_leaves_no_answer_to_an_earlier_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the answer that was not waited for would be taken for that of the next call."""

    def interrupted(*given: Any) -> Any:
        raise KeyboardInterrupt

    subject = load(f"{FILE}:Tanh", limits=PATIENT)
    with monkeypatch.context() as patch:
        patch.setattr(Line, "receive", interrupted)
        with pytest.raises(KeyboardInterrupt):
            judged(subject, VALUE)
    assert judged(subject, VALUE).verdict is HOLDS
    subject.close()
