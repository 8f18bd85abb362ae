/* The composer's chips and previews, and the progress that moves by itself. */

import { askFirst } from "./parts/confirm";

const TYPING_MS = 500;
const PROGRESS_MS = 1000;

let frames = 0;

/** Puts a field into the text it belongs to: where the cursor was left, or at the end. */
function insert(chip: HTMLButtonElement): void {
  const into = document.getElementById(chip.dataset["into"] ?? "");
  if (!(into instanceof HTMLTextAreaElement)) return;
  const { selectionStart: from, selectionEnd: to, value } = into;
  const untouched = from === 0 && to === 0;
  const [start, end] = untouched ? [value.length, value.length] : [from, to];
  const blank = untouched && value && !/\s$/.test(value) ? " " : "";
  into.setRangeText(blank + (chip.dataset["insert"] ?? ""), start, end, "end");
  into.focus();
  into.dispatchEvent(new Event("input", { bubbles: true }));
}

/**
 * Sends the form into a new frame and shows it once it has arrived. A new frame under a new
 * name, because every page in an old one would be a step of the browser's "back".
 */
async function refresh(form: HTMLFormElement, button: HTMLButtonElement): Promise<void> {
  const kind = button.dataset["preview"] ?? "";
  const old = document.querySelector<HTMLIFrameElement>(`iframe[data-shows="${kind}"]`);
  if (!old) return;
  const next = old.cloneNode() as HTMLIFrameElement;
  next.removeAttribute("src");
  next.dataset["look"] = button.dataset["look"] ?? "";
  next.name = button.formTarget = `${kind}-${++frames}`;
  next.classList.add("preview-next");
  old.after(next);
  const arrived = new Promise((done) => next.addEventListener("load", done, { once: true }));
  form.requestSubmit(button);
  await arrived;
  next.classList.remove("preview-next");
  old.remove();
}

/** Keeps the previews up to date with what is typed. */
function followTyping(form: HTMLFormElement): void {
  const buttons = [...form.querySelectorAll<HTMLButtonElement>("button[data-preview]")];
  const shown = new Map<string, HTMLButtonElement>();
  for (const button of buttons) {
    const name = button.dataset["preview"] ?? "";
    if (!shown.has(name)) shown.set(name, button);
    button.addEventListener("click", (event) => {
      if (!event.isTrusted) return;
      event.preventDefault();
      shown.set(name, button);
      buttons
        .filter((each) => each.dataset["preview"] === name)
        .forEach((each) => each.setAttribute("aria-pressed", String(each === button)));
      show(button);
    });
  }
  // One after the other: a form drops a submission that has not begun when the next comes.
  let turn: Promise<void> = Promise.resolve();
  const show = (button: HTMLButtonElement): void => {
    turn = turn.then(() => refresh(form, button));
  };
  for (const [name, button] of shown) {
    const frame = document.querySelector(`iframe[data-shows="${name}"]`);
    if (frame && !frame.hasAttribute("src")) show(button);
  }
  let waiting = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => shown.forEach(show), TYPING_MS);
  });
}

/** Shows one leaf of a form at a time: the one that was chosen, or where something is wrong. */
function turnLeaves(form: HTMLFormElement): void {
  const buttons = [...form.querySelectorAll<HTMLButtonElement>("button[data-leaf]")];
  const leaves = [...form.querySelectorAll<HTMLElement>("[data-leaf-of]")];
  const turn = (name: string): void => {
    for (const leaf of leaves) leaf.hidden = leaf.dataset["leafOf"] !== name;
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.dataset["leaf"] === name));
    }
  };
  for (const button of buttons) {
    button.addEventListener("click", () => turn(button.dataset["leaf"] ?? ""));
  }
  const wrong = leaves.find((leaf) => leaf.querySelector(".field-wrong")) ?? leaves[0];
  if (wrong) turn(wrong.dataset["leafOf"] ?? "");
  // A link to a control on the other leaf, as the list of mistakes has them.
  document.addEventListener("click", ({ target }) => {
    const link = target instanceof Element ? target.closest("a[href^='#']") : null;
    const place = link && document.getElementById(link.getAttribute("href")?.slice(1) ?? "");
    const leaf = place?.closest<HTMLElement>("[data-leaf-of]");
    if (leaf) turn(leaf.dataset["leafOf"] ?? "");
  });
}

/** Takes over the parts of the page that changed; what a reader has in hand stays. */
function takeOver(fresh: Document): void {
  for (const part of document.querySelectorAll<HTMLElement>("#progress > [id]")) {
    const now = fresh.getElementById(part.id);
    if (now && now.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) {
      part.innerHTML = now.innerHTML;
      part.querySelectorAll<HTMLFormElement>("form[data-confirm]").forEach(askFirst);
    }
  }
}

/** Asks for the page again and again while letters are on their way. */
async function followProgress(place: HTMLElement): Promise<void> {
  while (place.dataset["live"] === "on") {
    await new Promise((done) => setTimeout(done, PROGRESS_MS));
    if (document.hidden || document.querySelector("dialog[open]")) continue;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) continue;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      takeOver(fresh);
      place.dataset["live"] = fresh.getElementById("progress")?.dataset["live"] ?? "off";
    } catch {
      // The server is away for a moment; the next turn asks again.
    }
  }
}

document.documentElement.classList.add("lively");
document.querySelectorAll<HTMLButtonElement>("button[data-insert]").forEach((chip) => {
  chip.addEventListener("click", () => insert(chip));
});
document.querySelectorAll<HTMLFormElement>("form[data-composer]").forEach((form) => {
  followTyping(form);
  turnLeaves(form);
});
const progress = document.getElementById("progress");
if (progress) void followProgress(progress);
