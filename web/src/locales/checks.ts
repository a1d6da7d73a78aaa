/** Checks of the client's messages. Each returns a list of faults. */
import type { Locale } from '@/i18n/locales';

export interface Texts {
  [key: string]: string | Texts;
}

/** Messages by full key, such as `player.entry.title`. */
export type Flat = ReadonlyMap<string, string>;

export function flatten(texts: Texts, prefix = ''): Flat {
  return new Map(
    Object.entries(texts).flatMap(([key, value]) =>
      typeof value === 'string'
        ? [[prefix + key, value] as const]
        : [...flatten(value, `${prefix}${key}.`)],
    ),
  );
}

/** Keys missing from one of the languages, and messages with different placeholders. */
export function differences(english: Flat, other: Flat): string[] {
  const lacking = [...english.keys()].filter((key) => !other.has(key));
  const extra = [...other.keys()].filter((key) => !english.has(key));
  const unlike = [...other].filter(
    ([key, text]) => english.has(key) && placeholders(text) !== placeholders(english.get(key)),
  );
  return [
    ...lacking.map((key) => `${key}: missing`),
    ...extra.map((key) => `${key}: not in English`),
    ...unlike.map(([key]) => `${key}: other placeholders than in English`),
  ];
}

/** Sorted, because word order differs between languages. */
function placeholders(text = ''): string {
  return [...new Set(text.match(/\{\w+\}/g))].sort().join();
}

type Rule = readonly [fault: string, broken: RegExp];

const EVERYWHERE: readonly Rule[] = [
  ['no text', /^\s*$/],
  ['space at an end', /^\s|\s$/],
  ['two spaces', /  /],
  ['straight quotation mark', /["']/],
  ['three dots instead of …', /\.\.\./],
];

/** A no-break space, wide or narrow. */
const FIXED = '\\u00a0\\u202f';
const QUOTES: Record<Locale, RegExp> = {
  en: /[«»„]/,
  fr: /[“”„]/,
  de: /[«»”‘]/,
  es: /[“”„]/,
};
const FRENCH: readonly Rule[] = [
  ['no fixed space before ? ! ;', new RegExp(`[^${FIXED}\\s?!][?!;]|\\s(?<![${FIXED}])[?!;]`)],
  ['no fixed space before :', new RegExp(`[^${FIXED}]:(?!//)`)],
  ['no fixed space inside « »', new RegExp(`«[^${FIXED}]|[^${FIXED}]»`)],
];
const SPANISH: readonly Rule[] = [
  ['? without ¿', /^[^¿]*\?/],
  ['! without ¡', /^[^¡]*!/],
];

export function misprints(locale: Locale, texts: Flat): string[] {
  const rules = [...EVERYWHERE, ['quotation marks of another language', QUOTES[locale]] as const];
  if (locale === 'fr') rules.push(...FRENCH);
  if (locale === 'es') rules.push(...SPANISH);
  return [...texts].flatMap(([key, text]) =>
    rules.filter(([, broken]) => broken.test(text)).map(([fault]) => `${key}: ${fault}`),
  );
}

/** Placeholders for quantities, as opposed to `number`, `rank` and the like. */
const COUNTS = 'count|n|points|players|seconds|answered|asked|lost|here|days|total|stored|scored';
/** Words after a number that are not the counted noun. */
const NO_NOUN =
  'of|in|all|more|and|times|have|received|scored|stored|left|lost|connected|away|right|answered|shown|' +
  'von|sind|beantwortet|empfangen|gespeichert|gewertet|gesamt|mal|senden|haben|verloren|zeigen|weitere|richtig|verbunden|angezeigt|nicht|' +
  'sur|fois|ont|plus|de|más|veces|han';
const COUNTED = new RegExp(`\\{(?:${COUNTS})\\}[\\s-](?!(?:${NO_NOUN})\\b)\\p{L}{3,}`, 'u');
/** Quantities that are never one: announced remaining times, and streaks, which start at two. */
const NEVER_ONE = new Set([
  'player.question.announce',
  'player.question.seconds_left',
  'player.result.streak',
]);

/** Messages with a quantity but without plural forms. */
export function pluralsMissing(texts: Flat): string[] {
  return [...texts]
    .filter(([key, text]) => COUNTED.test(text) && !text.includes(' | ') && !NEVER_ONE.has(key))
    .map(([key]) => `${key}: no plural forms`);
}

export interface Usage {
  /** Keys, or the prefixes of keys built at run time. */
  keys: ReadonlySet<string>;
  patterns: readonly RegExp[];
  /** Calls of `t` with a literal key, and whether a number is passed. */
  calls: readonly { key: string; counts: boolean }[];
}

/** The keys of these areas used in a source text. */
export function usageIn(source: string, areas: readonly string[]): Usage {
  const area = `(?:${areas.join('|')})`;
  const literals = source.matchAll(new RegExp(`'(${area}(?:\\.[\\w-]+)+)'`, 'g'));
  const templates = source.matchAll(new RegExp(`\`(${area}\\.[^\`\\s]*\\$\\{[^\`]*)\``, 'g'));
  const calls = source.matchAll(new RegExp(`\\bt\\(\\s*'(${area}(?:\\.[\\w-]+)+)'`, 'g'));
  return {
    keys: new Set([...literals].map(([, key]) => key ?? '')),
    patterns: [...templates].map(([, template]) => patternOf(template ?? '')),
    calls: [...calls].map((call) => ({
      key: call[1] ?? '',
      counts: isGivenNumber(argumentsFrom(source, call.index + call[0].indexOf('(') + 1)),
    })),
  };
}

function patternOf(template: string): RegExp {
  const fixed = template
    .split(/\$\{(?:[^{}]|\{[^{}]*\})*\}/)
    .map((part) => part.replace(/\./g, '\\.'));
  return new RegExp(`^${fixed.join('[\\w.-]+')}$`);
}

/** The arguments of a call whose parenthesis opens just before `start`. */
function argumentsFrom(source: string, start: number): string[] {
  const found = [''];
  for (let at = start, depth = 0; at < source.length; at++) {
    const char = source.charAt(at);
    if ('([{'.includes(char)) depth++;
    if (')]}'.includes(char) && depth-- === 0) break;
    if (char === ',' && depth === 0) found.push('');
    else found.push((found.pop() ?? '') + char);
  }
  return found.map((argument) => argument.trim()).filter(Boolean);
}

function isGivenNumber([, second, third]: string[]): boolean {
  return third !== undefined || (second !== undefined && !second.startsWith('{'));
}

/** Missing keys, unused keys, and plural forms used without a number. */
export function misuses(texts: Flat, usages: readonly Usage[]): string[] {
  const used = new Set(usages.flatMap(({ keys }) => [...keys]));
  const patterns = usages.flatMap((usage) => usage.patterns);
  const isUsed = (key: string) => used.has(key) || patterns.some((pattern) => pattern.test(key));
  const uncounted = usages
    .flatMap(({ calls }) => calls)
    .filter(({ key, counts }) => !counts && texts.get(key)?.includes(' | '));
  return [
    ...[...used].filter((key) => !texts.has(key)).map((key) => `${key}: used, but missing`),
    ...[...texts.keys()].filter((key) => !isUsed(key)).map((key) => `${key}: not used`),
    ...patterns
      .filter((pattern) => ![...texts.keys()].some((key) => pattern.test(key)))
      .map((pattern) => `${pattern.source}: fits no key`),
    ...uncounted.map(({ key }) => `${key}: has plural forms, but is given no number`),
  ];
}
