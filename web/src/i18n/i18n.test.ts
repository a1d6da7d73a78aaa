import { beforeAll, describe, expect, it } from 'vitest';
import { computed } from 'vue';

import { withTexts } from '@/testing/mount';

import { hasText, t, useLocale } from './index';
import { directionOf, preferredLocale } from './locales';
import { n } from './use';

beforeAll(() => withTexts());

describe('messages', () => {
  it('have placeholders', () => {
    expect(t('player.bar.question', { number: 3, count: 10 })).toBe('Question 3 of 10');
    expect(t('player.join.continue', { name: '<b>Ada</b> {n}' })).toBe(
      'Continue as <b>Ada</b> {n}',
    );
  });

  it('have plural forms', () => {
    expect(t('player.lobby.here', 0)).toBe('nobody here yet');
    expect(t('player.lobby.here', 1)).toBe('1 player is here');
    expect(t('player.lobby.here', 1234)).toBe('1234 players are here');
    expect(t('common.points', { points: '1,200' }, 1200)).toBe('1,200 points');
  });

  it('are reactive to the language', async () => {
    const title = computed(() => t('player.entry.title'));
    expect(title.value).toBe('Join a quiz');
    await useLocale('de');
    expect(title.value).toBe('Quiz beitreten');
    expect(n(1234.5)).toBe('1.234,5');
    expect(document.documentElement.lang).toBe('de');
    await useLocale('en');
  });

  it('fall back to their key', () => {
    expect(hasText('player.entry.title')).toBe(true);
    expect(hasText('player.nothing')).toBe(false);
  });
});

describe('the user’s language', () => {
  it('is the chosen one, else the first available of the browser’s', () => {
    const languages = (list: string[]): unknown =>
      Object.defineProperty(navigator, 'languages', { value: list, configurable: true });
    languages(['sv-SE', 'fr-CA', 'de']);
    expect(preferredLocale()).toBe('fr');
    localStorage.setItem('quizrun.locale', 'es');
    expect(preferredLocale()).toBe('es');
    localStorage.setItem('quizrun.locale', 'constructor');
    languages(['sv', 'toString']);
    expect(preferredLocale()).toBe('en');
  });

  it('can be right-to-left', () => {
    expect(directionOf('ar')).toBe('rtl');
    expect(directionOf('de')).toBe('ltr');
  });
});
