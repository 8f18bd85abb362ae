/* The words the page brought along, and times as people here read them. */

export type Words = Record<"outcomes" | "against" | "stations" | "say", Record<string, string>>;

const HERE = "Asia/Ho_Chi_Minh";
const CLOCK = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
  timeZone: HERE,
});

/** Returns a text with `{name}` replaced by its value. */
export function fill(text: string | undefined, values: Record<string, string | number>): string {
  return (text ?? "").replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** Returns the time of day of an instant in milliseconds, such as 08:41. */
export function clock(atMs: number): string {
  return CLOCK.format(atMs);
}

/** Returns a length of time in words. */
export function age(ms: number, words: Words): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return fill(words.say["seconds"], { n: seconds });
  if (seconds < 3600) return fill(words.say["minutes"], { n: Math.floor(seconds / 60) });
  return fill(words.say["hours"], { n: Math.floor(seconds / 3600) });
}
