// A hand scanner types like a keyboard, into whatever has the focus. It is known by its
// framing alone, never by its speed: 71 and 200 digits, or a door code whose check digit
// fits, and then Enter. What a person was typing stays as it was, in every field.

const PASS = /71[0-9]{200}$/;
const PASS_LENGTH = 202;
const CODE_LENGTH = 12;
const LONGEST = 420;
const DIGIT_KEY = /^(?:Digit|Numpad)([0-9])$/;

type Field = HTMLInputElement | HTMLTextAreaElement;

interface Stroke {
  digit: string;
  field: Field | null;
  before: string;
}

let strokes: Stroke[] = [];

/** Call *found* with every pass text or door code that a hand scanner types. */
export function listen(found: (text: string) => void): void {
  document.addEventListener("keydown", (event) => heard(event, found), true);
}

function heard(event: KeyboardEvent, found: (text: string) => void): void {
  const digit = digitOf(event);
  const field = fieldOf(event.target);
  if (digit !== null) {
    strokes.push({ digit, field, before: field?.value ?? "" });
    strokes = strokes.slice(-LONGEST);
    return;
  }
  const ends = event.key === "Enter" || event.key === "Tab" || event.code === "Enter";
  if (!ends) {
    if (event.key.length === 1 || event.key === "Process" || event.key === "Backspace") strokes = [];
    return;
  }
  const typed = strokes.map((stroke) => stroke.digit).join("");
  const text = framed(typed, field, event.key === "Tab");
  const last = strokes.slice(-(text?.length ?? 0));
  strokes = [];
  if (text === null) return;
  event.preventDefault();
  event.stopPropagation();
  restore(last);
  found(text);
}

/** Return the digit of a key, also under an input method that hides it (IME). */
function digitOf(event: KeyboardEvent): string | null {
  if (event.ctrlKey || event.altKey || event.metaKey) return null;
  if (/^[0-9]$/.test(event.key)) return event.key;
  const hidden = event.isComposing || event.key === "Process" || event.key === "Unidentified";
  return hidden ? (DIGIT_KEY.exec(event.code)?.[1] ?? null) : null;
}

function fieldOf(target: EventTarget | null): Field | null {
  const isField = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
  return isField ? target : null;
}

function framed(typed: string, field: Field | null, tab: boolean): string | null {
  const pass = PASS.exec(typed)?.[0];
  if (pass !== undefined) return pass;
  const own = field?.id === "code"; // there a person types the code, and its form sends it
  if (own || tab || typed.length < CODE_LENGTH) return null;
  const code = typed.slice(-CODE_LENGTH);
  return fits(code) ? code : null;
}

/** Whether the last of twelve digits is the Luhn digit of the others (ISO/IEC 7812-1). */
export function fits(code: string): boolean {
  let total = 0;
  for (let place = 0; place < code.length; place++) {
    const value = Number(code[code.length - 1 - place]) * (place % 2 === 1 ? 2 : 1);
    total += value > 9 ? value - 9 : value;
  }
  return code.length === CODE_LENGTH && total % 10 === 0;
}

/** Give every field back what it held before the scanner typed into it. */
function restore(scanned: Stroke[]): void {
  const seen = new Set<Field>();
  for (const { field, before } of scanned) {
    if (field === null || seen.has(field)) continue;
    seen.add(field);
    const focused = document.activeElement === field;
    if (focused) field.blur(); // an input method lets go of what it was composing
    field.value = before;
    if (focused) field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

export const LENGTHS = { pass: PASS_LENGTH, code: CODE_LENGTH };
