/* What waits for a person at the board: guests without an invitation, VIPs to welcome,
   gates that fell silent, a burst of refusals, a room that fills up. */

import type { Attendance, Line, WalkIn } from "./attendance";
import { deed, type Act } from "./deeds";
import { fillList, made, person, show, type Station } from "./lists";
import { age, clock, fill, type Words } from "./words";

const BURST = 5;
const BURST_MS = 120_000;
const SILENT_MS = 30_000;
const FULL = [100, 90] as const;
const VIPS = 6;

/** Draws who waits for an answer; `act` sends it, and is nothing for who only watches. */
export function drawWalkIns(state: Attendance, words: Words, act: Act | null): void {
  fillList("walk-ins", state.walk_ins.map((each) => walkIn(each, words, act)));
  show("part-walk-ins", state.walk_ins.length > 0);
}

/** Draws the VIPs who came lately, and who welcomes each of them. */
export function drawVips(state: Attendance, words: Words, act: Act | null): void {
  const vips = state.latest.filter((line) => line.flags.includes("vip")).slice(0, VIPS);
  fillList("vips", vips.map((line) => vip(line, state.greeted[line.pass_id], words, act)));
  show("part-vips", vips.length > 0);
}

/** Draws the warnings that hold at the server's time `nowMs`. */
export function drawWarnings(
  state: Attendance,
  stations: Station[],
  nowMs: number,
  words: Words,
): void {
  const found = [...room(state, words), ...burst(state, nowMs, words), ...silent(stations, nowMs, words)];
  fillList(
    "warnings",
    found.map((text) => made("li", "board-note board-note-warn", `⚠ ${text}`)),
  );
  show("warnings", found.length > 0);
}

function walkIn(each: WalkIn, words: Words, act: Act | null): HTMLElement {
  const row = made("li", "alert alert-asked");
  const body = made("div", "");
  const who = made("p", "");
  who.append(made("strong", "", `${each.honorific ?? ""} ${each.name}`.trim()));
  body.append(who, made("p", "", [each.organisation, each.reason].filter(Boolean).join(" · ")));
  const under = [clock(each.at_ms), each.gate];
  if (each.vouched_by) under.push(fill(words.say["vouched"], { name: each.vouched_by }));
  body.append(made("p", "under", under.filter(Boolean).join(" · ")));
  if (act) {
    const deeds = made("div", "deeds");
    deeds.append(
      deed(words.say["let_in"], () => act(`walk-ins/${each.id}`, { choice: "admit" }), "main"),
      deed(words.say["turn_away"], () => act(`walk-ins/${each.id}`, { choice: "deny" })),
    );
    body.append(deeds);
  }
  row.append(made("span", "alert-sign", `+ ${words.say["asks"] ?? ""}`), body);
  return row;
}

function vip(
  line: Line,
  greetedBy: string | undefined,
  words: Words,
  act: Act | null,
): HTMLElement {
  const row = made("li", greetedBy ? "vip vip-greeted" : "vip");
  const who = made("div", "");
  who.append(
    made("strong", "", `★ ${person(line, words)}`),
    made("span", "under", ` ${[clock(line.at_ms), line.gate].filter(Boolean).join(" · ")}`),
  );
  row.append(who);
  if (greetedBy) row.append(made("span", "tag tag-ok", fill(words.say["greeted_by"], { name: greetedBy })));
  else if (act) row.append(deed(words.say["greet"], () => act(`greeted/${line.pass_id}`, {}), "main"));
  else row.append(made("span", "tag tag-warn", words.say["not_greeted"]));
  return row;
}

function room({ capacity, inside }: Attendance, words: Words): string[] {
  if (!capacity) return [];
  const percent = Math.floor((100 * inside) / capacity);
  const reached = FULL.find((each) => percent >= each);
  if (reached === undefined) return [];
  return [fill(words.say[reached === 100 ? "room_full" : "room_fills"], { inside, capacity })];
}

function burst(state: Attendance, nowMs: number, words: Words): string[] {
  const recent = state.refusals.filter((line) => nowMs - line.at_ms < BURST_MS).length;
  return recent < BURST ? [] : [fill(words.say["burst"], { n: recent })];
}

function silent(stations: Station[], nowMs: number, words: Words): string[] {
  return stations
    .filter((each) => each.status && nowMs - each.seen_at * 1000 > SILENT_MS)
    .map((each) => {
      const quiet = age(nowMs - each.seen_at * 1000, words);
      return fill(words.say["gate_silent"], { gate: each.gate, name: each.name, age: quiet });
    });
}
