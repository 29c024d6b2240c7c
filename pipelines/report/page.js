
// The page's own sums: the same as figures.py makes, over the rows that the filters leave.

const found = JSON.parse(document.getElementById("figures").textContent);
const form = document.getElementById("filters");
const whole = new Set();

function spaced(digits) {
  const [whole_, rest] = digits.split(".");
  const apart = whole_.replace(/\B(?=(\d{3})+$)/g, ",");
  return rest === undefined ? apart : `${apart}.${rest}`;
}

function number(value, decimals = 0) {
  return spaced(value.toFixed(decimals));
}

function percent(share) {
  return `${number(share * 100, 1)} %`;
}

function bounds(low, high) {
  return ` (${number(low * 100, 1)}–${number(high * 100, 1)})`;
}

function wilson(of, n) {
  const [z, share] = [1.959964, of / n];
  const middle = share + (z * z) / (2 * n);
  const reach = z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return [Math.max(0, (middle - reach) / (1 + (z * z) / n)), Math.min(1, (middle + reach) / (1 + (z * z) / n))];
}

function tooFew(cases) {
  return `too few (${cases})`;
}

function rateWords(of, n) {
  if (of === null || !n) return "–";
  return n < found.minN ? tooFew(`${number(of)} of ${number(n)}`) : percent(of / n) + bounds(...wilson(of, n));
}

function givenRateWords(row, name) {
  const [value, n] = [row[name], row[`${name}_n`]];
  if (!n) return "–";
  if (value === null) return n < found.minN ? tooFew(number(n)) : "–";
  return percent(value) + bounds(row[`${name}_low`], row[`${name}_high`]);
}

const decimals = { days: 1, hours: 1, number: 2, score: 1 };

function words(column, row) {
  const value = row[column.name] ?? null;
  switch (column.kind) {
    case "role": return value === null ? "All roles" : value === found.noRole ? "(no role)" : value < 0 ? "(other roles)" : found.roles[value][0];
    case "source": return found.sources[value];
    case "month": return value === null ? "undated" : value.slice(0, 7);
    case "week": return value === null ? "undated" : value.slice(0, 10);
    case "band": return value === null ? "–" : `${value * 10} to ${value === 9 ? "100" : `below ${value * 10 + 10}`}`;
    case "text": case "stage": case "word": case "instant": return value === null ? "–" : String(value);
    case "rate": return rateWords(value, row[column.n]);
    case "given_rate": return givenRateWords(row, column.name);
  }
  if (value === null) {
    const n = column.n ? row[column.n] : null;
    return n && n < found.minN ? tooFew(number(n)) : "–";
  }
  return column.kind === "share" ? percent(value) : number(value, decimals[column.kind] || 0);
}

function rowsOf(panel) {
  const columns = found.rows[panel.source];
  const names = Object.keys(columns);
  const length = columns.source.length;
  const rows = [];
  for (let place = 0; place < length; place += 1) {
    const row = {};
    for (const name of names) {
      const column = columns[name];
      row[name] = Array.isArray(column) ? column[place] : column.words[column.at[place]];
    }
    rows.push(row);
  }
  return rows.filter((row) => panel.where.every(([name, wanted]) => row[name] === wanted));
}

function chosen() {
  const form_ = new FormData(form);
  const period = form_.get("period") || "";
  const month = period.includes("-") ? period : "";
  const months = month ? 0 : Number(period);
  let since = "";
  if (months && found.asOf) {
    const [year, month] = found.asOf.split("-").map(Number);
    const first = year * 12 + month - 1 - (months - 1);
    since = `${String(Math.floor(first / 12)).padStart(4, "0")}-${String((first % 12) + 1).padStart(2, "0")}-01`;
  }
  const position = (name) => (form_.get(name) ? Number(form_.get(name)) : null);
  return { since, month, source: position("source"), department: form_.get("department") || "", role: position("role") };
}

function filtered(panel, wish) {
  const byRole = panel.by_role && (wish.role !== null || wish.department);
  return rowsOf(panel).filter((row) => {
    if (wish.source !== null && row.source !== wish.source) return false;
    if (panel.by_period && wish.since && !(row[panel.by_period] >= wish.since)) return false;
    if (panel.by_period && wish.month && !String(row[panel.by_period]).startsWith(wish.month)) return false;
    if (panel.levelled && (row.role === null) === Boolean(byRole)) return false;
    if (!byRole) return true;
    if (row.role === null || row.role < 0) return false;
    return (wish.role === null || row.role === wish.role) && (!wish.department || found.roles[row.role][1] === wish.department);
  });
}

function summed(rows, name) {
  const known = rows.map((row) => row[name]).filter((value) => value !== null && value !== undefined);
  return known.length ? known.reduce((sum, value) => sum + value, 0) : null;
}

function groupedBy(panel, rows, keys) {
  const groups = new Map();
  for (const row of rows) {
    const key = JSON.stringify(keys.map((name) => row[name]));
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(row);
  }
  return Array.from(groups.values(), (members) => {
    const answer = members.length === 1 ? { ...members[0] } : {};
    for (const name of keys) answer[name] = members[0][name];
    for (const name of panel.sums) answer[name] = summed(members, name);
    return answer;
  });
}

function rank(column, value) {
  if (column && column.kind === "stage") {
    const place = found.stages.indexOf(value);
    return place < 0 ? found.stages.length : place;
  }
  return value;
}

function sorted(panel, rows, name) {
  const bare = name.replace(/^-/, "");
  const turn = name === bare ? 1 : -1;
  const column = panel.columns.find((candidate) => candidate.name === bare);
  const known = rows.filter((row) => row[bare] !== null && row[bare] !== undefined);
  known.sort((one, other) => {
    const [left, right] = [rank(column, one[bare]), rank(column, other[bare])];
    return left < right ? -turn : left > right ? turn : 0;
  });
  return known.concat(rows.filter((row) => row[bare] === null || row[bare] === undefined));
}

function inOrder(panel, rows, wish) {
  const order = wish.role !== null && panel.order_in_role.length ? panel.order_in_role : panel.order;
  return [...order, ...panel.keys].reverse().reduce((answer, name) => sorted(panel, answer, name), rows);
}

function looks(column) {
  if (["role", "source", "instant"].includes(column.kind)) return column.kind;
  return ["text", "stage", "month", "week", "band", "word"].includes(column.kind) ? "" : "n";
}

function fillTable(article, panel, rows) {
  const body = article.querySelector("tbody");
  const shown = whole.has(panel.name) ? rows : rows.slice(0, found.rowsShown);
  const lines = shown.map((row) => {
    const line = document.createElement("tr");
    panel.columns.forEach((column, place) => {
      const cell = document.createElement(place ? "td" : "th");
      if (!place) cell.scope = "row";
      if (looks(column)) cell.className = looks(column);
      cell.textContent = words(column, row);
      line.append(cell);
    });
    return line;
  });
  if (!lines.length) {
    const line = document.createElement("tr");
    const cell = document.createElement("td");
    cell.colSpan = panel.columns.length;
    cell.textContent = "Nothing to show.";
    line.append(cell);
    lines.push(line);
  }
  body.replaceChildren(...lines);
  countRows(article, panel, rows, shown);
}

function countRows(article, panel, rows, shown) {
  const count = article.querySelector(".count");
  const told = document.createElement("span");
  told.textContent = rows.length > found.rowsShown ? `${number(shown.length)} of ${number(rows.length)} rows` : "";
  count.replaceChildren(told);
  if (shown.length === rows.length) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "more";
  button.textContent = `Show all ${number(rows.length)} rows`;
  button.addEventListener("click", () => {
    whole.add(panel.name);
    refresh(panel, true);
    article.querySelector(".scroll").focus();
  });
  count.append(button);
}

// Months and weeks without any row are part of the picture too.
function withoutGaps(kind, keys) {
  const dated = keys.filter((key) => key !== null).sort();
  if (dated.length < 2) return [...dated, ...keys.filter((key) => key === null)];
  const filled = [];
  const day = new Date(`${dated[0]}T00:00:00Z`);
  for (let key = dated[0]; key <= dated[dated.length - 1] && filled.length < 600; key = day.toISOString().slice(0, 10)) {
    filled.push(key);
    if (kind === "month") day.setUTCMonth(day.getUTCMonth() + 1);
    else day.setUTCDate(day.getUTCDate() + 7);
  }
  return [...filled, ...keys.filter((key) => key === null)];
}

function labelOf(panel, row) {
  const parts = panel.chart.x.map((name) => panel.columns.find((column) => column.name === name)).filter(Boolean);
  return parts.map((column) => words(column, row)).filter((part) => part && part !== "–").join(" · ") || "all";
}

function markOf(panel, series, row) {
  const column = panel.columns.find((candidate) => candidate.name === series.name) || { name: series.name, kind: "sum" };
  const value = row ? row[series.name] ?? null : null;
  const end = (name) => (row && name ? row[name] ?? null : null);
  return { value, low: end(series.low), high: end(series.high), words: row ? words(column, row) : "" };
}

function columnNamed(panel, name) {
  return panel.columns.find((column) => column.name === name) || { name, kind: name === "stage" ? "stage" : name === "source" ? "source" : "text" };
}

// The values of the columns that split a chart, each combination once and in order.
function partsOf(panel, rows, split) {
  const parts = Array.from(new Map(rows.map((row) => [JSON.stringify(split.map((name) => row[name])), row])).values());
  const ranks = (row) => split.map((name) => rank(columnNamed(panel, name), row[name]));
  return parts.sort((one, other) => {
    const [left, right] = [ranks(one), ranks(other)];
    const at = left.findIndex((value, place) => value !== right[place]);
    return at < 0 ? 0 : left[at] < right[at] ? -1 : 1;
  });
}

function plotOf(panel, rows, ordered) {
  const chart = panel.chart;
  const standing = chart.kind === "columns" || chart.kind === "dots";
  const split = chart.split.filter((name) => name !== "source" || found.sources.length > 1);
  const parts = partsOf(panel, split.length ? rows : [], split);
  const groups = split.length || standing ? groupedBy(panel, rows, [...chart.x, ...split]) : ordered;
  const headKeys = split.length || standing ? chart.x : panel.keys;
  const keyOf = (row, names) => JSON.stringify(names.map((name) => row[name]));
  const rowsByKey = new Map(groups.map((row) => [keyOf(row, [...headKeys, ...split]), row]));
  let heads = Array.from(new Map((standing ? groups : ordered).map((row) => [keyOf(row, headKeys), row])).values());
  if (standing) heads = timeline(columnNamed(panel, chart.x[0]), heads, chart);
  const shown = standing ? heads.slice(-chart.limit) : heads.filter((head) => hasMark(chart, head, split)).slice(0, chart.limit);
  const made = shown.map((head) => {
    const marks = split.length
      ? parts.map((part) => markOf(panel, chart.series[0], rowsByKey.get(keyOf({ ...part, ...pick(head, headKeys) }, [...headKeys, ...split]))))
      : chart.series.map((series) => markOf(panel, series, standing ? rowsByKey.get(keyOf(head, headKeys)) : head));
    return { label: labelOf(panel, head), marks, note: noteOf(panel, marks, head) };
  });
  const series = split.length
    ? parts.map((part) => split.map((name) => words(columnNamed(panel, name), part)).join(" · "))
    : chart.series.map((one) => one.label);
  const tones = split.length ? parts.map(() => -1) : chart.series.map((one) => one.tone);
  const share = ["share", "given_rate"].includes(columnNamed(panel, chart.series[0].name).kind);
  return { kind: chart.kind, tones, stacked: chart.stacked, axis: chart.axis, title: panel.title, series, rows: made, share };
}

function pick(row, names) {
  return Object.fromEntries(names.map((name) => [name, row[name]]));
}

function hasMark(chart, head, split) {
  if (split.length || (chart.kind === "bars" && chart.zeros)) return true;
  return chart.series.some((series) => (chart.zeros ? (head[series.name] ?? null) !== null : Boolean(head[series.name])));
}

function timeline(axis, heads, chart) {
  const name = chart.x[0];
  const ordered = (key) => (key === null ? "~" : key);
  if (axis.kind === "month" || axis.kind === "week") {
    return withoutGaps(axis.kind, Array.from(new Set(heads.map((row) => row[name])))).map((key) => ({ [name]: key }));
  }
  return heads.sort((one, other) => (ordered(one[name]) < ordered(other[name]) ? -1 : 1));
}

function noteOf(panel, marks, head) {
  const chart = panel.chart;
  if (chart.kind === "range") return marks[0].value === null ? "" : `${chart.series[0].label.toLowerCase()} ${marks[0].words}`;
  if (chart.kind !== "bars") return "";
  const column = panel.columns.find((candidate) => candidate.label === chart.note);
  const known = marks.filter((mark) => mark.value !== null);
  const size = !chart.stacked ? "" : chart.series.length > 1 || chart.split.length
    ? number(known.reduce((sum, mark) => sum + mark.value, 0))
    : known.length ? known[0].words : "";
  if (!column) return size;
  const rate = words(column, head).replace(/ \(.*/, "");
  return rate === "–" ? size : `${size} · ${rate}`;
}

function refresh(panel, withTable) {
  const article = document.getElementById(`panel-${panel.name}`);
  const wish = chosen();
  const rows = filtered(panel, wish);
  const ordered = inOrder(panel, groupedBy(panel, rows, panel.keys), wish);
  if (withTable) fillTable(article, panel, ordered);
  else countRows(article, panel, ordered, ordered.slice(0, found.rowsShown));
  if (!panel.chart) return;
  const plot = plotOf(panel, rows, ordered);
  if (panel.levelled && wish.department && wish.role === null) plot.empty = "Pick one role: medians of several cannot be added up.";
  draw(article.querySelector(".chart"), plot);
}

function refreshAll() {
  for (const panel of found.panels) refresh(panel, true);
  const told = Array.from(form.querySelectorAll("select"), (select) => (select.value ? select.selectedOptions[0].textContent : ""));
  document.getElementById("said").textContent = told.some(Boolean) ? `Showing ${told.filter(Boolean).join(", ")}.` : "";
}

// Roles of another source or department are no choice.
function narrowRoles() {
  const wish = chosen();
  for (const option of form.elements.role.options) {
    const role = option.value ? found.roles[Number(option.value)] : null;
    const fits = !role || ((wish.source === null || role[2] === wish.source) && (!wish.department || role[1] === wish.department));
    option.hidden = option.disabled = !fits;
    if (!fits && option.selected) form.elements.role.value = "";
  }
}

form.hidden = false;
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("change", () => { narrowRoles(); refreshAll(); });
form.addEventListener("reset", () => setTimeout(() => { whole.clear(); narrowRoles(); refreshAll(); }));
for (const panel of found.panels) refresh(panel, false);

let drawnAt = document.documentElement.clientWidth;
window.addEventListener("resize", () => {
  if (document.documentElement.clientWidth === drawnAt) return;
  drawnAt = document.documentElement.clientWidth;
  for (const panel of found.panels) refresh(panel, false);
});
