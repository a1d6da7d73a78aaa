/**
 * The entry of every page, kept small to run first. While the application loads (`modulepreload`),
 * it applies the theme, draws the entry form, and loads the texts of the user's language.
 */
import { directionOf, preferredLocale } from '@/i18n/locales';
import { drawFailure, drawShell } from '@/shell/shell';
import type { Texts } from '@/i18n';
import { applyTheme, storedTheme } from '@/ui/theme-storage';

const files = import.meta.glob<Texts>('./locales/*/*.json', { import: 'default' });
const locale = preferredLocale();

applyTheme(storedTheme());
document.documentElement.lang = locale;
document.documentElement.dir = directionOf(locale);
const root = document.getElementById('app');
if (root) drawShell(root, location.pathname, locale);
for (const area of ['common', areaOf(location.pathname)]) load(locale, area).catch(() => undefined);

import('./main')
  .then(({ start }) => start(load))
  .catch((error: unknown) => {
    if (root) drawFailure(root, locale);
    throw error; // for whoever collects faults
  });

/** The texts of an area; the same as often as they are asked for. */
async function load(language: string, area: string): Promise<Texts> {
  const file = files[`./locales/${language}/${area}.json`];
  if (!file) throw new Error(`There are no texts for ${area} in ${language}.`);
  return file();
}

function areaOf(path: string): string {
  return /^\/(host|screen|review)(\/|$)/.exec(path)?.[1] ?? 'player';
}
