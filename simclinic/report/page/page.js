"use strict";
(function () {
  const root = document.documentElement;
  const drawings = Array.from(document.querySelectorAll(".drawing"));
  const PAPER = 660;  // pixels across, within the margins of A4 and of a letter sheet
  const FRONT = 0.9, APPENDIX = 0.7;  // as page.css shrinks both on paper
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  function tell(message) {
    drawings.forEach((place) => { place.textContent = message; place.classList.add("failed"); });
  }

  async function unpack() {
    const packed = document.getElementById("plotly-packed").textContent.trim();
    const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.textContent = await new Response(stream).text();
    document.head.appendChild(script);
  }

  function redress(change) {
    const { text, ground } = colours();
    const dress = { "font.color": text, "hoverlabel.bgcolor": ground, "hoverlabel.font.color": text };
    drawings.forEach((place) => Plotly.relayout(place, Object.assign({}, dress, change(place))));
  }

  drawings.forEach((place) => { place.style.minHeight = place.dataset.height + "px"; });
  unpack().then(async () => {
    for (const place of drawings) { await draw(place); }
    dark.addEventListener("change", () => redress(() => ({})));
    window.addEventListener("beforeprint", () => {
      root.classList.add("printing");
      redress((place) => ({ autosize: false, width: PAPER / (place.closest(".appendix") ? APPENDIX : FRONT) }));
    });
    window.addEventListener("afterprint", () => {
      root.classList.remove("printing");
      redress(() => ({ autosize: true, width: null }));
    });
    root.dataset.drawn = String(drawings.length);
  }).catch((error) => {
    tell("This browser cannot draw the figure; its numbers are in the table below.");
    root.dataset.failed = String(error);
  });
}());
