/* The line to the server: keeps the attendance in step by numbered news.
   The socket is a hint; a gap, waking up or coming back online makes it ask what it lacks. */

import { io, type Socket } from "socket.io-client";
import { apply, type Attendance, type News } from "./attendance";
import type { Station } from "./lists";
import type { Words } from "./words";

export interface Health {
  stations: Station[];
  now_ms: number;
}

/** What a page brings along for its script to begin with. */
export interface Brought {
  event: number;
  snapshot: Attendance;
  gates: string[];
  health: Health;
  words: Words;
  warm_s: number;
  stale_s: number;
}

interface Update {
  since: number;
  head: number;
  news: News[];
  snapshot: Attendance | null;
}

const ASK_WITHIN_MS = 5_000;
const TRY_AGAIN_MS = 5_000;

/** What a screen knows of one event; `changed` is called once for however much came at once. */
export class Line {
  stations: Station[];
  /** Whether the server turned us away: signed out, or no longer allowed. */
  refused = false;

  private readonly socket: Socket;
  private ahead: number; // the server's clock less ours
  private contactAt = performance.now();
  private asking = false;
  private askAgain = false;
  private told = false;

  constructor(
    event: number,
    public state: Attendance,
    health: Health,
    private readonly changed: () => void,
    private readonly contacted: () => void,
  ) {
    this.stations = health.stations;
    this.ahead = health.now_ms - Date.now();
    this.socket = io({
      auth: (give) => give({ event, number: this.state.number }),
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      reconnectionDelay: 300,
      reconnectionDelayMax: 1_500,
      timeout: 3_000,
    });
    this.listen();
    window.addEventListener("online", () => this.wake());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.wake();
    });
    window.setInterval(() => this.contacted(), 1_000);
  }

  get connected(): boolean {
    return this.socket.connected;
  }

  /** How long, in milliseconds, nothing has been heard. */
  get silence(): number {
    return performance.now() - this.contactAt;
  }

  /** The server's clock, in Unix milliseconds. */
  now(): number {
    return Date.now() + this.ahead;
  }

  private listen(): void {
    const socket = this.socket;
    socket.on("connect", () => {
      this.refused = false;
      this.contact();
    });
    socket.on("disconnect", () => this.contacted());
    socket.on("connect_error", () => {
      if (socket.active) return this.contacted();
      this.refused = true;
      this.contacted();
      window.setTimeout(() => socket.connect(), TRY_AGAIN_MS);
    });
    socket.on("update", (update: Update) => this.take(update));
    socket.on("gates", (health: Health) => {
      this.contact(health.now_ms);
      this.stations = health.stations;
      this.tell();
    });
    socket.on("beat", (beat: { head: number; now_ms: number }) => {
      this.contact(beat.now_ms);
      if (beat.head > this.state.number) void this.ask();
    });
  }

  /** Takes what the server told; asks when it does not follow on from what we know. */
  private take(update: Update): void {
    this.contact();
    if (update.snapshot) {
      const begunAnew = update.since > update.head;
      if (begunAnew || update.snapshot.number >= this.state.number) this.state = update.snapshot;
      return this.tell();
    }
    if (update.since > this.state.number) return void this.ask();
    for (const news of update.news) {
      const next = apply(this.state, news);
      if (!next) return void this.ask(-1);
      this.state = next;
    }
    this.tell();
  }

  /** Asks what there is since our number, or for everything with -1. */
  private async ask(number: number = this.state.number): Promise<void> {
    if (!this.socket.connected) return;
    if (this.asking) {
      this.askAgain = true;
      return;
    }
    this.asking = true;
    try {
      const line = this.socket.timeout(ASK_WITHIN_MS);
      const answer: Update = await line.emitWithAck("since", { number });
      this.asking = false;
      if ("head" in answer) this.take(answer);
    } catch {
      this.asking = false; // the next beat tells whether we still lack something
    }
    if (this.askAgain) {
      this.askAgain = false;
      void this.ask();
    }
  }

  private wake(): void {
    this.contacted();
    if (this.socket.connected) void this.ask();
    else this.socket.connect();
  }

  private contact(nowMs?: number): void {
    this.contactAt = performance.now();
    if (nowMs !== undefined) this.ahead = nowMs - Date.now();
    this.contacted();
  }

  private tell(): void {
    if (this.told) return;
    this.told = true;
    window.setTimeout(() => {
      this.told = false;
      this.changed();
    }, 16);
  }
}
