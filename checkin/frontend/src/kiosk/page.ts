// What every part of the kiosk page needs: its elements, the station's words, and asking it.

export interface State {
  online: boolean;
  trouble: string;
  refused: boolean;
  waiting: number;
  list_time: string;
  list_minutes: number;
  arrived: number;
  expected: number;
  inside: number;
  camera: "opening" | "online" | "stalled" | "offline" | "ended";
  frames: number;
  dropped: number;
  torch?: boolean | null;
  shift: string;
  shift_name: string;
  rehearsing: boolean;
  direction: "entry" | "exit";
  walk_ins: boolean;
  self_service: boolean;
  answered: number[];
}

export interface Reply {
  done?: boolean;
  begin?: boolean;
  error?: string;
  words?: string;
  html?: string;
  label?: string;
  outcome?: string;
}

export function $<E extends HTMLElement>(id: string): E {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`#${id} is missing`);
  return found as E;
}

/** Ask the station for a deed; a station that does not answer gives an empty reply. */
export async function post(path: string, body: unknown): Promise<Reply> {
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    return (await answer.json()) as Reply;
  } catch {
    return { error: "gone" };
  }
}

/** Return a page of the station, or null where there is none. */
export async function page(path: string): Promise<string | null> {
  try {
    const answer = await fetch(path);
    return answer.ok ? await answer.text() : null;
  } catch {
    return null;
  }
}

/** Remember a choice of this screen; a browser that forgets is no trouble. */
export function remember(key: string, value: string, place: Storage = localStorage): void {
  try {
    place.setItem(key, value);
  } catch {
    // private window: the choice holds until the page closes
  }
}

export function remembered(key: string, place: Storage = localStorage): string | null {
  try {
    return place.getItem(key);
  } catch {
    return null;
  }
}
