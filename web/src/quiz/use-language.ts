/** Provides the language of the quiz shown to the components that render its texts. */
import { computed, inject, provide, type ComputedRef, type InjectionKey } from 'vue';

import { activeLocale, t } from '@/i18n';

import { languageTag, textAttributes, truthWords, type TextAttributes } from './language';

const KEY: InjectionKey<() => string | null | undefined> = Symbol('quiz-language');

export interface QuizLanguage {
  /** A BCP 47 tag valid for `Intl`; the page's language if the quiz's is unknown. */
  language: ComputedRef<string>;
  /** `lang` and `dir` to bind to elements with quiz texts. */
  attributes: ComputedRef<TextAttributes>;
  /** The labels for true and false. */
  truth: ComputedRef<readonly [yes: string, no: string]>;
  /** Format a number in the quiz's language. */
  number: (value: number, options?: Intl.NumberFormatOptions) => string;
}

/** Provide the language of the quiz's texts to child components. */
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
    // do not claim the page's language when the quiz's is unknown
    attributes: computed(() => (known.value ? textAttributes(known.value) : { dir: 'auto' })),
    truth: computed(() => truthWords(language.value) ?? [t('common.true'), t('common.false')]),
    number: (value, options) => new Intl.NumberFormat(language.value, options).format(value),
  };
}
