/** Removes secrets and personal data from reports, by the rules of `telemetry/scrubbing.py`. */

const SCRUBBED = '[scrubbed]';
const MAX_CHARS = 4_000;
const MAX_DEPTH = 20;

const DENIED =
  /passw|pwd|secret|token|authorization|api_?key|cookie|credential|dsn|private_key|jwt|session_id|csrf|e_?mail|nickname|display_name|ip_address/i;
const NAMES = 'passw(?:or)?d|pwd|secret|\\w*token|authorization|api[_-]?key|cookie';
const RULES: [RegExp, string][] = [
  [/\beyJ[\w-]{4,}\.[\w-]+(?:\.[\w-]*)?/g, '[token]'],
  [/\b(bearer|basic|digest)\s+[\w.~+/=-]{4,}/gi, `$1 ${SCRUBBED}`],
  [/(?<=:\/\/)[^\s/@:]*:[^\s/@]*@/g, `${SCRUBBED}@`],
  [
    new RegExp(`\\b(${NAMES})(['"]?\\s*[:=]\\s*)(?:'[^']*'|"[^"]*"|[^\\s,;&)}\\]]+)`, 'gi'),
    `$1$2${SCRUBBED}`,
  ],
  [/[\w.%+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}\b/g, '[email]'],
];

export function scrubText(text: string): string {
  const short = text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS - 1)}…` : text;
  return RULES.reduce((cleaned, [pattern, instead]) => cleaned.replace(pattern, instead), short);
}

/** A deep copy with all texts scrubbed and the values of sensitive fields removed. */
export function scrub<T>(value: T, depth = 0): T {
  return scrubbed(value, depth) as T;
}

function scrubbed(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return scrubText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return SCRUBBED;
  if (Array.isArray(value)) return value.map((one) => scrubbed(one, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      DENIED.test(key.replaceAll('-', '_')) && one != null ? SCRUBBED : scrubbed(one, depth + 1),
    ]),
  );
}
