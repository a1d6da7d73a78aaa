/** Texts and numbers in components, in the active language. */
import { useI18n as usePetite } from 'petite-vue-i18n';

export function useI18n() {
  const { t, locale } = usePetite();
  return {
    t,
    locale,
    /** A number as this language writes it. */
    n: (value: number, options?: Intl.NumberFormatOptions): string =>
      formatter(locale.value, options).format(value),
    /** A moment, given in epoch ms. */
    d: (at_ms: number, options?: Intl.DateTimeFormatOptions): string =>
      new Intl.DateTimeFormat(locale.value, options).format(at_ms),
  };
}

const formatters = new Map<string, Intl.NumberFormat>();

/** Making one takes longer than using it a thousand times. */
function formatter(locale: string, options?: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = locale + (options ? JSON.stringify(options) : '');
  let found = formatters.get(key);
  if (!found) {
    found = new Intl.NumberFormat(locale, options);
    formatters.set(key, found);
  }
  return found;
}
