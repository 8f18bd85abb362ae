// The sounds and shakes of the verdicts: made here, no file; told apart with closed eyes.

import { $, remember, remembered } from "./page";

export type Kind = "ok" | "vip" | "offline" | "already" | "stop";

interface Tone {
  at: number;
  hertz: number;
  seconds: number;
  shape: OscillatorType;
  loud: number;
}

export const TONES: Record<Kind, Tone[]> = {
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

export const SHAKES: Record<Kind, number[]> = {
  ok: [60],
  offline: [60],
  vip: [60, 40, 60],
  already: [120, 80, 120],
  stop: [400],
};

let context: AudioContext | null = null;
let loud = remembered("sound") !== "off";

/** Whether the browser lets this page sound. */
export function isUnlocked(): boolean {
  return context?.state === "running";
}

/** Unlock the sound; must be called from a tap. */
export async function unlock(): Promise<boolean> {
  try {
    context ??= new AudioContext();
    await context.resume();
  } catch {
    return false;
  }
  return isUnlocked();
}

export function play(kind: Kind): void {
  navigator.vibrate?.(SHAKES[kind]);
  if (context === null || context.state !== "running" || !loud) return;
  const now = context.currentTime;
  for (const tone of TONES[kind]) sing(context, tone, now + tone.at);
}

function sing(on: AudioContext, tone: Tone, start: number): void {
  const voice = on.createOscillator();
  const volume = on.createGain();
  voice.type = tone.shape;
  voice.frequency.value = tone.hertz;
  volume.gain.setValueAtTime(tone.loud, start);
  volume.gain.setTargetAtTime(0, start + tone.seconds - 0.02, 0.01);
  voice.connect(volume).connect(on.destination);
  voice.start(start);
  voice.stop(start + tone.seconds + 0.05);
}

/** Make the tool "sound" turn it on and off. */
export function listenToTool(): void {
  const tool = $("sound");
  const tell = (): void => tool.setAttribute("aria-pressed", String(loud));
  tell();
  tool.addEventListener("click", () => {
    loud = !loud;
    remember("sound", loud ? "on" : "off");
    tell();
    void unlock().then(() => play("ok"));
  });
}
