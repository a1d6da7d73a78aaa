/**
 * Messages: `src/locales/<locale>/<area>.json`, used as `t('<area>.<key>')`. Only the active
 * language and visited areas are loaded. There is no fallback language; a test checks that every
 * language has every key. Message format and runtime are vue-i18n's core. Its Vue layer, as large
 * as all of a player's screens, is replaced by a single ref.
 */
import {
  compile,
  createCoreContext,
  type CoreContext,
  type CoreOptions,
  NOT_REOSLVED,
  registerMessageCompiler,
  translate,
} from '@intlify/core-base';
import { ref } from 'vue';

import { directionOf, preferredLocale, rememberLocale, type Locale } from './locales';

export type Area =
  | 'common'
  | 'errors'
  | 'player'
  | 'extras'
  | 'seat'
  | 'moderation'
  | 'audit'
  | 'review'
  | 'host'
  | 'screen'
  | 'connection-test';

export type Texts = Record<string, unknown>;
export type LoadTexts = (locale: Locale, area: Area) => Promise<Texts>;

/** Placeholders by name, or the number that selects the plural form. */
export type Values = Record<string, unknown>;

registerMessageCompiler(compile);

const locale = ref<Locale>(preferredLocale());
/** The loaded messages by locale. */
const messages: Record<string, Texts> = {};
const context = createCoreContext({
  locale: locale.value,
  fallbackLocale: false,
  messages,
  missingWarn: import.meta.env.DEV,
  fallbackWarn: false,
} as CoreOptions) as CoreContext;
const loading = new Map<string, Promise<void>>();
const areas = new Set<Area>();
let loadTexts: LoadTexts;

/** Set the message loader; the entry knows the files and has already requested the first ones. */
export function takeTextsFrom(source: LoadTexts): void {
  loadTexts = source;
}

/** Reactive: dependents re-render when the locale changes. */
export function activeLocale(): Locale {
  return locale.value;
}

/**
 * The message of `key` in the active language, or the key itself if missing. A number, as `values`
 * or after them, selects the plural form and is available as `{count}` and `{n}`.
 */
export function t(key: string, values: Values | number = {}, plural?: number): string {
  context.locale = locale.value;
  const named = typeof values === 'number' ? {} : values;
  const count = typeof values === 'number' ? values : plural;
  const options = count === undefined ? {} : { plural: count };
  const found = translate(context, key, named, options);
  return found === NOT_REOSLVED ? key : String(found);
}

/** Whether there is a message with this key. */
export function hasText(key: string): boolean {
  return key in (messages[locale.value] ?? {});
}

/** Load the messages of these areas in the active language. */
export async function loadAreas(...wanted: Area[]): Promise<void> {
  for (const area of wanted) areas.add(area);
  await Promise.all(wanted.map((area) => load(locale.value, area)));
}

/** Switch the language once its messages are loaded. */
export async function useLocale(chosen: Locale): Promise<void> {
  await Promise.all([...areas].map((area) => load(chosen, area)));
  locale.value = chosen;
  rememberLocale(chosen);
  document.documentElement.lang = chosen;
  document.documentElement.dir = directionOf(chosen);
}

function load(language: Locale, area: Area): Promise<void> {
  const name = `${language}/${area}`;
  let done = loading.get(name);
  if (!done) {
    done = loadTexts(language, area).then((texts) => {
      messages[language] = Object.assign(messages[language] ?? {}, texts);
    });
    loading.set(name, done);
    done.catch(() => loading.delete(name));
  }
  return done;
}
