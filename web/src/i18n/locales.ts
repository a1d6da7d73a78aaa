/** The available languages, and the user's. */
import { read, write } from '@/ui/storage';

export const LOCALES = { en: 'English', fr: 'Français', de: 'Deutsch', es: 'Español' } as const;

export type Locale = keyof typeof LOCALES;

export const FALLBACK: Locale = 'en';

const KEY = 'quizrun.locale';
const RIGHT_TO_LEFT = new Set(['ar', 'fa', 'he', 'ur']);

/** The stored choice, else the first of the browser's languages that is available. */
export function preferredLocale(): Locale {
  const wanted = [read(KEY), ...navigator.languages].filter((tag) => tag !== null);
  return wanted.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLocale) ?? FALLBACK;
}

export function rememberLocale(locale: Locale): void {
  write(KEY, locale);
}

export function directionOf(locale: string): 'ltr' | 'rtl' {
  return RIGHT_TO_LEFT.has(locale) ? 'rtl' : 'ltr';
}

function isLocale(tag: string): tag is Locale {
  return Object.hasOwn(LOCALES, tag);
}
