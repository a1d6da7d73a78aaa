/** The quiz that is being edited: its draft, which question is looked at, and where it is saved. */
import {
  computed,
  onScopeDispose,
  shallowRef,
  watch,
  type ComputedRef,
  type ShallowRef,
} from 'vue';

import { ApiError } from '@/api/problem';
import { activeLocale } from '@/i18n';

import type { QuizView } from '../types';

import { Autosave, type SaveStatus } from './autosave';
import { fromQuiz, newDraft, type Draft, type DraftQuestion } from './draft';
import { isNew, type Drafts } from './drafts';
import { withChange } from './edits';
import { History } from './history';
import { Creation, loadQuiz, replaceQuiz } from './store';

export class Editor {
  readonly draft: Readonly<ShallowRef<Draft>>;
  /** The place of the question that is looked at. */
  readonly at: ComputedRef<number>;
  readonly question: ComputedRef<DraftQuestion | null>;
  readonly saving: Autosave;

  readonly #history: History<Draft>;
  readonly #at = shallowRef(0);
  readonly #drafts: Drafts;
  readonly #creation = new Creation();
  readonly #moved: (id: string) => void;
  #id: string;

  /** `moved` is told the id that the quiz has got when it was stored for the first time. */
  constructor(
    id: string,
    start: { draft: Draft; version: number | null; changed: boolean },
    drafts: Drafts,
    moved: (id: string) => void,
  ) {
    this.#id = id;
    this.#drafts = drafts;
    this.#moved = moved;
    this.#history = new History(start.draft);
    this.draft = this.#history.current;
    this.at = computed(() => Math.min(this.#at.value, this.draft.value.questions.length - 1));
    this.question = computed(() => this.draft.value.questions[this.at.value] ?? null);
    this.saving = new Autosave(
      {
        store: (quiz, version) => this.#store(quiz, version),
        keep: (draft, version) =>
          drafts.keep({ id: this.#id, draft, version, kept_at: Date.now() }),
        forget: () => drafts.forget(this.#id),
      },
      start.version,
    );
    if (start.changed) this.saving.changed(start.draft);
  }

  get id(): string {
    return this.#id;
  }

  get canUndo(): boolean {
    return this.#history.canUndo;
  }

  get canRedo(): boolean {
    return this.#history.canRedo;
  }

  select(at: number): void {
    this.#at.value = Math.max(0, Math.min(at, this.draft.value.questions.length - 1));
  }

  /** Go on with `next`; `what` names what has changed, for undo. */
  edit(next: Draft, what: string, select?: number): void {
    this.#history.push(next, what);
    if (select !== undefined) this.select(select);
    this.saving.changed(next);
  }

  change(change: Partial<DraftQuestion>, what: string): void {
    const id = this.question.value?.id;
    if (id) this.edit(withChange(this.draft.value, id, change), `${id}.${what}`);
  }

  undo(): void {
    if (this.#history.undo()) this.#stepped();
  }

  redo(): void {
    if (this.#history.redo()) this.#stepped();
  }

  /** Take what the server has instead of what is here. */
  takeOver(stored: QuizView): void {
    this.#history.push(fromQuiz(stored), 'theirs');
    this.saving.reset(stored.version);
  }

  close(): void {
    this.saving.stop();
  }

  #stepped(): void {
    this.saving.changed(this.draft.value);
  }

  async #store(quiz: Parameters<typeof replaceQuiz>[1], version: number | null): Promise<number> {
    if (version !== null) return (await replaceQuiz(this.#id, quiz, version)).version;
    const made = await this.#creation.create(quiz);
    this.#drafts.forget(this.#id);
    this.#id = made.id;
    this.#moved(made.id);
    return made.version;
  }
}

/** An editor for the quiz with this id, from the server, the browser, or nothing. */
export async function openEditor(
  id: string,
  drafts: Drafts,
  moved: (id: string) => void,
): Promise<Editor> {
  const kept = drafts.get(id);
  if (isNew(id)) {
    const draft = kept?.draft ?? newDraft(activeLocale());
    return new Editor(id, { draft, version: null, changed: kept !== null }, drafts, moved);
  }
  try {
    const stored = await loadQuiz(id);
    const draft = kept?.draft ?? fromQuiz(stored);
    const version = kept ? kept.version : stored.version;
    return new Editor(id, { draft, version, changed: kept !== null }, drafts, moved);
  } catch (error) {
    const away = error instanceof ApiError && (error.retryable || error.code === 'not_found');
    if (!kept || !away) throw error;
    return new Editor(id, { ...kept, changed: true }, drafts, moved);
  }
}

/** The editor of the page's quiz; it stays the same when a new quiz gets its id. */
export function useEditor(id: () => string, drafts: () => Drafts, moved: (id: string) => void) {
  const editor = shallowRef<Editor | null>(null);
  const error = shallowRef<string | null>(null);

  async function open(): Promise<void> {
    editor.value?.close();
    editor.value = null;
    error.value = null;
    try {
      editor.value = await openEditor(id(), drafts(), moved);
    } catch (failure) {
      error.value = failure instanceof ApiError ? failure.code : 'internal';
    }
  }

  watch(
    id,
    (wanted) => {
      if (editor.value?.id !== wanted) void open();
    },
    { immediate: true },
  );
  onScopeDispose(() => editor.value?.close());
  return { editor, error, open };
}

export type { SaveStatus };
