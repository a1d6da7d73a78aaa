/** Which problems are shown at their fields: only after the field was visited. */
import { ref } from 'vue';

import type { DraftQuestion } from './draft';
import type { DraftProblem } from './validate';

export class Shown {
  readonly #fields = ref(new Set<string>());

  /** A field lost the focus. */
  left(question: DraftQuestion | null, field: string): void {
    this.#add(`${question?.id ?? ''}.${field}`);
  }

  /** A question was left, or its problems were requested. */
  whole(question: DraftQuestion | null): void {
    this.#add(question?.id ?? '');
  }

  /** The problem to show at a field. */
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
