"use strict";

// Draws a chart into a holder. A plot is {kind, stacked, axis, title, series: [label], tones: [number], rows: [{label, note, marks: [{value, low, high, words}]}]}.

const SVG = "http://www.w3.org/2000/svg";
const pen = document.createElement("canvas").getContext("2d");
if (pen) pen.font = "12px system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";

function widthOf(text) {
  return pen ? pen.measureText(text).width : text.length * 7;
}

function shortened(text, room) {
  if (widthOf(text) <= room) return text;
  const signs = Array.from(text);
  while (signs.length > 1 && widthOf(signs.join("") + "…") > room) signs.pop();
  return signs.join("").trimEnd() + "…";
}

function shape(parent, name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}

function told(mark, words) {
  shape(mark, "title", {}, words);
  return mark;
}

// Steps of 1, 2 or 5 times a power of ten, so that the axis ends above the greatest value.
function ticksUpTo(greatest, wanted) {
  const rough = greatest / wanted || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * power).find((size) => size >= rough);
  const ticks = [];
  for (let place = 0; place < Math.ceil(greatest / step - 1e-9) + 1; place += 1) ticks.push(place * step);
  return ticks.length > 1 ? ticks : [0, step];
}

function axisWords(tick, share) {
  if (share) return `${Math.round(tick * 100)} %`;
  return tick >= 10 || Number.isInteger(tick) ? spaced(String(Math.round(tick * 100) / 100)) : String(Math.round(tick * 100) / 100);
}

function greatestOf(plot) {
  let greatest = 0;
  for (const row of plot.rows) {
    const values = row.marks.map((mark) => mark.value || 0);
    const ends = row.marks.map((mark) => (mark.value === null ? 0 : Math.max(mark.value, mark.high || 0)));
    const stacked = plot.stacked && plot.kind !== "range" && plot.kind !== "dots";
    greatest = Math.max(greatest, ...ends, stacked ? values.reduce((sum, value) => sum + value, 0) : 0);
  }
  return greatest;
}

function canvas(holder, height, plot) {
  const width = Math.max(280, Math.round(holder.clientWidth || 900));
  const svg = shape(holder, "svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Chart: ${plot.title}. The table below says the same.` });
  return { svg, width };
}

function tone(plot, place) {
  return plot.tones[place] >= 0 ? plot.tones[place] : place % 8;
}

function legend(holder, plot) {
  if (plot.series.length < 2) return;
  const list = document.createElement("ul");
  list.className = "legend";
  plot.series.forEach((label, place) => {
    const item = document.createElement("li");
    const sign = shape(item, "svg", { viewBox: "0 0 14 14", "aria-hidden": "true" });
    if (plot.kind === "range") point(sign, plot, place, 7, 7);
    else if (plot.kind === "dots") shape(sign, "circle", { cx: 7, cy: 7, r: 5, class: `s${tone(plot, place)}` });
    else shape(sign, "rect", { x: 1, y: 1, width: 12, height: 12, class: `s${tone(plot, place)}` });
    item.append(label);
    list.append(item);
  });
  holder.append(list);
}

function point(parent, plot, place, x, y) {
  const colour = `s${tone(plot, place)}`;
  const looks = { class: colour };
  if (place === 0) return shape(parent, "circle", { ...looks, cx: x, cy: y, r: 5 });
  if (place === 1) return shape(parent, "rect", { ...looks, x: x - 1.5, y: y - 6, width: 3, height: 12 });
  if (place === 2) return shape(parent, "rect", { class: `${colour} hollow`, x: x - 4, y: y - 4, width: 8, height: 8 });
  return shape(parent, "path", { ...looks, d: `M${x} ${y - 6}L${x + 6} ${y}L${x} ${y + 6}L${x - 6} ${y}Z` });
}

function lying(holder, plot) {
  const narrow = (holder.clientWidth || 900) < 560;
  const thick = plot.kind === "range" || plot.stacked ? 20 : 9 * plot.series.length + 2;
  const pitch = thick + (narrow ? 26 : 10);
  const top = 24;
  const { svg, width } = canvas(holder, top + plot.rows.length * pitch + 22, plot);
  const longest = Math.max(...plot.rows.map((row) => widthOf(row.label)));
  const left = narrow ? 2 : Math.min(longest + 10, width * 0.34);
  const right = width - Math.min(150, Math.max(28, ...plot.rows.map((row) => widthOf(row.note) + 12)));
  const ticks = ticksUpTo(greatestOf(plot), narrow ? 4 : 8);
  const scale = (value) => left + (value / ticks[ticks.length - 1]) * (right - left);
  const bottom = top + plot.rows.length * pitch;
  for (const tick of ticks) {
    shape(svg, "line", { x1: scale(tick), x2: scale(tick), y1: top - 6, y2: bottom, class: tick ? "grid" : "base" });
    shape(svg, "text", { x: scale(tick), y: top - 10, "text-anchor": tick ? "middle" : narrow ? "start" : "middle", class: "soft" }, axisWords(tick, plot.share));
  }
  shape(svg, "text", { x: right, y: bottom + 14, "text-anchor": "end", class: "soft" }, plot.axis);
  plot.rows.forEach((row, place) => {
    const y = top + place * pitch + (narrow ? 18 : 4);
    const label = narrow
      ? shape(svg, "text", { x: left + 5, y: y - 4 }, shortened(row.label, width - left - 10))
      : shape(svg, "text", { x: left - 8, y: y + thick / 2 + 4, "text-anchor": "end" }, shortened(row.label, left - 10));
    told(label, row.label);
    const end = plot.kind === "range" ? spread(svg, plot, row, scale, y + thick / 2) : bars(svg, plot, row, scale, y, thick);
    shape(svg, "text", { x: end + 7, y: y + (plot.stacked || plot.kind === "range" ? thick / 2 + 4 : 10) }, row.note);
  });
}

function bars(svg, plot, row, scale, y, thick) {
  let begin = 0;
  let furthest = scale(0);
  row.marks.forEach((mark, place) => {
    if (!mark.value) return;
    const from = plot.stacked ? begin : 0;
    const size = { x: scale(from), width: Math.max(1, scale(from + mark.value) - scale(from)), class: `mark s${tone(plot, place)}` };
    const at = plot.stacked ? { y, height: thick } : { y: y + place * 9, height: 9 };
    told(shape(svg, "rect", { ...size, ...at }), `${row.label} – ${plot.series[place]}: ${mark.words}`);
    begin += mark.value;
    furthest = Math.max(furthest, size.x + size.width);
  });
  return furthest;
}

function spread(svg, plot, row, scale, y) {
  const known = row.marks.map((mark) => mark.value).filter((value) => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  shape(svg, "line", { x1: scale(low), x2: scale(high), y1: y, y2: y, class: "base" });
  for (let place = row.marks.length - 1; place >= 0; place -= 1) {
    const mark = row.marks[place];
    if (mark.value === null) continue;
    told(point(svg, plot, place, scale(mark.value), y), `${row.label} – ${plot.series[place]}: ${mark.words}`);
  }
  return scale(high) + 4;
}

function standing(holder, plot) {
  const height = 260;
  const { svg, width } = canvas(holder, height, plot);
  const ticks = ticksUpTo(greatestOf(plot), 5);
  const left = Math.max(...ticks.map((tick) => widthOf(axisWords(tick, plot.share)))) + 12;
  const [top, bottom] = [22, height - 26];
  const scale = (value) => bottom - (value / ticks[ticks.length - 1]) * (bottom - top);
  const pitch = (width - left - 6) / plot.rows.length;
  for (const tick of ticks) {
    shape(svg, "line", { x1: left, x2: width, y1: scale(tick), y2: scale(tick), class: tick ? "grid" : "base" });
    shape(svg, "text", { x: left - 6, y: scale(tick) + 4, "text-anchor": "end", class: "soft" }, axisWords(tick, plot.share));
  }
  shape(svg, "text", { x: 0, y: 11, class: "soft" }, plot.axis);
  const every = Math.max(1, Math.ceil((Math.max(...plot.rows.map((row) => widthOf(row.label))) + 10) / pitch));
  plot.rows.forEach((row, place) => {
    const x = left + 3 + place * pitch;
    if ((plot.rows.length - 1 - place) % every === 0) {
      const room = widthOf(row.label) / 2;
      const middle = Math.min(Math.max(x + pitch / 2, room), width - room);
      shape(svg, "text", { x: middle, y: bottom + 17, "text-anchor": "middle", class: "soft" }, row.label);
    }
    if (plot.kind === "dots") dots(svg, plot, row, scale, x, pitch);
    else columns(svg, plot, row, scale, x, pitch);
  });
}

function columns(svg, plot, row, scale, x, pitch) {
  const room = Math.max(1, Math.min(pitch * 0.78, 64));
  const wide = plot.stacked ? room : room / plot.series.length;
  let begin = 0;
  row.marks.forEach((mark, place) => {
    if (!mark.value) return;
    const from = plot.stacked ? begin : 0;
    const size = { x: x + (pitch - room) / 2 + (plot.stacked ? 0 : place * wide), width: wide, y: scale(from + mark.value), height: Math.max(1, scale(from) - scale(from + mark.value)) };
    told(shape(svg, "rect", { ...size, class: `mark s${tone(plot, place)}` }), `${row.label} – ${plot.series[place]}: ${mark.words}`);
    begin += mark.value;
  });
}

function dots(svg, plot, row, scale, x, pitch) {
  const apart = Math.min(14, pitch / (plot.series.length + 1));
  row.marks.forEach((mark, place) => {
    if (mark.value === null) return;
    const at = x + pitch / 2 + (place - (plot.series.length - 1) / 2) * apart;
    if (mark.low !== null && mark.high !== null) {
      shape(svg, "line", { x1: at, x2: at, y1: scale(mark.low), y2: scale(mark.high), class: `whisker s${tone(plot, place)}` });
    }
    told(shape(svg, "circle", { cx: at, cy: scale(mark.value), r: 4.5, class: `s${tone(plot, place)}` }), `${row.label} – ${plot.series[place]}: ${mark.words}`);
  });
}

function draw(holder, plot) {
  holder.replaceChildren();
  const known = plot.rows.some((row) => row.marks.some((mark) => mark.value));
  if (!known) {
    const empty = document.createElement("p");
    empty.className = "empty";
    empty.textContent = plot.empty ? plot.empty : plot.rows.length ? "Nothing to draw: all figures are zero, or rest on too few cases." : "Nothing to draw.";
    holder.append(empty);
    return;
  }
  legend(holder, plot);
  (plot.kind === "bars" || plot.kind === "range" ? lying : standing)(holder, plot);
}
