"""What the terminal shows of a run: failures as they come, then tables, findings and a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rich.console import Console
from rich.segment import Segments
from rich.syntax import Syntax
from rich.text import Text

from ffn.cases.plan import in_each, left_out, total
from ffn.conformance.explanation.patterns import OUTSIDE
from ffn.conformance.report import tables
from ffn.conformance.report.causes import Cause
from ffn.conformance.report.known_failures import stale
from ffn.conformance.report.run import Run
from ffn.conformance.report.tables import STYLES
from ffn.conformance.report.text import line, printable
from ffn.conformance.running import UNPLANNED
from ffn.conformance.running.tally import LawReport, Seen
from ffn.conformance.verdict import Verdict

MOST_LINES = 5  # failures told as they come: the others are counted at the end
MOST_CODE = 8000  # characters of a counterexample that is shown; the JSON has it whole
MOST_NAMES, MOST_LEVELS = 6, 4


def opening(run: Run, laws: int, dtypes: Sequence[str], examples: int) -> Text:
    """What is about to be judged."""
    offered = [dtype for dtype in dtypes if dtype in run.dtypes]
    name, count = line(run.implementation, 200), f"{_counted(examples, 'drawn example')} each"
    if examples < UNPLANNED:
        count += f", {UNPLANNED} where none are planned"
    declared = f"\ndeclared: {run.declared}" if str(run.declared) else ""
    declared += "".join(f"\n{line(found, 80)} is not called: did you mean {meant}?" for found, meant in run.misspelt)
    judged = f"{_counted(laws, 'law')} in {', '.join(offered) or 'no dtype'}"
    return Text(f"{name}: {judged}, on planned cases and {count}, seed {run.seed}{declared}")


class Teller:
    """Tells of failures as they come: of the first at once, then one line for each of the first laws."""

    def __init__(self, run: Run, console: Console) -> None:
        self._run, self._console = run, console
        self._seen = False
        self._told: set[str] = set()

    def see(self, seen: Seen) -> None:
        """Tell what was seen to fail first, unless it may be known; ``tell`` says what it is."""
        if not self._seen and not any((known.law, known.dtype) == (seen.law, seen.dtype) for known in self._run.known):
            self._seen = True
            first = line(seen.message.partition("\n")[0], 160)
            self._print("seen", "dim", seen.law, seen.dtype, f"{first}; a smaller case is looked for")

    def tell(self, report: LawReport) -> None:
        name, told = report.law.name, self._told
        if not report.verdict.fails or self._run.is_known(report) or name in told or len(told) > MOST_LINES:
            return
        told.add(name)
        if len(told) > MOST_LINES:
            self._console.print(Text("further failures are counted below", "dim"), soft_wrap=True)
            return
        named = report.explanation and not report.explanation.startswith(OUTSIDE)  # a number tells more than a place
        found = report.explanation if named else report.message.partition("\n")[0]
        self._print(str(report.verdict), STYLES[report.verdict], name, report.dtype, found)

    def _print(self, word: str, style: str, law: str, dtype: str, message: str) -> None:
        told = Text.assemble((word, style), f"  {law}, {dtype}: {line(message, 200)}")
        self._console.print(told, soft_wrap=True)


def show(run: Run, console: Console, by_law: bool = False, every_finding: bool = False) -> None:
    """A table by chapter or by law, the finding to begin with or every one, the other causes, and a summary."""
    table = tables.laws(run, console.width) if by_law else tables.chapters(run)
    if run.judged:
        console.print()
        uncut = console.options.update_width(tables.width(table))  # a narrow terminal wraps, it does not cut
        console.print(Segments(console.render(table, uncut)), soft_wrap=True, end="")
    for part in (*_findings(run, every_finding), *_stale(run), summary(run, by_law)):
        console.print(part, soft_wrap=True)  # a wrapped line could not be pasted


def _findings(run: Run, every: bool) -> Iterator[Text]:
    causes = [news for cause in run.causes if (news := _without_known(cause, run))]
    shown = [report for cause in causes for report in cause.reports] if every else [c.smallest for c in causes[:1]]
    for report in shown:
        yield failure(report)
    if causes and not every:
        yield from _others(causes)


def _without_known(cause: Cause, run: Run) -> Cause | None:
    reports = tuple(report for report in cause.reports if not run.is_known(report))
    return replace(cause, reports=reports) if reports else None


def failure(report: LawReport) -> Text:
    """A failure: the law, what it states, what was found, and the counterexample as Python."""
    verdict = (str(report.verdict), STYLES[report.verdict])
    title = Text.assemble("\n", (f"{report.law.name}, {report.dtype}: ", "bold"), verdict)
    explanation = [Text(printable(report.explanation))] if report.explanation else []
    parts = [title, Text(report.law.statement, "italic"), *explanation, Text(printable(report.message))]
    if report.counterexample is not None:
        code = report.counterexample.to_python()
        if len(code) > MOST_CODE:
            parts.append(Text(line(repr(report.counterexample), 300)))
            parts.append(Text(f"the counterexample has {len(code)} characters: --json FILE writes it whole", "dim"))
        else:
            parts.append(Syntax("", "python", background_color="default").highlight(code))
            parts[-1].rstrip()
    return Text("\n").join(parts)


def _others(causes: Sequence[Cause]) -> Iterator[Text]:
    """The laws that fail with the finding that was shown, and the other causes, one a line."""
    first, *others = causes
    further = [name for name in first.laws if name != first.smallest.law.name]
    if further:
        laws = f"{_counted(len(further), 'further law')}: {', '.join(_some(further))}"
        yield Text(f"\nthe same cause, {line(first.name, 80)}: {laws}")
    if others:
        yield Text(f"\n{_counted(len(others), 'other cause')} (--all shows every finding):")
    for cause in others:
        smallest = cause.smallest
        verdict = (str(smallest.verdict), STYLES[smallest.verdict])
        laws = _counted(len(cause.laws), "law")
        where = f", such as {smallest.law.name}, {smallest.dtype}: "
        yield Text.assemble("  ", (line(cause.name, 80), "bold"), f", {laws}{where}", verdict)


def _stale(run: Run) -> Iterator[Text]:
    for entry in stale(run.known, run.reports):
        yield Text(f"stale known failure: {entry.law} in {entry.dtype} is no longer {entry.verdict}", "yellow")


def summary(run: Run, by_law: bool = False) -> Text:
    """Counts of verdicts, what was not offered, and what may be done about what is not clear."""
    counts = Counter(report.verdict for report in run.judged)
    verdicts = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])
    known = len(run.failures) - len(run.news)
    examples = sum(report.examples for report in run.judged)
    lines = [
        f"\n{line(run.implementation, 200)}: {verdicts or 'nothing was judged'}"
        + (f" ({known} known)" if known else ""),
        f"{_counted(len(run.judged), 'judgement')} of {_counted(examples, 'example')}"
        f" in {run.seconds:.1f} s, seed {run.seed}",
        *_notes(run, by_law),
    ]
    return Text("\n".join(lines))


def _notes(run: Run, by_law: bool) -> Iterator[str]:
    if (planned := total(report.coverage for report in run.reports)) and planned.total:
        later = f"; sizes left to --thorough: {', '.join(map(str, planned.later))}" if planned.later else ""
        yield f"{planned} tried ({100 * planned.tried // planned.total} %){_in_each(run)}{later}"
    if resolutions := tables.resolutions(run):
        yield f"resolution of the median law: {resolutions}"
    if undecided := _undecided(run, by_law):
        yield f"undecided, with the share of coordinates that was decided: {undecided}"
    if repeated := [(report.repeats, rate) for report in run.judged if (rate := report.least_rate)]:
        calls, rate = min(repeated)
        yield (
            f"repeated calls: {calls} of each method in each precision without a fault;"
            f" a rate above {100 * rate:.2g} % would have been seen with 95 %"
        )
    if left_out := _left_out(run):
        yield f"left out of laws about networks and extremes, as they fail by themselves: {left_out}"
    if levels := _levels_left_out(run):
        yield f"left out, as they are not offered: {levels}"
    if absent := _not_offered(run, by_law):
        yield f"not offered: {absent}"
    yield from (f"not tried: {line(reason)}" for reason in run.untried)
    if slow := run.slow:
        yield "slow: " + ", ".join(f"{law} took {seconds:.0f} s" for law, seconds in slow.items())
    if flushed := [d for d in dict.fromkeys(r.dtype for r in run.judged) if run.declared.precision(d).flushed]:
        yield f"subnormals may be flushed to zero in {', '.join(flushed)}"
    if tuple(run.dtypes) == ("float64",) and any(report.verdict is Verdict.WRONG for report in run.news):
        yield "float64 has nothing wider to be repeated in: list float32 in dtypes too, and unstable is told from wrong"
    if by_law:
        yield (
            "resolution: smallest relative error that would be seen in half, and in 90 %, of the decided coordinates;"
            " undecided: examples whose admissible set is too wide; not judged: entries that may overflow"
        )
    if run.interrupted:
        yield "interrupted: this is what was found so far"
    elif not run.finished and run.news:
        yield "stopped at the first failure: the other laws were not judged"


def _in_each(run: Run) -> str:
    """Which precisions share pairs, and how many of these each of them tried."""
    percent, shared = in_each(report.coverage for report in run.reports)
    if not shared:
        return ""
    groups = " and in ".join(map(" or ".join, shared))
    return f", each in {groups}: one precision alone tried {percent} % of what is shared"


def _undecided(run: Run, every: bool) -> str:
    """The laws of which too little was decided, with how much, or too few cases were supported."""
    found = [
        f"{report.law.name} in {report.dtype} ({_share(report)})"
        for report in run.judged
        if report.verdict is Verdict.UNDECIDED
    ]
    return ", ".join(found if every else _some(found))


def _share(report: LawReport) -> str:
    of_cases = report.message and not report.message.endswith("decided")
    return line(report.message) if of_cases else f"{int(100 * report.examination.decided_share)} %"


def _left_out(run: Run) -> str:
    """Of each dtype, the elements that networks lack."""
    names: dict[str, set[str]] = {}
    for report in run.judged:
        for name in report.left_out:
            names.setdefault(name, set()).add(report.dtype)
    return ", ".join(
        f"{name} ({', '.join(d for d in run.dtypes if d in dtypes)})" for name, dtypes in sorted(names.items())
    )


def _levels_left_out(run: Run) -> str:
    """The levels that some law planned and none tried, where cases were refused."""
    if not any(report.levels_left_out for report in run.reports):
        return ""
    covered = left_out(report.coverage for report in run.reports if not report.verdict.fails)
    return "; ".join(_some([", ".join(_some(text.split(", "), MOST_LEVELS)) for text in covered]))


def _not_offered(run: Run, by_law: bool) -> str:
    """The dtypes in which nothing is, the chapters of which nothing is, and of the others the laws."""
    judged = {report.law.name for report in run.judged}
    in_dtypes, in_chapters = {report.dtype for report in run.judged}, {tables.chapter(name) for name in judged}
    dtypes = [dtype for dtype in dict.fromkeys(r.dtype for r in run.reports) if dtype not in in_dtypes]
    laws = [name for name in dict.fromkeys(r.law.name for r in run.reports) if name not in judged]
    if not in_dtypes:
        return ", ".join(dtypes)
    if by_law:
        return ", ".join(dtypes + laws)
    chapters = dict.fromkeys(tables.chapter(name) for name in laws if tables.chapter(name) not in in_chapters)
    further = [name for name in laws if tables.chapter(name) in in_chapters]
    named = [*dtypes, *chapters, *([f"{_counted(len(further), 'further law')} (-v names them)"] if further else [])]
    return ", ".join(named)


def _some(names: Sequence[str], most: int = MOST_NAMES) -> list[str]:
    return [*names[:most], *(["…"] if len(names) > most else [])]


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
