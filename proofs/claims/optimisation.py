"""Optimisation."""

from __future__ import annotations

from proofs.claims.claim import Claim, Subject, Verdict

_CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="C8",
        title="The nonlinearity destroys convexity",
        statement="The nonlinearity of the activations very probably makes the loss non-convex.",
        verdict=Verdict.FALSE,
        answer=(
            "The loss is not convex, but the nonlinearity is not to blame, and no probability is involved. Two linear "
            "layers are enough: $(1 - w_1 w_2)^2/2$ is 0 at $(1, 1)$ and at $(-1, -1)$, and $1/2$ half-way between "
            "them. The same happens with two hidden units that differ in what they read and in how they are read: "
            "swapping them gives the same function, and half-way between the two orders lies another one. What is "
            "true instead: products of parameters destroy convexity. If all layers but the last are held fixed, "
            "however nonlinear they are, the squared error and the usual negative log-likelihoods are convex in the "
            "last layer."
        ),
        precise=(
            r"$L(w_1, w_2) = \frac{1}{2} (1 - w_1 w_2)^2$ has at 0 the Hessian $$\begin{pmatrix} 0 & -1 \\ -1 & 0 "
            r"\end{pmatrix},$$ with the eigenvalues $\pm 1$."
            "\n\n"
            "For one input, an activation that is the identity, relu or a leaky relu with a slope in $(0, 1)$, and a "
            r"network of zero loss with two units $v_i\, g(w_i x + b_i)$ that differ in $v$ and in $(w, b)$, $w \ne "
            r"0$: with $\theta'$ the same network with the two units swapped, $$L\Bigl(\frac{\theta + "
            r"\theta'}{2}\Bigr) > 0 = \frac{L(\theta) + L(\theta')}{2}$$ on data that contain every kink of both "
            "$\\theta$ and the midpoint, and a point on each side of all of them."
            "\n\n"
            r"For fixed features $h$, $(V, c) \mapsto L(h V + c)$ is convex where the loss of the output is."
        ),
        sources=(
            "Baldi & Hornik 1989, for linear networks",
            "Goodfellow, Bengio & Courville 2016, section 8.2.2 (weight space symmetry)",
        ),
        derivations=("two factors, no convexity",),
        code=("ffn.network.forward:objective", "ffn.constructions.symmetries:permute_units"),
    ),
    Claim(
        id="C9",
        title="No guarantee of the global optimum",
        statement="Gradient descent on such a loss has no guarantee to find the global optimum.",
        verdict=Verdict.QUALIFIED,
        answer=(
            r"For networks in general that is so. Fit a unit $v \operatorname{relu}(wx + b)$, without an output bias, "
            "to the points $(1, 1)$ and $(2, 2)$ from $w = -1$, $b = 0$, $v = 1$: the unit is off on all data, every "
            "gradient is exactly 0, and the sum of the squared errors stays 5, although $w = v = 1$ gives 0. But not "
            "convex does not mean bad minima. The product $w_1 w_2$ of two linear units has none: its critical points "
            "are global minima and one saddle. (For deep linear networks in general: Kawaguchi 2016.)"
        ),
        precise=(
            r"With $x_n > 0$, $y_n = x_n$, $w < 0$, $b \le 0$ and $c = \bar{y}$ the gradient of $\frac{1}{2} \sum_n "
            r"(v \operatorname{relu}(w x_n + b) + c - y_n)^2$ is 0, and no parameters with $w < 0$, $b \le 0$ have a "
            "lower loss; $w = v = 1$, $b = c = 0$ has the loss 0."
            "\n\n"
            r"$$\nabla \frac{1}{2} (1 - w_1 w_2)^2 = 0 \iff w_1 w_2 = 1 \ \text{or}\ w_1 = w_2 = 0,$$ and at 0 the "
            "loss falls along $(t, t)$ and rises along $(t, -t)$."
        ),
        sources=(
            "Blum & Rivest 1992, Training a 3-node neural network is NP-complete",
            "Kawaguchi 2016, Deep learning without poor local minima",
        ),
        derivations=("a dead unit", "two factors, no convexity"),
        code=("ffn.network.backward:gradient", "ffn.constructions.training:train"),
        checked_in_part=(
            "That training small threshold networks is NP-complete is cited, and so is the theorem on deep linear "
            "networks; here they are two layers of one unit."
        ),
    ),
    Claim(
        id="C10",
        title="Sensitive to initial values",
        statement="The result of training depends on the initial values of the parameters.",
        verdict=Verdict.TRUE,
        answer=(
            "Some starts can never be left. Hidden units that start equal have equal gradients, so they stay equal "
            "(on floats to the last bit, if all units' sums are taken in one order), and the layer is worth one unit. "
            "From all zeros, a network whose activation is 0 at 0 "
            "(tanh, relu) moves nothing but its last bias. Random weights break the tie; zero biases do no harm. And "
            "even then the start decides: of 16 random starts on XOR with two ReLUs only three are near 0 after 500 "
            "steps."
        ),
        precise=(
            "If $(w_i, b_i, v_i) = (w_j, b_j, v_j)$ before a step of gradient descent on any batch, then after it. If "
            r"$g(0) = 0$ and all parameters are 0, then $$\frac{\partial L}{\partial W_l} = 0 \ \text{for all}\ l, "
            r"\qquad \frac{\partial L}{\partial b_l} = 0 \ \text{for all but the last}\ l,$$ and so at every later "
            "step."
        ),
        sources=("Goodfellow, Bengio & Courville 2016, section 8.4 (symmetry breaking)",),
        derivations=("equal units stay equal",),
        code=("ffn.network.description:initialise", "ffn.constructions.training:train"),
    ),
    Claim(
        id="C11",
        title="Stochastic optimisation is a must",
        statement="Because of all this, stochastic optimisation has to be used.",
        verdict=Verdict.FALSE,
        answer=(
            "Nothing in the three claims before needs noise, and none of it goes away with noise: equal units stay "
            "equal and dead ones dead on every batch. Descent on all the data at once works, and comes with a "
            r"guarantee: where no curvature is larger than $\ell$, a step of $1/\ell$ lowers the loss. Mini-batches "
            "are used because they are cheap. What makes them right is that their gradient is that of all data on "
            "average, with a variance that falls with the size of the batch. It falls to 0 for all rows if the rows "
            "are drawn without replacement; and a smaller last batch has to be divided by its own size."
        ),
        precise=(
            r"Over all $\binom{N}{m}$ batches of $m$ of $N \ge 2$ rows, "
            r"the mean $\hat{g}$ of $m$ of the gradients $g_1, \ldots, g_N$ has "
            r"$$\operatorname{E} \hat{g} = \bar{g}, \qquad \operatorname{Var} \hat{g} = \frac{s^2}{m} \cdot \frac{N - "
            r"m}{N - 1}, \qquad s^2 = \frac{1}{N} \sum_n (g_n - \bar{g})^2 .$$"
            "\n\n"
            r"Where the gradient is Lipschitz with the constant $\ell$, $$L\Bigl(\theta - \frac{1}{\ell} \nabla "
            r"L\Bigr) \le L(\theta) - \frac{1}{2 \ell} \lVert \nabla L \rVert^2 ;$$ for the squared error $\ell = "
            r"\lambda_{\max}(X^\top X)$, for the logistic loss a quarter of it. A step longer than $2/\ell$ may raise "
            "the loss."
        ),
        sources=(
            "Cochran 1977, Sampling techniques",
            "Nesterov 2004, Introductory lectures on convex optimization (the descent lemma)",
            "Goodfellow, Bengio & Courville 2016, section 8.1.3",
        ),
        derivations=("mini-batch mean",),
        code=(
            "ffn.constructions.training:train",
            "ffn.constructions.training:batches",
            "ffn.constructions.training:step",
        ),
    ),
)

SUBJECT = Subject("B", "Optimisation", "optimisation", _CLAIMS)
