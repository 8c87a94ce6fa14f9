"use strict";
/* Draws a figure, in the colours of its page. The data are the JSON beside its place. */
function colours() {
  const style = getComputedStyle(document.documentElement);
  return { text: style.getPropertyValue("--text").trim(), ground: style.getPropertyValue("--ground").trim() };
}

function themed(layout) {
  const { text, ground } = colours();
  const dressed = Object.assign({}, layout, { font: Object.assign({}, layout.font, { color: text }) });
  dressed.hoverlabel = Object.assign({}, layout.hoverlabel, { bgcolor: ground, font: { color: text } });
  return dressed;
}

function textOf(id) {
  const held = document.getElementById(id);
  return (held.content || held).textContent;
}

/* The moments of an animation: play, step, and a slider. Those that plotly draws cannot be reached with the keyboard. */
function moments(place, names, opens) {
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const made = (kind, text) => Object.assign(document.createElement(kind), { textContent: text });
  const bar = made("div", ""), label = made("label", "Time "), clock = made("output", "");
  const slider = Object.assign(made("input", ""), { type: "range", min: 0, max: names.length - 1, step: 1 });
  const play = made("button", "Play"), back = made("button", "Back"), on = made("button", "On");
  let timer = null;
  const go = (to) => {
    const at = Math.max(0, Math.min(names.length - 1, to));
    slider.value = at;
    clock.textContent = names[at];
    slider.setAttribute("aria-valuetext", names[at]);
    const instant = { mode: "immediate", frame: { duration: 0, redraw: true }, transition: { duration: 0 } };
    return Plotly.animate(place, [names[at]], instant);
  };
  const stop = () => { clearInterval(timer); timer = null; play.textContent = "Play"; };
  const step = () => {
    if (!place.isConnected || Number(slider.value) >= names.length - 1) { stop(); } else { go(Number(slider.value) + 1); }
  };
  play.addEventListener("click", () => {
    if (timer !== null) { stop(); return; }
    if (Number(slider.value) >= names.length - 1) { go(0); }
    timer = setInterval(step, 120);
    play.textContent = "Pause";
  });
  back.addEventListener("click", () => { stop(); go(Number(slider.value) - 1); });
  on.addEventListener("click", () => { stop(); go(Number(slider.value) + 1); });
  slider.addEventListener("input", () => { stop(); go(Number(slider.value)); });
  for (const button of [play, back, on]) { button.type = "button"; }
  bar.className = "moments";
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", "Moments of the day");
  label.append(slider);
  // Where the system asks for less motion, nothing moves by itself.
  bar.append(...(still ? [back, on] : [play, back, on]), label, clock);
  (place.closest(".scroll") || place).after(bar);
  return go(opens);
}

function draw(place) {
  const data = JSON.parse(textOf(place.id.replace(/-drawing$/, "-data")));
  const narrow = window.innerWidth < 640;
  const layout = themed(data.layout);
  const names = (data.frames || []).map((frame) => frame.name);
  const opens = names.length && layout.sliders ? layout.sliders[0].active : 0;
  if (names.length) {
    delete layout.sliders;
    delete layout.updatemenus;
    layout.height -= layout.margin.b - 10;
    layout.margin = Object.assign({}, layout.margin, { b: 10 });
  }
  if (narrow) { layout.margin = Object.assign({}, layout.margin, { l: 45, r: 10 }); }
  const config = { responsive: true, displaylogo: false, displayModeBar: narrow ? false : "hover",
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"] };
  place.style.minHeight = "";
  return Plotly.newPlot(place, data.data, layout, config).then(() => {
    if (names.length) { return Plotly.addFrames(place, data.frames).then(() => moments(place, names, opens)); }
    return null;
  });
}
