import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ApiError } from '@/api/problem';

import type { Quiz } from '../types';

import { Autosave } from './autosave';
import { newOption, newQuestion, type Draft } from './draft';

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

/** A server of one quiz, and the browser's storage, as far as autosave sees them. */
function bench(version: number | null = 1) {
  const stored: { title: string; over: number | null }[] = [];
  const failures: Error[] = [];
  const gates: (() => void)[] = [];
  const kept: { draft: Draft | null; version: number | null } = { draft: null, version: null };
  const room = { full: false, slow: false };
  const saving = new Autosave(
    {
      async store(quiz: Quiz, over) {
        if (room.slow) await new Promise<void>((resolve) => gates.push(resolve));
        const failure = failures.shift();
        if (failure) throw failure;
        stored.push({ title: quiz.title, over });
        return (over ?? 0) + 1;
      },
      keep(now, over) {
        if (room.full) return false;
        Object.assign(kept, { draft: now, version: over });
        return true;
      },
      forget: () => Object.assign(kept, { draft: null, version: null }),
    },
    version,
  );
  return { saving, stored, failures, gates, kept, room, kind: () => saving.status.value.kind };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('autosave', () => {
  it('stores once the typing pauses, over the version that it knows', async () => {
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
    expect(stored).toEqual([{ title: 'Cap', over: 3 }]);
    expect(kind()).toBe('saved');
    expect(saving.version).toBe(4);
    expect(kept.draft).toBeNull();
  });

  it('does not wait for ever for a pause', async () => {
    const { saving, stored } = bench();
    for (let time = 0; time < 6_000; time += 500) {
      saving.changed(draft(`at ${time}`));
      await vi.advanceTimersByTimeAsync(500);
    }
    expect(stored.length).toBeGreaterThan(0);
  });

  it('keeps what is incomplete in the browser, and says what is missing', async () => {
    const { saving, stored, kept } = bench();
    saving.changed({ ...draft('T'), title: '' });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(stored).toEqual([]);
    expect(kept.draft).not.toBeNull();
    expect(saving.status.value).toMatchObject({
      kind: 'incomplete',
      problems: [{ field: 'title', key: 'title_missing' }],
    });
    expect(await saving.flush()).toBe(false);
    saving.changed(draft('T'));
    expect(await saving.flush()).toBe(true);
    expect(stored).toHaveLength(1);
  });

  it('stores what was typed while it was storing', async () => {
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
    expect(kept).toMatchObject({ draft: { title: 'second' }, version: 2 });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stored).toEqual([
      { title: 'first', over: 1 },
      { title: 'second', over: 2 },
    ]);
    expect(kind()).toBe('saved');
  });

  it('tries again by itself, ever more seldom, until the server is back', async () => {
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
    expect(stored).toEqual([{ title: 'T', over: 1 }]);
    expect(kind()).toBe('saved');
  });

  it('says what is missing when it is not only the server that is away', async () => {
    const { saving, failures, gates, room, kind } = bench();
    room.slow = true;
    failures.push(offline());
    saving.changed(draft('T'));
    await vi.advanceTimersByTimeAsync(1_000);
    saving.changed({ ...draft('T'), title: '' });
    gates.shift()?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(kind()).toBe('incomplete');
  });

  it('stops at another version, and stores over it only when told to', async () => {
    const { saving, stored, failures, kind, kept } = bench();
    failures.push(new ApiError('version_conflict', 'other', 412));
    saving.changed(draft('mine'));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(kind()).toBe('conflict');
    saving.changed(draft('mine too'));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(stored).toEqual([]);
    expect(kept.draft?.title).toBe('mine too');
    expect(await saving.overwrite(7)).toBe(true);
    expect(stored).toEqual([{ title: 'mine too', over: 7 }]);
    expect(kind()).toBe('saved');
  });

  it('forgets its own when the other version is taken', async () => {
    const { saving, failures, kind, kept } = bench();
    failures.push(new ApiError('version_conflict', 'other', 412));
    saving.changed(draft('mine'));
    await vi.advanceTimersByTimeAsync(1_000);
    saving.reset(5);
    expect(kind()).toBe('saved');
    expect(kept.draft).toBeNull();
    expect(saving.version).toBe(5);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(kind()).toBe('saved');
  });

  it('can store a quiz that was deleted as a new one', async () => {
    const { saving, stored, failures, kind } = bench();
    failures.push(new ApiError('not_found', 'gone', 404));
    saving.changed(draft('T'));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(kind()).toBe('gone');
    expect(await saving.storeAsNew()).toBe(true);
    expect(stored).toEqual([{ title: 'T', over: null }]);
  });

  it('tells what the server refuses, and tries again after the next change', async () => {
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
    expect(stored).toEqual([{ title: 'T2', over: 1 }]);
  });

  it('says so when the browser keeps nothing', () => {
    const { saving, room } = bench();
    room.full = true;
    saving.changed(draft('T'));
    expect(saving.kept.value).toBe(false);
  });
});
