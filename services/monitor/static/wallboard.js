// Keeps the wallboard up to date from its stream of events, and says so when that stream is lost.
const SILENCE_MS = 6000;
const AGAIN_MS = 3000;

const body = document.body;
const lost = document.getElementById("lost");
const lostText = lost.querySelector("span").textContent;
const statusRegion = document.getElementById("status");

let asOf = statusRegion.dataset.asOf;
let heardAt = performance.now();
let source = null;

function listen() {
  if (source) source.close();
  source = new EventSource(body.dataset.stream);
  source.addEventListener("board", (event) => show(JSON.parse(event.data)));
  source.addEventListener("error", () => {
    // The browser tries again by itself, unless the server answered with an error.
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, AGAIN_MS);
  });
}

function show(frame) {
  if (frame.build !== body.dataset.build) {
    location.reload();
    return;
  }
  for (const [region, html] of Object.entries(frame.regions)) replace(document.getElementById(region), html);
  asOf = frame.as_of;
  heardAt = performance.now();
  body.dataset.state = frame.still ? "still" : "fresh";
  lost.hidden = true;
}

// What is focused by keyboard stays so: the link or button in its place takes over.
function replace(region, html) {
  const place = [...region.querySelectorAll("a, button")].indexOf(document.activeElement);
  region.innerHTML = html;
  if (place >= 0) region.querySelectorAll("a, button")[place]?.focus();
}

function watch() {
  if (performance.now() - heardAt < SILENCE_MS) return;
  lost.querySelector("span").textContent = lostText.replace("%", asOf || "–");
  lost.hidden = false;
  body.dataset.state = "lost";
}

listen();
setInterval(watch, 1000);
