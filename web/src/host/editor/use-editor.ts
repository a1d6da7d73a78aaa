/** The edited quiz: its draft, the selected question, and its storage. */
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

import { Autosave, type Save, type SaveStatus } from './autosave';
import { newDraft, type Draft, type DraftQuestion } from './draft';
import { isNew, type Drafts, type Pending } from './drafts';
import { withChange } from './edits';
import { History } from './history';
import { revived } from './revive';
import { createQuiz, draftOf, loadEdit, replaceQuiz, type QuizEdit } from './store';
import { problemsOf } from './validate';

interface Start {
  draft: Draft;
  edition: string | null;
  /** Whether it differs from the stored edition. */
  changed: boolean;
  pending?: Pending | null;
  status?: SaveStatus;
  completeAt?: number | null;
}

export class Editor {
  readonly draft: Readonly<ShallowRef<Draft>>;
  /** Index of the selected question. */
  readonly at: ComputedRef<number>;
  readonly question: ComputedRef<DraftQuestion | null>;
  readonly saving: Autosave;
  /** When the playable version was stored; `null` if there is none. */
  readonly completeAt: Readonly<ShallowRef<number | null>>;

  readonly #history: History<Draft>;
  readonly #at = shallowRef(0);
  readonly #completeAt: ShallowRef<number | null>;
  readonly #drafts: Drafts;
  readonly #moved: (id: string) => void;
  #id: string;

  /** `moved` is called with the ID when a new quiz is first stored. */
  constructor(id: string, start: Start, drafts: Drafts, moved: (id: string) => void) {
    this.#id = id;
    this.#drafts = drafts;
    this.#moved = moved;
    this.#completeAt = shallowRef(start.completeAt ?? null);
    this.completeAt = this.#completeAt;
    this.#history = new History(start.draft);
    this.draft = this.#history.current;
    this.at = computed(() => Math.min(this.#at.value, this.draft.value.questions.length - 1));
    this.question = computed(() => this.draft.value.questions[this.at.value] ?? null);
    this.saving = new Autosave(
      {
        store: (save, edition, key) => this.#store(save, edition, key),
        keep: (draft, edition, pending) =>
          drafts.keep({ id: this.#id, draft, edition, pending, kept_at: Date.now() }),
        forget: () => drafts.forget(this.#id),
      },
      start.edition,
      start,
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

  /** Replace the draft; `what` identifies the change for undo. */
  edit(next: Draft, what: string, select?: number): void {
    this.#history.push(next, what);
    if (select !== undefined) this.select(select);
    this.saving.changed(next);
  }

  /** Change a question by ID, as another may be selected when an upload completes. */
  change(id: string, change: Partial<DraftQuestion>, what: string): void {
    this.edit(withChange(this.draft.value, id, change), `${id}.${what}`);
  }

  undo(): void {
    if (this.#history.undo()) this.#stepped();
  }

  redo(): void {
    if (this.#history.redo()) this.#stepped();
  }

  /** Replace the draft with the server's. */
  takeOver(stored: QuizEdit): void {
    const theirs = draftOf(stored);
    if (!theirs) return;
    this.#history.push(theirs, 'theirs');
    this.saving.reset(stored.edition);
    // stored over the draft that it replaces
    if (stored.draft) this.saving.changed(theirs);
  }

  close(): void {
    this.saving.stop();
  }

  #stepped(): void {
    this.saving.changed(this.draft.value);
  }

  async #store(save: Save, edition: string | null, key: string): Promise<string> {
    const now =
      edition === null
        ? await this.#create(save, key)
        : await replaceQuiz(this.#id, save, edition, key);
    if (save.kind === 'quiz') this.#completeAt.value = Date.now();
    return now;
  }

  async #create(save: Save, key: string): Promise<string> {
    const made = await createQuiz(save, key);
    this.#drafts.forget(this.#id);
    this.#id = made.id;
    this.#moved(made.id);
    return made.edition;
  }
}

/** Open an editor for the quiz from the server, the browser, or empty. */
export async function openEditor(
  id: string,
  drafts: Drafts,
  moved: (id: string) => void,
): Promise<Editor> {
  const kept = drafts.get(id);
  if (isNew(id)) {
    const start = kept ?? { draft: newDraft(activeLocale()), edition: null };
    return new Editor(id, { ...start, changed: kept !== null }, drafts, moved);
  }
  try {
    const stored = await loadEdit(id);
    const start = kept ? { ...kept, changed: true } : startOf(stored);
    const completeAt = stored.quiz?.updated_at ?? null;
    return new Editor(id, { ...start, completeAt }, drafts, moved);
  } catch (error) {
    const away = error instanceof ApiError && (error.retryable || error.code === 'not_found');
    if (!kept || !away) throw error;
    return new Editor(id, { ...kept, changed: true }, drafts, moved);
  }
}

/** The initial state for a stored quiz. */
function startOf(stored: QuizEdit): Start {
  const { edition, draft, outdated, quiz } = stored;
  if (draft && quiz && outdated)
    return { draft: revived(draft), edition, status: { kind: 'conflict' }, changed: true };
  const found = draftOf(stored) ?? newDraft(activeLocale());
  if (!draft) return { draft: found, edition, changed: false };
  const problems = problemsOf(found);
  // a draft complete by this release's rules becomes a version
  if (!problems.length) return { draft: found, edition, changed: true };
  return { draft: found, edition, status: { kind: 'draft', problems }, changed: false };
}

/** The editor of the page's quiz; unchanged when a new quiz gets its ID. */
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
