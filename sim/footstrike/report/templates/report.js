"use strict";
// The report's runners: any two of the page's runs.
(() => {
  const root = document.getElementById("runner");
  if (!root) return;
  const strides = JSON.parse(document.getElementById("motion").textContent).map(run => new Stride(run));
  const choices = [...root.querySelectorAll(".which select")], count = root.querySelectorAll(".panel").length;
  const chosen = () => strides.slice(0, count).map((stride, k) => choices[k] ? strides[Number(choices[k].value)] : stride);
  const shown = player(root, chosen());
  choices.forEach(choice => choice.addEventListener("change", () => shown?.set(chosen())));
})();
