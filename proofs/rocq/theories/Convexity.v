(* Jensen's inequality for finitely many points, the divergence of distributions, and weight decay. *)
From Coq Require Import Reals Lra Lia Psatz.
From Coquelicot Require Rcomplements.
Require Import Sums.
Open Scope R_scope.

Definition convex (f : R -> R) := forall x y t, 0 <= t <= 1 -> f (t * x + (1 - t) * y) <= t * f x + (1 - t) * f y.

Lemma jensen_scaled f n w x : convex f -> (forall k, (k < n)%nat -> 0 <= w k) -> 0 < sum n w ->
  f (sum n (fun k => w k * x k) / sum n w) * sum n w <= sum n (fun k => w k * f (x k)).
Proof.
  intros C. induction n as [|n IH]; intros Hw Hs; simpl in *; [lra|].
  pose proof (Hw n ltac:(lia)) as Wn.
  assert (P : 0 <= sum n w) by (apply sum_nonneg; intros; apply Hw; lia).
  destruct P as [P|P].
  - specialize (IH ltac:(intros; apply Hw; lia) P).
    set (s := sum n w) in *. set (m := sum n (fun k => w k * x k)) in *.
    pose proof (C (m / s) (x n) (s / (s + w n))) as K.
    assert (T : 0 <= s / (s + w n) <= 1).
    { split; [apply Rlt_le, Rdiv_lt_0_compat; lra|]. apply Rmult_le_reg_r with (s + w n); [lra|].
      unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
    specialize (K T).
    replace (s / (s + w n) * (m / s) + (1 - s / (s + w n)) * x n) with ((m + w n * x n) / (s + w n)) in K by (field; lra).
    apply Rmult_le_compat_r with (r := s + w n) in K; [|lra].
    replace ((s / (s + w n) * f (m / s) + (1 - s / (s + w n)) * f (x n)) * (s + w n)) with (f (m / s) * s + w n * f (x n)) in K
      by (field; lra).
    lra.
  - rewrite <- P in *. assert (Z : forall k, (k < n)%nat -> w k = 0).
    { apply sum_zero; [intros; apply Hw; lia | now symmetry]. }
    rewrite (sum_eq n (fun k => w k * x k) (fun _ => 0)) by (intros; rewrite Z by lia; ring).
    rewrite (sum_eq n (fun k => w k * f (x k)) (fun _ => 0)) by (intros; rewrite Z by lia; ring).
    rewrite !sum_0. replace ((0 + w n * x n) / (0 + w n)) with (x n) by (field; lra). lra.
Qed.

Theorem jensen f n w x : convex f -> (forall k, (k < n)%nat -> 0 <= w k) -> sum n w = 1 ->
  f (sum n (fun k => w k * x k)) <= sum n (fun k => w k * f (x k)).
Proof.
  intros C Hw Hs. pose proof (jensen_scaled f n w x C Hw ltac:(lra)) as J. rewrite Hs in J.
  unfold Rdiv in J. rewrite Rinv_1, !Rmult_1_r in J. exact J.
Qed.

(* ln u <= u - 1, and equality at 1 alone. *)
Lemma ln_below u : 0 < u -> ln u <= u - 1.
Proof. intros H. rewrite <- (ln_exp (u - 1)). apply Rcomplements.ln_le; [exact H|]. pose proof (exp_ineq1_le (u - 1)). lra. Qed.
Lemma ln_strictly_below u : 0 < u -> u <> 1 -> ln u < u - 1.
Proof.
  intros H N. rewrite <- (ln_exp (u - 1)). apply ln_increasing; [exact H|]. pose proof (exp_ineq1 (u - 1) ltac:(lra)). lra.
Qed.

(* p over q, with 0 ln 0 = 0. *)
Definition divergence n (p q : nat -> R) := sum n (fun k => p k * ln (p k / q k)).

(* One outcome's share beyond p - q: never negative, and 0 for p = q alone. *)
Lemma share p q : 0 <= p -> 0 < q -> 0 <= p * ln (p / q) - p + q /\ (p * ln (p / q) - p + q = 0 -> p = q).
Proof.
  intros [Hp|<-] Hq; [|split; lra].
  assert (L : ln (p / q) = - ln (q / p)).
  { rewrite !Rcomplements.ln_div by assumption. ring. }
  assert (P : 0 < q / p) by (apply Rdiv_lt_0_compat; assumption).
  assert (B : p * (q / p - 1) = q - p) by (field; lra).
  split.
  - rewrite L. pose proof (ln_below (q / p) P). nra.
  - intros Z. destruct (Req_dec (q / p) 1) as [E|N].
    + apply Rmult_eq_compat_l with (r := p) in E. replace (p * (q / p)) with q in E by (field; lra). lra.
    + pose proof (ln_strictly_below (q / p) P N). rewrite L in Z. nra.
Qed.

Lemma shares n p q : sum n p = 1 -> sum n q = 1 ->
  divergence n p q = sum n (fun k => p k * ln (p k / q k) - p k + q k).
Proof.
  intros Hp Hq. unfold divergence.
  rewrite (sum_eq n (fun k => p k * ln (p k / q k) - p k + q k)
    (fun k => (p k * ln (p k / q k) + -1 * p k) + q k)) by (intros; ring).
  rewrite !sum_add, sum_mul, Hp, Hq. ring.
Qed.

Section Distributions.
Variables (n : nat) (p q : nat -> R).
Hypothesis p_nonneg : forall k, (k < n)%nat -> 0 <= p k.
Hypothesis q_pos : forall k, (k < n)%nat -> 0 < q k.
Hypothesis p_total : sum n p = 1.
Hypothesis q_total : sum n q = 1.

Theorem divergence_nonneg : 0 <= divergence n p q.
Proof. rewrite shares by assumption. apply sum_nonneg. intros k Hk. apply share; auto. Qed.

Theorem divergence_zero : divergence n p q = 0 -> forall k, (k < n)%nat -> p k = q k.
Proof.
  rewrite shares by assumption. intros Z k Hk. apply share; auto.
  apply (sum_zero n (fun k => p k * ln (p k / q k) - p k + q k)); [|exact Z|exact Hk]. intros j Hj. apply share; auto.
Qed.
End Distributions.

(* With weight decay a convex loss has no two minima. *)
Section Decay.
Variables (n : nat) (loss : (nat -> R) -> R) (decay : R).
Definition middle (v w : nat -> R) k := (v k + w k) / 2.
Hypothesis loss_convex : forall v w, loss (middle v w) <= (loss v + loss w) / 2.
Hypothesis decay_pos : 0 < decay.
Definition square w := sum n (fun k => w k ^ 2).
Definition objective w := loss w + decay / 2 * square w.
Definition minimum w := forall v, objective w <= objective v.

Lemma parallelogram v w : square (middle v w) = (square v + square w) / 2 - / 4 * sum n (fun k => (v k - w k) ^ 2).
Proof.
  unfold square. rewrite (sum_eq n (fun k => middle v w k ^ 2)
    (fun k => / 2 * v k ^ 2 + / 2 * w k ^ 2 + - / 4 * (v k - w k) ^ 2)) by (intros; unfold middle; field).
  rewrite !sum_add, !sum_mul. field.
Qed.

Theorem unique v w : minimum v -> minimum w -> forall k, (k < n)%nat -> v k = w k.
Proof.
  intros Hv Hw k Hk. pose proof (Hv w) as A. pose proof (Hw v) as B. pose proof (Hv (middle v w)) as M.
  unfold objective in *. rewrite parallelogram in M. pose proof (loss_convex v w).
  assert (P : forall k, (k < n)%nat -> 0 <= (v k - w k) ^ 2) by (intros; apply pow2_ge_0).
  assert (S0 : 0 <= sum n (fun k => (v k - w k) ^ 2)) by (apply sum_nonneg, P).
  assert (Z : sum n (fun k => (v k - w k) ^ 2) = 0).
  { destruct S0 as [S0|S0]; [|now symmetry]. exfalso.
    assert (0 < decay * sum n (fun k => (v k - w k) ^ 2)) by (apply Rmult_lt_0_compat; assumption). nra. }
  pose proof (sum_zero n _ P Z k Hk) as D. simpl in D.
  assert (v k - w k = 0) by (apply Rmult_integral in D; destruct D as [D|D]; [exact D | rewrite Rmult_1_r in D; exact D]). lra.
Qed.
End Decay.
