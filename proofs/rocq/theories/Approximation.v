(* What one hidden layer approximates in one variable: relus any continuous function, squares not even x^3. And how far
   a chord is from a smooth function. *)
From Coq Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Require Import Sums.
Open Scope R_scope.

Definition relu x := Rmax x 0.
(* A layer of relus, read by a linear unit with a bias. *)
Definition layer n (w b v : nat -> R) c x := sum n (fun k => v k * relu (w k * x + b k)) + c.

(* With n ramps of length 1 / n it is linear between the points k / n, where it meets the function. *)
Section Interpolation.
Variables (f : R -> R) (n : nat).
Hypothesis n_pos : (0 < n)%nat.
Definition at_knot k := INR k / INR n.
Definition rise k := INR n * (f (at_knot (S k)) - f (at_knot k)).
Definition ramp k x := relu (x - at_knot k) - relu (x - at_knot (S k)).
Definition ramps m x := f 0 + sum m (fun k => rise k * ramp k x).

Lemma N_pos : 0 < INR n.
Proof. apply lt_0_INR, n_pos. Qed.
Lemma next k : at_knot (S k) = at_knot k + / INR n.
Proof. unfold at_knot. rewrite S_INR. field. pose proof N_pos. lra. Qed.
Lemma knots_ascend j k : (j <= k)%nat -> at_knot j <= at_knot k.
Proof.
  intros H. unfold at_knot, Rdiv. apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat, N_pos | apply le_INR, H].
Qed.
Lemma inv_pos : 0 < / INR n.
Proof. apply Rinv_0_lt_compat, N_pos. Qed.

Lemma ramp_before k x : x <= at_knot k -> ramp k x = 0.
Proof. intros H. unfold ramp, relu. rewrite next. pose proof inv_pos. rewrite !Rmax_right by lra. ring. Qed.
Lemma ramp_on k x : at_knot k <= x <= at_knot (S k) -> ramp k x = x - at_knot k.
Proof. intros H. unfold ramp, relu. rewrite Rmax_left, Rmax_right by lra. ring. Qed.
Lemma ramp_behind k x : at_knot (S k) <= x -> ramp k x = / INR n.
Proof. intros H. unfold ramp, relu. rewrite next in *. pose proof inv_pos. rewrite !Rmax_left by lra. ring. Qed.

Lemma behind m x : at_knot m <= x -> ramps m x = f (at_knot m).
Proof.
  induction m; intros H; unfold ramps in *; simpl.
  - unfold at_knot. simpl. unfold Rdiv. rewrite Rmult_0_l. ring.
  - assert (K : at_knot m <= x) by (rewrite next in H; pose proof inv_pos; lra).
    rewrite ramp_behind by exact H. rewrite <- Rplus_assoc, IHm by exact K. unfold rise. field. pose proof N_pos. lra.
Qed.
Lemma before m d x : x <= at_knot m -> ramps (m + d) x = ramps m x.
Proof.
  intros H. induction d as [|d IH]; [now rewrite Nat.add_0_r|]. rewrite Nat.add_succ_r. unfold ramps in *. simpl.
  rewrite ramp_before; [rewrite <- Rplus_assoc, IH; ring|]. pose proof (knots_ascend m (m + d) ltac:(lia)). lra.
Qed.
Lemma between m x : at_knot m <= x <= at_knot (S m) -> ramps (S m) x = f (at_knot m) + rise m * (x - at_knot m).
Proof.
  intros H. pose proof (behind m x (proj1 H)) as K. unfold ramps in *. simpl. rewrite (ramp_on m x H), <- Rplus_assoc, K. ring.
Qed.

Lemma knots_around x : 0 <= x <= 1 -> exists m, (m < n)%nat /\ at_knot m <= x <= at_knot (S m).
Proof.
  intros Hx. assert (G : forall k, (k < n)%nat -> x <= at_knot (S k) ->
    exists m, (m < n)%nat /\ at_knot m <= x <= at_knot (S m)).
  { induction k as [|k IH]; intros Hk H.
    - exists 0%nat. repeat split; [exact Hk | | exact H]. unfold at_knot. simpl. unfold Rdiv. rewrite Rmult_0_l. lra.
    - destruct (Rle_or_lt x (at_knot (S k))) as [L|L]; [apply IH; [lia | exact L]|].
      exists (S k). repeat split; [exact Hk | lra | exact H]. }
  apply (G (n - 1)%nat); [lia|]. replace (S (n - 1)) with n by lia. unfold at_knot. unfold Rdiv. rewrite Rinv_r; [lra|].
  pose proof N_pos. lra.
Qed.

(* The error is at most what f moves within 1 / n. *)
Theorem error_of_ramps E : (forall x y, 0 <= x <= 1 -> 0 <= y <= 1 -> Rabs (x - y) <= / INR n -> Rabs (f x - f y) <= E) ->
  forall x, 0 <= x <= 1 -> Rabs (ramps n x - f x) <= E.
Proof.
  intros H x Hx. destruct (knots_around x Hx) as (m & Hm & Hk).
  assert (V : ramps n x = f (at_knot m) + rise m * (x - at_knot m)).
  { replace n with (S m + (n - S m))%nat by lia. rewrite before by apply Hk. apply between, Hk. }
  assert (I0 : 0 <= at_knot m <= 1).
  { split; [replace 0 with (at_knot 0) by (unfold at_knot; simpl; unfold Rdiv; ring); apply knots_ascend; lia | lra]. }
  assert (I1 : 0 <= at_knot (S m) <= 1).
  { split; [lra|]. replace 1 with (at_knot n); [apply knots_ascend; lia|]. unfold at_knot. field. pose proof N_pos. lra. }
  pose proof (next m) as Nm. pose proof inv_pos as P.
  pose proof (H (at_knot m) x I0 Hx ltac:(apply Rabs_le; lra)) as A.
  pose proof (H (at_knot (S m)) x I1 Hx ltac:(apply Rabs_le; lra)) as B.
  set (t := INR n * (x - at_knot m)).
  assert (T : 0 <= t <= 1).
  { unfold t. pose proof N_pos. split; [apply Rmult_le_pos; lra|].
    apply Rmult_le_reg_l with (/ INR n); [exact P|]. rewrite <- Rmult_assoc, Rinv_l by lra. lra. }
  replace (ramps n x - f x) with ((1 - t) * (f (at_knot m) - f x) + t * (f (at_knot (S m)) - f x))
    by (rewrite V; unfold rise, t; ring).
  eapply Rle_trans; [apply Rabs_triang|]. rewrite !Rabs_mult, (Rabs_pos_eq (1 - t)), (Rabs_pos_eq t) by lra.
  assert ((1 - t) * Rabs (f (at_knot m) - f x) <= (1 - t) * E) by (apply Rmult_le_compat_l; lra).
  assert (t * Rabs (f (at_knot (S m)) - f x) <= t * E) by (apply Rmult_le_compat_l; lra). lra.
Qed.
End Interpolation.

(* The ramps are a layer of twice as many relus: the even ones begin a ramp, the odd ones end it. *)
Definition weight (rise : nat -> R) i := if Nat.even i then rise (Nat.div2 i) else - rise (Nat.div2 i).
Definition knot n i := INR (Nat.div2 i + (if Nat.even i then 0 else 1)) / INR n.

Lemma ramps_are_a_layer f n m x :
  ramps f n m x = layer (2 * m) (fun _ => 1) (fun i => - knot n i) (weight (rise f n)) (f 0) x.
Proof.
  unfold ramps, layer. rewrite Rplus_comm. f_equal. induction m; [reflexivity|].
  replace (2 * S m)%nat with (S (S (2 * m))) by lia. cbn [sum]. rewrite IHm. unfold weight, knot, ramp, at_knot.
  replace (Nat.even (2 * m)) with true by (symmetry; rewrite Nat.even_mul; reflexivity).
  replace (Nat.even (S (2 * m))) with false
    by (symmetry; rewrite Nat.even_succ, <- Nat.negb_even, Nat.even_mul; reflexivity).
  rewrite Nat.div2_double, Nat.div2_succ_double, Nat.add_0_r, Nat.add_1_r.
  rewrite !Rmult_1_l. unfold Rminus. ring.
Qed.

Theorem universal f eps : (forall x, 0 <= x <= 1 -> continuity_pt f x) -> 0 < eps ->
  exists n w b v c, forall x, 0 <= x <= 1 -> Rabs (layer n w b v c x - f x) <= eps.
Proof.
  intros C He. destruct (Heine_cor2 C (mkposreal eps He)) as (d & Hd).
  destruct (archimed_cor1 d (cond_pos d)) as (n & Hn & Pn).
  exists (2 * n)%nat, (fun _ => 1), (fun i => - knot n i), (weight (rise f n)), (f 0).
  intros x Hx. rewrite <- ramps_are_a_layer. apply (error_of_ramps f n Pn); [|exact Hx].
  intros y z Hy Hz Hyz. left. apply (Hd y z Hy Hz). lra.
Qed.

(* Sums of squares of affine functions, of any width, stay 1/4 away from x^3 on [-1, 1], and two of them reach that. *)
Definition squares n (w b v : nat -> R) x := sum n (fun k => v k * (w k * x + b k) ^ 2).

Lemma quadratic n w b v : exists p q r, forall x, squares n w b v x = p * x ^ 2 + q * x + r.
Proof.
  induction n as [|n (p & q & r & H)].
  - exists 0, 0, 0. intros x. unfold squares; simpl. ring.
  - exists (p + v n * w n ^ 2), (q + 2 * v n * w n * b n), (r + v n * b n ^ 2).
    intros x. change (squares (S n) w b v x) with (squares n w b v x + v n * (w n * x + b n) ^ 2). rewrite H. ring.
Qed.

Theorem a_quarter_away n w b v E : (forall x, -1 <= x <= 1 -> Rabs (squares n w b v x - x ^ 3) <= E) -> / 4 <= E.
Proof.
  intros H. destruct (quadratic n w b v) as (p & q & r & Q).
  pose proof (H (-1) ltac:(lra)) as A. pose proof (H (- / 2) ltac:(lra)) as B.
  pose proof (H (/ 2) ltac:(lra)) as C. pose proof (H 1 ltac:(lra)) as D.
  rewrite Q in A, B, C, D.
  apply Rabs_le_between in A. apply Rabs_le_between in B. apply Rabs_le_between in C. apply Rabs_le_between in D. lra.
Qed.

Theorem reached_by_two x : -1 <= x <= 1 -> Rabs (3 / 16 * (x + 1) ^ 2 + - (3 / 16) * (x - 1) ^ 2 - x ^ 3) <= / 4.
Proof.
  intros H. apply Rabs_le. pose proof (pow2_ge_0 (x - / 2)). pose proof (pow2_ge_0 (x + / 2)).
  assert (0 <= (1 + x) * (x - / 2) ^ 2) by (apply Rmult_le_pos; lra).
  assert (0 <= (1 - x) * (x + / 2) ^ 2) by (apply Rmult_le_pos; lra). lra.
Qed.

(* What is concave on [l, r] and not negative at its ends is not negative between them. *)
Lemma concave_between g g1 g2 l r x :
  (forall t, l <= t <= r -> is_derive g t (g1 t)) -> (forall t, l <= t <= r -> is_derive g1 t (g2 t)) ->
  (forall t, l <= t <= r -> g2 t <= 0) -> 0 <= g l -> 0 <= g r -> l <= x <= r -> 0 <= g x.
Proof.
  intros D1 D2 C Hl Hr Hx.
  destruct (Req_dec x l) as [->|Nl]; [exact Hl|]. destruct (Req_dec x r) as [->|Nr]; [exact Hr|].
  destruct (MVT_cor2 g g1 l x ltac:(lra)) as (c1 & E1 & B1). { intros; apply is_derive_Reals, D1; lra. }
  destruct (MVT_cor2 g g1 x r ltac:(lra)) as (c2 & E2 & B2). { intros; apply is_derive_Reals, D1; lra. }
  destruct (MVT_cor2 g1 g2 c1 c2 ltac:(lra)) as (c3 & E3 & B3). { intros; apply is_derive_Reals, D2; lra. }
  pose proof (C c3 ltac:(lra)) as N. destruct (Rle_or_lt 0 (g x)) as [P|P]; [exact P|].
  assert (g1 c1 < 0) by nra. assert (0 < g1 c2) by nra. nra.
Qed.

(* A chord of f on [l, r] errs by at most an eighth of (r - l)^2 times the largest second derivative. *)
Section Chord.
Variables (f f1 f2 : R -> R) (l r M : R).
Hypothesis l_lt_r : l < r.
Hypothesis slope_of_f : forall t, l <= t <= r -> is_derive f t (f1 t).
Hypothesis slope_of_f1 : forall t, l <= t <= r -> is_derive f1 t (f2 t).
Definition chord x := f l + (f r - f l) * (x - l) / (r - l).

Lemma below_chord x : (forall t, l <= t <= r -> - M <= f2 t) -> l <= x <= r ->
  f x - chord x <= M / 2 * ((x - l) * (r - x)).
Proof.
  intros B Hx. set (q := (f r - f l) / (r - l)).
  assert (G : 0 <= M / 2 * ((x - l) * (r - x)) - (f x - (f l + q * (x - l)))).
  { apply (concave_between (fun t => M / 2 * ((t - l) * (r - t)) - (f t - (f l + q * (t - l))))
      (fun t => M / 2 * (l + r - 2 * t) - (f1 t - q)) (fun t => - M - f2 t) l r x).
    - intros t Ht. pose proof (slope_of_f t Ht) as D. auto_derive; [eexists; exact D|].
      replace (Derive (fun s => f s) t) with (f1 t) by (symmetry; apply is_derive_unique, D). field.
    - intros t Ht. pose proof (slope_of_f1 t Ht) as D. auto_derive; [eexists; exact D|].
      replace (Derive (fun s => f1 s) t) with (f2 t) by (symmetry; apply is_derive_unique, D). field.
    - intros t Ht. pose proof (B t Ht). lra.
    - right. ring.
    - right. unfold q. field. lra.
    - exact Hx. }
  unfold chord. replace ((f r - f l) * (x - l) / (r - l)) with (q * (x - l)) by (unfold q; field; lra). lra.
Qed.
End Chord.

Theorem chord_error f f1 f2 l r M : l < r ->
  (forall t, l <= t <= r -> is_derive f t (f1 t)) -> (forall t, l <= t <= r -> is_derive f1 t (f2 t)) ->
  (forall t, l <= t <= r -> Rabs (f2 t) <= M) ->
  forall x, l <= x <= r -> Rabs (f x - chord f l r x) <= M * (r - l) ^ 2 / 8.
Proof.
  intros L D1 D2 B x Hx.
  pose proof (below_chord f f1 f2 l r M L D1 D2 x) as U.
  pose proof (below_chord (fun t => - f t) (fun t => - f1 t) (fun t => - f2 t) l r M L
    (fun t Ht => is_derive_opp f t (f1 t) (D1 t Ht)) (fun t Ht => is_derive_opp f1 t (f2 t) (D2 t Ht)) x) as V.
  specialize (U ltac:(intros t Ht; pose proof (B t Ht) as K; apply Rabs_le_between in K; lra) Hx).
  specialize (V ltac:(intros t Ht; pose proof (B t Ht) as K; apply Rabs_le_between in K; lra) Hx).
  assert (P : 0 <= M). { pose proof (B x Hx). pose proof (Rabs_pos (f2 x)). lra. }
  assert (O : chord (fun t => - f t) l r x = - chord f l r x) by (unfold chord; field; lra). rewrite O in V.
  pose proof (pow2_ge_0 (2 * x - l - r)). apply Rabs_le. split; nra.
Qed.
