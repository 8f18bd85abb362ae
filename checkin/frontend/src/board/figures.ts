/* Draws the four figures: arrived, inside, a minute, to handle. */

import type { Attendance } from "./attendance";
import { show } from "./lists";
import { clock, fill, type Words } from "./words";

const RATE_MINUTES = 5;

/** Draws the figures of `state` as seen at the server's time `nowMs`. */
export function drawFigures(state: Attendance, nowMs: number, words: Words): void {
  const say = words.say;
  put("arrived", state.arrived);
  const percent = state.accepted ? Math.round((100 * state.arrived) / state.accepted) : 0;
  put(
    "arrived-note",
    state.accepted
      ? fill(say["of_accepted"], { n: state.accepted, percent })
      : fill(say["of_invited"], { n: state.invited }),
  );
  rail("arrived-rail", state.accepted, state.arrived);
  put("inside", state.inside);
  put("inside-note", room(state, words));
  rail("inside-rail", state.capacity ?? 0, state.inside);
  const perMinute = rate(state.minutes, nowMs);
  put("rate", perMinute < 10 ? rounded(perMinute) : Math.round(perMinute));
  put("rate-note", outlook(state, perMinute, nowMs, words));
  const open = state.to_handle + state.walk_ins.length;
  put("trouble-number", open);
  put(
    "trouble-note",
    fill(say["to_handle"], {
      refused: state.refused,
      conflicts: state.to_handle,
      walk_ins: state.walk_ins.length,
    }),
  );
  document.getElementById("trouble")?.toggleAttribute("data-open", open > 0);
}

function room(state: Attendance, words: Words): string {
  const say = words.say;
  const { capacity, inside } = state;
  if (capacity === null) return say["no_capacity"] ?? "";
  const over = inside > capacity;
  return fill(say[over ? "over" : "capacity"], { n: capacity, left: Math.abs(capacity - inside) });
}

/** Returns how many came a minute, over the last five. */
export function rate(minutes: Record<string, number>, nowMs: number): number {
  const now = Math.floor(nowMs / 60_000);
  let came = 0;
  for (let back = 0; back < RATE_MINUTES; back += 1) came += minutes[now - back] ?? 0;
  return came / RATE_MINUTES;
}

function outlook(state: Attendance, perMinute: number, nowMs: number, words: Words): string {
  const say = words.say;
  const left = state.accepted - state.arrived;
  if (state.accepted && left <= 0) return say["all_here"] ?? "";
  if (!perMinute) return say["quiet"] ?? "";
  if (!state.accepted) return "";
  return fill(say["complete_at"], { at: clock(nowMs + (left / perMinute) * 60_000) });
}

/** Writes a number with one decimal, as the page's language does. */
export function rounded(value: number): string {
  return value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
}

function rail(id: string, whole: number, part: number): void {
  const width = whole ? Math.min(100, (100 * part) / whole) : 0;
  document.querySelector(`#${id} .rail-first`)?.setAttribute("width", width.toFixed(2));
  show(id, whole > 0);
}

/** Writes text into an element, if it is another. */
export function put(id: string, text: string | number): void {
  const element = document.getElementById(id);
  if (element && element.textContent !== String(text)) element.textContent = String(text);
}
