"""Maxout."""

from __future__ import annotations

from proofs.claims.claim import Claim, Subject, Verdict

_PAPER = "Goodfellow, Warde-Farley, Mirza, Courville & Bengio 2013, Maxout networks"
_BOOK = "Goodfellow, Bengio & Courville 2016, Deep Learning"

_CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="C25",
        title="A maxout unit is the largest of its pieces",
        statement=(
            "A maxout unit takes the maximum of $k$ affine functions of its input: $h_i = \\max_{j \\le k} z_{ij}$."
        ),
        verdict=Verdict.TRUE,
        answer=(
            "A definition, with consequences that can be checked. The maximum is convex, it never changes by more "
            "than the largest change among its pieces, and with one piece it is linear: the nonlinearity comes from "
            "the competition alone. Two pieces already give ReLU, leaky ReLU (of slope at most 1) and $|z|$."
            "\n\n"
            "Where pieces tie there is no derivative. The gradient may go to any one of the winners, or be shared out "
            "among them with weights that sum to 1. Handing all of it to every winner is no subgradient."
        ),
        precise=(
            r"With $g(z) = \max_{j \le k} z_j$:"
            "\n\n"
            r"$$g(tz + (1 - t)w) \le t\,g(z) + (1 - t)\,g(w), \qquad |g(z) - g(w)| \le \max_j |z_j - w_j|,$$"
            "\n\n"
            r"and $s$ is a subgradient at $z$ exactly if $s_j \ge 0$, $\sum_j s_j = 1$ and $s_j = 0$ unless $z_j = "
            "g(z)$. The code takes the first winner."
        ),
        sources=(_PAPER,),
        derivations=("maxout, subgradient",),
        code=("ffn.network.maxout:maxout", "ffn.network.maxout:winners", "ffn.network.backward:maxout_vjp"),
    ),
    Claim(
        id="C26",
        title="Maxout resembles max pooling",
        statement="Maxout is similar to max pooling.",
        verdict=Verdict.QUALIFIED,
        answer=(
            "Both take a maximum, over different things. Pooling compares the responses of *one* filter at several "
            "places; maxout compares the responses of *several* filters at one place. So max pooling is a maxout "
            "layer whose pieces are tied: shifted copies of one filter. What pooling is used for comes from the tying "
            "and not from the maximum: on a circle, the pooled response does not change when the input is shifted. "
            "With different filters it does."
        ),
        precise=(
            r"For a filter $w$ and a signal $x$, pooling is $\max_t \sum_s w_s x_{t + s}$, a maxout unit whose piece "
            "$t$ has the weights $w$ moved by $t$. If $t$ runs over all places of a circle, the maximum for the "
            r"signal $x_{\cdot + 1}$ is the maximum for $x$."
        ),
        sources=(_PAPER, f"{_BOOK}, section 9.3"),
        code=("ffn.network.maxout:maxout", "ffn.network.forward:affine"),
        underived="Both sides are one maximum over the same numbers; there is nothing to transform.",
    ),
    Claim(
        id="C27",
        title="Three pieces approximate x²",
        statement="Three linear pieces of one maxout unit are enough to approximate $x^2$.",
        verdict=Verdict.TRUE,
        answer=(
            "How well can be said exactly. On an interval of length $L$ the best maximum of $n$ affine functions errs "
            "by $L^2/(8n^2)$: three pieces on $[-1, 1]$ miss $x^2$ by 1/18 at the most, and no three pieces do "
            "better. Tangents alone, or chords alone, err at least twice as much."
            "\n\n"
            "Any other convex function behaves alike when $n$ is large. Its pieces are short where it curves: the "
            "integral of the root of the curvature is shared out equally among them. On $e^x$ over $[0, 1]$ the error "
            "is about $0.1052/n^2$."
            "\n\n"
            "Measure such an error where it can be largest: at the ends, at the kinks and where a slope agrees. On a "
            "grid an approximation can seem to beat the bound."
        ),
        precise=(
            r"$$\min_{a, c}\ \sup_{x \in [l, r]} \Bigl| \max_{j \le n} (a_j x + c_j) - x^2 \Bigr| = \frac{(r - "
            "l)^2}{8 n^2},$$"
            "\n\n"
            "attained by pieces of equal length $h$, on $[s, t]$ the line $(s + t)x - st - h^2/8$. For a convex "
            "function $f$ with a continuous second derivative the least error $E_n$ satisfies"
            "\n\n"
            r"$$n^2 E_n \to \frac{1}{16} \Bigl( \int_l^r \sqrt{f''(x)}\, dx \Bigr)^2,$$"
            "\n\n"
            r"which for $e^x$ on $[0, 1]$ is $(\sqrt{e} - 1)^2/4$; there $n^2 E_n$ is within a factor $(1 + (\sqrt{e} "
            r"- 1)/n)^{\pm 2}$ of it."
        ),
        sources=(_PAPER, "Chebyshev's equioscillation, classical"),
        derivations=("maxout's best approximation of x²",),
        code=("ffn.constructions.maxout:best_square", "ffn.network.maxout:maxout"),
        checked_in_part=(
            "The constant for other convex functions is checked on $e^x$ alone, with n from 1 to 12; the bound for "
            "$x^2$ is derived for every n."
        ),
    ),
    Claim(
        id="C28",
        title="More pieces, less error",
        statement="The more pieces a maxout unit has, the smaller its error of approximation.",
        verdict=Verdict.QUALIFIED,
        answer=(
            "It never grows: a further piece can repeat one that is there. But it falls to 0 only if the target is "
            "convex, as every maximum of affine functions is. On $x^2$ twice the pieces leave a quarter of the error. "
            "On $-x^2$ one unit errs by $L^2/8$ whatever the number of its pieces; a single line does as well."
        ),
        precise=(
            "Let $E_n(f)$ be the least error on $[l, r]$ of one unit with $n$ pieces, $L = r - l$. Then $E_{n+1}(f) "
            r"\le E_n(f)$ for every $f$, and"
            "\n\n"
            r"$$E_n(x^2) = \frac{L^2}{8 n^2}, \qquad E_n(-x^2) = \frac{L^2}{8} \text{ for every } n.$$"
            "\n\n"
            "The second: at the middle a convex function is at most the mean of its end values, and there $-x^2$ lies "
            "$L^2/4$ above its chord. One of the three points must take half of that."
        ),
        sources=(_PAPER,),
        derivations=("maxout's best approximation of x²",),
        code=("ffn.constructions.maxout:best_square", "ffn.constructions.maxout:MaxAffine"),
    ),
    Claim(
        id="C29",
        title="Maxout is a universal approximator",
        statement="Maxout can approximate every continuous function.",
        verdict=Verdict.QUALIFIED,
        answer=(
            "One unit cannot: it is convex, and stays $L^2/8$ away from $-x^2$. Two can: every continuous piecewise "
            "linear function is the difference of two convex ones, and each of these is a maxout unit. In one "
            "variable the construction is short: give the kinks where the slope grows to the first unit and those "
            "where it falls to the second. Piecewise linear functions in turn come as close as wanted to any "
            "continuous function on an interval; on $-x^2$ two units with at most $n$ pieces each err by "
            "$L^2/(4n^2)$. The price is the number of pieces."
        ),
        precise=(
            r"For knots $t_i$ and slope jumps $\Delta_i = \Delta_i^+ - \Delta_i^-$ with both parts at least 0, "
            "\n\n"
            r"$$sx + c + \sum_i \Delta_i \max(x - t_i, 0) \allowbreak = \Bigl( sx + c + \sum_i \Delta_i^+ \max(x - "
            r"t_i, 0) \Bigr) \allowbreak - \sum_i \Delta_i^- \max(x - t_i, 0),$$"
            "\n\n"
            "and a convex piecewise linear function is the maximum of its pieces."
        ),
        sources=(_PAPER, "Wang 2004, General constructive representations for continuous piecewise-linear functions"),
        derivations=("difference of two maxouts",),
        code=("ffn.constructions.maxout:difference_of_maxouts",),
        checked_in_part=(
            "Functions of one variable. In more the decomposition is Wang's theorem, cited and not derived; that "
            "piecewise linear functions are dense is classical."
        ),
    ),
    Claim(
        id="C30",
        title="Maxout learns the activation function",
        statement="A maxout unit does not fix its activation function but learns it.",
        verdict=Verdict.QUALIFIED,
        answer=(
            "What one unit can learn is any *convex* piecewise linear activation with at most as many pieces as it "
            "has, and these it represents exactly: ReLU, leaky ReLU, $|z|$. A function that somewhere lies above its "
            "chord is out of reach of one unit however many pieces it has. Hard tanh is such a function, and so is a "
            "leaky ReLU steeper than 1 on the left; a difference of two units gives both."
        ),
        precise=(
            r"A function of one variable is $\max_{j \le k}(a_j x + c_j)$ for some $a, c$ if and only if it is "
            "convex, continuous and piecewise linear with at most $k$ pieces, that is at most $k - 1$ kinks."
        ),
        sources=(_PAPER,),
        derivations=("difference of two maxouts",),
        code=("ffn.constructions.maxout:difference_of_maxouts", "ffn.network.maxout:maxout"),
        checked_in_part=(
            "That training finds the activation is empirical; checked is which activations there are to be found."
        ),
    ),
    Claim(
        id="C31",
        title="Maxout makes the most of dropout",
        statement="Maxout maximises the effect of dropout.",
        verdict=Verdict.EMPIRICAL,
        answer=(
            "That maxout and dropout suit each other rests on experiments. What can be checked is the averaging "
            "behind it. Dropout trains an ensemble, one network for each mask, and one pass with weights scaled by "
            "the probability of keeping a unit stands for all of them. For softmax regression that is exact: the "
            "scaled network gives the *geometric* mean of the ensemble's probabilities, renormalised. The arithmetic "
            "mean is another."
            "\n\n"
            r"A nonlinear layer behind the masks breaks it. For $\max(x_1 + x_2, 0)$ at $(1, -1)$, both kept with "
            "probability 1/2, the mean is 1/4 and the scaled unit gives 0. With dropout of the last hidden layer "
            "alone it stays exact. A maxout unit is averaged exactly wherever one piece wins under every mask, and "
            "underestimated elsewhere: the approximation is good where the network is nearly linear."
        ),
        precise=(
            r"Let $m \in \{0, 1\}^d$ have independent entries, $1$ with probability $q_i$, and $p_m = "
            r"\operatorname{softmax}(W^T (m \odot v) + b)$. Then "
            "\n\n"
            r"$$\frac{\prod_m p_m(y)^{P(m)}}{\sum_k \prod_m p_m(k)^{P(m)}} = \operatorname{softmax}\bigl( W^T (q "
            r"\odot v) + b \bigr)_y,$$"
            "\n\n"
            "because the log of a softmax is affine in the logits but for a term that the classes share, the logits "
            r"are affine in $m$, and $\sum_m P(m)\, m = q$. For one maxout unit Jensen's inequality gives $\sum_m "
            r"P(m)\, g(z_m) \ge g\bigl( \sum_m P(m)\, z_m \bigr)$."
        ),
        sources=(
            _PAPER,
            "Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov 2014, Dropout",
            f"{_BOOK}, section 7.12",
        ),
        derivations=("dropout, weight scaling",),
        code=("ffn.network.dropout:weight_scaled", "ffn.network.dropout:draw_masks"),
        checked_in_part=(
            "How well maxout trains with dropout is an experiment's result; the averages over all masks are checked."
        ),
    ),
)

SUBJECT = Subject("D", "Maxout", "maxout", _CLAIMS)
