import { beforeEach } from 'vitest';

import { takeTextsFrom, type Texts } from '@/i18n';

const files = import.meta.glob<Texts>('../locales/*/*.json', { import: 'default' });

// as `boot.ts` does in browsers
takeTextsFrom((locale, area) => {
  const file = files[`../locales/${locale}/${area}.json`];
  if (!file) throw new Error(`There are no texts for ${area} in ${locale}.`);
  return file();
});

// As in browsers. Happy DOM's `DOMException` extends the `Error` of Node's main context; tests run in another.
Object.setPrototypeOf(DOMException.prototype, Error.prototype);

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});
