/** A stage that is only looked at, where nothing moves. */
import type { InjectionKey } from 'vue';

export const STILL: InjectionKey<boolean> = Symbol('still');
