// The start of a shift: one tap unlocks the sound, keeps the screen awake and fills it. The
// check list says what to mend before the first guest.

import { $, page, remember, remembered } from "./page";
import * as sound from "./sound";

interface Device {
  key: string;
  state: "good" | "warning" | "bad";
  words: string;
}

interface Battery {
  level: number;
  charging: boolean;
}

const LOOK_EVERY_MS = 5000;
const BATTERY_LOW = 0.2;

const start = $("start");
let awake: WakeLockSentinel | null = null;
let begun = false;

/** Show the start page, unless this window has begun already (the language was changed). */
export function greet(): void {
  if (document.body.dataset["self"] === "1" || remembered("begun", sessionStorage) === "1") {
    document.addEventListener("pointerdown", unlock, { once: true });
    begun = true;
    return;
  }
  welcome();
}

/** Show the start page. */
function welcome(): void {
  start.hidden = false;
  $("scan").inert = true;
  void check();
}

/** Fetch the names anew (a shift ended, or staff changed), then show the start page. */
export async function ask(): Promise<void> {
  const html = await page("/sheet/opening");
  if (html !== null) $("opening").innerHTML = html; // rendered, and escaped, by the station
  welcome();
}

/** Begin to scan: called from a tap, because browsers allow these things to nobody else. */
export function unlock(): void {
  void sound.unlock().then((good) => mark("check-sound", good ? "good" : "bad"));
  void keepAwake();
  void document.documentElement.requestFullscreen?.().catch(() => undefined);
  void navigator.storage?.persist?.().catch(() => undefined);
}

/** Leave the start page for the scan screen. */
export function begin(): void {
  begun = true;
  start.hidden = true;
  $("scan").inert = false;
  remember("begun", "1", sessionStorage);
  sound.play("ok");
}

/** Fill the screen, or leave it. */
export function toggleFull(): void {
  const leaving = document.fullscreenElement !== null;
  void (leaving ? document.exitFullscreen() : document.documentElement.requestFullscreen()).catch(
    () => undefined,
  );
}

async function keepAwake(): Promise<void> {
  try {
    awake = await navigator.wakeLock.request("screen");
    mark("check-awake", "good");
  } catch {
    mark("check-awake", "bad");
  }
}

/** A hidden page loses its lock; it is taken again as soon as the page is seen. */
export function stayAwake(): void {
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && begun && awake?.released !== false) {
      void keepAwake();
    }
  });
}

/** Fill in the check list; again every five seconds while it is on the screen. */
export async function check(): Promise<void> {
  await checkStation();
  checkPage();
  await checkBattery();
  if (!start.hidden) window.setTimeout(() => void (start.hidden ? 0 : checkStation()), LOOK_EVERY_MS);
}

async function checkStation(): Promise<void> {
  const found = await page("/devices");
  if (found === null) return;
  const lines = (JSON.parse(found) as Device[]).map((device) => {
    const line = document.createElement("li");
    line.className = device.state;
    line.textContent = device.words;
    return line;
  });
  $("device-checks").replaceChildren(...lines);
}

function checkPage(): void {
  mark("check-sound", sound.isUnlocked() ? "good" : "wait");
  mark("check-vibration", "vibrate" in navigator ? "good" : "bad");
  mark("check-awake", "wakeLock" in navigator ? (awake?.released === false ? "good" : "wait") : "bad");
}

async function checkBattery(): Promise<void> {
  const asked = (navigator as { getBattery?: () => Promise<Battery> }).getBattery;
  if (asked === undefined) return;
  const battery = await asked.call(navigator);
  const low = battery.level < BATTERY_LOW && !battery.charging;
  mark("check-battery", low ? "bad" : "good", Math.round(battery.level * 100));
  $("check-battery").hidden = false;
}

function mark(id: string, state: "good" | "wait" | "bad", number?: number): void {
  const line = $(id);
  const words = (line.dataset[state] ?? "").replace("{n}", String(number ?? ""));
  line.className = state === "wait" ? "warning" : state;
  const said = line.querySelector(".words") ?? document.createElement("span");
  said.className = "words";
  said.textContent = words;
  if (!said.isConnected) line.prepend(said);
}

/** Let the keys of a pad type into the field of their form. */
export function pad(key: HTMLElement): void {
  const field = key.closest("form")?.querySelector<HTMLInputElement>('input[name="pin"]');
  const digit = key.dataset["digit"];
  if (field == null || digit === undefined) return;
  field.value = digit === "" ? field.value.slice(0, -1) : (field.value + digit).slice(0, 6);
}
