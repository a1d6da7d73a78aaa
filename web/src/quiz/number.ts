/** Numbers as people type them, read and written by the conventions of the quiz's language. */

const MOST = 1e15;
const MOST_CHARS = 60;
/** As JavaScript writes numbers. */
const STORED = /^-?\d+(\.\d+)?(e-\d+)?$/;

export interface ReadNumber {
  value: number;
  /** What it would be if its one separator were of the other kind; `null` where no doubt is left. */
  other: number | null;
}

/**
 * The number in `typed`; `null` when there is none. A separator before exactly three digits can
 * group thousands or begin decimals: `language` decides, and `other` is the other reading.
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

/** The same where nobody can be asked. */
export function parseNumber(typed: string, language: string): number | null {
  return readNumber(typed, language)?.value ?? null;
}

/** A number as the language writes it; `plain` leaves thousands together, so that none misread it. */
export function writeNumber(value: number, language: string, plain = false): string {
  return format(language, { useGrouping: !plain, maximumFractionDigits: 12 }).format(value);
}

/** What a draft keeps of a typed number: the same in every language; what is none stays as typed. */
export function storedNumber(typed: string, language: string): string {
  const value = parseNumber(typed, language);
  return value === null ? typed : String(value);
}

/** A stored number's value; `null` when it is none. */
export function valueOfStored(stored: string): number | null {
  return STORED.test(stored) ? Number(stored) : parseNumber(stored, 'en');
}

/** A stored number for a field in which it is edited. */
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
  // several marks: the last may begin decimals, all before it group
  const thousands = `[1-9]\\d{0,2}(\\${group}\\d{2,3})*\\${group}\\d{3}`;
  if (!'.,'.includes(group) || !group) return [];
  if (new RegExp(`^${thousands}$`).test(body)) return [body.replaceAll(group, '')];
  if (last !== group && new RegExp(`^${thousands}\\${last}\\d*$`).test(body))
    return [body.replaceAll(group, '').replace(last, '.')];
  return [];
}

/** ASCII digits, signs and marks, without spaces and apostrophes between thousands. */
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

/** Unicode's digits stand in rows of ten, each after something that is no digit. */
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
    return new Intl.NumberFormat('en', options); // no language tag
  }
}
