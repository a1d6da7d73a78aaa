import { mount } from '@vue/test-utils';
import { beforeAll, describe, expect, it } from 'vitest';
import { defineComponent, h } from 'vue';

import { withTexts } from '@/testing/mount';

import { languageTag, textAttributes, truthWords } from './language';
import { provideQuizLanguage, useQuizLanguage } from './use-language';

describe('a language tag', () => {
  it('is canonical for Intl, or rejected', () => {
    expect(languageTag('pt-br')).toBe('pt-BR');
    expect(languageTag('en-a')).toBeNull();
    expect(languageTag(null)).toBeNull();
  });
});

describe('the direction of texts', () => {
  it.each(['ar', 'he-IL', 'ur', 'az-Arab', 'pa-Arab-PK'])('of %s is right to left', (tag) => {
    expect(textAttributes(tag)).toEqual({ lang: tag, dir: 'rtl' });
  });

  it.each(['de', 'ja', 'ar-Latn', 'uz-Latn'])('of %s is what each text says', (tag) => {
    expect(textAttributes(tag).dir).toBe('auto');
  });
});

describe('true and false', () => {
  it('are labelled in the quiz’s language, and region where it differs', () => {
    expect(truthWords('de-AT')).toEqual(['Wahr', 'Falsch']);
    expect(truthWords('zh-TW')).toEqual(['正確', '錯誤']);
    expect(truthWords('tlh')).toBeNull();
  });
});

describe('components below a page', () => {
  beforeAll(() => withTexts());

  const Below = defineComponent(() => {
    const { attributes, language, truth, number } = useQuizLanguage();
    return () =>
      h('p', attributes.value, [language.value, truth.value.join('/'), number(3.5)].join(' '));
  });

  it.each([
    ['de', '<p lang="de" dir="auto">de Wahr/Falsch 3,5</p>'],
    ['ar-EG', '<p lang="ar-EG" dir="rtl">ar-EG صح/خطأ ٣٫٥</p>'],
    ['tlh', '<p lang="tlh" dir="auto">tlh True/False 3.5</p>'],
    [undefined, '<p dir="auto">en True/False 3.5</p>'],
    ['en-a', '<p dir="auto">en True/False 3.5</p>'],
  ])('knows the language %s', (tag, html) => {
    const Page = defineComponent(() => {
      provideQuizLanguage(() => tag);
      return () => h(Below);
    });
    expect(mount(Page).html()).toBe(html);
  });
});
