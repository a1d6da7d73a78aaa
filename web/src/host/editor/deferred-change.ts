/**
 * Changes a question after an asynchronous operation, even if another question is selected by then.
 */
import type { InjectionKey } from 'vue';

import type { DraftQuestion } from './draft';

/** Changes the question it was created for; `update` receives its current state. */
export type DeferredChange = (
  update: (question: DraftQuestion) => Partial<DraftQuestion>,
  what: string,
) => void;

/** Creates one for the selected question. A form that has been unmounted can no longer emit. */
export const DEFERRED_CHANGE: InjectionKey<() => DeferredChange> = Symbol('deferred-change');
