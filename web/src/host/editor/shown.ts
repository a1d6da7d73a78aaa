/** Which problems are told at their fields: not before somebody has been there. */
import { ref } from 'vue';

import type { DraftQuestion } from './draft';
import type { DraftProblem } from './validate';

export class Shown {
  readonly #fields = ref(new Set<string>());

  /** A field has been left. */
  left(question: DraftQuestion | null, field: string): void {
    this.#add(`${question?.id ?? ''}.${field}`);
  }

  /** A question has been left, or what is wrong with it was asked for. */
  whole(question: DraftQuestion | null): void {
    this.#add(question?.id ?? '');
  }

  /** What is told at a field, of the problems that there are. */
  at(
    problems: readonly DraftProblem[],
    place: number | null,
    question: DraftQuestion | null,
    field: string,
  ): DraftProblem | null {
    const owner = question?.id ?? '';
    if (!this.#fields.value.has(owner) && !this.#fields.value.has(`${owner}.${field}`)) return null;
    return problems.find((one) => one.question === place && one.field === field) ?? null;
  }

  #add(key: string): void {
    if (!this.#fields.value.has(key)) this.#fields.value = new Set([...this.#fields.value, key]);
  }
}
