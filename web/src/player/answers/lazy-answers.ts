/**
 * Components for the less common question types. Loaded when such a question is announced, before
 * it is shown, and retried without a network.
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

/** The loaded components by question type. */
export const lateAnswers = shallowReactive<Partial<Record<Question['type'], Component>>>({});

/** Types answered by one tap; the others have a submit button. */
const BY_TOUCH: readonly (Question['type'] | undefined)[] = ['single', 'boolean', 'poll'];

/**
 * The component for a question type: by tap, or its own; with a submit button when the player
 * prefers one.
 */
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
