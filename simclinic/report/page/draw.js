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

function draw(place) {
  const data = JSON.parse(textOf(place.id.replace(/-drawing$/, "-data")));
  const narrow = window.innerWidth < 640;
  const layout = themed(data.layout);
  if (narrow) { layout.margin = Object.assign({}, layout.margin, { l: 45, r: 10 }); }
  const config = { responsive: true, displaylogo: false, displayModeBar: narrow ? false : "hover",
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"] };
  place.style.minHeight = "";
  return Plotly.newPlot(place, data.data, layout, config).then(() => {
    if (data.frames && data.frames.length) { return Plotly.addFrames(place, data.frames); }
    return null;
  });
}
