"use strict";
/* Saves a form when a field is left, follows jobs while they run, and replaces the parts of the page that follow from
   either. Without this script the page works, too: then buttons save, and a page shows news when it is opened anew. */
let turn = Promise.resolve();

/* Replaces what has changed; a screen that has no such parts replaces the whole page. While a job is followed, forms
   stay as they are filled in. */
function show(text, following) {
  const fresh = new DOMParser().parseFromString(text, "text/html");
  const live = Array.from(document.querySelectorAll("[data-live]"));
  if (!live.some((old) => fresh.getElementById(old.id))) {
    document.documentElement.replaceChild(document.adoptNode(fresh.body), document.body);
  } else {
    for (const old of live) {
      if (following && old.closest("form")) { continue; }
      const now = fresh.getElementById(old.id);
      if (now && now.innerHTML !== old.dataset.html) { put(now, old); }
    }
    document.querySelector("h1").textContent = fresh.querySelector("h1").textContent;
  }
  document.title = fresh.title;
  begin();
}

/* The text of a part is remembered as it came, since drawings change what stands there. */
function put(now, old) {
  now.dataset.html = now.innerHTML;
  const within = old.contains(document.activeElement) ? document.activeElement.textContent : null;
  old.replaceWith(document.adoptNode(now));
  if (within !== null) {
    const again = Array.from(now.querySelectorAll("button, a, summary")).find((each) => each.textContent === within);
    if (again) { again.focus(); }
  }
}

async function send(form) {
  const answer = await fetch(form.action, {
    method: "POST", body: new URLSearchParams(new FormData(form)), credentials: "same-origin" });
  if (form.hasAttribute("data-asks") && answer.ok) { history.replaceState(null, "", answer.url); }
  show(await answer.text());
  for (const field of form.querySelectorAll("input[id]")) {
    const wrong = document.getElementById("problem-" + field.name);
    if (wrong && wrong.textContent) { field.setAttribute("aria-invalid", "true"); }
    else { field.removeAttribute("aria-invalid"); }
  }
  const root = document.documentElement;
  root.dataset.saved = String(Number(root.dataset.saved || 0) + 1);
}

function unreachable() {
  const notes = document.getElementById("notes") || document.getElementById("standing");
  if (notes) { notes.textContent = "The server does not answer, so nothing was saved. Start simclinic serve again."; }
}

/* The server has ended while a job ran: what is finished is kept, and the page must not look as if it still ran. */
function ended() {
  const standing = document.getElementById("standing");
  if (standing) {
    standing.textContent = "The server does not answer. Start simclinic serve again, and open the address that it prints: "
      + "what is finished is kept, and “Go on” goes on with it.";
  }
}

/* Follows a job: an event says that something has changed, and the page is read again. */
let followed = "";
function follow(key) {
  if (followed === key) { return; }
  followed = key;
  const events = new EventSource("/job/" + key + "/events");
  let reading = null, again = false;
  const read = async () => {
    if (reading) { again = true; return; }
    reading = fetch(location.href, { credentials: "same-origin" });
    try { show(await (await reading).text(), true); } catch (error) { ended(); }
    reading = null;
    if (again) { again = false; read(); }
  };
  events.addEventListener("error", () => { fetch("/alive", { credentials: "same-origin" }).catch(ended); });
  events.addEventListener("changed", read);
  events.addEventListener("ended", () => { events.close(); followed = ""; read(); });
}

let plotly = null;
function drawAll() {
  const places = Array.from(document.querySelectorAll(".drawing:empty"));
  if (!places.length) { return; }
  plotly = plotly || new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = "/plotly.js";
    script.onload = done;
    script.onerror = failed;
    document.head.appendChild(script);
  });
  plotly.then(() => Promise.all(places.map(draw)))
    .then(() => { document.documentElement.dataset.drawn = String(places.length); })
    .catch(() => {
      for (const place of places) {
        place.textContent = "This browser cannot draw the figure; its numbers are in the table below.";
      }
    });
}

/* Drawings follow the colours of the page: dark and light, and on paper, where they also take the width of a sheet. */
const PAPER = 660;
function redress(change) {
  const { text, ground } = colours();
  const dress = { "font.color": text, "hoverlabel.bgcolor": ground, "hoverlabel.font.color": text };
  for (const place of document.querySelectorAll(".drawing.js-plotly-plot")) {
    Plotly.relayout(place, Object.assign({}, dress, change));
  }
}
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => redress({}));
window.addEventListener("beforeprint", () => {
  document.documentElement.classList.add("printing");
  redress({ autosize: false, width: PAPER });
});
window.addEventListener("afterprint", () => {
  document.documentElement.classList.remove("printing");
  redress({ autosize: true, width: null });
});

/* What each new part of the page needs. */
function begin() {
  for (const part of document.querySelectorAll("[data-live]:not([data-html])")) { part.dataset.html = part.innerHTML; }
  for (const place of document.querySelectorAll(".drawing:empty")) { place.style.minHeight = place.dataset.height + "px"; }
  for (const form of document.querySelectorAll("form[data-asks]:not([data-asked])")) {
    form.dataset.asked = "";
    turn = turn.then(() => send(form)).catch(unreachable);
  }
  for (const part of document.querySelectorAll("[data-fetches]:not([data-asked])")) {
    part.dataset.asked = "";
    fetch(part.dataset.fetches, { credentials: "same-origin" }).then((answer) => answer.text()).then(show).catch(unreachable);
  }
  const job = document.querySelector("[data-job]");
  if (job) { follow(job.dataset.job); }
  drawAll();
}

document.addEventListener("change", (event) => {
  const dropped = event.target.closest("form[data-drops]");
  if (dropped) { drop(dropped, event.target.files[0]); event.target.value = ""; return; }
  const form = event.target.closest("form[data-saves]");
  if (form) { turn = turn.then(() => send(form)).catch(unreachable); }
});
/* Sends a dropped or chosen file as it is; the server holds it in memory, and answers with the next step. */
const MOST_BYTES = 25000000;
async function drop(form, file) {
  const said = form.querySelector("[role=status]");
  if (!file) { return; }
  if (file.size > MOST_BYTES) {
    said.textContent = file.name + " is larger than 25 MB, the most this page takes. Export fewer columns, or fewer years.";
    return;
  }
  said.textContent = "Reading " + file.name + " ...";
  try {
    const answer = await fetch(form.dataset.drops + "?name=" + encodeURIComponent(file.name), {
      method: "POST", body: file, headers: { "content-type": "application/octet-stream" }, credentials: "same-origin" });
    const html = (answer.headers.get("content-type") || "").startsWith("text/html");
    if (answer.ok && answer.redirected) { location.assign(answer.url); return; }
    const text = await answer.text();
    if (!html) { said.textContent = text; return; }
    const fresh = new DOMParser().parseFromString(text, "text/html");
    const lines = Array.from(fresh.querySelectorAll("main .problems li")).map((line) => line.textContent);
    said.textContent = lines.join(" ") || fresh.title;
  } catch (error) {
    said.textContent = "The file could not be sent. Is it still there, and does the server still run?";
  }
}
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const form = event.target.closest ? event.target.closest("[data-drops]") : null;
    if (!form) { return; }
    event.preventDefault();
    form.classList.toggle("over", kind === "dragover");
    if (kind === "drop") { drop(form, event.dataTransfer.files[0]); }
  });
}
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-busy], form[data-drops]");
  if (!form) { return; }
  if (form.dataset.drops) { event.preventDefault(); return; }
  const button = form.querySelector("button:not([type=button])");
  if (button) {
    button.setAttribute("aria-live", "polite");
    button.textContent = form.dataset.busy;
    if (form.dataset.takes) { wait(form, button); }
  }
});
/* Shows that work goes on whose end nobody knows: a bar, and the seconds so far. */
function wait(form, button) {
  const bar = document.createElement("progress"), said = document.createElement("span"), begun = Date.now();
  bar.setAttribute("aria-label", form.dataset.busy);
  said.className = "quiet";
  const tell = () => { said.textContent = " " + Math.round((Date.now() - begun) / 1000) + " s. " + form.dataset.takes; };
  tell();
  setInterval(tell, 1000);
  button.after(" ", bar, said);
}
/* A form about what is being saved waits until it is. */
document.addEventListener("submit", (event) => {
  const form = event.target, by = event.submitter;
  if (!form.hasAttribute("data-waits") || form.dataset.sent !== undefined) { return; }
  event.preventDefault();
  // A task of its own: a form is not submitted again while its submission is still being announced.
  turn = turn.then(() => { setTimeout(() => { form.dataset.sent = ""; form.requestSubmit(by); }); });
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-prints], [data-copies]");
  if (!button) { return; }
  if (button.dataset.copies === undefined) { window.print(); return; }
  navigator.clipboard.writeText(button.dataset.copies).then(() => { button.textContent = "Copied"; });
});
setInterval(() => { fetch("/alive", { credentials: "same-origin" }).catch(() => {}); }, 60000);
begin();
