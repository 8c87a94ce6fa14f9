"use strict";
/* Saves a form when a field is left, and replaces the parts of the page that follow from it. Without this script the
   page works, too: then the button saves. */
let saving = Promise.resolve();

async function save(form) {
  const answer = await fetch(form.action, {
    method: "POST", body: new URLSearchParams(new FormData(form)), credentials: "same-origin" });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!fresh.getElementById("settings")) {
    document.documentElement.replaceChild(document.adoptNode(fresh.body), document.body);
    return;
  }
  for (const old of document.querySelectorAll("[data-live]")) {
    const now = fresh.getElementById(old.id);
    if (now && now.innerHTML !== old.innerHTML) old.replaceWith(document.adoptNode(now));
  }
  for (const field of form.querySelectorAll("input[id]")) {
    const wrong = document.getElementById("problem-" + field.name);
    if (wrong && wrong.textContent) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
  const heading = fresh.querySelector("h1");
  document.querySelector("h1").textContent = heading.textContent;
  document.title = fresh.title;
  document.documentElement.dataset.saved = String(Number(document.documentElement.dataset.saved || 0) + 1);
}

function unreachable() {
  const notes = document.getElementById("notes");
  if (notes) notes.textContent = "Not saved: the server does not answer. Start simclinic serve again.";
}

for (const form of document.querySelectorAll("form[data-saves]")) {
  form.addEventListener("change", () => { saving = saving.then(() => save(form)).catch(unreachable); });
}
setInterval(() => { fetch("/alive", { credentials: "same-origin" }).catch(() => {}); }, 60000);
