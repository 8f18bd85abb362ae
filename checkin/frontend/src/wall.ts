/* The big screen in the room: the same line as the board, another drawing. It stays awake,
   moves a little so that nothing burns in, and begins anew when it was cut off for long. */

import type { Attendance } from "./board/attendance";
import { drawCurve } from "./board/curve";
import { put, rate, rounded } from "./board/figures";
import { Line, type Brought } from "./board/line";
import type { Station } from "./board/lists";
import { age, clock, fill } from "./board/words";

interface Data extends Brought {
  names: boolean;
}

const ROWS = 9;
const SILENT_MS = 15_000;
const SHIFT_EVERY_MS = 60_000;
const ANEW_AFTER_MS = 120_000;
const SHIFTS = [[0, 0], [6, 4], [-6, 4], [6, -4], [-6, -4], [0, 6]] as const;

const data = JSON.parse(document.getElementById("board-data")?.textContent ?? "{}") as Data;
const words = data.words;
const line = new Line(data.event, data.snapshot, data.health, draw, tick);
let shifted = 0;
let anewAt = performance.now();

draw();
tick();
void stayAwake();
document.addEventListener("visibilitychange", () => void stayAwake());
document.addEventListener("dblclick", () => void fullScreen());
window.setInterval(shift, SHIFT_EVERY_MS);

function draw(): void {
  const { state } = line;
  put("arrived", state.arrived);
  const whole = state.accepted || state.invited;
  put("arrived-of", whole ? `/ ${whole}` : "");
  put("inside", state.inside);
  put("inside-of", state.capacity === null ? "" : `/ ${state.capacity}`);
  const perMinute = rate(state.minutes, line.now());
  put("rate", perMinute < 10 ? rounded(perMinute) : Math.round(perMinute));
  const left = state.accepted - state.arrived;
  const at = perMinute && left > 0 ? clock(line.now() + (left / perMinute) * 60_000) : "";
  put("rate-note", at ? fill(words.say["complete_at"], { at }) : "");
  const open = state.to_handle + state.walk_ins.length;
  put("trouble-number", open);
  document.getElementById("trouble")?.toggleAttribute("data-open", open > 0);
  drawCurve(state.minutes, Math.floor(line.now() / 60_000), words);
  document.getElementById("rows")?.replaceChildren(...rows(state));
  drawGateSigns();
  document.getElementById("board")?.setAttribute("data-number", String(state.number));
}

/** Returns who came: by organisation in a public room, by name only where it was asked for. */
function rows(state: Attendance): HTMLElement[] {
  if (data.names) {
    return state.latest
      .slice(0, ROWS)
      .map((each) => row(`${each.honorific} ${each.name}`.trim(), clock(each.at_ms)));
  }
  return Object.entries(state.organisations)
    .sort(([one, many], [other, more]) => more - many || one.localeCompare(other, "vi"))
    .slice(0, ROWS)
    .map(([name, came]) => row(name || (words.say["no_organisation"] ?? ""), String(came)));
}

function row(name: string, value: string): HTMLElement {
  const made = document.createElement("li");
  made.className = "wall-row";
  const [who, what] = [document.createElement("span"), document.createElement("strong")];
  who.textContent = name;
  what.textContent = value;
  made.append(who, what);
  return made;
}

function drawGateSigns(): void {
  const signs = data.gates.map((gate) => {
    const made = document.createElement("li");
    made.className = "wall-gate";
    made.dataset["state"] = stateOf(line.stations.filter((each) => each.gate === gate));
    made.textContent = `${gate}: ${line.state.gates[gate] ?? 0}`;
    return made;
  });
  document.getElementById("wall-gates")?.replaceChildren(...signs);
}

function stateOf(stations: Station[]): string {
  if (!stations.length) return "none";
  const heard = stations.filter((each) => line.now() - each.seen_at * 1000 <= SILENT_MS);
  if (!heard.length) return "silent";
  return heard.every((each) => each.status?.online ?? true) ? "online" : "offline";
}

function tick(): void {
  const pulse = document.getElementById("pulse");
  if (!pulse) return;
  const { silence } = line;
  const tone = silence >= data.stale_s * 1000 ? "stale" : silence >= data.warm_s * 1000 ? "warm" : "live";
  const said = line.refused ? "signed_out" : tone === "live" ? "live" : "cut";
  put("pulse-word", words.say[said] ?? "");
  put("pulse-age", tone === "live" ? "" : `· ${fill(words.say["updated"], { age: age(silence, words) })}`);
  if (pulse.dataset["state"] !== tone) put("pulse-spoken", words.say[said] ?? "");
  pulse.dataset["state"] = line.refused ? "stale" : tone;
  if (silence > ANEW_AFTER_MS && performance.now() - anewAt > ANEW_AFTER_MS) void beginAnew();
}

/** Loads the page again, once its server answers: nobody is here to press a key. */
async function beginAnew(): Promise<void> {
  anewAt = performance.now();
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (answer.ok) location.reload();
  } catch {
    // still cut off; the next turn tries again
  }
}

/** Moves everything by a few dots, so that no screen keeps a shadow of it. */
function shift(): void {
  shifted = (shifted + 1) % SHIFTS.length;
  const [x, y] = SHIFTS[shifted] ?? [0, 0];
  document.getElementById("board")?.style.setProperty("translate", `${x}px ${y}px`);
}

async function stayAwake(): Promise<void> {
  if (document.hidden || !("wakeLock" in navigator)) return;
  try {
    await navigator.wakeLock.request("screen");
  } catch {
    // refused, as without a battery's leave: the screen's own setting then holds
  }
}

async function fullScreen(): Promise<void> {
  if (document.fullscreenElement) await document.exitFullscreen();
  else await document.documentElement.requestFullscreen();
}
