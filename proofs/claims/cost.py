"""Cost."""

from __future__ import annotations

from proofs.claims.claim import Claim, Subject, Verdict

_BOOK = "Goodfellow, Bengio & Courville 2016, Deep Learning"

_CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="C32",
        title="The cost is a cross-entropy",
        statement=(
            "Networks are trained with the negative log-likelihood, which is the cross-entropy between the data and "
            "the model."
        ),
        verdict=Verdict.TRUE,
        answer=(
            "The mean NLL of a sample, with equal observations gathered, *is* the cross-entropy of the model under "
            "the empirical distribution: the same sum in another order. This holds for every model. 'Cross-entropy "
            "loss' is no matter of classification; squared error is the cross-entropy between the data and a "
            "gaussian."
            "\n\n"
            "The cross-entropy is the entropy of the data, which no parameter changes, plus the divergence of the "
            "model from the data. So minimising the NLL is minimising that divergence, and a cost that is left at the "
            "minimum is not a failure: it may be the data's own entropy. The *sum* of the NLLs is $N$ times as much, "
            "and moves the learning rate and the weight decay with it."
        ),
        precise=(
            r"For observations $y_1, \dots, y_N$ with empirical distribution $\hat p$: "
            "\n\n"
            r"$$-\frac{1}{N} \sum_{i=1}^N \log p(y_i) \allowbreak = -\sum_y \hat p(y) \log p(y) \allowbreak = H(\hat "
            r"p, p) \allowbreak = H(\hat p) + D(\hat p \,\|\, p),$$"
            "\n\n"
            r"with $D \ge 0$, and $D = 0$ only for $p = \hat p$. The last two need a discrete $y$."
        ),
        sources=(f"{_BOOK}, sections 3.13 and 5.5",),
        derivations=("NLL, cross-entropy and KL", "log u ≤ u − 1"),
        code=("ffn.network.forward:objective", "ffn.network.forward:negative_log_likelihood"),
    ),
    Claim(
        id="C33",
        title="The choice of distribution fixes the cost",
        statement="Once the distribution $p(y \\mid x; \\theta)$ is chosen, the cost function is fixed.",
        verdict=Verdict.TRUE,
        answer=(
            r"It is $-\log p$, up to terms that no parameter enters: the code calls the part that depends on the "
            "prediction the kernel, and the rest the constant. A gaussian of unit variance gives half the squared "
            "error, and one of any other fixed variance a multiple of it, with the same minimum."
            "\n\n"
            r"Be careful which terms are constant. If the variance is learned too, $\frac12 \log v$ is part of the "
            "cost. Without it an infinite variance would cost nothing."
        ),
        precise=(
            r"$-\log p(y \mid z) = \text{kernel}(z, y) + \text{constant}(y)$ for every output of the code. For a "
            "gaussian "
            "\n\n"
            r"$$-\log p(y \mid \mu, v) = \frac{(y - \mu)^2}{2v} + \frac12 \log v + \frac12 \log 2\pi.$$"
        ),
        sources=(f"{_BOOK}, section 6.2.1",),
        derivations=("gaussian NLL", "laplace NLL", "bernoulli NLL", "poisson NLL", "categorical NLL"),
        code=("ffn.network.outputs:distribution_of", "ffn.network.forward:negative_log_likelihood"),
    ),
    Claim(
        id="C34",
        title="The log cancels the exp",
        statement=(
            "The log of the cost cancels the exp of the output distribution, so that the gradient does not vanish."
        ),
        verdict=Verdict.QUALIFIED,
        answer=(
            r"This is a property of exponential families in their natural parameter. There the NLL is $A(\eta) - \eta "
            r"\cdot T(y)$: its gradient is the model's mean of the statistic minus the observed one, which vanishes "
            "only where the two agree; its Hessian is the covariance of the statistic. A covariance has no negative "
            r"eigenvalue, so the NLL is convex in $\eta$, and at the minimum the model's mean is the data's."
            "\n\n"
            "Other densities contain an exp as well, and the log does not reach it. Midway between two equal "
            "gaussians 6 apart the NLL of their mixture has the second derivative $-8$: 1 from each gaussian, less "
            "the variance 9 of not knowing which one. Of Student's t the NLL is concave wherever the error is large."
        ),
        precise=(
            r"For $p(y) = h(y) \exp(\eta \cdot T(y) - A(\eta))$ the NLL $\ell$ has "
            "\n\n"
            r"$$\nabla \ell = \operatorname{E}[T] - T(y), \qquad \nabla^2 \ell = \operatorname{Cov}(T) \succeq 0.$$"
            "\n\n"
            r"For the equal mixture of unit gaussians with means $z - a$ and $z + a$, at $y = z$: $\ell'' = 1 - a^2$. "
            r"For Student's t with $\nu$ degrees of freedom and $r = y - z$: $\ell'' = (\nu + 1)(\nu - r^2)/(\nu + "
            "r^2)^2$."
        ),
        sources=(f"{_BOOK}, section 6.2.1", "Bishop 1994, Mixture density networks"),
        derivations=(
            "exponential family",
            "categorical NLL, Hessian",
            "gaussian NLL",
            "bernoulli NLL",
            "poisson NLL",
            "−log σ is softplus",
            "mixture NLL is not convex",
        ),
        code=("ffn.network.outputs:distribution_of", "ffn.network.backward:output_vjp"),
    ),
    Claim(
        id="C35",
        title="The cost punishes the most active wrong prediction",
        statement="The negative log-likelihood always strongly penalises the most active incorrect prediction.",
        verdict=Verdict.TRUE,
        answer=(
            r"Of a categorical output the cost is, to within $\log n$, the lead of the largest logit over that of the "
            "right class. The gradient is $p$ minus the one-hot vector: the right class is pulled up, and of the "
            "wrong ones the most active is pushed down hardest. A confident mistake keeps a gradient near 1. Squared "
            "error of the probability does the opposite: its gradient vanishes exactly where the mistake is worst."
            "\n\n"
            "The curvature is at most 1/2 in every direction, so a gradient step of size 2 on the logits never raises "
            "the cost. Compute it from the logits: the log of a softmax is infinite once the probability underflows, "
            "as with a lead of 800, where the cost itself is 800."
        ),
        precise=(
            r"For $\ell = \log \sum_j e^{z_j} - z_y$ with $n$ classes and $p = \operatorname{softmax}(z)$: "
            "\n\n"
            r"$$\max_j z_j - z_y \le \ell \le \max_j z_j - z_y + \log n, \qquad \nabla \ell = p - e_y, \qquad 0 "
            r"\preceq \nabla^2 \ell \preceq \tfrac12 I.$$"
            "\n\n"
            r"The 1/2 is attained by two even classes. $(1 - \sigma(z))^2$ has a slope of at most 8/27 in size, at "
            r"$\sigma = 1/3$, and is not convex below. The lower bound holds in floats too, without any slack."
        ),
        sources=(f"{_BOOK}, section 6.2.2.3", "Blanchard, Higham & Higham 2021 (log-sum-exp)"),
        derivations=(
            "log-sum-exp, bounds",
            "categorical NLL",
            "categorical NLL, Hessian",
            "softmax, Jacobian",
            "softmax, shift invariance",
            "squared error through sigmoid",
        ),
        code=("ffn.network.outputs:log_sum_exp", "ffn.network.outputs:softmax"),
    ),
    Claim(
        id="C36",
        title="Regularise, or the reward is unlimited",
        statement="The model must be regularised so that it cannot gain an unlimited reward.",
        verdict=Verdict.QUALIFIED,
        answer=(
            "What is unlimited depends on the output. The NLL of a discrete one is positive: it cannot fall without "
            "end, but on separable data nothing stops the weights. The infimum 0 is approached and never attained; "
            "gradient descent makes the margin grow like the log of the number of steps. With weight decay exactly "
            "one weight is best."
            "\n\n"
            "A density has no such floor. If the network learns the variance and hits its target, the NLL falls to "
            r"$-\infty$. Weight decay does *not* help: a bias can hold the log-variance, and biases are not decayed. "
            "What helps is a term such as $b/v$, which for small variances grows faster than the logarithm falls. Nor "
            "does weight decay keep a bias finite where all data are of one class."
        ),
        precise=(
            r"Logistic loss $\ell(w) = \log(1 + e^{-w})$ at the margin $w$: $\inf \ell = 0$, not attained; for "
            r"$w_{t+1} = w_t + \sigma(-w_t)$ one has $w_t - \log t \to 0$ and $t\,\ell(w_t) \to 1$. With "
            r"$\frac{\lambda}{2} w^2$ added the minimum is the one $w$ with $\sigma(-w) = \lambda w$. For the "
            "residual $r$ and the variance $v$,"
            "\n\n"
            r"$$\min_{v > 0} \Bigl( \frac{r^2}{2v} + \frac12 \log v \Bigr) = \frac12 + \log |r|$$"
            "\n\n"
            r"at $v = r^2$, which goes to $-\infty$ as $r \to 0$; with $b/v$ added the minimum is at $v = r^2 + 2b$."
        ),
        sources=(
            f"{_BOOK}, section 6.2.1",
            "Soudry, Hoffer, Nacson, Gunasekar & Srebro 2018, The implicit bias of gradient descent on separable data",
        ),
        derivations=("separable logistic regression", "ridge makes the minimum unique", "a learned variance"),
        code=("ffn.network.forward:objective", "ffn.constructions.training:step", "ffn.network.description:Network"),
        checked_in_part=(
            "The growth like the logarithm is shown for one margin and rates up to 1, by bounds that hold after every "
            "step; for data in general it is a theorem of Soudry and others."
        ),
    ),
    Claim(
        id="C37",
        title="Each output distribution has its cost",
        statement=(
            "The cost function belongs to the output distribution: squared error to the gaussian, cross-entropy to "
            "the others."
        ),
        verdict=Verdict.TRUE,
        answer=(
            "The gaussian gives squared error, Laplace absolute error, Bernoulli softplus and the categorical "
            "distribution log-sum-exp less the logit of the class (all of them cross-entropies). The cost decides "
            "which statistic a network learns to predict: squared error leads to the mean, absolute error to the "
            "median, the two discrete costs to the shares of the classes. One outlier moves the mean and not the "
            "median. Of an even number of targets every number between the middle two is a median."
        ),
        precise=(
            r"$$\begin{array}{ll} \text{gaussian} & \frac12 (y - z)^2 \\ \text{Laplace} & |y - z| \\ \text{Bernoulli} "
            r"& \log(1 + e^z) - yz \\ \text{categorical} & \log \sum_j e^{z_j} - z_y \end{array}$$"
            "\n\n"
            r"The mean is the one minimiser of $\sum_i (y_i - c)^2$; the minimisers of $\sum_i |y_i - c|$ are the "
            "medians."
        ),
        sources=(f"{_BOOK}, sections 6.2.1 and 6.2.2",),
        derivations=("gaussian NLL", "laplace NLL", "bernoulli NLL", "categorical NLL", "−log σ is softplus"),
        code=("ffn.network.outputs:distribution_of",),
    ),
)

SUBJECT = Subject("E", "Cost", "cost", _CLAIMS)
