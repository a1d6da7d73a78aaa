/**
 * What few questions are answered with: fetched when such a question is announced, which is before
 * it is shown, and tried again where there is no network.
 */
import { shallowReactive, type Component } from 'vue';

import type { Question } from '@/protocol/messages';

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

const isLate = (type: Question['type'] | undefined): type is Late =>
  type !== undefined && type in LOADERS;

export async function fetchAnswer(type: Question['type'] | undefined): Promise<void> {
  if (!isLate(type) || lateAnswers[type]) return;
  try {
    lateAnswers[type] = (await LOADERS[type]()).default;
  } catch {
    setTimeout(() => void fetchAnswer(type), AGAIN_MS);
  }
}
