/**
 * Texts: `src/locales/<locale>/<area>.json`, read as `t('<area>.<key>')`. Only the active language
 * is loaded, and of it only the areas that are visited. There is no language to fall back to: every
 * one has every key, which a test holds it to.
 *
 * The messages are vue-i18n's, and so is what formats them; its Vue layer, as large as all of a
 * player's screens, is replaced by the one ref that is needed.
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
  | 'review'
  | 'host'
  | 'screen'
  | 'connection-test';

export type Texts = Record<string, unknown>;
export type LoadTexts = (locale: Locale, area: Area) => Promise<Texts>;

/** What stands in a text's places: by name, or the number that chooses among its plural forms. */
export type Values = Record<string, unknown>;

registerMessageCompiler(compile);

const locale = ref<Locale>(preferredLocale());
/** What the formatting of messages needs to know. */
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

/** Where texts come from: the entry knows their files, and has fetched the first ones already. */
export function takeTextsFrom(source: LoadTexts): void {
  loadTexts = source;
}

/** Whatever shows it is shown anew when it changes. */
export function activeLocale(): Locale {
  return locale.value;
}

/**
 * The text of `key` in the active language; the key itself where there is none. A number, as `values`
 * or after them, chooses among plural forms, and stands in them as `{count}` and `{n}`.
 */
export function t(key: string, values: Values | number = {}, plural?: number): string {
  context.locale = locale.value;
  const named = typeof values === 'number' ? {} : values;
  const count = typeof values === 'number' ? values : plural;
  const options = count === undefined ? {} : { plural: count };
  const found = translate(context, key, named, options);
  return found === NOT_REOSLVED ? key : String(found);
}

/** Whether there is a text of this key. */
export function hasText(key: string): boolean {
  return key in (messages[locale.value] ?? {});
}

/** Have the texts of these areas in the active language. */
export async function loadAreas(...wanted: Area[]): Promise<void> {
  for (const area of wanted) areas.add(area);
  await Promise.all(wanted.map((area) => load(locale.value, area)));
}

/** Switch the language, once its texts are there. */
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
