/**
 * What few questions are answered with: fetched when such a question is announced, which is before
 * it is shown, and tried again where there is no network.
 */
import { shallowReactive, type Component } from 'vue';

import { loadAreas } from '@/i18n';
import type { Question } from '@/protocol/messages';

import { preferences } from '../settings/preferences';

const LOADERS = {
  multiple: () => import('./MultipleAnswer.vue'),
  order: () => import('./OrderAnswer.vue'),
  number: () => import('./TypedAnswer.vue'),
  text: () => import('./TypedAnswer.vue'),
};
const AGAIN_MS = 2_000;

type Late = keyof typeof LOADERS;

/** Those that are there, by the type of question. */
export const lateAnswers = shallowReactive<Partial<Record<Question['type'], Component>>>({});

/** Types that are answered by one touch; the others have a button to send with. */
const BY_TOUCH: readonly (Question['type'] | undefined)[] = ['single', 'boolean', 'poll'];

/** How a type is answered: by touch, or as this type is; with a button to send where a player wants one. */
export function answeredBy(type: Question['type'] | undefined) {
  if (!BY_TOUCH.includes(type)) return type;
  return preferences.check ? 'multiple' : 'touch';
}

const isLate = (type: Question['type'] | 'touch' | undefined): type is Late =>
  type !== undefined && type in LOADERS;

export async function fetchAnswer(type: Question['type'] | 'touch' | undefined): Promise<void> {
  if (!isLate(type) || lateAnswers[type]) return;
  try {
    const [module] = await Promise.all([LOADERS[type](), loadAreas('extras')]);
    lateAnswers[type] = module.default;
  } catch {
    setTimeout(() => void fetchAnswer(type), AGAIN_MS);
  }
}
