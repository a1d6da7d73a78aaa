/** The language of the quiz that is shown: told once by a page, asked for wherever a text of the quiz stands. */
import { computed, inject, provide, type ComputedRef, type InjectionKey } from 'vue';

import { activeLocale, t } from '@/i18n';

import { languageTag, textAttributes, truthWords, type TextAttributes } from './language';

const KEY: InjectionKey<() => string | null | undefined> = Symbol('quiz-language');

export interface QuizLanguage {
  /** A BCP 47 tag that `Intl` takes; the page's language where the quiz's is not known. */
  language: ComputedRef<string>;
  /** `lang` and `dir`, to bind to an element with texts of the quiz. */
  attributes: ComputedRef<TextAttributes>;
  /** The words for true and false. */
  truth: ComputedRef<readonly [yes: string, no: string]>;
  /** A number as the quiz's language writes it. */
  number: (value: number, options?: Intl.NumberFormatOptions) => string;
}

/** Say in which language the texts of the quiz below this component are. */
export function provideQuizLanguage(tag: () => string | null | undefined): QuizLanguage {
  provide(KEY, tag);
  return of(tag);
}

export function useQuizLanguage(): QuizLanguage {
  return of(inject(KEY, () => null));
}

function of(tag: () => string | null | undefined): QuizLanguage {
  const known = computed(() => languageTag(tag()));
  const language = computed(() => known.value ?? activeLocale());
  return {
    language,
    // what is not known to be in the page's language is not said to be
    attributes: computed(() => (known.value ? textAttributes(known.value) : { dir: 'auto' })),
    truth: computed(() => truthWords(language.value) ?? [t('common.true'), t('common.false')]),
    number: (value, options) => new Intl.NumberFormat(language.value, options).format(value),
  };
}
