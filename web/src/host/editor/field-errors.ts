import type { InjectionKey } from 'vue';

/** The error to show at a field of the edited question, if any. */
export const FIELD_ERRORS: InjectionKey<(field: string) => string | null> = Symbol('field errors');
