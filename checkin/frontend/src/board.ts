/* The live board: begins with what the page brought, then keeps in step by numbered news.
   The socket is a hint; a gap, waking up or coming back online makes it ask what it lacks. */

import { io } from "socket.io-client";
import { apply, type Attendance, type News } from "./board/attendance";
import { drawCurve } from "./board/curve";
import { drawGates, drawGuests, show, type Station } from "./board/lists";
import { age, clock, fill, type Words } from "./board/words";

interface Health {
  stations: Station[];
  now_ms: number;
}

interface Update {
  since: number;
  head: number;
  news: News[];
  snapshot: Attendance | null;
}

interface Data {
  event: number;
  snapshot: Attendance;
  gates: string[];
  health: Health;
  words: Words;
  warm_s: number;
  stale_s: number;
}

const ASK_WITHIN_MS = 5_000;
const TRY_AGAIN_MS = 5_000;
const RATE_MINUTES = 5;

const data = JSON.parse(document.getElementById("board-data")?.textContent ?? "{}") as Data;
const words = data.words;
const say = words.say;
let state = data.snapshot;
let stations = data.health.stations;
let ahead = data.health.now_ms - Date.now(); // the server's clock less ours
let contactAt = performance.now();
let asking = false;
let askAgain = false;
let drawn = false;
let refused = false;

const socket = io({
  auth: (give) => give({ event: data.event, number: state.number }),
  transports: ["websocket", "polling"],
  tryAllTransports: true,
  reconnectionDelay: 300,
  reconnectionDelayMax: 3_000,
  timeout: 3_000,
});

socket.on("connect", () => {
  refused = false;
  contact();
});
socket.on("disconnect", () => tick());
socket.on("connect_error", () => {
  if (socket.active) return tick();
  refused = true; // we were turned away: signed out, or no longer allowed
  tick();
  window.setTimeout(() => socket.connect(), TRY_AGAIN_MS);
});
socket.on("update", (update: Update) => take(update));
socket.on("gates", (health: Health) => {
  contact(health.now_ms);
  stations = health.stations;
  draw();
});
socket.on("beat", (beat: { head: number; now_ms: number }) => {
  contact(beat.now_ms);
  if (beat.head > state.number) void ask();
});

window.addEventListener("online", wake);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) wake();
});
window.setInterval(tick, 1_000);
tick();

/** Takes what the server told; asks when it does not follow on from what we know. */
function take(update: Update): void {
  contact();
  if (update.snapshot) {
    const begunAnew = update.since > update.head;
    if (begunAnew || update.snapshot.number >= state.number) state = update.snapshot;
    return draw();
  }
  if (update.since > state.number) return void ask();
  for (const news of update.news) {
    const next = apply(state, news);
    if (!next) return void ask(-1);
    state = next;
  }
  draw();
}

/** Asks what there is since our number, or for everything with -1. */
async function ask(number: number = state.number): Promise<void> {
  if (!socket.connected) return;
  if (asking) {
    askAgain = true;
    return;
  }
  asking = true;
  try {
    const answer: Update = await socket.timeout(ASK_WITHIN_MS).emitWithAck("since", { number });
    asking = false;
    if ("head" in answer) take(answer);
  } catch {
    asking = false; // the next beat tells whether we still lack something
  }
  if (askAgain) {
    askAgain = false;
    void ask();
  }
}

function wake(): void {
  tick();
  if (socket.connected) void ask();
  else socket.connect();
}

function contact(nowMs?: number): void {
  contactAt = performance.now();
  if (nowMs !== undefined) ahead = nowMs - Date.now();
  tick();
}

function serverNow(): number {
  return Date.now() + ahead;
}

/** Draws once for however many messages come in one frame. */
function draw(): void {
  if (drawn) return;
  drawn = true;
  window.setTimeout(() => {
    drawn = false;
    drawFigures();
    drawGuests(state, words);
    drawCurve(state.minutes, Math.floor(serverNow() / 60_000), words);
    drawGates(data.gates, stations, state, serverNow(), words);
    document.getElementById("board")?.setAttribute("data-number", String(state.number));
  }, 16);
}

function drawFigures(): void {
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
  put("inside-note", room());
  rail("inside-rail", state.capacity ?? 0, state.inside);
  const perMinute = rate();
  put("rate", perMinute < 10 ? rounded(perMinute) : Math.round(perMinute));
  put("rate-note", outlook(perMinute));
  put("trouble-number", state.refused + state.conflicting);
  put("trouble-note", fill(say["to_handle"], { refused: state.refused, conflicts: state.conflicting }));
  document.getElementById("trouble")?.toggleAttribute("data-open", state.conflicting > 0);
}

function room(): string {
  const { capacity, inside } = state;
  if (capacity === null) return say["no_capacity"] ?? "";
  const over = inside > capacity;
  return fill(say[over ? "over" : "capacity"], { n: capacity, left: Math.abs(capacity - inside) });
}

function rate(): number {
  const now = Math.floor(serverNow() / 60_000);
  let came = 0;
  for (let back = 0; back < RATE_MINUTES; back += 1) came += state.minutes[now - back] ?? 0;
  return came / RATE_MINUTES;
}

function outlook(perMinute: number): string {
  const left = state.accepted - state.arrived;
  if (state.accepted && left <= 0) return say["all_here"] ?? "";
  if (!perMinute) return say["quiet"] ?? "";
  if (!state.accepted) return "";
  return fill(say["complete_at"], { at: clock(serverNow() + (left / perMinute) * 60_000) });
}

function rounded(value: number): string {
  return value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
}

/** Says each second how old the figures are; in words, and in colour. */
function tick(): void {
  const pulse = document.getElementById("pulse");
  if (!pulse) return;
  const silence = performance.now() - contactAt;
  const tone = silence >= data.stale_s * 1000 ? "stale" : silence >= data.warm_s * 1000 ? "warm" : "live";
  const cut = refused ? "signed_out" : socket.connected ? "live" : tone === "stale" ? "cut" : "connecting";
  put("pulse-word", say[cut] ?? "");
  const told = tone === "live" ? "updated" : tone;
  put("pulse-age", fill(say[told], { age: age(silence, words) }));
  const before = pulse.dataset["state"];
  pulse.dataset["state"] = refused ? "stale" : tone === "live" && !socket.connected ? "warm" : tone;
  if (before !== pulse.dataset["state"]) put("pulse-spoken", say[cut] ?? "");
}

function rail(id: string, whole: number, part: number): void {
  const width = whole ? Math.min(100, (100 * part) / whole) : 0;
  document.querySelector(`#${id} .rail-first`)?.setAttribute("width", width.toFixed(2));
  show(id, whole > 0);
}

function put(id: string, text: string | number): void {
  const element = document.getElementById(id);
  if (element && element.textContent !== String(text)) element.textContent = String(text);
}
