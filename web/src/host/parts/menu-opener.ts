import type { InjectionKey } from 'vue';

/** Moves the focus to the menu's button, so that a dialog opened by an item returns it there. */
export const TO_OPENER: InjectionKey<() => void> = Symbol('to-opener');
