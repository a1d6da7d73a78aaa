/** Undo and redo for an immutable value. */
import { shallowReadonly, shallowRef, type ShallowRef } from 'vue';

const KEPT = 200;
/** Changes to the same field within this time form one undo step. */
const BURST_MS = 1_200;

interface Step<T> {
  value: T;
  /** What was changed to get to the next value. */
  what: string;
  at_ms: number;
}

export class History<T> {
  readonly current: Readonly<ShallowRef<T>>;

  readonly #current: ShallowRef<T>;
  readonly #past = shallowRef<Step<T>[]>([]);
  readonly #future = shallowRef<T[]>([]);
  readonly #now: () => number;

  constructor(start: T, now: () => number = Date.now) {
    this.#current = shallowRef(start);
    this.current = shallowReadonly(this.#current);
    this.#now = now;
  }

  get canUndo(): boolean {
    return this.#past.value.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.value.length > 0;
  }

  /** Record `value`; `what` identifies what was changed. */
  push(value: T, what: string): void {
    const before = this.#current.value;
    if (value === before) return;
    const last = this.#past.value.at(-1);
    const at_ms = this.#now();
    const burst = last?.what === what && at_ms - last.at_ms < BURST_MS;
    this.#past.value = burst
      ? [...this.#past.value.slice(0, -1), { ...last, at_ms }]
      : [...this.#past.value, { value: before, what, at_ms }].slice(-KEPT);
    this.#future.value = [];
    this.#current.value = value;
  }

  undo(): boolean {
    const last = this.#past.value.at(-1);
    if (!last) return false;
    this.#past.value = this.#past.value.slice(0, -1);
    this.#future.value = [...this.#future.value, this.#current.value];
    this.#current.value = last.value;
    return true;
  }

  redo(): boolean {
    const next = this.#future.value.at(-1);
    if (next === undefined) return false;
    this.#future.value = this.#future.value.slice(0, -1);
    this.#past.value = [
      ...this.#past.value,
      { value: this.#current.value, what: '', at_ms: this.#now() },
    ];
    this.#current.value = next;
    return true;
  }

  /** Restart with `value` and no history. */
  reset(value: T): void {
    this.#past.value = [];
    this.#future.value = [];
    this.#current.value = value;
  }
}
