"use strict";
/* Two ways to fill in fields with the mouse, a finger or the keyboard: a week that is painted, and the visit as a bar
   whose edges are dragged. The fields stay, and are all that is sent. */
(function () {
  const HALF = 30, DAY = 1440;
  const make = (kind, name, text) => {
    const made = document.createElement(kind);
    if (name) { made.className = name; }
    if (text) { made.textContent = text; }
    return made;
  };
  const clock = (minutes) =>
    String(Math.floor(minutes / 60)).padStart(2, "0") + ":" + String(minutes % 60).padStart(2, "0");
  const changed = (field) => field.dispatchEvent(new Event("change", { bubbles: true }));

  /* -- the week ------------------------------------------------------------------------------------------- */

  function one(written) {
    if (written === "24h") { return [0, DAY]; }
    const found = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(written);
    if (!found) { return null; }
    const [from, to] = [60 * found[1] + Number(found[2]), 60 * found[3] + Number(found[4])];
    return from < to && to <= DAY ? [from, to] : null;
  }

  /* The part of a field that holds the hours, between what is before and after it: a table has the weeks, too. */
  function parts(text) {
    const table = /^(\s*\{.*?\bhours\s*=\s*")([^"]*)(".*)$/.exec(text);
    return table ? table.slice(1) : ["", text, ""];
  }

  /* The spans of a day; none if it is closed, or the text is none of hours. */
  function read(text) {
    const spans = parts(text)[1].split(",").map((part) => one(part.trim()));
    return spans.includes(null) ? [] : joined(spans);
  }

  function joined(spans) {
    const done = [];
    for (const [from, to] of spans.sort((a, b) => a[0] - b[0])) {
      const last = done[done.length - 1];
      if (last && from <= last[1]) { last[1] = Math.max(last[1], to); } else { done.push([from, to]); }
    }
    return done;
  }

  function written(spans) {
    return spans.map(([from, to]) => from === 0 && to === DAY ? "24h" : clock(from) + "-" + clock(to)).join(", ");
  }

  /* Opens or closes a stretch of a day. */
  function painted(spans, from, to, open) {
    if (open) { return joined([...spans, [from, to]].map((span) => [...span])); }
    return spans.flatMap((span) => [[span[0], Math.min(span[1], from)], [Math.max(span[0], to), span[1]]])
      .filter((span) => span[0] < span[1]);
  }

  function week(place) {
    const fields = Array.from(document.querySelectorAll("input[name^='clinic.hours.']"));
    const names = fields.map((field) => field.labels[0].textContent);
    const upright = window.matchMedia("(max-width: 40rem)");
    const grid = make("div", "week"), said = make("p", "quiet");
    const cells = [];
    let anchor = null, at = [0, 16], waits = null;
    grid.setAttribute("role", "grid");
    grid.setAttribute("aria-label", "Opening hours of a week, in half hours");
    grid.setAttribute("aria-describedby", "week-says");
    said.id = "week-says";
    const usual = "Paint with the mouse or a finger. With the keyboard: arrows move, Space opens or closes, Shift with "
      + "an arrow goes on painting.";
    const say = (text) => { said.textContent = text || usual; said.classList.toggle("problem", Boolean(text)); };
    said.setAttribute("role", "status");

    const head = make("div", "hours");
    head.setAttribute("aria-hidden", "true");
    head.append(make("span", "name"));
    for (let half = 0; half < 48; half += 1) { head.append(make("span", "hour", half % 4 === 0 ? clock(half * HALF).slice(0, 2) : "")); }
    grid.append(head);
    fields.forEach((field, day) => {
      const row = make("div", "row"), name = make("span", "name", names[day].slice(0, 3));
      row.setAttribute("role", "row");
      name.setAttribute("role", "rowheader");
      name.setAttribute("aria-label", names[day]);
      row.append(name);
      cells.push([]);
      for (let half = 0; half < 48; half += 1) {
        const cell = make("span", half % 2 ? "cell" : "cell full");
        cell.setAttribute("role", "gridcell");
        cell.dataset.at = day + " " + half;
        cell.tabIndex = -1;
        cells[day].push(cell);
        row.append(cell);
      }
      grid.append(row);
      field.addEventListener("input", () => show(day));
    });

    function show(day, spans = read(fields[day].value)) {
      cells[day].forEach((cell, half) => {
        const open = spans.some((span) => half * HALF < span[1] && (half + 1) * HALF > span[0]);
        cell.classList.toggle("open", open);
        cell.setAttribute("aria-selected", String(open));
        cell.setAttribute("aria-label", names[day] + " " + clock(half * HALF) + ", " + (open ? "open" : "closed"));
      });
    }

    /* What a stroke does to each of its days: [day, spans]. */
    function stroke(end) {
      const days = [anchor.day, end[0]].sort((a, b) => a - b), halves = [anchor.half, end[1]].sort((a, b) => a - b);
      const from = halves[0] * HALF, to = (halves[1] + 1) * HALF, done = [];
      for (let day = days[0]; day <= days[1]; day += 1) {
        done.push([day, painted(anchor.before[day], from, to, anchor.open)]);
      }
      return done;
    }

    function begin(day, half) {
      anchor = { day, half, open: !cells[day][half].classList.contains("open"), before: fields.map((field) => read(field.value)) };
    }
    function preview(end) {
      fields.forEach((_, day) => show(day, anchor.before[day]));
      for (const [day, spans] of stroke(end)) { show(day, spans); }
    }
    function finish(end) {
      let touched = null;
      for (const [day, spans] of stroke(end)) {
        if (written(spans) !== written(anchor.before[day])) {
          const [before, , after] = parts(fields[day].value);
          fields[day].value = spans.length ? before + written(spans) + after : "";
          touched = fields[day];
        }
      }
      fields.forEach((_, day) => show(day));
      return touched;
    }

    function over(event) {
      const found = document.elementFromPoint(event.clientX, event.clientY);
      const cell = found && found.closest("#week .cell");
      return cell ? cell.dataset.at.split(" ").map(Number) : null;
    }
    grid.addEventListener("pointerdown", (event) => {
      const to = over(event);
      if (!to || event.button !== 0) { return; }
      event.preventDefault();
      begin(...to);
      grid.setPointerCapture(event.pointerId);
      focus(to);
      preview(to);
    });
    grid.addEventListener("pointermove", (event) => {
      const to = anchor && !anchor.keys ? over(event) : null;
      if (to) { at = to; preview(to); }
    });
    grid.addEventListener("pointerup", () => {
      if (!anchor || anchor.keys) { return; }
      const field = finish(at);
      anchor = null;
      if (field) { changed(field); }
    });
    grid.addEventListener("pointercancel", () => { anchor = null; fields.forEach((_, day) => show(day)); });

    function focus(to) {
      cells[at[0]][at[1]].tabIndex = -1;
      at = to;
      cells[at[0]][at[1]].tabIndex = 0;
      cells[at[0]][at[1]].focus();
    }
    /* Strokes of the keyboard are saved together, a moment after the last one. */
    function later(field) {
      if (!field) { return; }
      clearTimeout(waits);
      waits = setTimeout(() => { waits = null; changed(field); }, 700);
    }
    grid.addEventListener("keydown", (event) => {
      const [day, half] = at, step = upright.matches ? [1, 0] : [0, 1];
      const moves = { ArrowRight: [step[0], step[1]], ArrowLeft: [-step[0], -step[1]], ArrowDown: [step[1], step[0]],
        ArrowUp: [-step[1], -step[0]] };
      if (event.key === " " || event.key === "Enter") {
        begin(day, half);
        anchor.keys = true;
        later(finish(at));
      } else if (event.key in moves) {
        const [days, halves] = moves[event.key];
        const to = [Math.max(0, Math.min(6, day + days)), Math.max(0, Math.min(47, half + halves))];
        if (event.shiftKey && !(anchor && anchor.keys)) { begin(day, half); anchor.keys = true; }
        if (!event.shiftKey) { anchor = null; }
        focus(to);
        if (event.shiftKey) { later(finish(to)); }
      } else if (event.key === "Home" || event.key === "End") {
        anchor = null;
        focus([day, event.key === "Home" ? 0 : 47]);
      } else { return; }
      event.preventDefault();
    });
    grid.addEventListener("focusout", (event) => {
      if (!grid.contains(event.relatedTarget)) { anchor = null; }
    });

    const around = make("details"), title = make("summary", "", "Paint the hours of a week");
    around.open = !upright.matches;
    around.append(title, grid, said);
    place.append(around);
    fields.forEach((_, day) => show(day));
    cells[at[0]][at[1]].tabIndex = 0;
    say("");
  }

  /* -- the visit ------------------------------------------------------------------------------------------ */

  const LONGEST = 600;

  function visit(place) {
    const rows = Array.from(place.closest("section").querySelectorAll("[data-step]"));
    const bar = make("div", "visit"), total = make("p", "quiet");
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", (place.dataset.visit || "The visit") + ", each step as wide as its minutes");
    const steps = rows.map((row, number) => {
      const part = make("div", "step" + number % 5), name = make("span", "name", row.dataset.step);
      const length = make("span", "length"), field = document.getElementById(row.dataset.field || "");
      part.append(name, length);
      bar.append(part);
      const step = { part, length, field, minutes: Number(row.dataset.minutes) };
      if (field) {
        step.edge = make("span", "edge");
        step.edge.tabIndex = 0;
        step.edge.setAttribute("role", "slider");
        step.edge.setAttribute("aria-label", row.dataset.step + ", minutes");
        step.edge.setAttribute("aria-valuemin", "0");
        step.edge.setAttribute("aria-valuemax", String(LONGEST));
        part.append(step.edge);
        field.addEventListener("input", () => {
          const typed = Number(field.value);
          if (field.value.trim() && typed >= 0 && typed <= LONGEST) { step.minutes = typed; show(); }
        });
        handle(step);
      }
      return step;
    });

    function show() {
      for (const step of steps) {
        const minutes = Math.round(step.minutes * 10) / 10;
        step.part.style.flexGrow = String(Math.max(step.minutes, 0.5));
        step.part.title = step.part.firstChild.textContent + ": " + minutes + " minutes";
        step.length.textContent = String(minutes);
        if (step.edge) {
          step.edge.setAttribute("aria-valuenow", String(minutes));
          step.edge.setAttribute("aria-valuetext", minutes + " minutes");
        }
      }
      const sum = Math.round(steps.reduce((before, step) => before + step.minutes, 0));
      total.textContent = sum + " minutes in all. Drag the right edge of a step, or go to it and press the arrow keys.";
    }

    function set(step, minutes) {
      const whole = Math.max(0, Math.min(LONGEST, Math.round(minutes)));
      if (whole === step.minutes) { return false; }
      step.minutes = whole;
      step.field.value = String(whole);
      show();
      return true;
    }

    function handle(step) {
      let drag = null, waits = null;
      step.edge.addEventListener("pointerdown", (event) => {
        const sum = steps.reduce((before, each) => before + each.minutes, 0);
        drag = { x: event.clientX, minutes: step.minutes, before: step.field.value, scale: sum / bar.clientWidth };
        step.edge.setPointerCapture(event.pointerId);
        event.preventDefault();
        step.edge.focus();
      });
      step.edge.addEventListener("pointermove", (event) => {
        if (drag) { set(step, drag.minutes + (event.clientX - drag.x) * drag.scale); }
      });
      const end = () => {
        if (drag && step.field.value !== drag.before) { changed(step.field); }
        drag = null;
      };
      step.edge.addEventListener("pointerup", end);
      step.edge.addEventListener("pointercancel", end);
      step.edge.addEventListener("keydown", (event) => {
        const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
        const to = event.key === "Home" ? 0 : by === undefined ? null : step.minutes + by;
        if (to === null) { return; }
        event.preventDefault();
        if (set(step, to)) {
          clearTimeout(waits);
          waits = setTimeout(() => changed(step.field), 700);
        }
      });
    }

    place.append(bar, total);
    show();
  }

  /* Finds assumptions by the words of their label, address, value and source, all of them in any order. */
  function search(place) {
    const label = document.createElement("label"), box = document.createElement("input");
    const said = document.createElement("span");
    place.className = "field";
    Object.assign(label, { htmlFor: "search-assumptions", textContent: "Search these settings" });
    Object.assign(box, { type: "search", id: "search-assumptions", autocomplete: "off", spellcheck: false });
    box.setAttribute("form", "none");  /* it is no setting: it is neither sent nor saved */
    said.className = "quiet";
    said.setAttribute("role", "status");
    place.append(label, box, said);
    const listed = Array.from(document.querySelectorAll("#assumptions > li"));
    const texts = listed.map((each) => {
      const values = Array.from(each.querySelectorAll("input")).map((field) => field.value);
      return (each.textContent + " " + values.join(" ")).toLowerCase().replace(/\s+/g, " ");
    });
    box.addEventListener("input", () => {
      const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      listed.forEach((each, at) => {
        each.hidden = !words.every((word) => texts[at].includes(word));
        count += each.hidden ? 0 : 1;
      });
      said.textContent = words.length ? count + " of " + listed.length + " settings" : "";
    });
    box.addEventListener("change", (event) => { event.stopPropagation(); });
    box.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); } });
  }

  const places = { week: document.getElementById("week") };
  if (places.week) { week(places.week); }
  document.querySelectorAll("[data-visit]").forEach(visit);
  const sought = document.getElementById("search");
  if (sought) { search(sought); }
}());
