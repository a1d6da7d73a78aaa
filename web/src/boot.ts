/**
 * The entry of every page, small so that it runs first. The application is on its way already
 * (`modulepreload`); this sets the theme before anything is drawn, and fetches the texts of the
 * visitor's language beside the application rather than after it.
 */
import { preferredLocale } from '@/i18n/locales';
import { applyTheme, storedTheme } from '@/ui/theme-storage';

const texts = import.meta.glob('./locales/*/*.json', { import: 'default' });

applyTheme(storedTheme());
for (const area of ['common', areaOf(location.pathname)])
  void texts[`./locales/${preferredLocale()}/${area}.json`]?.();

void import('./main').then(({ start }) => start());

function areaOf(path: string): string {
  return /^\/(host|screen)(\/|$)/.exec(path)?.[1] ?? 'player';
}
