// The camera's picture: four stills a second, also in the corner of a verdict.

import { $, post, type State } from "./page";

const EVERY_MS = 250;
const AFTER_TROUBLE_MS = 1000;

const picture = $<HTMLImageElement>("picture");

/** Keep the picture alive. */
export function watch(): void {
  const next = new Image();
  next.onload = () => {
    picture.src = next.src;
    picture.hidden = false;
    const trial = document.querySelector<HTMLImageElement>("[data-still]");
    if (trial !== null) trial.src = next.src;
    window.setTimeout(watch, EVERY_MS);
  };
  next.onerror = () => void window.setTimeout(watch, AFTER_TROUBLE_MS);
  next.src = `/picture.jpg?at=${Date.now()}`;
}

/** Make the tool "torch" turn the camera's lamp on and off. */
export function listenToTorch(): void {
  const torch = $("torch");
  torch.addEventListener("click", () => {
    const lit = torch.getAttribute("aria-pressed") === "true";
    void post("/torch", { on: lit ? "0" : "1" });
  });
}

/** Say how the camera is. */
export function tell(state: State): void {
  const trouble = $("camera-trouble");
  const words = state.camera === "online" ? "" : (trouble.dataset[state.camera] ?? "");
  if (trouble.textContent !== words) trouble.textContent = words;
  trouble.hidden = words === "";
  for (const line of document.querySelectorAll<HTMLElement>("[data-live]")) {
    const value = state[line.dataset["live"] as "frames" | "dropped"];
    if (typeof value === "number") line.textContent = String(value);
  }
  const torch = $("torch");
  torch.hidden = state.torch == null;
  torch.setAttribute("aria-pressed", String(state.torch === true));
}

