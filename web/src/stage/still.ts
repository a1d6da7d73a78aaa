/** Marks a stage as a static preview, without animations. */
import type { InjectionKey } from 'vue';

export const STILL: InjectionKey<boolean> = Symbol('still');
