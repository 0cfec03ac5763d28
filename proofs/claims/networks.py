"""Networks, hyperplanes, approximation."""

from __future__ import annotations

from proofs.claims.claim import Claim, Subject, Verdict

_BOOK = "Goodfellow, Bengio & Courville 2016, Deep Learning"

_CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="C1",
        title="No feedback",
        statement="A feedforward network has no feedback connection: its output does not enter the model again.",
        verdict=Verdict.TRUE,
        answer=(
            "This is the definition, and it is what makes the network a function: its units can be put in an order in "
            "which each needs only earlier ones, so one pass computes them all, and every such order gives the same "
            r"result. With feedback there need not be a value: $h = \operatorname{relu}(h + 1)$ has no solution, and "
            r"$h = \operatorname{relu}(h)$ has every $h \ge 0$. The backward pass goes through the same graph in the "
            "opposite order. There a unit that several others read has to collect the cotangents of all of them, once "
            "each, before it passes anything on, and nothing may be left over from an earlier pass."
        ),
        precise=(
            "For a directed graph on $n$ units with the adjacency matrix $A$ these are equivalent: it has no cycle, "
            "its units have a topological order, $A^n = 0$."
            "\n\n"
            "Without nonlinearities the gradient by the bias of the first layer's unit $j$ is a sum over all paths "
            r"from it,$$\frac{\partial L}{\partial b_j} = \sum_{\text{paths } j \to k} \frac{\partial L}{\partial "
            r"z_k} \prod_{\text{edges}} w.$$"
        ),
        sources=(f"{_BOOK}, chapter 6 and section 6.5",),
        derivations=("backpropagation",),
        code=("ffn.network.forward:trace", "ffn.network.backward:backpropagate"),
    ),
    Claim(
        id="C2",
        title="Training finds the parameters",
        statement="Training finds the parameters $\\theta$ for which $f(x; \\theta)$ comes close to the true $f^*(x)$.",
        verdict=Verdict.QUALIFIED,
        answer=(
            "*The* parameters do not exist. The hidden units of a layer can change places without any effect, and "
            "what a ReLU's weights and bias are multiplied by, the weights that read it can be divided by. So whoever "
            "compares two trained networks has to compare what they compute, not their tables of weights: a layer of "
            "three tanh units has 48 tables of one and the same function. The factor of a ReLU must be positive: "
            "turned round, it is another function. What can be asked of training is *some* parameters of a small "
            "loss, and whether it finds them is another question (see C9)."
        ),
        precise=(
            "Permuting the units of a hidden layer leaves $f$ as it is, and so does, unit by unit,$$(w, b, v) "
            r"\mapsto (cw, cb, v/c), \qquad \begin{cases} c > 0 & \text{relu, leaky relu, } |\cdot| \\ c = -1 & "
            r"\text{tanh.} \end{cases}$$"
            "\n\n"
            r"For $h$ tanh units, no $(w_i, b_i, v_i)$ being 0 or, up to its sign, equal to another, this makes $h! \, "
            r"2^h$ tables of parameters."
        ),
        sources=(
            f"{_BOOK}, section 8.2.2",
            "Chen, Lu & Hecht-Nielsen 1993, On the geometry of feedforward neural network error surfaces",
        ),
        code=("ffn.constructions.symmetries:permute_units", "ffn.constructions.symmetries:rescale_units"),
        checked_in_part=(
            "That training comes close to the true function is an observation about data and tasks; what is "
            "checked is that the parameters are not unique."
        ),
        underived=(
            r"That $\operatorname{relu}(cz) = c \operatorname{relu}(z)$ for $c > 0$ is the definition of the "
            "function, read twice."
        ),
    ),
    Claim(
        id="C3",
        title="A node makes a hyperplane",
        statement="An affine node $z = w \\cdot x + b$ makes a hyperplane.",
        verdict=Verdict.QUALIFIED,
        answer=(
            "It depends on which set is meant, and on $w$. In the input space $z$ is 0 on a hyperplane exactly when "
            r"$w \ne 0$; it is orthogonal to $w$ and passes through $-bw/\lVert w \rVert^2$. A node whose weights are "
            "all 0 makes none: $z$ is $b$ everywhere, so it is 0 nowhere, or everywhere. The graph of $z$, a set with "
            "one more dimension, is a hyperplane always, also for $w = 0$."
        ),
        precise=(
            r"$$\{x : w \cdot x + b = 0\} = \begin{cases} -\frac{b}{\lVert w \rVert^2} w + w^\perp & w \ne 0, \\ "
            r"\mathbb{R}^d & w = 0,\ b = 0, \\ \emptyset & w = 0,\ b \ne 0, \end{cases}$$"
            "\n\n"
            r"while $\{(x, z) : w \cdot x + b - z = 0\}$ has the normal $(w, -1) \ne 0$."
        ),
        sources=(f"{_BOOK}, chapter 6", "linear algebra, classical"),
        code=("ffn.network.forward:affine", "ffn.constructions.regions:arrangement_regions"),
        underived="It is the definition of a hyperplane, applied to $w$ and to $(w, -1)$.",
    ),
    Claim(
        id="C4",
        title="Many nodes, many hyperplanes, complex functions",
        statement="Enough nodes give many hyperplanes, and thereby functions as complex as wanted.",
        verdict=Verdict.QUALIFIED,
        answer=(
            "How many regions hyperplanes cut depends on how they lie, not on their number alone. In general position "
            "$n$ lines cut the plane into $1 + n + n(n-1)/2$ parts: 11 for four of them. Four parallel lines cut it "
            "into 5, four lines through one point, as nodes without a bias have, into 8. Besides, hyperplanes make "
            "nothing complex as long as no nonlinearity treats their two sides differently: the sum of affine nodes "
            "is affine (see C5)."
        ),
        precise=(
            r"$$\# \text{regions} \le \sum_{k=0}^{d} \binom{n}{k},$$"
            "\n\n"
            "with equality if and only if the hyperplanes are in general position: any $d$ of them meet in one point "
            r"(when $n < d$, the normals are independent), no $d + 1$ do. Through the origin$$\# \text{regions} \le 2 "
            r"\sum_{k=0}^{d-1} \binom{n-1}{k},$$"
            "\n\n"
            r"with equality if and only if any $\min(n, d)$ of the normals are independent."
        ),
        sources=(
            "Schläfli 1901, Theorie der vielfachen Kontinuität",
            "Zaslavsky 1975, Facing up to arrangements",
            "Whitney 1932, A logical expansion in mathematics (the count from ranks that the lessons compare with)",
        ),
        derivations=("regions of a hyperplane arrangement",),
        code=(
            "ffn.constructions.regions:arrangement_regions",
            "ffn.constructions.regions:in_general_position",
            "ffn.constructions.regions:most_regions",
        ),
    ),
    Claim(
        id="C5",
        title="Nonlinearity is the strength",
        statement="The strength of a network comes from its nonlinearity.",
        verdict=Verdict.TRUE,
        answer=(
            "Without it nothing is left: affine layers one after the other are one affine layer, however many there "
            "are. And an affine map cannot even do XOR: the best it can do is to answer 1/2 to everything, with a "
            "mean squared error of 1/4. A single ReLU, or any monotone unit, cannot do it either, since along its "
            "weights it only rises or only falls. Two ReLUs are enough: the book's network folds the plane so that "
            "(0, 1) and (1, 0) become one point, after which a line separates the classes."
        ),
        precise=(
            r"$$(xW_1 + b_1) W_2 + b_2 \allowbreak = x (W_1 W_2) + (b_1 W_2 + b_2),$$"
            "\n\n"
            r"so any number of affine layers is one. On XOR$$\min_{w, b} \ \frac{1}{4} \sum_{x \in \{0, 1\}^2} (w "
            r"\cdot x + b - \operatorname{xor}(x))^2 \allowbreak = \frac{1}{4} \quad \text{at } w = 0,\ b = "
            r"\frac{1}{2},$$"
            "\n\n"
            r"while $h = \operatorname{relu}(x_1 + x_2, x_1 + x_2 - 1)$ and $y = h_1 - 2 h_2$ give $y = "
            r"\operatorname{xor}(x)$."
        ),
        sources=(f"{_BOOK}, section 6.1",),
        derivations=("affine after affine is affine", "XOR, best affine fit"),
        code=("ffn.network.forward:trace", "ffn.network.forward:activate"),
    ),
    Claim(
        id="C6",
        title="ReLU approximates more accurately",
        statement="With ReLU a network approximates a function more accurately.",
        verdict=Verdict.QUALIFIED,
        answer=(
            "More accurately than what? Than an affine map, certainly, and one can say by how much. One hidden layer "
            "with $n$ ReLUs is piecewise linear in one variable, with $n + 1$ pieces at the most. Chords of length "
            r"$h$ miss a function by at most $h^2 M/8$ when $|f''| \le M$, and a parabola by exactly that: twice as "
            "many units, a quarter of the error. Lines placed best do twice as well as chords on $x^2$, but no choice "
            "of weights changes the rate $n^{-2}$. So a network within any wanted error can be written down, with a "
            "proof of the error, also for a function that is only continuous; and $n$ units can take any values at "
            "$n$ points."
        ),
        precise=(
            r"$$\sup_{[a, b]} |f - I_n f| \le \frac{h^2 M}{8}, \qquad h = \frac{b - a}{n}, \quad |f''| \le M,$$"
            "\n\n"
            r"with equality for $f = x^2$; with a modulus of continuity $\omega$ in place of $f''$ the bound is "
            r"$\omega(h)$. For $x^2$ on an interval of length $L$, every network with one hidden layer of $n$ ReLUs "
            r"has$$\sup |f - x^2| \ge \frac{L^2}{8 (n + 1)^2},$$"
            "\n\n"
            r"and for even $n$ some network reaches it on $[-n - 1, n + 1]$."
            "\n\n"
            r"Any values at $n$ different points of $\mathbb{R}^d$ are taken by $n$ ReLUs with one common weight "
            "vector, $2n + d$ numbers in all."
        ),
        sources=(
            "the error of linear interpolation, classical",
            "Zhang, Bengio, Hardt, Recht & Vinyals 2017, Understanding deep learning requires rethinking "
            "generalization",
        ),
        derivations=("interpolation error",),
        code=(
            "ffn.constructions.interpolation:approximate",
            "ffn.constructions.interpolation:interpolate",
            "ffn.constructions.interpolation:interpolate_points",
            "ffn.constructions.maxout:best_square",
        ),
        checked_in_part=(
            "Whether ReLU is better than another activation on given data is an observation; what is checked is "
            "how well ReLU networks approximate."
        ),
    ),
    Claim(
        id="C7",
        title="Depth approximates faster",
        statement="With more layers a network approximates faster.",
        verdict=Verdict.QUALIFIED,
        answer=(
            "That deep networks *train* faster is an observation, if it is true. What is true is that depth saves "
            "units. A layer can fold its input onto itself, and everything that comes after is then repeated in every "
            "fold: the tent map composed $k$ times has $2^k$ pieces on $[0, 1]$ with $2k$ units, and crosses 1/2 in "
            "each of them, where one layer of $2k$ units has at most $2k + 1$ pieces. For $x^2$ each further layer of "
            "three units divides the error by exactly 4; from five layers on no single layer of as many units does as "
            "well. One formula is to be distrusted: for the number of regions some transcripts of the book's section "
            "6.4.1 have a binomial coefficient, "
            r"$\binom{n}{d}^{d(l-1)} n^d$, where $(n/d)^{d(l-1)} n^d$ is meant. For two layers of four units on two "
            "inputs it says 576, and no such network has more than 121; folding reaches 44."
        ),
        precise=(
            r"With $T(x) = 2\operatorname{relu}(x) - 4\operatorname{relu}(x - \frac{1}{2})$,$$f_m = x - "
            r"\sum_{s=1}^{m} \frac{T^s(x)}{4^s}, \qquad \max_{[0, 1]} |f_m - x^2| = 4^{-(m+1)}.$$"
            "\n\n"
            r"For relu networks with $L$ layers of $n_1, \dots, n_L \ge n_0$ units on $n_0$ inputs, the largest "
            r"number of linear regions lies between$$\prod_{i<L} \left\lfloor \frac{n_i}{n_0} \right\rfloor^{n_0} "
            r"\sum_{j \le n_0} \binom{n_L}{j} \qquad \text{and} \qquad \prod_{i \le L} \sum_{j \le n_0} "
            r"\binom{n_i}{j}.$$"
        ),
        sources=(
            "Telgarsky 2015, Representation benefits of deep feedforward networks",
            "Yarotsky 2017, Error bounds for approximations with deep ReLU networks",
            "Montúfar, Pascanu, Cho & Bengio 2014, On the number of linear regions of deep neural networks",
            f"{_BOOK}, section 6.4.1",
        ),
        derivations=("tent map, x² by depth", "linear regions grow with depth"),
        code=(
            "ffn.constructions.folding:tent",
            "ffn.constructions.folding:square",
            "ffn.constructions.folding:folding",
            "ffn.constructions.regions:linear_regions",
        ),
        checked_in_part=(
            "That training a deeper network takes less time is an observation; what is checked is how many units "
            "an approximation needs."
        ),
    ),
)

SUBJECT = Subject("A", "Networks, hyperplanes, approximation", "networks", _CLAIMS)
