/** Changing a question when something that takes its time has ended, whatever is looked at then. */
import type { InjectionKey } from 'vue';

import type { DraftQuestion } from './draft';

/** Changes the question that it was made for; `update` is given the question as it is then. */
export type DeferredChange = (
  update: (question: DraftQuestion) => Partial<DraftQuestion>,
  what: string,
) => void;

/** Makes one for the question that is looked at now. A form that is gone cannot emit any more. */
export const DEFERRED_CHANGE: InjectionKey<() => DeferredChange> = Symbol('deferred-change');
