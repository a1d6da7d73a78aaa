import { describe, expect, it } from 'vitest';

import type { Locale } from '@/i18n/locales';

import { differences, flatten, misprints, misuses, pluralsMissing, usageIn } from './checks';

const one = (text: string) => flatten({ common: { key: text } });
const ENGLISH = flatten({
  common: { go: 'Go', hello: 'Hello {name}', players: '{count} player | {count} players' },
});
const use = (source: string) => misuses(ENGLISH, [usageIn(source, ['common'])]);
const ALL_USED = "t('common.go') t(`common.${'hello'}`) t('common.players', 3)";

describe('the check of keys', () => {
  it('finds keys and placeholders that differ between languages', () => {
    expect(differences(ENGLISH, ENGLISH)).toEqual([]);
    const other = flatten({
      common: { hello: 'Hallo {nom}', players: '{count} | {count}', weg: 'Weg' },
    });
    expect(differences(ENGLISH, other)).toEqual([
      'common.go: missing',
      'common.weg: not in English',
      'common.hello: other placeholders than in English',
    ]);
  });

  it('finds used keys that are missing, and unused keys', () => {
    expect(use(ALL_USED)).toEqual([]);
    expect(use(`${ALL_USED} t('common.gone')`)).toEqual(['common.gone: used, but missing']);
    expect(use("t('common.hello') t('common.players', 3)")).toEqual(['common.go: not used']);
    expect(use(`${ALL_USED} t(\`common.none.\${which}\`)`)).toHaveLength(1);
  });

  it('finds plural forms used without a number', () => {
    const fault = ['common.players: has plural forms, but is given no number'];
    const rest = "t('common.go') t('common.hello', { name: f(1, [2]) })";
    expect(use(`${rest} t('common.players', { count: n(3) })`)).toEqual(fault);
    expect(use(`${rest} t('common.players')`)).toEqual(fault);
    expect(use(`${rest} t('common.players', { count: n(3) }, 3)`)).toEqual([]);
  });
});

describe('the typography check', () => {
  it.each<[Locale, string, string]>([
    ['en', '', 'no text'],
    ['en', 'Go ', 'space at an end'],
    ['en', 'Go  on', 'two spaces'],
    ['en', "It's on", 'straight quotation mark'],
    ['de', '"Los"', 'straight quotation mark'],
    ['en', 'Loading...', 'three dots instead of …'],
    ['en', 'Press «Go»', 'quotation marks of another language'],
    ['de', 'Drück “Los”', 'quotation marks of another language'],
    ['fr', 'Prêt?', 'no fixed space before ? ! ;'],
    ['fr', 'Prêt ?', 'no fixed space before ? ! ;'],
    ['fr', 'Prêts ; partez', 'no fixed space before ? ! ;'],
    ['fr', 'Image : {alt}', 'no fixed space before :'],
    ['fr', 'Image: {alt}', 'no fixed space before :'],
    ['fr', '« Aller »', 'no fixed space inside « »'],
    ['fr', '«Aller\u00a0»', 'no fixed space inside « »'],
    ['es', 'Listo?', '? without ¿'],
    ['es', 'Adelante!', '! without ¡'],
  ])('finds in %s, in “%s”: %s', (locale, text, fault) => {
    expect(misprints(locale, one(text))).toEqual([`common.key: ${fault}`]);
  });

  it.each<[Locale, string]>([
    ['en', 'It’s on: “{name}”…'],
    ['de', '„{name}“ ist da!'],
    ['fr', 'Prêt\u202f? L’adresse «\u00a0https://exemple.fr\u00a0»\u00a0: allez\u202f!'],
    ['es', '¿Listo? ¡Adelante, «{name}»!'],
  ])('takes in %s what is right: %s', (locale, text) => {
    expect(misprints(locale, one(text))).toEqual([]);
  });
});

describe('the plural check', () => {
  it.each(['{count} players', '{n} Fragen', 'encore {seconds}\u00a0secondes', 'hay {count} días'])(
    'wants some in: %s',
    (text) => expect(pluralsMissing(one(text))).toEqual(['common.key: no plural forms']),
  );

  it.each([
    '{count} player | {count} players',
    '{count} of {players}',
    'Question {number}',
    '{n} s',
  ])('wants none in: %s', (text) => expect(pluralsMissing(one(text))).toEqual([]));
});
