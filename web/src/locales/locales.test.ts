import { describe, expect, it } from 'vitest';

import { compile } from '../../build/messages';
import { type Locale, LOCALES } from '@/i18n/locales';
import { ERROR_CODES } from '@/protocol/codes';

import {
  differences,
  type Flat,
  flatten,
  misprints,
  misuses,
  pluralsMissing,
  type Texts,
  usageIn,
} from './checks';

const files = import.meta.glob<string>('./*/*.json', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const sources = import.meta.glob<string>(['../**/*.{ts,vue}', '!../**/*.test.ts', '!./*.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
});
const locales = Object.keys(LOCALES) as Locale[];
const areas = Object.keys(files)
  .filter((path) => path.startsWith('./en/'))
  .map((path) => path.replace(/^.*\/|\.json$/g, ''));

function texts(locale: Locale): Flat {
  return flatten(Object.fromEntries(areas.map((area) => [area, read(locale, area)])));
}

function read(locale: Locale, area: string): Texts {
  return JSON.parse(files[`./${locale}/${area}.json`] ?? '{}') as Texts;
}

describe.each(locales)('the texts of %s', (locale) => {
  it('have a text and advice for every error code', () => {
    const errors = read(locale, 'errors');
    const codes = [...ERROR_CODES, 'offline', 'timeout'];
    expect(Object.keys(errors).sort()).toEqual([...codes].sort());
    for (const code of codes)
      expect(errors[code]).toEqual({ text: expect.any(String), advice: expect.any(String) });
  });

  it('have the keys and placeholders of English', () => {
    expect(differences(texts('en'), texts(locale))).toEqual([]);
  });

  it('follow the typography of their language', () => {
    expect(misprints(locale, texts(locale))).toEqual([]);
  });

  it('have plural forms for quantities', () => {
    expect(pluralsMissing(texts(locale))).toEqual([]);
  });

  it('can be compiled', () => {
    for (const [key, text] of texts(locale)) compile(text, `${locale}: ${key}`);
  });

  it('name a button by the words that it shows (WCAG 2.5.3)', () => {
    const buttons = texts(locale);
    for (const [shown, spoken] of [
      ['let_in', 'let_in_name'],
      ['decline', 'decline_name'],
      ['let_back', 'let_back_name'],
      ['remove', 'remove_name'],
      ['remove_really', 'remove_sure'],
      ['typed.show', 'typed.show_one'],
      ['typed.hide', 'typed.hide_one'],
    ] as const)
      expect(buttons.get(`moderation.${spoken}`)?.toLowerCase(), spoken).toContain(
        buttons.get(`moderation.${shown}`)?.toLowerCase(),
      );
  });
});

it('all messages are used, and all used messages exist', () => {
  const usages = Object.values(sources).map((source) => usageIn(source, areas));
  expect(misuses(texts('en'), usages)).toEqual([]);
});
