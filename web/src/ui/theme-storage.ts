/** Stores the choice of light or dark and applies it to the page. */
import { read, write } from './storage';

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'quizrun.theme';

export function storedTheme(): Theme {
  const found = read(KEY);
  return found === 'light' || found === 'dark' ? found : 'system';
}

export function storeTheme(theme: Theme): void {
  write(KEY, theme === 'system' ? null : theme);
}

export function applyTheme(theme: Theme): void {
  if (theme === 'system') document.documentElement.removeAttribute('data-theme');
  else document.documentElement.dataset.theme = theme;
}
