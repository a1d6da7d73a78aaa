import { describe, expect, it } from 'vitest';

import { newDraft } from './draft';
import { Drafts, isNew, newId } from './drafts';

const kept = (id: string, kept_at = 1) => ({ id, draft: newDraft('en'), edition: null, kept_at });

describe('kept drafts', () => {
  it('are restored unchanged, most recently changed first', () => {
    const drafts = new Drafts('ada');
    expect(drafts.keep(kept('a', 1))).toBe(true);
    drafts.keep(kept('b', 2));
    expect(drafts.get('a')?.draft.questions).toHaveLength(1);
    expect(drafts.all().map((one) => one.id)).toEqual(['b', 'a']);
    drafts.forget('b');
    expect(drafts.all().map((one) => one.id)).toEqual(['a']);
  });

  it('are visible to their own account only', () => {
    new Drafts('ada').keep(kept('a'));
    expect(new Drafts('bob').get('a')).toBeNull();
    expect(new Drafts('bob').all()).toEqual([]);
  });

  it('that cannot be parsed are ignored', () => {
    localStorage.setItem('quizrun.draft.ada.x', '{"id":"x"');
    localStorage.setItem('quizrun.draft.ada.y', '{"id":"y","draft":{}}');
    expect(new Drafts('ada').get('x')).toBeNull();
    expect(new Drafts('ada').all()).toEqual([]);
  });

  it('distinguish new quizzes from stored ones', () => {
    expect(isNew(newId('1234'))).toBe(true);
    expect(isNew('0b6c2d34-6a0c-4c55-9a3d-2a9b1c2d3e4f')).toBe(false);
  });
});
