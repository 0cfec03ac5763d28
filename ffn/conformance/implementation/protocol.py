"""What an implementation offers. An adapter is any object with some of these attributes; it imports nothing of ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ffn.network.description import Network, Parameters, Recurrent
from ffn.network.family import Family

PARTS_WITH_METHODS = ("dropout", "recurrent")
PARTS = ("heteroscedastic", "mixture", *PARTS_WITH_METHODS)


class Implementation(Protocol):
    """Arrays in and out are NumPy arrays of the dtype under test.

    What a call is given: arrays in native byte order, and nothing else is promised of how they lie in memory. Most are
    contiguous in C order, aligned and writeable; any may be strided, reversed, transposed, broadcast (a stride of 0),
    misaligned or read-only. Labels are of any integer type, int8 to uint64; bool is none, and ``Case`` refuses it. A
    call leaves its arguments and the network as they are.

    Between calls the arrays are the caller's: the next call may be given the same object with other contents, another
    array at the same address, one array in several places, or another network that equals the last but for one
    attribute. An answer belongs to the arguments of its own call. Calls come from any thread, one at a time.

    What it gives back is the caller's too: it stays as it is while further calls are made and their arguments
    overwritten, and whoever writes into one of its arrays, where that can be written into, changes neither another of
    them, nor an argument, nor a later answer; the activation ``identity`` alone may return its argument. Big-endian
    arrays are taken. The loss is a number of any dtype, judged as one of that of the inputs, which all else is of.

    A batch of no rows may be refused by any exception. Where it is not, the output is (0, units), and of a summed
    loss without weight decay the loss and the gradient are 0; the mean over no rows is not asked for.

    Where it runs: in a process of its own, in a session of its own, with nothing on standard input and what it prints
    kept from the report. A call has 10 seconds and the process 4 GiB, unless the command says otherwise; a process
    that hangs or dies is ended with what it started, but for what moved to a session of its own, and a new one loads
    the implementation for the next call.
    Its file is imported as a module of its own name where that is free, without bytecode, and its neighbours can be
    imported. NotImplementedError stands for *not offered*.

    Every member but ``dtypes`` may be left out: a law that needs it is then *not offered*. ``supports`` left out means
    every network. Shapes, losses and reductions are those of ``ffn.network.description.Network``.

    What was added to the first network is offered by name: ``parts`` lists some of ``PARTS``, and left out stands for
    none, so that nobody is handed what they do not know. ``"dropout"`` and ``"recurrent"`` have methods of their own.

    With ``"heteroscedastic"`` and ``"mixture"`` the ordinary methods are called on networks of these outputs, with
    targets y (N, D). The columns of z are blocks of equal width, and the loss is summed over the D targets:

    - heteroscedastic, 2D units: D means μ, then D log-variances s; ½((y − μ)²e⁻ˢ + s) + ½ log 2π.
    - mixture of K = ``network.output.components``, 3DK units: logits a, then means μ, then log-variances s, where
      component k of target d is column dK + k of its block (from 0); −log Σₖ πₖ N(y; μₖ, e^sₖ) for π = softmax(a).
    """

    name: str
    dtypes: Sequence[str]  # of "float64", "float32", "float16", "bfloat16"

    parts: Sequence[str]  # of PARTS
    networks: Sequence[
        Network | Family
    ]  # where it can build these alone: then no others are drawn, and these at any size
    concurrent: bool  # True where several threads may call it at once; False when left out, and then none do
    reproducible: bool  # False where the same call may give other bits, as with threads; True when left out

    # Its arithmetic, where it is not that of ``ffn.numbers.precision``: what is declared is allowed, and no more.
    accumulate: str  # "float32" or "float64": sums are kept in it where it is wider, and rounded once at their end
    product_bits: int  # of the factors of float32's matrix products, rounded or cut off: 11 is TF32
    functions: Mapping[str, float]  # the ulps of exp, log, log1p, tanh or lgamma
    subnormals: str  # "kept" or "flushed"; left out, float16 keeps them and the others may flush them

    def supports(self, network: Network) -> bool:
        """Whether the network can be built at all.

        It may take ``dtype`` and ``method`` (``"forward"``, ``"loss"``, ``"gradient"``) by name, where the answer
        depends on them. It is asked of small networks of every activation, output, reduction and depth, in widths of
        1 to 16, until it says yes; who builds nothing of that size lists ``networks``.
        """

    def supports_activation(self, name: str) -> bool:
        """Whether it computes the activation of that name by itself; left out means every one."""

    def forward(self, network: Network, parameters: Parameters, x: Any) -> Any:
        """The last affine output, (N, units)."""

    def loss(self, network: Network, parameters: Parameters, x: Any, y: Any) -> Any:
        """The loss, a number."""

    def gradient(self, network: Network, parameters: Parameters, x: Any, y: Any) -> Parameters:
        """The gradient of the loss, ((dW, db), ...)."""

    def activation(self, name: str, z: Any) -> Any:
        """The element-wise activation of z, of any shape; leaky_relu with negative slope 0.01."""

    def slope(self, name: str, z: Any) -> Any:
        """Its derivative, element-wise."""

    # with the part "dropout"

    def dropout_forward(self, network: Network, parameters: Parameters, x: Any, masks: tuple[Any, ...]) -> Any:
        """``forward`` with the input of each affine layer multiplied by its mask: z = (x ⊙ mask) @ W + b.

        The masks are (N, inputs), then (N, units) of each hidden layer, for maxout too: what is dropped is its output.
        They hold 0 and 1, in the dtype under test. Nothing is scaled up by 1/q for what they drop.
        """

    def dropout_loss(self, network: Network, parameters: Parameters, x: Any, y: Any, masks: tuple[Any, ...]) -> Any:
        """The loss of that output, a number; weight decay takes every weight, read by a dropped unit or not."""

    def dropout_gradient(
        self, network: Network, parameters: Parameters, x: Any, y: Any, masks: tuple[Any, ...]
    ) -> Parameters:
        """The gradient of that loss, ((dW, db), ...)."""

    # with the part "recurrent"

    def supports_recurrent(self, recurrent: Recurrent) -> bool:
        """Whether the recurrent layer can be built at all; left out means every one."""

    def recurrent_forward(self, recurrent: Recurrent, parameters: Any, x: Any, h0: Any) -> Any:
        """The affine output z = h_T @ V + c of the last state, (N, units).

        The states are h_t = g(x_t @ W + h_{t−1} @ U + b) for t = 1, …, T, from the given h_0; T is at least 1 and
        differs from call to call. x is (N, T, inputs), x_t = x[:, t − 1], and h0 (N, H) for H = ``hidden.units``; the
        parameters are ((W, U, b), (V, c)), of shapes (inputs, H), (H, H), (H,), (H, units) and (units,).
        """

    def recurrent_loss(self, recurrent: Recurrent, parameters: Any, x: Any, y: Any, h0: Any) -> Any:
        """The loss of z, a number, as that of a network with this output and reduction; there is no weight decay."""

    def recurrent_gradient(self, recurrent: Recurrent, parameters: Any, x: Any, y: Any, h0: Any) -> Any:
        """The gradient of that loss by the parameters, through every step, ((dW, dU, db), (dV, dc))."""
