(* Finite sums of real numbers: the first n values of a function. *)
From Coq Require Import Reals Lra Lia.
Open Scope R_scope.

Fixpoint sum (n : nat) (f : nat -> R) : R := match n with O => 0 | S k => sum k f + f k end.

Lemma sum_eq n f g : (forall k, (k < n)%nat -> f k = g k) -> sum n f = sum n g.
Proof. intros H. induction n; simpl; [reflexivity|]. rewrite H, IHn by (intros; try apply H; lia). reflexivity. Qed.
Lemma sum_add n f g : sum n (fun k => f k + g k) = sum n f + sum n g.
Proof. induction n; simpl; [|rewrite IHn]; ring. Qed.
Lemma sum_mul n a f : sum n (fun k => a * f k) = a * sum n f.
Proof. induction n; simpl; [|rewrite IHn]; ring. Qed.
Lemma sum_0 n : sum n (fun _ => 0) = 0.
Proof. induction n; simpl; [|rewrite IHn]; ring. Qed.
Lemma sum_swap m n f : sum m (fun k => sum n (fun j => f j k)) = sum n (fun j => sum m (fun k => f j k)).
Proof. induction m; simpl; [now rewrite sum_0 | rewrite IHm, <- sum_add; reflexivity]. Qed.
Lemma sum_nonneg n f : (forall k, (k < n)%nat -> 0 <= f k) -> 0 <= sum n f.
Proof.
  intros H. induction n; simpl; [lra|]. pose proof (H n ltac:(lia)).
  assert (0 <= sum n f) by (apply IHn; intros; apply H; lia). lra.
Qed.
Lemma sum_le n f g : (forall k, (k < n)%nat -> f k <= g k) -> sum n f <= sum n g.
Proof.
  intros H. induction n; simpl; [lra|]. pose proof (H n ltac:(lia)).
  assert (sum n f <= sum n g) by (apply IHn; intros; apply H; lia). lra.
Qed.
(* Where no term is negative and the sum is 0, every term is. *)
Lemma sum_zero n f : (forall k, (k < n)%nat -> 0 <= f k) -> sum n f = 0 -> forall k, (k < n)%nat -> f k = 0.
Proof.
  intros H. induction n; intros Z k Hk; [lia|]. simpl in Z.
  assert (0 <= sum n f) by (apply sum_nonneg; intros; apply H; lia). pose proof (H n ltac:(lia)).
  destruct (Nat.eq_dec k n) as [->|]; [lra|]. apply IHn; [intros; apply H; lia | lra | lia].
Qed.
