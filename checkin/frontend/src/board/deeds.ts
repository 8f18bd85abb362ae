/* Deeds that a person does at the board: a button, and its word to the server. */

import type { Line } from "./attendance";
import { fill, type Words } from "./words";

/** Sends a deed: where under the event's handling, and what was chosen. */
export type Act = (where: string, fields: Record<string, string>) => void;

const CHOICES = ["same_person", "another_person", "unresolved"];
const SETTLED = new Set(["same_person", "another_person"]);

/** Returns what was decided on a conflict, and buttons for what may still be. */
export function decided(line: Line, words: Words, act: Act | null): HTMLElement[] {
  const found: HTMLElement[] = [];
  const decision = line.decision ?? "";
  if (decision) {
    const tag = document.createElement("span");
    tag.className = SETTLED.has(decision) ? "tag tag-ok" : "tag";
    tag.textContent = fill(words.say[`decided_${decision}`], {});
    found.push(tag);
  }
  if (!act || SETTLED.has(decision)) return found;
  const row = document.createElement("div");
  row.className = "deeds";
  for (const choice of CHOICES.filter((each) => each !== decision)) {
    const send = (): void => act(`conflicts/${line.scan_id}`, { choice });
    row.append(deed(words.say[`decide_${choice}`], send));
  }
  return [...found, row];
}

/** Returns a button that is pressed once. */
export function deed(text: string | undefined, then: () => void, kind = "plain"): HTMLElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = `button button-${kind} button-small`;
  button.textContent = text ?? "";
  button.addEventListener("click", () => {
    button.disabled = true;
    then();
  });
  return button;
}

/** Returns how deeds are sent to `base`; `failed` is told when one did not arrive. */
export function sender(base: string, failed: (why: string) => void): Act {
  return (where, fields) => {
    const body = new URLSearchParams(fields);
    const headers = { Accept: "application/json" };
    fetch(`${base}/${where}`, { method: "POST", body, headers })
      .then(async (answer) => {
        if (!answer.ok) failed(((await answer.json().catch(() => ({}))) as { said?: string }).said ?? "");
      })
      .catch(() => failed(""));
  };
}
