import type { InjectionKey } from 'vue';

/** Give the focus to the button of the menu, so that a dialog that an item opens gives it back there. */
export const TO_OPENER: InjectionKey<() => void> = Symbol('to-opener');
