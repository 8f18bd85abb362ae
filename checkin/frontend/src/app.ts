/* Small comforts of the office's pages; each page does the same without them. */

import { askFirst } from "./parts/confirm";
import { copyOnClick } from "./parts/copy";

/** Puts a file that is dropped on a `.drop` into the file input it holds. */
function letFilesDrop(zone: HTMLElement): void {
  const input = zone.querySelector<HTMLInputElement>("input[type=file]");
  if (!input) return;
  const mark = (over: boolean) => zone.classList.toggle("drop-over", over);
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    mark(true);
  });
  zone.addEventListener("dragleave", () => mark(false));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(false);
    if (!event.dataTransfer?.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

/** Reads a day as people here write it, day first; nothing if there is no such day. */
function readDay(text: string): Date | null {
  const found = /^\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\s*$/.exec(text);
  if (!found) return null;
  const [day, month, year] = found.slice(1).map(Number) as [number, number, number];
  const read = new Date(Date.UTC(year, month - 1, day));
  return read.getUTCDate() === day && read.getUTCMonth() === month - 1 ? read : null;
}

/** Says beside a date which day of the week it is; the words come from the page. */
function nameWeekday(input: HTMLInputElement): void {
  const place = document.getElementById(input.dataset["weekday"] ?? "");
  if (!place) return;
  const say = new Intl.DateTimeFormat(document.documentElement.lang, {
    weekday: "long",
    day: "2-digit",
    month: "2-digit",
    year: "numeric",
    timeZone: "UTC",
  });
  input.addEventListener("input", () => {
    const day = readDay(input.value);
    place.textContent = day ? say.format(day) : "";
  });
}

/** Sends a form once, however often its button is pressed. */
function sendOnce(form: HTMLFormElement): void {
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    setTimeout(() => {
      for (const button of form.querySelectorAll("button")) button.disabled = true;
    });
  });
  addEventListener("pageshow", () => {
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  });
}

document.querySelectorAll<HTMLElement>(".drop").forEach(letFilesDrop);
document.querySelectorAll<HTMLFormElement>("form[data-confirm]").forEach(askFirst);
document.querySelectorAll<HTMLButtonElement>("button[data-copy]").forEach(copyOnClick);
document.querySelectorAll<HTMLInputElement>("input[data-weekday]").forEach(nameWeekday);
document.querySelectorAll<HTMLFormElement>("form[method=post]:not([data-repeat])").forEach(sendOnce);
