/** Drafts from elsewhere: another release of this client may have written them. */
import { randomKey } from '@/ui/random';

import { newQuestion, TYPES, type Draft, type DraftQuestion } from './draft';

/** A draft as JSON, which need not have all fields of today's. */
export interface DraftDocument {
  readonly title: string;
  readonly language: string;
  readonly questions: readonly object[];
}

/** The draft with what it lacks filled in. */
export function revived({ title, language, questions }: DraftDocument): Draft {
  return { title, language, questions: questions.map(question) };
}

function question(document: Partial<DraftQuestion>): DraftQuestion {
  const type = TYPES.find((one) => one === document.type) ?? 'single';
  return { ...newQuestion(type), ...document, type, id: document.id ?? randomKey() };
}
