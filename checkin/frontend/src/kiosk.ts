// The kiosk page: shows what the station decides. It decides nothing itself.

import * as badge from "./kiosk/badge";
import * as camera from "./kiosk/camera";
import { $, post, type State } from "./kiosk/page";
import * as prints from "./kiosk/prints";
import * as search from "./kiosk/search";
import * as sheet from "./kiosk/sheet";
import * as shift from "./kiosk/shift";
import * as sound from "./kiosk/sound";
import * as verdicts from "./kiosk/verdicts";
import * as wedge from "./kiosk/wedge";

const HINT_MS = 3000;

const code = $<HTMLInputElement>("code");
let hinting = 0;

function hint(words = ""): void {
  window.clearTimeout(hinting);
  $("hint-usual").hidden = words !== "";
  $("hint-words").textContent = words;
  $("hint").hidden = false;
  hinting = window.setTimeout(hideHint, HINT_MS);
}

function hideHint(): void {
  $("hint").hidden = true;
}

function lit(verdict: verdicts.Verdict): void {
  hideHint();
  verdicts.show(verdict);
  if (verdict.badge && prints.isAutomatic()) void prints.badge(verdict.scan_id);
}

function listen(): void {
  const news = new EventSource(`/events?after=${document.body.dataset["scans"] ?? "0"}`);
  news.addEventListener("verdict", (event: MessageEvent<string>) => {
    badge.heard();
    lit(JSON.parse(event.data) as verdicts.Verdict);
  });
  news.addEventListener("state", (event: MessageEvent<string>) => {
    badge.heard();
    badge.tell(JSON.parse(event.data) as State);
  });
  news.addEventListener("beat", badge.heard);
  news.addEventListener("hint", () => hint());
  news.addEventListener("error", () => {
    news.close();
    window.setTimeout(listen, 1000);
  });
}

async function present(text: string): Promise<void> {
  if (tried(text)) return;
  const reply = await post("/typed", { text });
  if (reply.error !== undefined || reply.outcome === "not_a_pass") hint(reply.words);
}

/** On the test page of the hand scanner a scan is shown there and goes no further. */
function tried(text: string): boolean {
  const trial = document.getElementById("trial-keys");
  if (trial === null) return false;
  const words = text.length === wedge.LENGTHS.code ? trial.dataset["code"] : trial.dataset["pass"];
  const said = text.length === wedge.LENGTHS.code ? grouped(text) : String(text.length);
  trial.textContent = (words ?? "").replace("{n}", said);
  return true;
}

/** Twelve digits as they are read aloud: 4711 0832 9956. */
function grouped(digits: string): string {
  return digits.replace(/(\d{4})(?=\d)/g, "$1 ");
}

function groupCode(): void {
  const digits = code.value.replace(/[^0-9]/g, "");
  if (digits.length > wedge.LENGTHS.code || document.activeElement !== code) return;
  const atEnd = code.selectionStart === code.value.length;
  if (atEnd) code.value = grouped(digits);
}

async function send(form: HTMLFormElement, by: HTMLElement | null): Promise<void> {
  const action = form.dataset["post"];
  if (action === "/shift") shift.unlock();
  const reply = await sheet.send(form, by);
  if (action === "/shift" && reply.done === true) shift.begin();
  if (action === "/shift/close" && reply.done === true) void shift.ask();
  if (action === "/answers" && reply.done === true) verdicts.close();
  if (action === "/undo" && reply.done === true) verdicts.forgetLately();
  if (action === "/substitute" && reply.html !== undefined) search.forget();
}

async function setHeads(button: HTMLElement): Promise<void> {
  const scan = button.closest<HTMLElement>("[data-scan]")?.dataset["scan"];
  verdicts.hold(); // the station lights the verdict anew, with the number chosen
  await post("/heads", { scan_id: scan, heads: button.dataset["heads"] });
}

/** What a button does, by the mark it bears. */
const DEEDS: Record<string, (target: HTMLElement, value: string) => void> = {
  open: (target, path) => void sheet.open(path, target),
  shut: () => sheet.shut(),
  digit: (target) => shift.pad(target),
  begin: () => {
    shift.unlock();
    shift.begin();
  },
  checks: () => {
    sheet.shut();
    void shift.ask();
  },
  admit: (target) => void search.admit(target),
  heads: (target) => void setHeads(target),
  badge: (target, scan) => {
    verdicts.hold();
    void prints.badge(scan).then((words) => {
      if (words !== "") target.textContent = words;
    });
  },
  print: (_target, path) => prints.print(path),
  unseen: () => verdicts.seeUnseen(),
};

function click(event: MouseEvent): void {
  const target = event.target instanceof Element ? event.target : null;
  for (const [mark, deed] of Object.entries(DEEDS)) {
    const bearer = target?.closest<HTMLElement>(`[data-${mark}]`);
    if (bearer != null) return deed(bearer, bearer.dataset[mark] ?? "");
  }
  if (target?.closest("#full") != null) return shift.toggleFull();
  if (target?.closest("#verdict form, #verdict .heads") != null) return verdicts.hold();
  if (target?.closest("#verdict") != null) verdicts.close();
}

function escape(event: KeyboardEvent): void {
  if (event.key !== "Escape") return;
  if (verdicts.isOpen()) verdicts.close();
  else sheet.shut();
}

wedge.listen((text) => void present(text));
document.addEventListener("keydown", escape);
document.addEventListener("click", click);
document.addEventListener("submit", (event) => {
  const form = event.target instanceof HTMLFormElement ? event.target : null;
  if (form?.dataset["post"] === undefined) return;
  event.preventDefault();
  void send(form, event.submitter);
});
document.addEventListener("change", (event) => {
  const target = event.target;
  if (target instanceof HTMLInputElement && target.dataset["send"] !== undefined) {
    target.form?.requestSubmit();
  }
});
document.addEventListener("input", (event) => {
  const target = event.target;
  if (target instanceof HTMLInputElement && target.dataset["organisations"] !== undefined) {
    void search.offerOrganisations(target);
  }
});
code.addEventListener("input", groupCode);
$("typing").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = code.value.replace(/[^0-9]/g, "");
  code.value = "";
  if (text !== "") void present(text);
});
$("try-sound").addEventListener("click", () => void sound.unlock().then(() => sound.play("vip")));
$("check-again").addEventListener("click", () => void shift.check());

sound.listenToTool();
search.listen();
prints.listenToChoices();
shift.stayAwake();
shift.greet();
listen();
camera.watch();
camera.listenToTorch();
window.setInterval(badge.watchSilence, 1000);
