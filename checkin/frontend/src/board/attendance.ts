/* Keeps the board's figures in step with the numbered news, as attendance.py does. */

export interface Mark {
  scan_id: string;
  at_ms: number;
  outcome: string;
  station: string;
  gate: string;
  against: string;
  first_ms: number | null;
  first_gate: string;
  flags: string[];
  heads?: number;
  decision?: string;
}

/** A guest without an invitation who waits for an answer. */
export interface WalkIn {
  id: number;
  state: string;
  name: string;
  honorific?: string;
  organisation: string;
  reason: string;
  vouched_by: string;
  gate: string;
  at_ms: number;
}

export interface Line extends Mark {
  pass_id: string;
  name: string;
  honorific: string;
  title: string;
  organisation: string;
  party: number;
}

interface Counted {
  arrival: Mark | null;
  inside: boolean;
  heads?: number;
  conflicts: Mark[];
  refusal: Mark | null;
}

interface ScanNews {
  pass_id: string;
  name: string;
  honorific: string;
  title: string;
  organisation: string;
  party: number;
  before: Counted | null;
  after: Counted | null;
}

export type News =
  | { number: number; kind: "scan" | "decision"; body: ScanNews }
  | { number: number; kind: "walk_in"; body: WalkIn }
  | { number: number; kind: "greeted"; body: { pass_id: string; by: string } }
  | { number: number; kind: "note" | "staff"; body: unknown }
  | { number: number; kind: "roster" | "event"; body: unknown };

export interface Attendance {
  number: number;
  invited: number;
  accepted: number;
  capacity: number | null;
  arrived: number;
  inside: number;
  refused: number;
  conflicting: number;
  minutes: Record<string, number>;
  gates: Record<string, number>;
  organisations: Record<string, number>;
  reasons: Record<string, number>;
  latest: Line[];
  refusals: Line[];
  conflicts: Line[];
  to_handle: number;
  walk_ins: WalkIn[];
  greeted: Record<string, string>;
}

const LINES = 20;
const MINUTE_MS = 60_000;
const SETTLED = new Set(["same_person", "another_person"]);
const NOTHING: Counted = { arrival: null, inside: false, conflicts: [], refusal: null };

/** Returns `state` after one piece of news, or null when only a snapshot can tell. */
export function apply(state: Attendance, news: News): Attendance | null {
  if (news.number <= state.number) return state;
  if (news.number !== state.number + 1) return null;
  switch (news.kind) {
    case "scan":
    case "decision":
      return counted(state, news.number, news.body);
    case "walk_in":
      return { ...state, number: news.number, walk_ins: waiting(state.walk_ins, news.body) };
    case "greeted": {
      const greeted = { ...state.greeted, [news.body.pass_id]: news.body.by };
      return { ...state, number: news.number, greeted };
    }
    case "note":
    case "staff":
      return { ...state, number: news.number };
    default:
      return null;
  }
}

/** Returns `state` after what changed for one pass. */
function counted(state: Attendance, number: number, body: ScanNews): Attendance | null {
  const before = body.before ?? NOTHING;
  const after = body.after ?? NOTHING;
  const latest = swapped(state.latest, body, only(before.arrival), only(after.arrival));
  const refusals = swapped(state.refusals, body, only(before.refusal), only(after.refusal));
  const conflicts = swapped(state.conflicts, body, before.conflicts, after.conflicts);
  if (!latest || !refusals || !conflicts) return null;
  return {
    ...state,
    number,
    arrived: state.arrived + present(after.arrival) - present(before.arrival),
    inside: state.inside + people(after, body.party) - people(before, body.party),
    refused: state.refused + present(after.refusal) - present(before.refusal),
    conflicting: state.conflicting + after.conflicts.length - before.conflicts.length,
    minutes: moved(state.minutes, minute(before.arrival), minute(after.arrival)),
    gates: moved(state.gates, before.arrival?.gate, after.arrival?.gate),
    organisations: moved(
      state.organisations,
      before.arrival ? body.organisation : undefined,
      after.arrival ? body.organisation : undefined,
    ),
    reasons: moved(state.reasons, before.refusal?.outcome, after.refusal?.outcome),
    latest,
    refusals,
    conflicts,
    to_handle: state.to_handle + undecided(after.conflicts) - undecided(before.conflicts),
  };
}

function waiting(before: WalkIn[], told: WalkIn): WalkIn[] {
  const others = before.filter((each) => each.id !== told.id);
  return (told.state === "asked" ? [...others, told] : others).sort((a, b) => a.id - b.id);
}

function people(found: Counted, party: number): number {
  return found.heads ?? (found.inside ? party : 0);
}

function undecided(conflicts: Mark[]): number {
  return conflicts.filter((mark) => !SETTLED.has(mark.decision ?? "")).length;
}

function present(mark: Mark | null): number {
  return mark ? 1 : 0;
}

function only(mark: Mark | null): Mark[] {
  return mark ? [mark] : [];
}

function minute(mark: Mark | null): string | undefined {
  return mark ? String(Math.floor(mark.at_ms / MINUTE_MS)) : undefined;
}

function moved(
  counts: Record<string, number>,
  out: string | undefined,
  into: string | undefined,
): Record<string, number> {
  if (out === into) return counts;
  const changed = new Map(Object.entries(counts));
  if (out !== undefined) changed.set(out, (changed.get(out) ?? 0) - 1);
  if (into !== undefined) changed.set(into, (changed.get(into) ?? 0) + 1);
  return Object.fromEntries([...changed].filter(([, count]) => count !== 0));
}

function swapped(lines: Line[], body: ScanNews, out: Mark[], into: Mark[]): Line[] | null {
  if (JSON.stringify(out) === JSON.stringify(into)) return lines;
  const gone = new Set(out.map((mark) => mark.scan_id));
  const kept = lines.filter((line) => !gone.has(line.scan_id) || line.pass_id !== body.pass_id);
  if (kept.length < lines.length && lines.length === LINES) return null;
  const { pass_id, name, honorific, title, organisation, party } = body;
  const who = { pass_id, name, honorific, title, organisation, party };
  const all = [...kept, ...into.map((mark) => ({ ...mark, ...who }))];
  return all.sort(latestFirst).slice(0, LINES);
}

/** Orders lines by time, then by id, the latest first. */
export function latestFirst(one: Line, other: Line): number {
  if (one.at_ms !== other.at_ms) return other.at_ms - one.at_ms;
  return one.scan_id < other.scan_id ? 1 : -1;
}
