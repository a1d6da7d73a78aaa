import { describe, expect, it } from 'vitest';

import { newDraft } from './draft';
import { Drafts, isNew, newId } from './drafts';

const kept = (id: string, kept_at = 1) => ({ id, draft: newDraft('en'), edition: null, kept_at });

describe('kept drafts', () => {
  it('come back as they were, the last changed first', () => {
    const drafts = new Drafts('ada');
    expect(drafts.keep(kept('a', 1))).toBe(true);
    drafts.keep(kept('b', 2));
    expect(drafts.get('a')?.draft.questions).toHaveLength(1);
    expect(drafts.all().map((one) => one.id)).toEqual(['b', 'a']);
    drafts.forget('b');
    expect(drafts.all().map((one) => one.id)).toEqual(['a']);
  });

  it('are seen by their own account alone', () => {
    new Drafts('ada').keep(kept('a'));
    expect(new Drafts('bob').get('a')).toBeNull();
    expect(new Drafts('bob').all()).toEqual([]);
  });

  it('that cannot be read are as good as none', () => {
    localStorage.setItem('quizrun.draft.ada.x', '{"id":"x"');
    localStorage.setItem('quizrun.draft.ada.y', '{"id":"y","draft":{}}');
    expect(new Drafts('ada').get('x')).toBeNull();
    expect(new Drafts('ada').all()).toEqual([]);
  });

  it('of new quizzes are told from those of stored ones', () => {
    expect(isNew(newId('1234'))).toBe(true);
    expect(isNew('0b6c2d34-6a0c-4c55-9a3d-2a9b1c2d3e4f')).toBe(false);
  });
});
