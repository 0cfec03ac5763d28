// A guess is committed once: it is locked, the page opens, and what became of it is announced and in focus.
// Without this script the form leads to the verdict as a link would.
"use strict";

const form = document.querySelector("form.guess");
const names = Object.fromEntries([...form.querySelectorAll("label")].map((label) => [label.control.value, label.textContent.trim()]));

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const guess = new FormData(form).get("guess");
  const { verdict, also } = form.dataset;
  const fair = also.split(" ").includes(guess);
  const said = document.querySelector(".said");
  said.classList.add(guess === verdict || fair ? "right" : "wrong");
  said.textContent = guess === "none" ? "" : `Your guess: ${names[guess]}. `
    + (guess === verdict ? "So it is judged here, too." : fair ? "That is a fair answer, too: see below." : "Not quite.");
  form.querySelector("fieldset").disabled = true;
  document.querySelector("main.claim").classList.add("guessed");
  document.querySelector("#verdict").focus();
});
