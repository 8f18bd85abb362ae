// The search: from three letters, without accents, admitted by one tap after a look.

import { $, page, post } from "./page";
import { shut } from "./sheet";

const PAUSE_MS = 500;
const SHORTEST = 3;

const query = $<HTMLInputElement>("query");
const hits = $("hits");

let waiting = 0;
let asked = "";

export function listen(): void {
  query.addEventListener("input", () => {
    window.clearTimeout(waiting);
    if (query.value.trim().length < SHORTEST) return clear();
    waiting = window.setTimeout(() => void search(), PAUSE_MS);
  });
  $("searching").addEventListener("submit", (event) => {
    event.preventDefault();
    asked = "";
    void search();
  });
}

/** Forget what was found; the next guest is somebody else. */
export function forget(): void {
  query.value = "";
  clear();
}

function clear(): void {
  window.clearTimeout(waiting);
  asked = "";
  hits.replaceChildren();
}

async function search(): Promise<void> {
  window.clearTimeout(waiting);
  const words = query.value.trim();
  if (words === asked) return;
  asked = words;
  const found = await page(`/search?q=${encodeURIComponent(words)}`);
  if (words === query.value.trim() && found !== null) {
    hits.innerHTML = found; // rendered, and escaped, by the station
  }
}

/** Let in the guest who was found; the verdict comes on its own way. */
export async function admit(button: HTMLElement): Promise<void> {
  const reply = await post("/admit", { pass_id: button.dataset["admit"] });
  if (reply.done === true) {
    forget();
    shut();
    return;
  }
  const problem = document.createElement("p");
  problem.className = "problem";
  problem.setAttribute("role", "alert");
  problem.textContent = reply.words ?? "";
  button.closest(".confirm")?.append(problem);
}

/** Offer the organisations of the list while one is being written down. */
export async function offerOrganisations(field: HTMLInputElement): Promise<void> {
  const letters = field.value.trim();
  if (letters.length < SHORTEST) return;
  const found = await page(`/organisations?q=${encodeURIComponent(letters)}`);
  if (found === null || field.value.trim() !== letters) return;
  const options = (JSON.parse(found) as string[]).map((name) => new Option(name, name));
  document.getElementById("organisations")?.replaceChildren(...options);
}
