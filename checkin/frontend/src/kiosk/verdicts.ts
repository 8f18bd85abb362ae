// Verdicts over the whole screen: lit at once, refusals until touched, nothing lost behind
// the next guest, and an undo that stays for half a minute.

import { $, page } from "./page";
import { type Kind, play } from "./sound";

export interface Verdict {
  number: number;
  scan_id: string;
  kind: Kind;
  word: string;
  name: string;
  time: string;
  hold_ms: number;
  undo: boolean;
  badge: boolean;
  html: string;
}

const LATELY_MS = 30_000;
const UNSEEN_MOST = 9;

const panel = $("verdict");
const unseen = $("unseen");
const lately = $("lately");

let closing = 0;
let fading = 0;
let current: Verdict | null = null;
let waiting: Verdict[] = [];
let focusedBefore: HTMLElement | null = null;

/** Light a verdict that has just fallen. */
export function show(verdict: Verdict): void {
  if (current !== null && waits(current)) keepUnseen(current);
  paint(verdict);
  play(verdict.kind);
  document.body.dataset["scans"] = String(verdict.number);
  if (verdict.undo) rememberLately(verdict);
}

/** Close the verdict: it was touched, or its time is over. */
export function close(): void {
  window.clearTimeout(closing);
  current = null;
  panel.replaceChildren();
  document.body.classList.remove("judged");
  if (focusedBefore?.isConnected) focusedBefore.focus();
  focusedBefore = null;
}

/** Keep the verdict on the screen: somebody is answering or choosing on it. */
export function hold(): void {
  window.clearTimeout(closing);
  panel.querySelector(".clock")?.remove();
}

export function isOpen(): boolean {
  return current !== null;
}

function paint(verdict: Verdict): void {
  window.clearTimeout(closing);
  const active = document.activeElement;
  if (current === null && active instanceof HTMLElement && active !== document.body) {
    focusedBefore = active;
  }
  current = verdict;
  panel.innerHTML = verdict.html; // rendered, and escaped, by the station
  document.body.classList.add("judged");
  if (verdict.hold_ms > 0) {
    const hand = panel.querySelector(".hand");
    hand?.animate([{ transform: "scaleX(1)" }, { transform: "scaleX(0)" }], verdict.hold_ms);
    closing = window.setTimeout(close, verdict.hold_ms);
  } else {
    panel.querySelector(".clock")?.remove();
  }
}

function waits(verdict: Verdict): boolean {
  return verdict.kind === "stop" || verdict.kind === "already";
}

/** A refusal that the next guest pushed away waits on a chip until somebody touches it. */
function keepUnseen(verdict: Verdict): void {
  if (document.body.dataset["self"] === "1") return;
  waiting = [...waiting.filter((one) => one.scan_id !== verdict.scan_id), verdict];
  waiting = waiting.slice(-UNSEEN_MOST);
  tellUnseen();
}

function tellUnseen(): void {
  const last = waiting.at(-1);
  unseen.hidden = last === undefined;
  if (last === undefined) return;
  const [mark, words] = [document.createElement("b"), document.createElement("span")];
  mark.textContent = String(waiting.length);
  words.textContent = [last.word, last.name, last.time.slice(0, 5)].filter(Boolean).join(" · ");
  unseen.className = `unseen ${last.kind}`;
  unseen.replaceChildren(mark, words);
}

/** Bring back the refusal that was pushed away last. */
export function seeUnseen(): void {
  const last = waiting.pop();
  tellUnseen();
  if (last !== undefined) void reopen(last.scan_id);
}

async function reopen(scan: string): Promise<void> {
  const found = await page(`/verdict/${scan}`);
  if (found !== null) paint({ ...(JSON.parse(found) as Verdict), hold_ms: 0 });
}

/** For half a minute the last admission can be taken back from the scan screen. */
function rememberLately(verdict: Verdict): void {
  window.clearTimeout(fading);
  const words = document.createElement("span");
  words.textContent = [verdict.word, verdict.name, verdict.time].filter(Boolean).join(" · ");
  const undo = document.createElement("button");
  undo.type = "button";
  undo.className = "act";
  undo.dataset["open"] = `/sheet/undo?scan_id=${verdict.scan_id}`;
  undo.textContent = lately.dataset["undo"] ?? "";
  lately.replaceChildren(words, undo);
  lately.hidden = false;
  fading = window.setTimeout(forgetLately, LATELY_MS);
}

export function forgetLately(): void {
  lately.hidden = true;
  lately.replaceChildren();
}
