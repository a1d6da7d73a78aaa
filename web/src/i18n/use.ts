/** Texts, numbers and times in the active language. */
import { activeLocale, t } from './index';

export function useI18n() {
  return { t, n, d, locale: activeLocale };
}

/** Format a number in the active language. */
export function n(value: number, options?: Intl.NumberFormatOptions): string {
  return formatter(activeLocale(), options).format(value);
}

/** Format a moment, given in epoch ms. */
export function d(at_ms: number, options?: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(activeLocale(), options).format(at_ms);
}

const formatters = new Map<string, Intl.NumberFormat>();

/** Cached, as creating a formatter is far slower than using it. */
function formatter(locale: string, options?: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = locale + (options ? JSON.stringify(options) : '');
  let found = formatters.get(key);
  if (!found) {
    found = new Intl.NumberFormat(locale, options);
    formatters.set(key, found);
  }
  return found;
}
