/** Parses and formats numbers by the conventions of the quiz's language. */

const MOST = 1e15;
const MOST_CHARS = 60;
/** A number in JavaScript notation. */
const STORED = /^-?\d+(\.\d+)?(e-\d+)?$/;

export interface ReadNumber {
  value: number;
  /** The alternative reading if the separator is ambiguous, else `null`. */
  other: number | null;
}

/**
 * Parse a typed number; `null` if it is none. A separator before exactly three digits may group
 * thousands or begin decimals: `language` decides, and `other` is the other reading.
 */
export function readNumber(typed: string, language: string): ReadNumber | null {
  const plain = plainDigits(typed);
  const [, sign = '', body = ''] = /^([+-]?)(.*)$/.exec(plain) ?? [];
  const marks = body.replace(/\d/g, '');
  const readings = readingsOf(body, marks, separators(language).decimal);
  const [value, other] = readings.map((text) => {
    const number = Number(text);
    return sign === '-' && number ? -number : number;
  });
  if (value === undefined || Math.abs(value) > MOST) return null;
  return { value, other: other ?? null };
}

/** Like `readNumber`, without the alternative reading. */
export function parseNumber(typed: string, language: string): number | null {
  return readNumber(typed, language)?.value ?? null;
}

/** Format a number in the language; `plain` omits thousands separators, to be unambiguous. */
export function writeNumber(value: number, language: string, plain = false): string {
  return format(language, { useGrouping: !plain, maximumFractionDigits: 12 }).format(value);
}

/** Language-independent form of a typed number for storage; invalid input is kept as typed. */
export function storedNumber(typed: string, language: string): string {
  const value = parseNumber(typed, language);
  return value === null ? typed : String(value);
}

/** The value of a stored number; `null` if it is not a number. */
export function valueOfStored(stored: string): number | null {
  return STORED.test(stored) ? Number(stored) : parseNumber(stored, 'en');
}

/** Format a stored number for an input. */
export function typedNumber(stored: string, language: string): string {
  return STORED.test(stored) ? writeNumber(Number(stored), language, true) : stored;
}

function readingsOf(body: string, marks: string, decimal: string): string[] {
  if (/^\d+$/.test(body)) return [body];
  const last = marks.at(-1) ?? '';
  const group = marks[0] ?? '';
  if (marks.length === 1) {
    const whole = /^[1-9]\d{0,2}[.,]\d{3}$/.test(body) ? body.replace(last, '') : null;
    const fraction = /^(\d+[.,]\d*|[.,]\d+)$/.test(body) ? body.replace(last, '.') : null;
    const both = [fraction, whole].filter((text) => text !== null);
    return last === decimal ? both : both.toReversed();
  }
  // several separators: the last may begin decimals, those before it group thousands
  const thousands = `[1-9]\\d{0,2}(\\${group}\\d{2,3})*\\${group}\\d{3}`;
  if (!'.,'.includes(group) || !group) return [];
  if (new RegExp(`^${thousands}$`).test(body)) return [body.replaceAll(group, '')];
  if (last !== group && new RegExp(`^${thousands}\\${last}\\d*$`).test(body))
    return [body.replaceAll(group, '').replace(last, '.')];
  return [];
}

/** Normalize to ASCII digits, signs and separators; drop spaces and apostrophes. */
function plainDigits(typed: string): string {
  return typed
    .slice(0, MOST_CHARS)
    .normalize('NFKC')
    .replace(/[\s'’_\p{Cf}]/gu, '')
    .replace(/[−–]/g, '-')
    .replaceAll('٫', '.')
    .replaceAll('٬', '')
    .replace(/\p{Nd}/gu, (digit) => String(digitValue(digit.codePointAt(0) ?? 0)));
}

/** Unicode digits come in blocks of ten, each preceded by a non-digit. */
function digitValue(code: number): number {
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value++;
  return value;
}

function separators(language: string): { decimal: string } {
  const parts = format(language).formatToParts(1.5);
  return { decimal: parts.find((part) => part.type === 'decimal')?.value ?? '.' };
}

function format(language: string, options?: Intl.NumberFormatOptions): Intl.NumberFormat {
  try {
    return new Intl.NumberFormat(language, options);
  } catch {
    return new Intl.NumberFormat('en', options); // invalid language tag
  }
}
