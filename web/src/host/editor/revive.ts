/** Restores drafts written by other releases. */
import { randomKey } from '@/ui/random';

import { newQuestion, TYPES, type Draft, type DraftQuestion } from './draft';

/** A draft as JSON, possibly without newer fields. */
export interface DraftDocument {
  readonly title: string;
  readonly language: string;
  readonly questions: readonly object[];
}

/** Fill in missing fields. */
export function revived({ title, language, questions }: DraftDocument): Draft {
  return { title, language, questions: questions.map(question) };
}

function question(document: Partial<DraftQuestion>): DraftQuestion {
  const type = TYPES.find((one) => one === document.type) ?? 'single';
  return { ...newQuestion(type), ...document, type, id: document.id ?? randomKey() };
}
