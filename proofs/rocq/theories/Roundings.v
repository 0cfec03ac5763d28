(* Sums and dot products whose roundings are any with rnd x = x (1 + e) + h, |e| <= v: not to nearest alone, also rounded
   twice. |h| <= eta, of a sum of two numbers of the format |h| <= eta_sum (0 where underflow is gradual). With k the depth,
   at most the number of roundings that a term passes, and H = eta for each product and eta_sum for each addition,
     (1 - v)^k P - (1 + v)^k N - (1 + v)^k H <= computed <= (1 + v)^k P - (1 - v)^k N + (1 + v)^k H
   for the sums P and N of the positive and of the negative terms' magnitudes. No bound on the number of terms. *)
From Coq Require Import Reals Lra Lia Psatz.
Require Import Summation.
Open Scope R_scope.

Fixpoint pos (t : order) : R := match t with
  | Zero => 0 | Num x => Rmax x 0 | Prod x y => Rmax (x * y) 0 | Add l r => pos l + pos r
  | Fma x y t => Rmax (x * y) 0 + pos t end.
Fixpoint neg (t : order) : R := match t with
  | Zero => 0 | Num x => Rmax (- x) 0 | Prod x y => Rmax (- (x * y)) 0 | Add l r => neg l + neg r
  | Fma x y t => Rmax (- (x * y)) 0 + neg t end.
Lemma parts x : Rmax x 0 - Rmax (- x) 0 = x.
Proof. unfold Rmax. destruct (Rle_dec x 0), (Rle_dec (- x) 0); lra. Qed.
Lemma part_pos x : 0 <= Rmax x 0.
Proof. unfold Rmax. destruct (Rle_dec x 0); lra. Qed.
Lemma pos_pos t : 0 <= pos t.
Proof. induction t; simpl; try lra; repeat match goal with |- context [Rmax ?x 0] => pose proof (part_pos x); generalize dependent (Rmax x 0); intros end; lra. Qed.
Lemma neg_pos t : 0 <= neg t.
Proof. induction t; simpl; try lra; repeat match goal with |- context [Rmax ?x 0] => pose proof (part_pos x); generalize dependent (Rmax x 0); intros end; lra. Qed.
Theorem exact_is t : exact t = pos t - neg t.
Proof. induction t; simpl; try lra. - symmetry; apply parts. - symmetry; apply parts. - pose proof (parts (x * y)). lra. Qed.
Theorem mags_is t : mags t = pos t + neg t.
Proof.
  assert (H : forall x, Rabs x = Rmax x 0 + Rmax (- x) 0).
  { intros x. unfold Rabs, Rmax. destruct (Rcase_abs x), (Rle_dec x 0), (Rle_dec (- x) 0); lra. }
  induction t; simpl; rewrite ?H; lra.
Qed.

Section TwoSided.
Variables (F : R -> Prop) (rnd : R -> R) (v eta eta_sum : R).
Hypothesis v_pos : 0 <= v.
Hypothesis v_lt_1 : v < 1.
Hypothesis eta_pos : 0 <= eta.
Hypothesis eta_sum_pos : 0 <= eta_sum.
Hypothesis F_0 : F 0.
Hypothesis F_rnd : forall x, F (rnd x).
Definition off by_at_most x := exists e h, Rabs e <= v /\ Rabs h <= by_at_most /\ rnd x = x * (1 + e) + h.
Hypothesis any_is : forall x, off eta x.
Hypothesis sum_is : forall a b, F a -> F b -> off eta_sum (a + b).

Fixpoint lost (t : order) : R := match t with
  | Zero | Num _ => 0 | Prod _ _ => eta | Add l r => lost l + lost r + eta_sum | Fma _ _ t => lost t + eta end.

Lemma lost_pos t : 0 <= lost t.
Proof. induction t; simpl; lra. Qed.

Lemma F_of t : leaves_in F t -> F (computed rnd t).
Proof. destruct t; simpl; intros; auto. Qed.

Definition up k := (1 + v) ^ k.
Definition down k := (1 - v) ^ k.

Lemma up_1 k : 1 <= up k.
Proof. apply pow_R1_Rle; lra. Qed.
Lemma down_0 k : 0 < down k.
Proof. apply pow_lt; lra. Qed.
Lemma down_1 k : down k <= 1.
Proof. unfold down. pose proof (pow_incr (1 - v) 1 k). rewrite pow1 in H. apply H; lra. Qed.
Lemma up_S k : up (S k) = (1 + v) * up k.
Proof. reflexivity. Qed.
Lemma down_S k : down (S k) = (1 - v) * down k.
Proof. reflexivity. Qed.
Lemma up_mono a b : (a <= b)%nat -> up a <= up b.
Proof. intros. apply Rle_pow; [lra | assumption]. Qed.
Lemma down_mono a b : (a <= b)%nat -> down b <= down a.
Proof.
  induction 1; [lra|]. rewrite down_S. pose proof (down_0 m). nra.
Qed.

Lemma rnd_between x w : off w x -> x - v * Rabs x - w <= rnd x <= x + v * Rabs x + w.
Proof.
  intros Hx. destruct Hx as (e & h & He & Hh & ->).
  assert (Rabs (x * e) <= v * Rabs x) by (rewrite Rabs_mult; pose proof (Rabs_pos x); nra).
  pose proof (Rle_abs (x * e)). pose proof (Rle_abs (- (x * e))). rewrite Rabs_Ropp in *.
  pose proof (Rle_abs h). pose proof (Rle_abs (- h)). rewrite Rabs_Ropp in *. lra.
Qed.

(* One rounding on top of what lies between the bounds for k roundings. *)
Lemma step k P N s c w : 0 <= P -> 0 <= N -> 0 <= c -> 0 <= w -> off w s ->
  down k * P - up k * N - up k * c <= s <= up k * P - down k * N + up k * c ->
  down (S k) * P - up (S k) * N - up (S k) * (c + w) <= rnd s <= up (S k) * P - down (S k) * N + up (S k) * (c + w).
Proof.
  intros HP HN Hc Hw Ho [Hl Hu]. pose proof (rnd_between s w Ho) as [Rl Ru].
  pose proof (up_1 k). pose proof (down_0 k). pose proof (down_1 k). rewrite up_S, down_S.
  set (a := up k) in *. set (d := down k) in *.
  assert (0 <= v * (a * P)) by (apply Rmult_le_pos; nra).
  assert (0 <= v * (a * N)) by (apply Rmult_le_pos; nra).
  assert (0 <= v * (d * P)) by (apply Rmult_le_pos; nra).
  assert (0 <= v * (d * N)) by (apply Rmult_le_pos; nra).
  assert (0 <= a * c) by (apply Rmult_le_pos; nra).
  assert (0 <= v * (a * c)) by (apply Rmult_le_pos; nra).
  assert (1 <= (1 + v) * a) by nra.
  assert (w <= (1 + v) * a * w) by (rewrite <- (Rmult_1_l w) at 1; apply Rmult_le_compat_r; lra).
  destruct (Rle_or_lt 0 s) as [S0|S0]; [rewrite (Rabs_right s) in * by lra | rewrite (Rabs_left s) in * by lra].
  - assert (v * s <= v * (a * P - d * N + a * c)) by (apply Rmult_le_compat_l; lra).
    assert (0 <= (1 - v) * (s - (d * P - a * N - a * c))) by (apply Rmult_le_pos; lra). split; lra.
  - assert (v * - s <= v * - (d * P - a * N - a * c)) by (apply Rmult_le_compat_l; lra).
    assert (0 <= (1 - v) * (a * P - d * N + a * c - s)) by (apply Rmult_le_pos; lra). split; lra.
Qed.

Definition between k t := down k * pos t - up k * neg t - up k * lost t <= computed rnd t
  <= up k * pos t - down k * neg t + up k * lost t.

Lemma weakened k m t : (k <= m)%nat -> between k t -> between m t.
Proof.
  unfold between. intros Hm H. pose proof (up_mono _ _ Hm). pose proof (down_mono _ _ Hm).
  pose proof (pos_pos t). pose proof (neg_pos t). pose proof (lost_pos t).
  assert (up k * lost t <= up m * lost t) by (apply Rmult_le_compat_r; lra).
  assert (up k * pos t <= up m * pos t) by (apply Rmult_le_compat_r; lra).
  assert (up k * neg t <= up m * neg t) by (apply Rmult_le_compat_r; lra).
  assert (down m * pos t <= down k * pos t) by (apply Rmult_le_compat_r; lra).
  assert (down m * neg t <= down k * neg t) by (apply Rmult_le_compat_r; lra). lra.
Qed.

Theorem two_sided t : leaves_in F t -> between (depth t) t.
Proof.
  induction t as [|x|x y|l IHl r IHr|x y t IH]; intros Hf.
  - unfold between, up, down; simpl. lra.
  - unfold between, up, down; simpl. pose proof (parts x). lra.
  - unfold between. simpl depth. simpl lost. simpl computed. simpl pos. simpl neg.
    replace eta with (0 + eta) by lra. apply step; try apply part_pos; try lra; [apply any_is|].
    unfold up, down; simpl. pose proof (parts (x * y)). lra.
  - destruct Hf as [Fl Fr]. specialize (IHl Fl). specialize (IHr Fr).
    unfold between. simpl lost. simpl computed. change (depth (Add l r)) with (S (max (depth l) (depth r))). simpl pos. simpl neg. set (m := max (depth l) (depth r)).
    assert (Ml : between m l) by (eapply weakened; [|exact IHl]; unfold m; lia).
    assert (Mr : between m r) by (eapply weakened; [|exact IHr]; unfold m; lia).
    unfold between in Ml, Mr. pose proof (pos_pos l). pose proof (pos_pos r). pose proof (neg_pos l). pose proof (neg_pos r).
    pose proof (lost_pos l). pose proof (lost_pos r).
    apply step; try lra. apply sum_is; now apply F_of.
  - specialize (IH Hf). unfold between. simpl lost. simpl computed. change (depth (Fma x y t)) with (S (depth t)).
    simpl pos. simpl neg. unfold between in IH. pose proof (pos_pos t). pose proof (neg_pos t).
    pose proof (part_pos (x * y)). pose proof (part_pos (- (x * y))). pose proof (lost_pos t). pose proof (parts (x * y)).
    pose proof (up_1 (depth t)). pose proof (down_1 (depth t)). pose proof (down_0 (depth t)).
    apply step; try lra; [apply any_is|].
    assert (Rmax (x * y) 0 <= up (depth t) * Rmax (x * y) 0) by nra.
    assert (down (depth t) * Rmax (x * y) 0 <= Rmax (x * y) 0) by nra.
    assert (Rmax (- (x * y)) 0 <= up (depth t) * Rmax (- (x * y)) 0) by nra.
    assert (down (depth t) * Rmax (- (x * y)) 0 <= Rmax (- (x * y)) 0) by nra. nra.
Qed.

(* The form of the code: S (1 + (b - a)/2) +- (a + b)/2 M, for 1 - a = (1 - v)^k and 1 + b = (1 + v)^k. *)
Corollary as_computed t : leaves_in F t -> let a := 1 - down (depth t) in let b := up (depth t) - 1 in
  Rabs (computed rnd t - exact t * (1 + (b - a) / 2))
    <= (a + b) / 2 * mags t + up (depth t) * lost t.
Proof.
  intros Hf a b. pose proof (two_sided t Hf) as H. unfold between in H. rewrite exact_is, mags_is.
  apply Rabs_le. unfold a, b. split; nra.
Qed.
End TwoSided.

Check two_sided. Check as_computed.
Print Assumptions as_computed.
