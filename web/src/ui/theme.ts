/** Light or dark: the system's preference unless overridden by the user. */
import { readonly, ref } from 'vue';

import { applyTheme, storedTheme, storeTheme, type Theme } from './theme-storage';

const chosen = ref<Theme>(storedTheme());

export const theme = readonly(chosen);

export function chooseTheme(next: Theme): void {
  chosen.value = next;
  storeTheme(next);
  applyTheme(next);
}
