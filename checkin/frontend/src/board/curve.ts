/* Draws arrivals: a bar for each minute, a line for their sum; the same drawing as chart.py. */

import { clock, fill, type Words } from "./words";

const [FEWEST, MOST] = [30, 120];
const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [720, 240, 34, 44, 14, 26];
const STEPS = [1, 2, 5, 10, 15, 30, 60];
const TICKS = 6;
const SVG = "http://www.w3.org/2000/svg";

interface Bar {
  minute: number;
  count: number;
  total: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Draws `minutes` into the drawing and the table beside it, as seen in the minute `now`. */
export function drawCurve(minutes: Record<string, number>, now: number, words: Words): void {
  const drawing = document.getElementById("curve");
  const rows = document.getElementById("curve-rows");
  if (!drawing || !rows) return;
  const [first, last] = span(minutes, now);
  const counts = Array.from({ length: last - first + 1 }, (_, at) => minutes[first + at] ?? 0);
  const highest = Math.max(0, ...counts);
  const top = Math.max(4, highest + (highest % 2));
  const bars = laid(minutes, first, counts, top);
  const total = bars.at(-1)?.total ?? 0;
  drawing.replaceChildren(
    ...grid(top, total),
    ...bars.filter((bar) => bar.count).map((bar) => column(bar, words)),
    ...(total ? [line(bars, total)] : []),
    ...ticks(bars),
  );
  rows.replaceChildren(...bars.filter((bar) => bar.count).reverse().map(row));
}

function span(minutes: Record<string, number>, now: number): [number, number] {
  const all = Object.keys(minutes).map(Number);
  if (!all.length) return [now - FEWEST + 1, now];
  const latest = Math.max(...all);
  const last = now >= latest && now - latest < FEWEST ? now : latest;
  const first = Math.max(Math.min(...all), last - MOST + 1);
  return [Math.min(first, last - FEWEST + 1), last];
}

function laid(
  minutes: Record<string, number>,
  first: number,
  counts: number[],
  top: number,
): Bar[] {
  const slot = (WIDTH - LEFT - RIGHT) / counts.length;
  let total = Object.entries(minutes)
    .filter(([minute]) => Number(minute) < first)
    .reduce((sum, [, count]) => sum + count, 0);
  return counts.map((count, place) => {
    total += count;
    const height = ((HEIGHT - TOP - BOTTOM) * count) / top;
    return {
      minute: first + place,
      count,
      total,
      x: LEFT + place * slot + slot * 0.14,
      y: HEIGHT - BOTTOM - height,
      width: slot * 0.72,
      height,
    };
  });
}

function grid(top: number, total: number): SVGElement[] {
  const made: SVGElement[] = [];
  for (const part of [0, 1, 2]) {
    const y = HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * part) / 2;
    made.push(shape("line", "curve-grid", { x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y }));
    made.push(label("curve-scale", LEFT - 6, y + 4, String(Math.floor((top * part) / 2))));
  }
  if (total) {
    made.push(label("curve-scale curve-scale-total", WIDTH - RIGHT + 6, TOP + 4, String(total)));
  }
  return made;
}

function column(bar: Bar, words: Words): SVGElement {
  const { x, y, width, height } = bar;
  const made = shape("rect", "curve-bar", { x, y, width, height, rx: 1.5 });
  const title = document.createElementNS(SVG, "title");
  const at = clock(bar.minute * 60_000);
  title.textContent = fill(words.say["bar"], { at, n: bar.count, total: bar.total });
  made.append(title);
  return made;
}

function line(bars: Bar[], total: number): SVGElement {
  const points = bars.map((bar) => {
    const y = HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * bar.total) / total;
    return `${(bar.x + bar.width / 2).toFixed(1)} ${y.toFixed(1)}`;
  });
  return shape("path", "curve-line", { d: `M${points.join("L")}` });
}

function ticks(bars: Bar[]): SVGElement[] {
  const step = STEPS.find((each) => bars.length / each <= TICKS) ?? 60;
  return bars
    .filter((bar) => bar.minute % step === 0)
    .map((bar) =>
      label("curve-tick", bar.x + bar.width / 2, HEIGHT - 8, clock(bar.minute * 60_000)),
    );
}

function row(bar: Bar): HTMLTableRowElement {
  const made = document.createElement("tr");
  for (const [place, text] of [clock(bar.minute * 60_000), bar.count, bar.total].entries()) {
    const cell = made.insertCell();
    cell.textContent = String(text);
    if (place) cell.className = "number";
  }
  return made;
}

function label(name: string, x: number, y: number, text: string): SVGElement {
  const made = shape("text", name, { x, y });
  made.textContent = text;
  return made;
}

function shape(tag: string, name: string, values: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(SVG, tag);
  made.setAttribute("class", name);
  for (const [key, value] of Object.entries(values)) made.setAttribute(key, String(value));
  return made;
}
