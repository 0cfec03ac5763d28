"""False files that Rocq has to refuse: in each one thing of a statement, a hypothesis or a definition is changed."""

from __future__ import annotations

from dataclasses import dataclass

from proofs.rocq.theorems import THEORIES


@dataclass(frozen=True)
class Mutant:
    """A file with one text in place of another."""

    file: str
    before: str
    after: str

    @property
    def text(self) -> str:
        """The file's text, changed."""
        return (THEORIES / f"{self.file}.v").read_text(encoding="utf-8").replace(self.before, self.after)


MUTANTS = tuple(
    Mutant(*each)
    for each in (
        ("Summation", "(INR (terms t) - 1) * u * mags t", "(INR (terms t) - 2) * u * mags t"),
        ("Summation", "Hypothesis F_rnd : forall x, F (rnd x).", "Hypothesis F_rnd : forall x, F x -> F (rnd x)."),
        (
            "Summation",
            "Hypothesis nearest : forall a x, F a -> Rabs (rnd x - x) <= Rabs (a - x).",
            "Hypothesis nearest : forall a x, F a -> Rabs (rnd x - x) <= 2 * Rabs (a - x).",
        ),
        ("Summation", "2 * INR (terms t) * eta.\nProof", "INR (terms t) * eta.\nProof"),
        ("Summation", "Hypothesis u_small : u <= 1.", "Hypothesis u_small : u <= 2."),
        ("Summation", "Definition underflow := / 2", "Definition underflow := / 4"),
        ("Summation", "* mags t + INR (terms t) * eta * (1 + INR (terms t) * u).", "* mags t."),
        ("Roundings", "Hypothesis v_lt_1 : v < 1.", "Hypothesis v_lt_1 : v < 3."),
        ("Roundings", "exists e h, Rabs e <= v /\\", "exists e h, Rabs e <= 2 * v /\\"),
        ("Roundings", "Add l r => lost l + lost r + eta_sum", "Add l r => lost l + lost r"),
        ("Roundings", "F a -> F b -> off eta_sum (a + b).", "F a -> F b -> off (2 * eta_sum) (a + b)."),
        ("Roundings", "<= (a + b) / 2 * mags t + up (depth t) * lost t.", "<= b / 2 * mags t + up (depth t) * lost t."),
        ("Roundings", "<= (a + b) / 2 * mags t + up (depth t) * lost t.", "<= (a + b) / 2 * mags t + lost t."),
        ("Logistic", "sigma x * (1 - sigma x) <= / 4.", "sigma x * (1 - sigma x) < / 4."),
        ("Logistic", "<= / 4 * Rabs (y - x)", "<= / 5 * Rabs (y - x)"),
        ("Logistic", "sigma x * (1 - sigma x) < exp (- Rabs x).", "sigma x * (1 - sigma x) < exp (- Rabs x) / 2."),
        ("Logistic", ") ^ 2 <= / 108.", ") ^ 2 < / 108."),
        ("Logistic", "<= / 8.", "<= / 9."),
        ("Logistic", "is_derive sigma x (sigma x * (1 - sigma x))", "is_derive sigma x (sigma x * (1 + sigma x))"),
        ("Logistic", "decayed_minimum decay : 0 < decay ->", "decayed_minimum decay : 0 <= decay ->"),
        ("Logistic", "forall v, v <> w -> decayed decay w", "forall v, decayed decay w"),
        ("Logistic", "sigma (- w) = decay * w", "sigma w = decay * w"),
        ("Softmax", "(p z j - one_hot y j).", "(one_hot y j - p z j)."),
        ("Softmax", "(p z i * (one_hot j i - p z j)).", "(p z j * (one_hot j i - p z j))."),
        ("Softmax", "<= / 2 * sum (fun i => v i ^ 2).", "<= / 3 * sum (fun i => v i ^ 2)."),
        ("Softmax", "m <= ln (total z) <= m + ln (INR (S n)).", "m <= ln (total z) <= m + ln (INR n)."),
        ("Softmax", "m <= ln (total z) <= m", "m < ln (total z) <= m"),
        (
            "Softmax",
            "Corollary gradient y z j : (y <= n)%nat -> (j <= n)%nat ->",
            "Corollary gradient y z j : (j <= n)%nat ->",
        ),
        ("Backprop", "sum (outs l) (fun j => W l j k *", "sum (outs l) (fun j => W l k j *"),
        ("Backprop", "(slope l j (pre l 0 x j) * delta ls (out l 0 x) c j)) end.", "(delta ls (out l 0 x) c j)) end."),
        ("Backprop", "delta ls (out l 0 x) c j in", "delta ls x c j in"),
        ("Backprop", "sum (outs l) (fun j => e j * db l j)\n", "sum (outs l) (fun j => e j * db l j) / INR (outs l)\n"),
        ("Backprop", "is_derive (g l j) (pre l 0 x j) (slope l j (pre l 0 x j))) /\\ smooth", "True) /\\ smooth"),
        ("Backprop", "fits (outs l) ls n end", "fits m ls n end"),
        ("Maxout", "(b - a) ^ 2 / (8 * INR (S m) ^ 2) <= E", "(b - a) ^ 2 / (8 * INR (S m) ^ 2) < E"),
        ("Maxout", "(b - a) ^ 2 / (8 * INR (S m) ^ 2) <= E", "(b - a) ^ 2 / (4 * INR (S m) ^ 2) <= E"),
        ("Maxout", "<= (b - a) ^ 2 / (8 * n ^ 2).", "<= (b - a) ^ 2 / (9 * n ^ 2)."),
        (
            "Maxout",
            "(k <= S m)%nat -> (f k <= m)%nat) ->\n  exists i j",
            "(k <= m)%nat -> (f k <= m)%nat) ->\n  exists i j",
        ),
        ("Maxout", "- h ^ 2 / 8 in\n", "in\n"),
        (
            "Convexity",
            "f (sum n (fun k => w k * x k)) <= sum n (fun k => w k * f (x k)).\nProof.\n  intros C Hw Hs.",
            "sum n (fun k => w k * f (x k)) <= f (sum n (fun k => w k * x k)).\nProof.\n  intros C Hw Hs.",
        ),
        (
            "Convexity",
            "Theorem jensen f n w x : convex f -> (forall k, (k < n)%nat -> 0 <= w k) -> sum n w = 1 ->",
            "Theorem jensen f n w x : convex f -> sum n w = 1 ->",
        ),
        (
            "Convexity",
            "Theorem divergence_nonneg : 0 <= divergence n p q.",
            "Theorem divergence_nonneg : 0 < divergence n p q.",
        ),
        ("Convexity", "Hypothesis q_total : sum n q = 1.", "Hypothesis q_total : sum n q = 2."),
        (
            "Convexity",
            "Hypothesis q_pos : forall k, (k < n)%nat -> 0 < q k.",
            "Hypothesis q_pos : forall k, (k < n)%nat -> 0 <= q k.",
        ),
        ("Convexity", "Hypothesis decay_pos : 0 < decay.", "Hypothesis decay_pos : 0 <= decay."),
        ("Convexity", "Lemma ln_below u : 0 < u -> ln u <= u - 1.", "Lemma ln_below u : 0 < u -> ln u < u - 1."),
        (
            "NoFreeLunch",
            "Theorem no_free_lunch n S x answer : x < n -> ~ In x S ->",
            "Theorem no_free_lunch n S x answer : x < n ->",
        ),
        (
            "NoFreeLunch",
            "Theorem no_free_lunch n S x answer : x < n -> ~ In x S ->",
            "Theorem no_free_lunch n S x answer : ~ In x S ->",
        ),
        (
            "NoFreeLunch",
            "length unseen * 2 ^ n.\nProof.\n  intros Hu Hl.",
            "length unseen * 2 ^ n + 1.\nProof.\n  intros Hu Hl.",
        ),
        ("Approximation", "<= E) -> / 4 <= E.", "<= E) -> / 3 <= E."),
        (
            "Approximation",
            "(3 / 16 * (x + 1) ^ 2 + - (3 / 16) * (x - 1) ^ 2 - x ^ 3) <= / 4.",
            "(3 / 16 * (x + 1) ^ 2 + - (3 / 16) * (x - 1) ^ 2 - x ^ 3) < / 4.",
        ),
        (
            "Approximation",
            "Definition squares n (w b v : nat -> R) x := sum n (fun k => v k * (w k * x + b k) ^ 2).",
            "Definition squares n (w b v : nat -> R) x := sum n (fun k => v k * (w k * x + b k) ^ 3).",
        ),
        (
            "Approximation",
            "forall x, 0 <= x <= 1 -> Rabs (ramps n x - f x) <= E.",
            "forall x, 0 <= x <= 1 -> Rabs (ramps n x - f x) < E.",
        ),
        ("Approximation", "(forall x, 0 <= x <= 1 -> continuity_pt f x) -> 0 < eps ->", "0 < eps ->"),
        ("Approximation", "<= M * (r - l) ^ 2 / 8.", "<= M * (r - l) ^ 2 / 9."),
        ("Approximation", "(forall t, l <= t <= r -> Rabs (f2 t) <= M) ->", "(forall t, l <= t <= r -> f2 t <= M) ->"),
        ("Approximation", "Definition relu x := Rmax x 0.", "Definition relu x := Rmin x 0."),
    )
)
