import type { InjectionKey } from 'vue';

/** What is wrong at a field of the question that is being edited, where that is to be told. */
export const FIELD_ERRORS: InjectionKey<(field: string) => string | null> = Symbol('field errors');
