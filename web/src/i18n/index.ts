/**
 * Texts: `src/locales/<locale>/<area>.json`, read as `t('<area>.<key>')`. Only the active language
 * is loaded, and of it only the areas that are visited. There is no language to fall back to: every
 * one has every key, which a test holds it to.
 */
import { createI18n } from 'petite-vue-i18n';

import { directionOf, preferredLocale, rememberLocale, type Locale } from './locales';

export type Area = 'common' | 'errors' | 'player' | 'host' | 'screen';

export type Texts = Record<string, unknown>;
export type LoadTexts = (locale: Locale, area: Area) => Promise<Texts>;

let loadTexts: LoadTexts;
const loading = new Map<string, Promise<void>>();
const areas = new Set<Area>();

export const i18n = createI18n({
  legacy: false,
  locale: preferredLocale(),
  fallbackLocale: false,
  missingWarn: import.meta.env.DEV,
  fallbackWarn: false,
});

export function activeLocale(): Locale {
  return i18n.global.locale.value as Locale;
}

/** Have the texts of these areas in the active language. */
export async function loadAreas(...wanted: Area[]): Promise<void> {
  for (const area of wanted) areas.add(area);
  await Promise.all(wanted.map((area) => load(activeLocale(), area)));
}

/** Switch the language, once its texts are there. */
export async function useLocale(locale: Locale): Promise<void> {
  await Promise.all([...areas].map((area) => load(locale, area)));
  i18n.global.locale.value = locale;
  rememberLocale(locale);
  applyLocale();
}

/** Tell the document which language it is in. */
export function applyLocale(): void {
  const locale = activeLocale();
  document.documentElement.lang = locale;
  document.documentElement.dir = directionOf(locale);
}

/** Where texts come from: the entry knows their files, and has fetched the first ones already. */
export function takeTextsFrom(source: LoadTexts): void {
  loadTexts = source;
}

function load(locale: Locale, area: Area): Promise<void> {
  const name = `${locale}/${area}`;
  let done = loading.get(name);
  if (!done) {
    done = loadTexts(locale, area).then((texts) => {
      i18n.global.mergeLocaleMessage(locale, texts);
    });
    loading.set(name, done);
    done.catch(() => loading.delete(name));
  }
  return done;
}
