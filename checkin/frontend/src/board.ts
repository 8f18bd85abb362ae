/* The live board: begins with what the page brought, then keeps in step by numbered news. */

import { drawCurve } from "./board/curve";
import { sender } from "./board/deeds";
import { drawFigures, put } from "./board/figures";
import { drawVips, drawWalkIns, drawWarnings } from "./board/handling";
import { Line, type Brought } from "./board/line";
import { drawGates, drawGuests, drawOrganisations } from "./board/lists";
import { age, fill } from "./board/words";

interface Data extends Brought {
  deeds: { base: string; decide: boolean; answer: boolean; greet: boolean };
}

const data = JSON.parse(document.getElementById("board-data")?.textContent ?? "{}") as Data;
const words = data.words;
const act = sender(data.deeds.base, failed);
const line = new Line(data.event, data.snapshot, data.health, draw, tick);
tick();
draw();

function draw(): void {
  const state = line.state;
  drawFigures(state, line.now(), words);
  drawGuests(state, words, data.deeds.decide ? act : null);
  drawWalkIns(state, words, data.deeds.answer ? act : null);
  drawVips(state, words, data.deeds.greet ? act : null);
  drawOrganisations(state.organisations);
  drawWarnings(state, line.stations, line.now(), words);
  drawCurve(state.minutes, Math.floor(line.now() / 60_000), words);
  drawGates(data.gates, line.stations, state, line.now(), words);
  document.getElementById("board")?.setAttribute("data-number", String(state.number));
}

/** Says that a deed did not arrive, and gives its button back. */
function failed(why: string): void {
  put("deed-failed", why || (words.say["deed_failed"] ?? ""));
  document.getElementById("deed-failed")?.toggleAttribute("hidden", false);
  for (const button of document.querySelectorAll<HTMLButtonElement>(".deeds button, .vip button")) {
    button.disabled = false;
  }
}

/** Says each second how old the figures are; in words, and in colour. */
function tick(): void {
  const pulse = document.getElementById("pulse");
  if (!pulse) return;
  const silence = line.silence;
  const tone = silence >= data.stale_s * 1000 ? "stale" : silence >= data.warm_s * 1000 ? "warm" : "live";
  const cut = line.refused ? "signed_out" : line.connected ? "live" : tone === "stale" ? "cut" : "connecting";
  put("pulse-word", words.say[cut] ?? "");
  const told = tone === "live" ? "updated" : tone;
  put("pulse-age", fill(words.say[told], { age: age(silence, words) }));
  const before = pulse.dataset["state"];
  pulse.dataset["state"] = line.refused ? "stale" : tone === "live" && !line.connected ? "warm" : tone;
  if (before !== pulse.dataset["state"]) put("pulse-spoken", words.say[cut] ?? "");
}
