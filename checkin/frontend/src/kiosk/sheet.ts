// A sheet lies over the scan screen while somebody does something. Verdicts light above it,
// and what was typed in it is still there when they are gone.

import { $, page, post, type Reply } from "./page";
import * as verdicts from "./verdicts";

const POLL_MS = 1500;

const sheet = $("sheet");
const body = $("sheet-body");
const scan = $("scan");

let polling = 0;
let openedBy: HTMLElement | null = null;

/** Fetch the sheet at *path* and lay it over the scan screen. */
export async function open(path: string, by: HTMLElement | null): Promise<void> {
  if (sheet.hidden) openedBy = by?.closest("#verdict") == null ? by : null;
  verdicts.close();
  const html = await page(path);
  lay(html ?? $<HTMLTemplateElement>("broken").innerHTML);
}

/** Close the sheet; the focus goes back to where it came from. */
export function shut(): void {
  window.clearTimeout(polling);
  if (sheet.hidden) return;
  sheet.hidden = true;
  body.replaceChildren();
  scan.inert = false;
  if (openedBy?.isConnected) openedBy.focus();
  openedBy = null;
}

export function isOpen(): boolean {
  return !sheet.hidden;
}

function lay(html: string): void {
  window.clearTimeout(polling);
  body.innerHTML = html; // rendered, and escaped, by the station
  sheet.hidden = false;
  scan.inert = true;
  sheet.scrollTop = 0;
  (body.querySelector<HTMLElement>("[autofocus]") ?? body.querySelector<HTMLElement>("h2"))?.focus();
  document.dispatchEvent(new CustomEvent("sheet"));
  poll();
}

/** While the organiser is being asked, look every second and a half for the answer. */
function poll(): void {
  const waiting = body.querySelector<HTMLElement>("[data-poll]");
  const path = waiting?.dataset["poll"];
  if (path === undefined) return;
  polling = window.setTimeout(() => void look(path), POLL_MS);
}

async function look(path: string): Promise<void> {
  const found = await page(path);
  if (body.querySelector("[data-poll]") === null) return;
  if (found === null || found.includes("data-poll")) poll();
  else lay(found);
}

/** Send the form of a sheet, of a verdict or of the start page; return what came of it. */
export async function send(form: HTMLFormElement, by: HTMLElement | null): Promise<Reply> {
  const fields: Record<string, FormDataEntryValue> = Object.fromEntries(new FormData(form));
  if (by instanceof HTMLButtonElement && by.name !== "") fields[by.name] = by.value;
  const problem = form.querySelector<HTMLElement>(".problem");
  if (problem !== null) problem.textContent = "";
  form.setAttribute("aria-busy", "true");
  const reply = await post(form.dataset["post"] ?? "", fields);
  form.removeAttribute("aria-busy");
  if (reply.html !== undefined) {
    lay(reply.html);
  } else if (reply.done === true) {
    if (sheet.contains(form)) shut();
  } else if (problem !== null) {
    problem.textContent = reply.words ?? problem.dataset["gone"] ?? "";
    clearPins(form);
  }
  return reply;
}

/** A PIN that was refused is typed anew. */
function clearPins(form: HTMLFormElement): void {
  for (const pin of form.querySelectorAll<HTMLInputElement>('input[name="pin"]')) {
    pin.value = "";
    pin.focus();
  }
}
