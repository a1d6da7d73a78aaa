/** Maps validation errors of the server to fields of the draft. */
import type { FieldProblem } from '@/api/problem';

import { filledOptions, type Draft, type DraftQuestion } from './draft';
import type { DraftProblem } from './validate';

export function fromServer(problems: readonly FieldProblem[], draft: Draft): DraftProblem[] {
  return problems.map(({ question, field, message }) => {
    const asked = question == null ? undefined : draft.questions[question];
    return {
      question: asked ? (question ?? null) : null,
      field: asked ? fieldOf(asked, field) : rootField(field),
      key: 'server',
      message,
    };
  });
}

function rootField(field: string): string {
  return field === 'document' ? 'title' : (field.split('.')[0] ?? field);
}

/** Blank options and texts are not sent, so the server's indices omit them. */
function fieldOf(question: DraftQuestion, field: string): string {
  const [head, ...rest] = field.split('.');
  if (head === 'options') {
    const option = rest[0] === undefined ? undefined : filledOptions(question)[Number(rest[0])];
    return option ? `option.${option.id}` : 'options';
  }
  if (head !== 'correct') return field;
  if (rest[0] === 'value' || rest[0] === 'tolerance') return rest[0];
  if (rest[0] !== 'accepted') return question.type === 'text' ? 'accepted' : 'correct';
  const filled = [...question.accepted.keys()].filter((at) => question.accepted[at]?.trim());
  const at = rest[1] === undefined ? undefined : filled[Number(rest[1])];
  return at === undefined ? 'accepted' : `accepted.${at}`;
}
