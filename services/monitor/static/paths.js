// Hides steps that few cases took, as the slider says; without this script all are shown.
const rare = document.getElementById("rare");

function sift(slider, output) {
  // Squared, so that the many rare ones have most of the slider.
  const least = Math.max(1, Math.round(rare.dataset.busiest * (slider.value / 100) ** 2));
  for (const step of document.querySelectorAll("[data-times]")) {
    step.toggleAttribute("hidden", Number(step.dataset.times) < least);
  }
  output.textContent = rare.dataset.from.replace("%", least);
}

if (rare) {
  const slider = rare.querySelector("input");
  const output = rare.querySelector("output");
  slider.addEventListener("input", () => sift(slider, output));
  rare.hidden = false;
  sift(slider, output);
}
