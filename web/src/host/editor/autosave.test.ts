import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ApiError } from '@/api/problem';

import { Autosave, type Save } from './autosave';
import { newOption, newQuestion, type Draft } from './draft';
import type { Pending } from './drafts';

const draft = (title: string): Draft => ({
  title,
  language: 'en',
  questions: [
    {
      ...newQuestion('single'),
      text: 'Capital of France?',
      options: [newOption('Paris', true), newOption('Rome')],
    },
  ],
});
const offline = () => new ApiError('offline', 'no network', 0, true);

const conflict = () => new ApiError('version_conflict', 'other', 412);
const next = (over: string | null) => String(Number(over ?? 0) + 1);

/** A fake server with one quiz, and fake browser storage. */
function bench(version: number | null = 1) {
  const server = { edition: version === null ? null : `${version}` };
  const stored: { title: string; over: string | null }[] = [];
  const keys: string[] = [];
  const answers = { lost: 0 };
  const failures: Error[] = [];
  const gates: (() => void)[] = [];
  const kept: { draft: Draft | null; edition: string | null; pending: Pending | null } = {
    draft: null,
    edition: null,
    pending: null,
  };
  const room = { full: false, slow: false };
  const saving = new Autosave(
    {
      async store(save: Save, over, key) {
        if (room.slow) await new Promise<void>((resolve) => gates.push(resolve));
        const failure = failures.shift();
        if (failure) throw failure;
        const { title } = save.kind === 'quiz' ? save.quiz : save.draft;
        if (keys.at(-1) !== key) {
          if (over !== null && over !== server.edition) throw conflict();
          stored.push({ title: save.kind === 'quiz' ? title : `draft ${title}`, over });
          server.edition = next(over);
          keys.push(key);
        }
        if (answers.lost-- > 0) throw offline();
        return server.edition ?? '';
      },
      keep(now, edition, pending) {
        if (room.full) return false;
        Object.assign(kept, { draft: now, edition, pending });
        return true;
      },
      forget: () => Object.assign(kept, { draft: null, edition: null, pending: null }),
    },
    server.edition,
  );
  return {
    saving,
    stored,
    failures,
    gates,
    kept,
    room,
    answers,
    server,
    kind: () => saving.status.value.kind,
  };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('autosave', () => {
  it('stores after a pause in typing, over the known edition', async () => {
    const { saving, stored, kept, kind } = bench(3);
    saving.changed(draft('C'));
    saving.changed(draft('Ca'));
    expect(kind()).toBe('waiting');
    expect(kept.draft?.title).toBe('Ca');
    await vi.advanceTimersByTimeAsync(900);
    saving.changed(draft('Cap'));
    await vi.advanceTimersByTimeAsync(900);
    expect(stored).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(stored).toEqual([{ title: 'Cap', over: '3' }]);
    expect(kind()).toBe('saved');
    expect(saving.edition).toBe('4');
    expect(kept.draft).toBeNull();
  });

  it('does not wait forever for a pause', async () => {
    const { saving, stored } = bench();
    for (let time = 0; time < 6_000; time += 500) {
      saving.changed(draft(`at ${time}`));
      await vi.advanceTimersByTimeAsync(500);
    }
    expect(stored.length).toBeGreaterThan(0);
  });

  it('stores an incomplete quiz as a draft, with its problems', async () => {
    const { saving, stored, kept } = bench();
    saving.changed({ ...draft('T'), questions: [{ ...newQuestion('single'), text: 'Half' }] });
    expect(kept.draft).not.toBeNull();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stored).toEqual([{ title: 'draft T', over: '1' }]);
    expect(saving.status.value).toMatchObject({ kind: 'draft', problems: [{ question: 0 }, {}] });
    expect(kept.draft).toBeNull();
    saving.changed(draft('T'));
    expect(await saving.flush()).toBe(true);
    expect(stored.at(-1)).toEqual({ title: 'T', over: '2' });
    expect(saving.status.value.kind).toBe('saved');
  });

  it('resends a save whose reply was lost, without a conflict with itself', async () => {
    const { saving, stored, answers, kind } = bench();
    answers.lost = 1;
    saving.changed(draft('first'));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(kind()).toBe('unreachable');
    saving.changed(draft('second'));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(stored).toEqual([
      { title: 'first', over: '1' },
      { title: 'second', over: '2' },
    ]);
    expect(kind()).toBe('saved');
  });

  it('does so even after a reload', async () => {
    const before = bench();
    before.answers.lost = 1;
    before.saving.changed(draft('first'));
    await vi.advanceTimersByTimeAsync(1_000);
    const { pending } = before.kept;
    expect(pending?.draft.title).toBe('first');
    before.saving.stop();
    const sent: [string | null, string][] = [];
    const after = new Autosave(
      {
        store: (_save, over, key) => {
          sent.push([over, key]);
          return Promise.resolve(next(over));
        },
        keep: () => true,
        forget: () => undefined,
      },
      before.kept.edition,
      { pending },
    );
    after.changed(draft('second'));
    expect(await after.flush()).toBe(true);
    expect(sent[0]).toEqual(['1', pending?.key]);
    expect(sent[1]?.[0]).toBe('2');
    expect(sent[1]?.[1]).not.toBe(pending?.key);
  });

  it('stores what was typed during a save', async () => {
    const { saving, stored, gates, room, kept, kind } = bench();
    room.slow = true;
    saving.changed(draft('first'));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(kind()).toBe('saving');
    saving.changed(draft('second'));
    expect(kind()).toBe('saving');
    room.slow = false;
    gates.shift()?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(kept).toMatchObject({ draft: { title: 'second' }, edition: '2' });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stored).toEqual([
      { title: 'first', over: '1' },
      { title: 'second', over: '2' },
    ]);
    expect(kind()).toBe('saved');
  });

  it('retries with backoff until the server is back', async () => {
    const { saving, stored, failures, kind, kept } = bench();
    failures.push(offline(), offline(), offline());
    saving.changed(draft('T'));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(kind()).toBe('unreachable');
    expect(kept.draft).not.toBeNull();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(failures).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(failures).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(failures).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(8_000);
    expect(stored).toEqual([{ title: 'T', over: '1' }]);
    expect(kind()).toBe('saved');
  });

  it('continues with what was typed while the server was down', async () => {
    const { saving, failures, gates, room, kind } = bench();
    room.slow = true;
    failures.push(offline());
    saving.changed(draft('T'));
    await vi.advanceTimersByTimeAsync(1_000);
    saving.changed({ ...draft('T'), title: '' });
    gates.shift()?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(kind()).toBe('waiting');
  });

  it('stops at a conflict, and overwrites only on request', async () => {
    const { saving, stored, failures, kind, kept, server } = bench();
    failures.push(conflict());
    server.edition = '7';
    saving.changed(draft('mine'));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(kind()).toBe('conflict');
    saving.changed(draft('mine too'));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(stored).toEqual([]);
    expect(kept.draft?.title).toBe('mine too');
    expect(await saving.overwrite('7')).toBe(true);
    expect(stored).toEqual([{ title: 'mine too', over: '7' }]);
    expect(kind()).toBe('saved');
  });

  it('drops local changes when the other version is taken', async () => {
    const { saving, failures, kind, kept } = bench();
    failures.push(new ApiError('version_conflict', 'other', 412));
    saving.changed(draft('mine'));
    await vi.advanceTimersByTimeAsync(1_000);
    saving.reset('5');
    expect(kind()).toBe('saved');
    expect(kept.draft).toBeNull();
    expect(saving.edition).toBe('5');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(kind()).toBe('saved');
  });

  it('can store a deleted quiz as a new one', async () => {
    const { saving, stored, failures, kind } = bench();
    failures.push(new ApiError('not_found', 'gone', 404));
    saving.changed(draft('T'));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(kind()).toBe('gone');
    expect(await saving.storeAsNew()).toBe(true);
    expect(stored).toEqual([{ title: 'T', over: null }]);
  });

  it('shows the server’s refusal, and retries after the next change', async () => {
    const { saving, stored, failures } = bench();
    failures.push(
      new ApiError('quiz_invalid', 'no', 422, false, [
        { question: 0, field: 'options.1', message: 'is odd' },
      ]),
    );
    const asked = draft('T');
    saving.changed(asked);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(saving.status.value).toMatchObject({
      kind: 'refused',
      problems: [
        { question: 0, field: `option.${asked.questions[0]?.options[1]?.id}`, message: 'is odd' },
      ],
    });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(stored).toEqual([]);
    saving.changed(draft('T2'));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stored).toEqual([{ title: 'T2', over: '1' }]);
  });

  it('reports when the browser cannot keep drafts', () => {
    const { saving, room } = bench();
    room.full = true;
    saving.changed(draft('T'));
    expect(saving.kept.value).toBe(false);
  });
});
