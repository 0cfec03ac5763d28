"""Implementations that misbehave, each in one way: loaded by test_isolation.py in processes of their own."""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import warnings
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

import numpy as np

from ffn import reference


class Tanh:
    """A correct tanh, and the reference's network; the subclasses spoil it."""

    name: Any = "mine"
    dtypes = ("float32",)
    forward = staticmethod(reference.forward)
    loss = staticmethod(reference.loss)

    def activation(self, name: str, z: Any) -> Any:
        self.misbehave()
        return np.tanh(z)

    def gradient(self, *given: Any) -> Any:
        return reference.gradient(*given)

    def misbehave(self) -> None:
        pass


class Hangs(Tanh):
    def misbehave(self) -> None:
        while True:
            pass


class Sleeps(Tanh):
    def misbehave(self) -> None:
        time.sleep(60)


class Stops(Tanh):
    def misbehave(self) -> None:
        os.kill(os.getpid(), signal.SIGSTOP)


class HangsDeafToSignals(Tanh):
    def misbehave(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM):
            signal.signal(number, signal.SIG_IGN)
        time.sleep(60)


class EndsQuietly(Tanh):
    def misbehave(self) -> None:
        os._exit(0)


class EndsWithAWord(Tanh):
    def misbehave(self) -> None:
        print("the kernel is not there", flush=True)
        os._exit(7)


class Exits(Tanh):
    def misbehave(self) -> None:
        sys.exit(3)


class ReadsNowhere(Tanh):
    def misbehave(self) -> None:
        ctypes.string_at(0)


class Aborts(Tanh):
    def misbehave(self) -> None:
        os.abort()


class KillsItself(Tanh):
    def misbehave(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class TerminatesItself(Tanh):
    def misbehave(self) -> None:
        os.kill(os.getpid(), signal.SIGTERM)


class AllocatesAtOnce(Tanh):
    def misbehave(self) -> None:
        np.ones(30 * 2**30, np.uint8)


class AllocatesByAndBy(Tanh):
    def misbehave(self) -> None:
        kept = []
        while True:
            kept.append(bytearray(2**26))


class Odd(BaseException):
    pass


class RaisesBaseException(Tanh):
    def misbehave(self) -> None:
        raise Odd("no Exception")


class RaisesGeneratorExit(Tanh):
    def misbehave(self) -> None:
        raise GeneratorExit


class RaisesKeyboardInterrupt(Tanh):
    def misbehave(self) -> None:
        raise KeyboardInterrupt


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise SystemExit(0)

    __repr__ = __str__


class RaisesWhatHasNoText(Tanh):
    def misbehave(self) -> None:
        raise Unspeakable


class RaisesAtLength(Tanh):
    def misbehave(self) -> None:
        raise ValueError("long\udc80\x1b[31m " * 10**6)


class RecursesForever(Tanh):
    def misbehave(self) -> None:
        self.misbehave()


class NotYet(Tanh):
    def misbehave(self) -> None:
        raise NotImplementedError


class ArrayThat:
    """What ``numpy.asarray`` asks for an array."""

    def __init__(self, act: Any) -> None:
        self.act = act

    def __array__(self, *given: Any, **options: Any) -> Any:
        return self.act()


class LateArrayRaises(Tanh):
    def activation(self, name: str, z: Any) -> Any:
        return ArrayThat(lambda: [][0])


class LateArrayEnds(Tanh):
    def activation(self, name: str, z: Any) -> Any:
        return ArrayThat(lambda: os._exit(0))


class LateArrayHangs(Tanh):
    def activation(self, name: str, z: Any) -> Any:
        return ArrayThat(lambda: time.sleep(60))


class LazyGradientRaises(Tanh):
    def gradient(self, *given: Any) -> Any:
        yield reference.gradient(*given)[0]
        raise RuntimeError("not in the mood")


class LazyGradientExits(Tanh):
    def gradient(self, *given: Any) -> Any:
        yield sys.exit()


class EndlessGradient(Tanh):
    def gradient(self, *given: Any) -> Any:
        while True:
            yield reference.gradient(*given)[0]


class UsesUpDescriptors(Tanh):
    def misbehave(self) -> None:
        while True:
            os.open(os.devnull, os.O_RDONLY)


class SupportsAnArray(Tanh):
    def supports(self, network: Any) -> Any:
        return np.array([True, False])


class SupportsNothingSaid(Tanh):
    def supports(self, network: Any) -> Any:
        return None


class SupportsRaises(Tanh):
    def supports(self, network: Any) -> Any:
        raise KeyError(network.output.name)


class Vanishes(Tanh):
    def misbehave(self) -> None:
        del Tanh.activation


class ForksAndBothReturn(Tanh):
    def misbehave(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            os.fork()


class LeavesToAFork(Tanh):
    """The child lives on with the connection; the parent, which was asked, ends."""

    def misbehave(self) -> None:
        if os.fork():
            os._exit(0)
        time.sleep(60)


class LeavesThreads(Tanh):
    def misbehave(self) -> None:
        threading.Thread(target=time.sleep, args=(60,)).start()


class LeavesAProcess(Tanh):
    def misbehave(self) -> None:
        subprocess.Popen(["sleep", "61.25"])


class StartsAProcess(Tanh):
    def misbehave(self) -> None:
        subprocess.run(["sleep", "62.5"], check=False)


class Counts(Tanh):
    calls = 0

    def activation(self, name: str, z: Any) -> Any:
        self.calls += 1
        return np.full_like(z, self.calls)


class DiesAtItsThirdCall(Tanh):
    calls = 0

    def misbehave(self) -> None:
        self.calls += 1
        if self.calls == 3:
            os._exit(5)


class ClosesItsOutput(Tanh):
    def misbehave(self) -> None:
        os.closerange(0, 3)


class ClosesEverything(Tanh):
    def misbehave(self) -> None:
        os.closerange(0, 4096)


class SpeaksForTheKit(Tanh):
    """It finds the connection among its descriptors, and writes on it."""

    def misbehave(self) -> None:
        for descriptor in range(100, 300):
            with suppress(OSError):
                os.write(descriptor, b'{"verdict": "holds"}' * 10)


class Floods(Tanh):
    def misbehave(self) -> None:
        os.write(1, b"x" * 2**20)
        os.write(2, b"y" * 2**20)


class ReplacesItsOutput(Tanh):
    def misbehave(self) -> None:
        sys.stdout = sys.stderr = None  # type: ignore[assignment]


class ChangesFolder(Tanh):
    def misbehave(self) -> None:
        os.chdir("/")


class RaisesFloatingPointErrors(Tanh):
    def misbehave(self) -> None:
        np.seterr(all="raise")


class PatchesTheKit(Tanh):
    def misbehave(self) -> None:
        import ffn.network.activations as activations

        activations.ACTIVATIONS.clear()
        reference.activation = None  # type: ignore[assignment]


class PatchesNumPy(Tanh):
    def misbehave(self) -> None:
        np.asarray = lambda *given, **options: np.float32(0)  # type: ignore[assignment]


class ChangesTheNetwork(Tanh):
    def gradient(self, network: Any, *given: Any) -> Any:
        found = reference.gradient(network, *given)
        object.__setattr__(network, "reduction", "sum")
        return found


class ChangesTheLayer(Tanh):
    def gradient(self, network: Any, *given: Any) -> Any:
        found = reference.gradient(network, *given)
        object.__delattr__(network.hidden[0], "units")
        return found


class ChangesTheWeights(Tanh):
    def gradient(self, network: Any, parameters: Any, *given: Any) -> Any:
        found = reference.gradient(network, parameters, *given)
        parameters[1][0][...] = 7
        return found


class RectifiesInPlace(Tanh):
    def activation(self, name: str, z: Any) -> Any:
        answer = np.tanh(z)
        z[...] = 3
        return answer


class Reshapes(Tanh):
    def activation(self, name: str, z: Any) -> Any:
        answer = np.tanh(z)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            z.shape = (*z.shape, 1)
        return answer


class ReturnsFloat64(Tanh):
    def activation(self, name: str, z: Any) -> Any:
        return np.tanh(z).astype(np.float64)


class ReturnsLongdouble(Tanh):
    def activation(self, name: str, z: Any) -> Any:
        return np.tanh(z).astype(np.longdouble)


class ReturnsBigEndian(Tanh):
    def activation(self, name: str, z: Any) -> Any:
        return np.tanh(z).astype(">f4")


class ReturnsAPlainLoss(Tanh):
    def loss(self, *given: Any) -> float:  # type: ignore[override]
        return float(reference.loss(*given))


class NamedByANumber(Tanh):
    name = 42


@dataclass
class Settings:
    """Which Python looks up, by the name of its module, for the types of its fields."""

    scale: float = 1.0


class Pickles(Tanh):
    def activation(self, name: str, z: Any) -> Any:
        return np.tanh(z) * np.float32(pickle.loads(pickle.dumps(Settings())).scale)


def scale_of(settings: Settings) -> float:
    return settings.scale


class UsesProcesses(Tanh):
    pool: Any = None

    def activation(self, name: str, z: Any) -> Any:
        self.pool = self.pool or get_context("spawn").Pool(1)
        return np.tanh(z) * np.float32(self.pool.apply(scale_of, (Settings(),)))
