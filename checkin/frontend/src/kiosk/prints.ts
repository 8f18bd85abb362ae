// Badges and passes on paper: printed from a hidden frame, so that the screen stays as it is.

import { post, remember, remembered } from "./page";

/** Print the page at *path* by the browser's printer. */
export function print(path: string): void {
  document.getElementById("printing")?.remove();
  const frame = document.createElement("iframe");
  frame.id = "printing";
  frame.title = "print";
  frame.hidden = true;
  frame.addEventListener("load", () => frame.contentWindow?.print());
  frame.src = path;
  document.body.append(frame);
}

/** Note the badge of *scan* in the journal, then print it: by the station, or from here. */
export async function badge(scan: string): Promise<string> {
  const reply = await post("/badge", { scan_id: scan });
  if (reply.label) print(`${reply.label}?size=${remembered("label") ?? "small"}`);
  return reply.words ?? "";
}

/** Show on the sheet how badges are printed here, and remember what is chosen. */
export function listenToChoices(): void {
  document.addEventListener("sheet", () => {
    const chosen = { badges: isAutomatic() ? "on" : "off", label: remembered("label") ?? "small" };
    for (const [name, value] of Object.entries(chosen)) {
      const one = document.querySelector<HTMLInputElement>(`[data-badges] [name="${name}"][value="${value}"]`);
      if (one !== null) one.checked = true;
    }
  });
  document.addEventListener("change", (event) => {
    const one = event.target;
    if (!(one instanceof HTMLInputElement) || one.closest("[data-badges]") === null) return;
    remember(one.name, one.value);
  });
}

/** Whether a badge is printed after every admission without being asked for. */
export function isAutomatic(): boolean {
  return remembered("badges") === "on";
}
