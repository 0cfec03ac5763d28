(* No free lunch: averaged over all labelings with two classes, every learner is right on half of what it has not seen. *)
From Coq Require Import Bool List Arith Lia.
Import ListNotations.

(* Every labeling of n inputs. *)
Fixpoint labelings n : list (list bool) := match n with
  | O => [[]] | S k => map (cons true) (labelings k) ++ map (cons false) (labelings k) end.

Lemma labelings_count n : length (labelings n) = 2 ^ n.
Proof. induction n; simpl; [reflexivity|]. rewrite app_length, !map_length, IHn. lia. Qed.

(* On how many labelings the answer at input x is right. *)
Definition right n x (answer : list bool -> bool) :=
  length (filter (fun f => eqb (answer f) (nth x f false)) (labelings n)).

Lemma filter_map (P : list bool -> bool) b l : length (filter P (map (cons b) l)) = length (filter (fun f => P (b :: f)) l).
Proof. induction l; simpl; [reflexivity|]. destruct (P (b :: a)); simpl; now rewrite IHl. Qed.

Lemma filter_both (P Q : list bool -> bool) l : (forall f, Q f = negb (P f)) ->
  length (filter P l) + length (filter Q l) = length l.
Proof. intros H. induction l; simpl; [reflexivity|]. rewrite H. destruct (P a); simpl; lia. Qed.

Fixpoint flip x (f : list bool) : list bool := match x, f with
  | _, [] => [] | O, b :: f => negb b :: f | S k, b :: f => b :: flip k f end.

Lemma flip_elsewhere x i f : i <> x -> nth i (flip x f) false = nth i f false.
Proof. revert i f. induction x; intros i [|b f] H; destruct i; simpl; try reflexivity; [lia | apply IHx; lia]. Qed.

Lemma half n : forall x answer, x < n -> (forall f, answer (flip x f) = answer f) -> 2 * right n x answer = 2 ^ n.
Proof.
  induction n as [|n IH]; intros x answer Hx Hf; [lia|].
  unfold right. simpl labelings. rewrite filter_app, app_length, !filter_map. destruct x as [|x].
  - simpl nth. rewrite (filter_both _ _ (labelings n)); [rewrite labelings_count; simpl; lia|].
    intros f. pose proof (Hf (true :: f)) as K. simpl in K. rewrite K. now destruct (answer (true :: f)).
  - pose proof (IH x (fun f => answer (true :: f)) ltac:(lia) (fun f => Hf (true :: f))) as T.
    pose proof (IH x (fun f => answer (false :: f)) ltac:(lia) (fun f => Hf (false :: f))) as F.
    unfold right in T, F. simpl nth. simpl Nat.pow. lia.
Qed.

(* A learner that answers at x from the labels of the inputs in S alone, x not among them. *)
Theorem no_free_lunch n S x answer : x < n -> ~ In x S ->
  (forall f g, (forall i, In i S -> nth i f false = nth i g false) -> answer f = answer g) ->
  2 * right n x answer = 2 ^ n.
Proof.
  intros Hx Hn Hl. apply half; [exact Hx|]. intros f. apply Hl. intros i Hi. apply flip_elsewhere. intros ->. exact (Hn Hi).
Qed.

(* Over all inputs not trained on: half of all answers are right. *)
Corollary off_the_training_set n S (answer : nat -> list bool -> bool) unseen :
  (forall x, In x unseen -> x < n /\ ~ In x S) ->
  (forall x f g, (forall i, In i S -> nth i f false = nth i g false) -> answer x f = answer x g) ->
  2 * fold_right (fun x total => right n x (answer x) + total) 0 unseen = length unseen * 2 ^ n.
Proof.
  intros Hu Hl. induction unseen as [|x unseen IH]; simpl; [reflexivity|].
  destruct (Hu x (or_introl eq_refl)) as [Hx Hn].
  pose proof (no_free_lunch n S x (answer x) Hx Hn (Hl x)). specialize (IH ltac:(intros; apply Hu; now right)). lia.
Qed.
