import { describe, expect, it } from 'vitest';

import texts from '@/locales/en/audit.json';

import { ACTIONS, asFilter, NO_FILTER } from './filter';

describe('the filter of the audit log', () => {
  it('sends only what was entered', () => {
    expect(asFilter(NO_FILTER)).toEqual({});
    expect(asFilter({ ...NO_FILTER, account: 'ada@example.org', outcome: 'done' })).toEqual({
      account: 'ada@example.org',
      refused: false,
    });
  });

  it('includes the last day', () => {
    const { since, until } = asFilter({ ...NO_FILTER, since: '2026-03-28', until: '2026-03-29' });
    expect(since).toBe(new Date(2026, 2, 28).getTime());
    expect(until).toBe(new Date(2026, 2, 30).getTime());
  });

  it('offers every act, each with a text', () => {
    const area = 'audit.acts.';
    const named = Object.keys(texts)
      .filter((key) => key.startsWith(area))
      .map((key) => key.slice(area.length));
    expect(named.toSorted()).toEqual([...ACTIONS].toSorted());
  });
});
