/* Draws the lists: who came, who was stopped, how the gates are. Names only as text. */

import { latestFirst, type Attendance, type Line } from "./attendance";
import { decided, type Act } from "./deeds";
import { age, clock, fill, type Words } from "./words";

const ALERTS = 8;
const ARRIVALS = 12;
const SILENT_MS = 15_000;
const OLD_LIST_MS = 30_000;

interface Status {
  online: boolean;
  waiting: number;
  list_as_of: number;
  camera: string;
  median_ms: number | null;
  battery: number | null;
  last_scan_ms: number | null;
}

export interface Station {
  id: string;
  name: string;
  gate: string;
  seen_at: number;
  status: Status | null;
}

/** Draws the lists of guests. */
export function drawGuests(state: Attendance, words: Words, act: Act | null): void {
  fillList("latest", state.latest.slice(0, ARRIVALS).map((line) => arrival(line, words)));
  show("latest-table", state.latest.length > 0);
  show("latest-none", state.latest.length === 0);
  const conflicts = new Set(state.conflicts);
  const troubles = [...state.conflicts, ...state.refusals].sort(latestFirst).slice(0, ALERTS);
  fillList("alerts", troubles.map((line) => alert(line, conflicts.has(line), words, act)));
  show("alerts-none", troubles.length === 0);
}

/** Draws the gates with their stations, at the server's time `nowMs`. */
export function drawGates(
  gates: string[],
  stations: Station[],
  state: Attendance,
  nowMs: number,
  words: Words,
): void {
  const rows = gates.map((gate) => {
    const row = made("li", "gate-row");
    const head = made("div", "gate-head");
    head.append(
      made("strong", "", gate),
      made("span", "muted", fill(words.stations["arrivals"], { n: state.gates[gate] ?? 0 })),
    );
    const here = stations.filter((station) => station.gate === gate);
    row.append(head, ...here.map((station) => stationRow(station, nowMs, words)));
    if (!here.length) {
      const empty = made("div", "gate-station");
      empty.append(made("span", "tag", words.stations["none"]));
      row.append(empty);
    }
    return row;
  });
  fillList("gates", rows);
}

/** Writes how many of each organisation have come into the table the page brought. */
export function drawOrganisations(came: Record<string, number>): void {
  for (const row of document.querySelectorAll<HTMLElement>("#organisations [data-organisation]")) {
    const cell = row.querySelector("td:last-child strong");
    const count = String(came[row.dataset["organisation"] ?? ""] ?? 0);
    if (cell && cell.textContent !== count) cell.textContent = count;
  }
}

/** Shows or hides an element. */
export function show(id: string, visible: boolean): void {
  document.getElementById(id)?.toggleAttribute("hidden", !visible);
}

function arrival(line: Line, words: Words): HTMLElement {
  const row = made("tr", "");
  const who = made("td", "");
  who.append(made("strong", "", person(line, words)));
  if (line.flags.includes("vip")) who.append(" ", made("span", "tag tag-vip", `★ ${words.say["vip"]}`));
  if (line.party > 1) who.append(" ", made("span", "tag", fill(words.say["party"], { n: line.party })));
  if (line.flags.includes("offline")) {
    who.append(" ", made("span", "tag tag-warn", words.say["offline"]));
  }
  const under = [line.title, line.organisation].filter(Boolean).join(" · ");
  who.append(made("span", "under", under));
  row.append(made("td", "time", clock(line.at_ms)), who, made("td", "gate", line.gate));
  return row;
}

function alert(line: Line, conflict: boolean, words: Words, act: Act | null): HTMLElement {
  const kind = conflict ? "conflict" : line.outcome === "already_in" ? "used" : "refused";
  const row = made("li", `alert alert-${kind}`);
  const sign = kind === "refused" ? "✕" : "⚠";
  const reasons = conflict ? words.against : words.outcomes;
  const key = conflict ? line.against : line.outcome;
  const where = [line.gate].filter(Boolean);
  if (line.first_ms) {
    where.push(fill(words.say["first"], { at: clock(line.first_ms), gate: line.first_gate }));
  }
  const who = made("p", "");
  who.append(made("strong", "", person(line, words)));
  const under = made("p", "under");
  under.append(made("span", "time", clock(line.at_ms)), ...where.map((each) => ` · ${each}`));
  const body = made("div", "");
  body.append(who, made("p", "", reasons[key] ?? key), under);
  if (conflict) body.append(...decided(line, words, act));
  row.append(made("span", "alert-sign", `${sign} ${words.say[kind] ?? ""}`), body);
  return row;
}

function stationRow(station: Station, nowMs: number, words: Words): HTMLElement {
  const row = made("div", "gate-station");
  const silent = nowMs - station.seen_at * 1000 > SILENT_MS;
  const state = silent ? "silent" : !station.status ? "new" : station.status.online ? "online" : "offline";
  const tone = { silent: "stop", new: "accent", online: "ok", offline: "warn" }[state];
  const tags = [made("span", `tag tag-${tone}`, words.stations[state])];
  const camera = station.status?.camera;
  if (!silent && camera && camera !== "online") {
    tags.push(made("span", "tag tag-stop", words.stations[`camera_${camera}`] ?? camera));
  }
  row.append(...tags, made("span", "under", details(station, silent, nowMs, words)));
  return row;
}

function details(station: Station, silent: boolean, nowMs: number, words: Words): string {
  const said = [station.name];
  const status = station.status;
  if (silent) {
    said.push(fill(words.stations["heard"], { age: age(nowMs - station.seen_at * 1000, words) }));
  }
  if (!status) return said.join(" · ");
  if (status.waiting) said.push(fill(words.stations["waiting"], { n: status.waiting }));
  const old = nowMs - status.list_as_of * 1000;
  if (status.list_as_of && old > OLD_LIST_MS) {
    said.push(fill(words.stations["list_age"], { age: age(old, words) }));
  }
  if (status.median_ms !== null) {
    const seconds = (status.median_ms / 1000).toLocaleString(document.documentElement.lang, {
      maximumFractionDigits: 2,
    });
    said.push(fill(words.stations["median"], { n: seconds }));
  }
  if (status.battery !== null) said.push(fill(words.stations["battery"], { n: status.battery }));
  if (status.last_scan_ms) {
    said.push(fill(words.stations["last_scan"], { age: age(nowMs - status.last_scan_ms, words) }));
  }
  return said.join(" · ");
}

/** Returns whose line it is, as text. */
export function person(line: Line, words: Words): string {
  return `${line.honorific} ${line.name}`.trim() || (words.say["nobody"] ?? "");
}

/** Fills a list anew where it changed; a button under a finger stays where nothing did. */
export function fillList(id: string, rows: HTMLElement[]): void {
  const list = document.getElementById(id);
  if (!list) return;
  const before = [...list.children].map((each) => each.outerHTML).join("");
  if (before !== rows.map((each) => each.outerHTML).join("")) list.replaceChildren(...rows);
}

/** Makes an element with a class and a text. */
export function made(tag: string, name: string, text = ""): HTMLElement {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text) element.textContent = text;
  return element;
}
