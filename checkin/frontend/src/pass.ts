/* The guest's pass: a touch on the code fills the screen with it and keeps the light on. */

import { copyOnClick } from "./parts/copy";

let light: WakeLockSentinel | null = null;

/** Asks the phone not to dim; a phone that says no shows the code all the same. */
async function keepLight(): Promise<void> {
  try {
    light = (await navigator.wakeLock?.request("screen")) ?? null;
  } catch {
    light = null;
  }
}

async function letLightGo(): Promise<void> {
  await light?.release();
  light = null;
}

/** Builds the white sheet that covers the screen while the code is shown. */
function bigSheet(code: HTMLElement): HTMLDialogElement {
  const sheet = document.createElement("dialog");
  sheet.className = "pass-big";
  sheet.setAttribute("aria-label", code.dataset["open"] ?? "");
  const picture = code.querySelector("svg");
  const digits = document.createElement("p");
  digits.textContent = document.querySelector(".pass-digits")?.textContent ?? "";
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = code.dataset["close"] ?? "";
  if (picture) sheet.append(picture.cloneNode(true));
  sheet.append(digits, close);
  sheet.addEventListener("click", () => sheet.close());
  sheet.addEventListener("close", () => void letLightGo());
  document.body.append(sheet);
  return sheet;
}

/** Makes the picture of the code a button that opens the sheet. */
function enlargeOnTouch(code: HTMLElement): void {
  const picture = code.querySelector("svg");
  if (!picture) return;
  const sheet = bigSheet(code);
  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-label", code.dataset["open"] ?? "");
  picture.replaceWith(button);
  button.append(picture);
  button.addEventListener("click", () => {
    sheet.showModal();
    void keepLight();
  });
  document.addEventListener("visibilitychange", () => {
    if (sheet.open && document.visibilityState === "visible") void keepLight();
  });
}

function printOnClick(button: HTMLButtonElement): void {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

/** Keeps this pass for a door without a network; a browser that cannot, shows it all the same. */
async function keepForLater(): Promise<void> {
  await navigator.serviceWorker.register("/p/worker.js", { scope: "/p/" });
  const { active } = await navigator.serviceWorker.ready;
  const parts = document.querySelectorAll<HTMLLinkElement | HTMLScriptElement>("[data-keep]");
  const addresses = [...parts].map((part) => ("src" in part ? part.src : part.href));
  active?.postMessage([location.href, ...addresses]);
}

if ("serviceWorker" in navigator) keepForLater().catch(() => undefined);
document.querySelectorAll<HTMLElement>("[data-qr]").forEach(enlargeOnTouch);
document.querySelectorAll<HTMLButtonElement>("button[data-copy]").forEach(copyOnClick);
document.querySelectorAll<HTMLButtonElement>("button[data-print]").forEach(printOnClick);
