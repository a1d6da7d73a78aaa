import { describe, expect, it } from 'vitest';

import { compile } from '../../build/messages';
import { LOCALES } from '@/i18n/locales';
import { ERROR_CODES } from '@/protocol/codes';

interface Texts {
  [key: string]: string | Texts;
}

const files = import.meta.glob<string>('./*/*.json', {
  query: '?raw',
  import: 'default',
  eager: true,
});

function texts(locale: string, area: string): Texts {
  return JSON.parse(files[`./${locale}/${area}.json`] ?? '{}') as Texts;
}

function flat(found: Texts, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(found).flatMap(([key, value]) =>
      typeof value === 'string'
        ? [[prefix + key, value] as const]
        : [...flat(value, `${prefix}${key}.`)],
    ),
  );
}

const areas = [
  ...new Set(Object.keys(files).map((path) => path.split('/').at(-1)?.replace('.json', '') ?? '')),
];
const others = Object.keys(LOCALES).filter((locale) => locale !== 'en');

describe('the texts', () => {
  it.each(Object.keys(LOCALES))(
    'of %s have a sentence and a way on for every error code',
    (locale) => {
      const errors = texts(locale, 'errors');
      const codes = [...ERROR_CODES, 'offline', 'timeout'];
      expect(Object.keys(errors).sort()).toEqual([...codes].sort());
      for (const code of codes)
        expect(errors[code]).toEqual({ text: expect.any(String), way_on: expect.any(String) });
    },
  );

  it.each(areas.flatMap((area) => others.map((locale) => [area, locale] as const)))(
    '%s has the same keys and placeholders in %s as in English',
    (area, locale) => {
      const [english, other] = [flat(texts('en', area)), flat(texts(locale, area))];
      expect([...other.keys()].sort()).toEqual([...english.keys()].sort());
      for (const [key, text] of other) {
        expect(placeholders(text), key).toEqual(placeholders(english.get(key) ?? ''));
        expect(text.trim(), key).not.toBe('');
      }
    },
  );

  it.each(Object.keys(LOCALES))(
    'of %s name a button by the words that it shows (WCAG 2.5.3)',
    (locale) => {
      const buttons = flat(texts(locale, 'moderation'));
      for (const [shown, spoken] of [
        ['let_in', 'let_in_name'],
        ['decline', 'decline_name'],
        ['let_back', 'let_back_name'],
        ['remove', 'remove_name'],
        ['remove_really', 'remove_sure'],
        ['typed.show', 'typed.show_one'],
        ['typed.hide', 'typed.hide_one'],
      ] as const)
        expect(buttons.get(spoken)?.toLowerCase(), spoken).toContain(
          buttons.get(shown)?.toLowerCase(),
        );
    },
  );

  it('are all messages that can be compiled', () => {
    for (const [path, source] of Object.entries(files))
      for (const [key, text] of flat(JSON.parse(source) as Texts)) compile(text, `${path}: ${key}`);
  });
});

/** The names in braces, whatever their order: sentences are built differently elsewhere. */
function placeholders(text: string): string[] {
  return [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
}
