// The badge of the page: line, list, figures, shift; also that the station itself is silent.

import * as camera from "./camera";
import { $, type State } from "./page";

const SILENT_AFTER_MS = 4000;
const LIST_OLD_MINUTES = 2;

const badge = $("line");
let heardAt = Date.now();

export function heard(): void {
  heardAt = Date.now();
}

/** Show the state of the station. */
export function tell(state: State): void {
  const words = badge.dataset;
  const line = state.online ? words["online"] : state.refused ? words["refused"] : words["offline"];
  const waiting = state.waiting > 0 ? `${state.waiting} ${words["waiting"] ?? ""}` : "";
  badge.className = `badge ${state.online ? "online" : "offline"}`;
  say(badge, [line, waiting].filter(Boolean).join(" · "));
  say($("arrived"), String(state.arrived));
  say($("expected"), String(state.expected));
  say($("inside"), String(state.inside));
  say($("list-time"), state.list_time || "–");
  const age = $("list-age");
  const old = state.list_minutes >= LIST_OLD_MINUTES;
  say(age, old ? `(${(age.dataset["minutes"] ?? "").replace("{n}", String(state.list_minutes))})` : "");
  say($("staff"), state.shift_name);
  $("way").hidden = state.direction !== "exit";
  $("walk-in").hidden = !state.walk_ins;
  const answer = state.answered[0];
  $("answered").hidden = answer === undefined;
  $("answered").dataset["open"] = `/sheet/walk-in/${answer}`;
  say($("answered"), $("answered").dataset["words"] ?? "");
  $("alarm").hidden = state.trouble !== "journal";
  document.body.classList.toggle("rehearsing", state.rehearsing);
  document.body.dataset["self"] = state.self_service ? "1" : "0";
  camera.tell(state);
}

/** Say it when the station's program has fallen silent. */
export function watchSilence(): void {
  const silent = Date.now() - heardAt > SILENT_AFTER_MS;
  document.body.classList.toggle("silent", silent);
  if (!silent) return;
  badge.className = "badge offline";
  say(badge, badge.dataset["stopped"] ?? "");
}

/** Change a text only where it changed: screen readers speak every change. */
function say(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
