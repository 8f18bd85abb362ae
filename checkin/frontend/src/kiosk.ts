// The kiosk page: shows what the station decides. It decides nothing itself.

interface State {
  online: boolean;
  trouble: string;
  refused: boolean;
  waiting: number;
  list_time: string;
  arrived: number;
  expected: number;
  camera: "opening" | "online" | "stalled" | "offline" | "ended";
}

type Kind = "ok" | "vip" | "offline" | "already" | "stop";

interface Verdict {
  number: number;
  kind: Kind;
  hold_ms: number;
  html: string;
}

interface Tone {
  at: number;
  hertz: number;
  seconds: number;
  shape: OscillatorType;
  loud: number;
}

const PICTURE_EVERY_MS = 100;
const HINT_MS = 3000;
const SILENT_AFTER_MS = 4000;
const PASS = /71[0-9]{200}$/;
const DOOR_CODE = /^[0-9]{12}$/;
const LONGEST = 400;

const TONES: Record<Kind, Tone[]> = {
  ok: [{ at: 0, hertz: 1320, seconds: 0.14, shape: "sine", loud: 0.5 }],
  offline: [{ at: 0, hertz: 1320, seconds: 0.14, shape: "sine", loud: 0.25 }],
  vip: [
    { at: 0, hertz: 880, seconds: 0.12, shape: "sine", loud: 0.5 },
    { at: 0.14, hertz: 1109, seconds: 0.12, shape: "sine", loud: 0.5 },
    { at: 0.28, hertz: 1320, seconds: 0.2, shape: "sine", loud: 0.5 },
  ],
  already: [
    { at: 0, hertz: 740, seconds: 0.16, shape: "square", loud: 0.25 },
    { at: 0.24, hertz: 740, seconds: 0.16, shape: "square", loud: 0.25 },
  ],
  stop: [{ at: 0, hertz: 165, seconds: 0.6, shape: "sawtooth", loud: 0.5 }],
};

const SHAKES: Record<Kind, number[]> = {
  ok: [60],
  offline: [60],
  vip: [60, 40, 60],
  already: [120, 80, 120],
  stop: [400],
};

const $ = <E extends HTMLElement>(id: string): E => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`#${id} is missing`);
  return found as E;
};

const panel = $("verdict");
const badge = $("line");
const picture = $<HTMLImageElement>("picture");
const code = $<HTMLInputElement>("code");
const past = $("past");
const dialog = $<HTMLDialogElement>("undo");

let sound: AudioContext | null = null;
let closing = 0;
let hinting = 0;
let heardAt = Date.now();

function play(kind: Kind): void {
  navigator.vibrate?.(SHAKES[kind]);
  if (sound === null || sound.state !== "running") return;
  const now = sound.currentTime;
  for (const tone of TONES[kind]) {
    const voice = sound.createOscillator();
    const volume = sound.createGain();
    voice.type = tone.shape;
    voice.frequency.value = tone.hertz;
    volume.gain.setValueAtTime(tone.loud, now + tone.at);
    volume.gain.setTargetAtTime(0, now + tone.at + tone.seconds - 0.02, 0.01);
    voice.connect(volume).connect(sound.destination);
    voice.start(now + tone.at);
    voice.stop(now + tone.at + tone.seconds + 0.05);
  }
}

function show(verdict: Verdict): void {
  window.clearTimeout(closing);
  hideHint();
  panel.innerHTML = verdict.html; // rendered, and escaped, by the station
  document.body.classList.add("judged");
  document.body.dataset["scans"] = String(verdict.number);
  play(verdict.kind);
  if (verdict.hold_ms > 0) {
    const hand = panel.querySelector(".hand");
    hand?.animate([{ transform: "scaleX(1)" }, { transform: "scaleX(0)" }], verdict.hold_ms);
    closing = window.setTimeout(close, verdict.hold_ms);
  }
  void refreshPast();
}

function close(): void {
  window.clearTimeout(closing);
  if (dialog.open) return;
  panel.replaceChildren();
  document.body.classList.remove("judged");
}

function hint(): void {
  window.clearTimeout(hinting);
  $("hint").hidden = false;
  hinting = window.setTimeout(hideHint, HINT_MS);
}

function hideHint(): void {
  $("hint").hidden = true;
}

function tell(state: State): void {
  const words = badge.dataset;
  badge.className = `badge ${state.online ? "online" : "offline"}`;
  const parts = [state.online ? words["online"] : state.refused ? words["refused"] : words["offline"]];
  if (state.waiting > 0) parts.push(`${state.waiting} ${words["waiting"] ?? ""}`);
  badge.textContent = parts.join(" · ");
  $("arrived").textContent = String(state.arrived);
  $("expected").textContent = String(state.expected);
  $("list-time").textContent = state.list_time || "–";
  $("alarm").hidden = state.trouble !== "journal";
  const trouble = $("camera-trouble");
  trouble.hidden = state.camera === "online";
  trouble.textContent = trouble.dataset[state.camera] ?? "";
}

function listen(): void {
  const news = new EventSource(`/events?after=${document.body.dataset["scans"] ?? "0"}`);
  const heard = (): void => {
    heardAt = Date.now();
  };
  news.addEventListener("verdict", (event: MessageEvent<string>) => {
    heard();
    show(JSON.parse(event.data) as Verdict);
  });
  news.addEventListener("state", (event: MessageEvent<string>) => {
    heard();
    tell(JSON.parse(event.data) as State);
  });
  news.addEventListener("hint", hint);
  news.addEventListener("error", () => {
    news.close();
    window.setTimeout(listen, 1000);
  });
}

function watchSilence(): void {
  const silent = Date.now() - heardAt > SILENT_AFTER_MS;
  document.body.classList.toggle("silent", silent);
  if (silent) {
    badge.className = "badge offline";
    badge.textContent = badge.dataset["stopped"] ?? "";
  }
}

function nextPicture(): void {
  const again = (): void => void window.setTimeout(nextPicture, PICTURE_EVERY_MS);
  const next = new Image();
  next.onload = () => {
    picture.src = next.src;
    picture.hidden = false;
    again();
  };
  next.onerror = () => void window.setTimeout(nextPicture, 1000);
  next.src = `/picture.jpg?at=${Date.now()}`;
}

async function post(path: string, body: unknown): Promise<Response> {
  return await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

async function present(text: string): Promise<void> {
  const answer = await post("/typed", { text });
  const found = (await answer.json()) as { outcome?: string };
  if (!answer.ok || found.outcome === "not_a_pass") hint();
}

async function refreshPast(): Promise<void> {
  if (!$<HTMLDetailsElement>("history").open) return;
  const answer = await fetch("/history");
  if (answer.ok) past.innerHTML = await answer.text(); // rendered, and escaped, by the station
}

function askUndo(scan: string): void {
  $("undo-late").hidden = true;
  dialog.dataset["scan"] = scan;
  dialog.returnValue = "";
  dialog.showModal();
}

async function undo(): Promise<void> {
  const reason = dialog.returnValue;
  if (reason === "") return close();
  const answer = await post("/undo", { scan_id: dialog.dataset["scan"], reason });
  if (answer.ok) {
    close();
    await refreshPast();
    return;
  }
  dialog.returnValue = "";
  dialog.showModal();
  $("undo-late").hidden = false;
}

// A hand scanner types like a keyboard, into whatever has the focus. It is known by its
// framing alone: 71 and 200 digits, or a door code outside a field, and then Enter.
let keys = "";

function key(event: KeyboardEvent): void {
  if (/^[0-9]$/.test(event.key)) {
    keys = (keys + event.key).slice(-LONGEST);
    return;
  }
  if (event.key !== "Enter") {
    if (event.key.length === 1) keys = "";
    return;
  }
  const typed = keys;
  keys = "";
  const pass = PASS.exec(typed)?.[0];
  const inField = event.target instanceof HTMLInputElement;
  if (pass === undefined && (inField || !DOOR_CODE.test(typed))) return;
  event.preventDefault();
  if (event.target instanceof HTMLInputElement && pass !== undefined) {
    const field = event.target;
    if (field.value.endsWith(pass.slice(-field.value.length))) {
      field.value = field.value.length > pass.length ? field.value.slice(0, -pass.length) : "";
    }
  }
  void present(pass ?? typed);
}

async function start(): Promise<void> {
  sound ??= new AudioContext();
  await sound.resume();
  play("ok");
  $("start").hidden = true;
  await Promise.allSettled([
    document.documentElement.requestFullscreen(),
    navigator.wakeLock.request("screen"),
  ]);
}

document.addEventListener("keydown", key, true);
document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const scan = target?.closest<HTMLElement>("[data-undo]")?.dataset["undo"];
  if (scan !== undefined) {
    window.clearTimeout(closing);
    askUndo(scan);
  } else if (target?.closest("#verdict") != null) {
    close();
  }
});
$("start").addEventListener("click", () => void start());
$("history").addEventListener("toggle", () => void refreshPast());
$("typing").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = code.value.replace(/[^0-9]/g, "");
  code.value = "";
  if (text !== "") void present(text);
});
dialog.addEventListener("close", () => void undo());

listen();
nextPicture();
window.setInterval(watchSilence, 1000);
