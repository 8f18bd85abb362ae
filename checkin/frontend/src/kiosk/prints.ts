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

/** Whether a badge is printed after every admission without being asked for. */
export function isAutomatic(): boolean {
  return remembered("badges") === "on";
}

export function setAutomatic(on: boolean): void {
  remember("badges", on ? "on" : "off");
}
