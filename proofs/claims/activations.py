"""Activations."""

from __future__ import annotations

from proofs.claims.claim import Claim, Subject, Verdict

BOOK = "Goodfellow, Bengio & Courville 2016, Deep Learning, "

_CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="C12",
        title="Activations are element-wise",
        statement="An activation function is applied to each unit by itself.",
        verdict=Verdict.QUALIFIED,
        answer=(
            "So are relu, σ, tanh and their kin: the output of a unit depends on its own pre-activation alone, the "
            "Jacobian is diagonal, and the backward pass multiplies element by element. But softmax is called an "
            "activation too, and each of its outputs depends on all inputs. And maxout takes several pre-activations "
            "for one output, so that its Jacobian is not even square."
        ),
        precise=(
            r"$$h_i = g(z_i) \ \Rightarrow\ \frac{\partial h_i}{\partial z_j} = 0 \quad (i \ne j).$$"
            "\n\n"
            "Softmax and maxout:"
            "\n\n"
            r"$$\frac{\partial p_i}{\partial z_j} = -p_i p_j < 0 \quad (i \ne j), \qquad g : \mathbb{R}^{n \times k} "
            r"\to \mathbb{R}^n.$$"
        ),
        sources=(BOOK + "sections 6.2.2.3 and 6.3",),
        derivations=("softmax, Jacobian", "maxout, subgradient"),
        code=("ffn.network.backward:activation_vjp", "ffn.network.outputs:softmax", "ffn.network.maxout:maxout"),
    ),
    Claim(
        id="C13",
        title="Sigmoid and tanh map into a range",
        statement="The sigmoid maps every real number into $(0, 1)$ and tanh into $(-1, 1)$.",
        verdict=Verdict.QUALIFIED,
        answer=(
            "Over the real numbers that is true: both increase strictly and never reach the ends. In a program they "
            "do. In float64 the usual formula is exactly 1 from 36.74 on, and even the nearest float to σ(x) is 1 "
            "from 37.43 on. So a test that asks a program for 0 < σ(x) < 1, or for a strict increase, asks for "
            "something false. Even an increase that is not strict is too much to ask: with every operation rounded "
            "correctly $e/(1 + e)$ still falls between some neighbouring floats. True of floats are the closed range, "
            "an increase up to a few roundings, and that σ(x) and σ(−x) add up to 1 within two roundings."
        ),
        precise=(
            r"$$0 < \sigma(x) < 1, \qquad \tanh x = 2\sigma(2x) - 1 \qquad (x \in \mathbb{R}).$$"
            "\n\n"
            r"With $p$ bits and $u = 2^{-p}$, $1/(1 + e^{-x})$ rounds to 1 from $x = p \log 2$ on, the correctly "
            r"rounded σ from $(p + 1) \log 2$ and tanh from $\frac{1}{2}(p + 2) \log 2$. The shipped σ obeys"
            "\n\n"
            r"$$0 \le \sigma(x) \le 1, \qquad |\sigma(x) + \sigma(-x) - 1| \le \tfrac{7}{4} u.$$"
        ),
        sources=(BOOK + "section 3.10", "Higham 2002, Accuracy and Stability of Numerical Algorithms, chapter 2"),
        derivations=("sigmoid, range", "tanh and sigmoid"),
        code=("ffn.network.activations:sigmoid", "ffn.network.reference:activation"),
    ),
    Claim(
        id="C14",
        title="Gradients saturate away from 0",
        statement="Away from 0 the sigmoid and tanh are flat, and their gradients saturate.",
        verdict=Verdict.TRUE,
        answer=(
            "The slope of σ is largest at 0, where it is 1/4, and falls like $e^{-|x|}$: it lies between a quarter of "
            "that and all of it. tanh is steeper at 0, with slope 1, and flattens twice as fast. What programs add is "
            "their own loss: σ(1 − σ), the formula that most use, loses its digits on the right, because 1 − σ has "
            "lost them: 4 % at 36, everything from 37 on. $e/(1 + e)^2$ with $e = e^{-|x|}$ keeps them all."
        ),
        precise=(
            r"$$\tfrac{1}{4} e^{-|x|} \le \sigma'(x) < e^{-|x|}, \qquad \sigma'(x) \le \tfrac{1}{4}, \qquad \tanh'(x) "
            r"\le \min(1,\ 4 e^{-2|x|}),$$"
            "\n\n"
            r"$$|\sigma''(x)| \le \frac{\sqrt{3}}{18}, \qquad |\sigma'''(x)| \le \frac{1}{8},$$"
            "\n\n"
            "both attained. In floats the shipped slope is right within $13u$ relative."
        ),
        sources=(BOOK + "sections 3.10 and 6.3.2",),
        derivations=("sigmoid, slope", "sigmoid, saturation", "sigmoid, second derivative", "tanh and sigmoid"),
        code=("ffn.network.activations:sigmoid_slope", "ffn.network.activations:tanh_slope"),
    ),
    Claim(
        id="C15",
        title="Saturation makes gradients vanish",
        statement="Because the slopes of the sigmoid are small, gradients vanish in deep networks.",
        verdict=Verdict.QUALIFIED,
        answer=(
            "Each layer of sigmoids multiplies the gradient by slopes of at most 1/4 and by its weights. With weights "
            "of norm below 4 the gradient must shrink: twenty layers with weight 1 leave at most 9.1e-13 of it. "
            "Larger weights can make up for it, but only on a narrow stretch of inputs, since large weights also "
            "saturate: its length is at most 0.4478, at weight 6.894. And a saturating activation can even explode: a "
            "recurrent tanh at 0 with weight 3 multiplies the gradient by 531441 in twelve steps."
        ),
        precise=(
            r"$$\left\| \frac{\partial h_L}{\partial h_0} \right\|_2 \le 4^{-L} \prod_{l \le L} \| W_l \|_2.$$"
            "\n\n"
            r"$|w \sigma'(wx + b)| \ge 1$ is possible for $|w| \ge 4$ alone, on an interval of length"
            "\n\n"
            r"$$\frac{2}{|w|} \log \Bigl( \frac{|w|}{2} \bigl( 1 + \sqrt{1 - 4/|w|} \bigr) - 1 \Bigr) \le 0.4478.$$"
        ),
        sources=(
            "Hochreiter 1991, Untersuchungen zu dynamischen neuronalen Netzen",
            "Bengio, Simard & Frasconi 1994, Learning long-term dependencies with gradient descent is difficult",
            "Pascanu, Mikolov & Bengio 2013, On the difficulty of training recurrent neural networks",
        ),
        derivations=("vanishing gradients", "sigmoid, slope"),
        code=("ffn.network.backward:gradient", "ffn.network.backward:activation_vjp"),
    ),
    Claim(
        id="C16",
        title="Relu solves it",
        statement="Relu solves the vanishing gradient, because its slope is 1.",
        verdict=Verdict.QUALIFIED,
        answer=(
            "Where a unit is active relu adds no factor. Where it is not the slope is 0, and a unit that is inactive "
            "on all data gets no gradient any more. And along an active path the gradient is the product of the "
            "weights, which vanishes or explodes with depth as any product does. So relu moves the problem to the "
            "weights, and there it can be solved, at the start of training at least: relu keeps half of the second "
            "moment, and weights of variance 2/d make up for that."
        ),
        precise=(
            r"$$\frac{\partial h_L}{\partial h_0} = \prod_{l} W_l \text{ along active units}; \qquad "
            r"\mathbb{E}\bigl[\operatorname{relu}(z)^2\bigr] = \frac{s^2}{2}$$"
            "\n\n"
            "for symmetric $z$ with variance $s^2$. So independent weights with mean 0 and variance $2/d$ keep "
            r"$\mathbb{E}[h^2]$ from layer to layer, $d$ being the fan-in."
        ),
        sources=("Glorot, Bordes & Bengio 2011, Deep sparse rectifier neural networks", "He, Zhang, Ren & Sun 2015"),
        derivations=("piecewise linear activations, slopes", "E[relu²] and He's initialisation", "a dead unit"),
        code=("ffn.network.backward:activation_vjp", "ffn.network.description:initialise"),
    ),
    Claim(
        id="C17",
        title="Piecewise linear keeps convexity",
        statement="A piecewise linear activation keeps the good properties of linear models, convexity among them.",
        verdict=Verdict.FALSE,
        answer=(
            "What it keeps is that the network is affine as long as no unit changes sides. Convexity is lost where "
            r"training needs it: the loss $(\operatorname{relu}(w) - 1)^2$ is 1 at $w = -1$, 0 at $w = 1$, and 1 in "
            "the middle, above the mean of both. In the input one negative weight after a relu is enough to lose it. "
            "If no weight after the first layer is negative, the network is convex in its input (not in its weights)."
        ),
        precise=(
            r"For $\ell(w) = (\operatorname{relu}(w) - 1)^2$: $\ell(0) = 1 > \frac{1}{2}(\ell(-1) + \ell(1)) = "
            r"\frac{1}{2}$. If $W_2, \dots, W_L \ge 0$, then"
            "\n\n"
            r"$$f\Bigl(\frac{x + y}{2}\Bigr) \le \frac{f(x) + f(y)}{2},$$"
            "\n\n"
            "and with equality, whatever the weights, where no unit changes sides between $x$ and $y$."
        ),
        sources=(BOOK + "section 6.3.1", "Amos, Xu & Kolter 2017, Input convex neural networks"),
        underived="a counterexample refutes it, and what is true instead is Jensen's inequality for max(z, 0)",
        code=("ffn.network.forward:activate", "ffn.network.forward:objective"),
    ),
    Claim(
        id="C18",
        title="The kink is never reached",
        statement=(
            "That relu has no derivative at 0 does no harm, because the cost cannot reach its global minimum, where "
            "the gradient would be undefined."
        ),
        verdict=Verdict.FALSE,
        answer=(
            "The book only says that training is not expected to arrive at a gradient of 0. It can, and right on the "
            "kinks: the book's own network for XOR has loss 0, with three of its eight pre-activations exactly 0. On "
            "a line $n - 1$ relus pass through any $n$ points, each unit with its kink at a data point. The true "
            "reason why it does no harm there is another: where every residual is 0 the squared error does have a "
            "gradient, namely 0, though the network has none. The residual multiplies whatever the kinks do."
        ),
        precise=(
            r"If $f(x_i; \theta) = y_i$ for all $i$, then for every direction $d$ and $\varepsilon \le 1$"
            "\n\n"
            r"$$\frac{1}{2} \sum_i \bigl( f(x_i; \theta + \varepsilon d) - y_i \bigr)^2 \le C \varepsilon^2,$$"
            "\n\n"
            r"because $f$ is locally Lipschitz in $\theta$, on kinks too; so the gradient is 0. With a residual the "
            "loss has two slopes there."
        ),
        sources=(BOOK + "sections 6.1 and 6.3", "Zhang, Bengio, Hardt, Recht & Vinyals 2017"),
        underived="the bound is a product of absolute values, computed anew for each network on fractions",
        code=("ffn.network.backward:gradient", "ffn.network.backward:output_vjp", "ffn.network.forward:objective"),
    ),
    Claim(
        id="C19",
        title="At 0 the computer takes 0 or 1",
        statement="At 0 a program returns 0 or 1 as the gradient of relu.",
        verdict=Verdict.QUALIFIED,
        answer=(
            "For one relu every slope from 0 to 1 is right at 0, and the usual frameworks take 0. Computer algebra "
            r"takes ½. For a network the choice matters: $\operatorname{relu}(x) - \operatorname{relu}(-x)$ is just "
            "$x$, with slope 1 everywhere, but with slope $s$ at 0 the chain rule returns $2s$ there. So what "
            "backpropagation returns at a kink need not be a subgradient of the network. Off the kinks nothing is "
            "left to choose."
        ),
        precise=(
            r"$$\operatorname{relu}'(0) = s \in [0, 1] \allowbreak \ \Rightarrow\ \frac{d}{dx} \bigl( "
            r"\operatorname{relu}(x) - \operatorname{relu}(-x) \bigr) \allowbreak \text{ is computed as } "
            r"\begin{cases} 1 & x \ne 0 \\ 2s & x = 0 \end{cases}$$"
        ),
        sources=(
            "Kakade & Lee 2018, Provably correct automatic subdifferentiation for qualified programs",
            "Bertoin, Bolte, Gerchinovitz & Pauwels 2021, Numerical influence of ReLU′(0) on backpropagation",
        ),
        derivations=("piecewise linear activations, slopes",),
        code=("ffn.network.activations:step", "ffn.network.backward:activation_vjp"),
    ),
    Claim(
        id="C20",
        title="Relu and the cost share a domain",
        statement="Relu and the cost have the same domain, since relu is the identity on the positive side.",
        verdict=Verdict.FALSE,
        answer=(
            "Relu is a function of a pre-activation $z$, the cost one of the parameters. A kink at $z = 0$ is, in the "
            r"space of the parameters, the set where $w \cdot x_i + b = 0$ for some data point: one plane for each "
            "point, which has no volume. That needs the bias, or an $x_i$ that is not 0: without a bias a row of "
            "zeros has $z = 0$ whatever the weights, and the kink is everywhere."
        ),
        precise=(
            r"$$K_i = \{ (w, b) : w \cdot x_i + b = 0 \}$$"
            "\n\n"
            r"is a hyperplane in the space of $(w, b)$, of measure 0. With $b = 0$ fixed, $\{ w : w \cdot x_i = 0 \}$ "
            r"is a hyperplane if $x_i \ne 0$, and all $w$ if $x_i = 0$."
        ),
        sources=("direct",),
        underived="it is the definition of a hyperplane",
        code=("ffn.network.forward:affine", "ffn.network.forward:trace"),
    ),
    Claim(
        id="C21",
        title="Recurrent networks need sigmoids",
        statement="Recurrent networks and probabilistic models do not use piecewise linear activations.",
        verdict=Verdict.FALSE,
        answer=(
            "As a rule without exception it is false. A recurrent network of relus that starts with the identity as "
            "its weights keeps its state, adds up what it reads, and passes gradients on without a factor of the "
            "activation. And a probabilistic model needs a distribution at its output, not a sigmoid in every unit: "
            "relus inside serve as well."
        ),
        precise=(
            r"For $h_t = \operatorname{relu}(h_{t-1} U + x_t W)$:"
            "\n\n"
            r"$$\begin{aligned} U = I,\ h_0 \ge 0,\ x_t W \ge 0 \ &\Rightarrow\ h_n = h_0 + \sum_{t \le n} x_t W, \\ "
            r"U \ge I,\ h_0 > 0,\ x_t = 0 \ &\Rightarrow\ \frac{\partial h_n}{\partial h_0} = U^n. \end{aligned}$$"
        ),
        sources=(
            BOOK + "section 6.3.2",
            "Le, Jaitly & Hinton 2015, A simple way to initialize recurrent networks of rectified linear units",
            "Nair & Hinton 2010, Rectified linear units improve restricted Boltzmann machines",
        ),
        underived="counterexamples refute it; each is checked on fractions for all lengths and states",
        code=("ffn.network.recurrent:trace",),
    ),
    Claim(
        id="C22",
        title="A recurrent relu grows without bound",
        statement="In a recurrent network of relus the values keep growing.",
        verdict=Verdict.QUALIFIED,
        answer=(
            "They may grow, stay or vanish, as in a linear recurrence. Where no weight is negative and the first "
            "state is positive, relu does nothing, and in the long run a step multiplies the state by the spectral "
            "radius ρ of the weights: it explodes for ρ > 1 and dies out for ρ < 1. With negative weights ρ does not "
            "decide: $-2I$ has ρ = 2, and switches every unit off in one step."
        ),
        precise=(
            r"$$U \ge 0,\ h_0 \ge 0 \ \Rightarrow\ h_t = h_0 U^t; \qquad \| h_t \|_\infty \le q^t \| h_0 \|_\infty \ "
            r"\text{ with } q = \max_j \sum_i |U_{ij}|.$$"
            "\n\n"
            r"If also $\sum_i U_{ij} = \rho$ for every $j$, then $\rho^t \min h_0 \le h_t \le \rho^t \max h_0$."
        ),
        sources=("Perron & Frobenius, classical", "Pascanu, Mikolov & Bengio 2013"),
        underived="powers of a matrix and monotonicity, checked on fractions",
        code=("ffn.network.recurrent:trace",),
    ),
    Claim(
        id="C23",
        title="Autoencoders need an inverse",
        statement="An autoencoder needs an activation with an inverse, therefore the sigmoid.",
        verdict=Verdict.FALSE,
        answer=(
            "What has to be undone is the encoder as a whole, and on the data alone, not the activation of a unit. "
            r"Relu has no inverse, and yet $\operatorname{relu}(x) - \operatorname{relu}(-x) = x$: with 2d units an "
            "autoencoder of relus reproduces every vector, in floats to the last bit. One of finitely many sigmoids "
            "never does, because its output is bounded. And in floats σ has no inverse either: from 38 on it is 1, "
            "and the logit of that infinite."
        ),
        precise=(
            r"$$\operatorname{relu}(xE)E^\top = x, \quad E = [I, -I]; \qquad \Bigl| c + \sum_j v_j \sigma(w_j x + "
            r"b_j) \Bigr| \le |c| + \sum_j |v_j|.$$"
            "\n\n"
            r"In float64 $\sigma(x) = 1$ for $x \ge 54 \log 2 = 37.43$."
        ),
        sources=(BOOK + "chapter 14",),
        underived="one identity and one bound, checked on floats and on balls",
        code=("ffn.network.reference:forward", "ffn.network.reference:activation"),
    ),
    Claim(
        id="C24",
        title="Probabilities need sigmoids",
        statement="Probabilistic models have outputs between 0 and 1, and therefore need the sigmoid.",
        verdict=Verdict.QUALIFIED,
        answer=(
            "Only the mean of a Bernoulli variable has to lie between 0 and 1 (and with it the probabilities of "
            "classes): a density may exceed 1, and so may the mean of a count. And σ is not the only way into (0, 1): "
            "the normal distribution function (probit) and $1 - e^{-e^z}$ (complementary log-log) lead there as well. "
            "What singles σ out is an assumption: if the log of the unnormalised probability is $yz$, then "
            r"normalising gives $P(1) = \sigma(z)$."
        ),
        precise=(
            r"$$\tilde P(y) = e^{yz},\ y \in \{0, 1\} \ \Rightarrow\ P(1) = \frac{e^z}{1 + e^z} = \sigma(z).$$"
            "\n\n"
            r"$$0 < \Phi(z) < 1, \qquad 0 < 1 - e^{-e^z} < 1; \qquad p(\mu) = \frac{1}{\sqrt{2 \pi v}} > 1 \text{ for "
            r"a normal with } v < \frac{1}{2\pi}.$$"
        ),
        sources=(BOOK + "section 6.2.2.2",),
        derivations=("sigmoid, range", "softplus", "−log σ is softplus", "bernoulli NLL"),
        code=("ffn.network.outputs:softmax", "ffn.network.activations:sigmoid"),
    ),
)

SUBJECT = Subject("C", "Activations", "activations", _CLAIMS)
