/**
 * The sections of the account page, one component each in `sections/`. For example,
 * `TokensSection.vue` has the address `/host/account/tokens` and the title
 * `host.my_account.tokens.title`.
 */
import type { Component } from 'vue';

/** Menu order; sections not listed come last. */
const ORDER = [
  'profile',
  'password',
  'sign-in',
  'identities',
  'sessions',
  'activity',
  'audit',
  'tokens',
  'usage',
  'data',
];

export interface AccountSection {
  id: string;
  title: string;
  load: () => Promise<Component>;
}

const files = import.meta.glob<Component>('./sections/*Section.vue', { import: 'default' });

export const accountSections: AccountSection[] = Object.entries(files)
  .map(([path, load]) => ({ id: sectionId(path), load }))
  .map(({ id, load }) => ({ id, title: `host.my_account.${id}.title`, load }))
  .sort((one, other) => rank(one.id) - rank(other.id));

/** `./sections/SignInSection.vue` is `sign-in`. */
export function sectionId(path: string): string {
  const name = /(\w+)Section\.vue$/.exec(path)?.[1] ?? '';
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
}

function rank(id: string): number {
  const place = ORDER.indexOf(id);
  return place < 0 ? ORDER.length : place;
}
