import { flushPromises } from '@vue/test-utils';
import { beforeAll, describe, expect, it, vi } from 'vitest';

import { mountWithTexts, withTexts } from '@/testing/mount';

import UsageSection from './sections/UsageSection.vue';

const quotas = [
  { quota: 'live_runs', used: 2, most: 100, resets_at: null },
  { quota: 'quizzes', used: 1_500, most: 0, resets_at: null },
  { quota: 'exports', used: 7, most: 120, resets_at: Date.UTC(2026, 0, 2, 12) },
  { quota: 'stored_replies', used: 1_000, most: 50_000_000, resets_at: null },
];
vi.mock('@/session/ask', () => ({ ask: () => Promise.resolve({ quotas }) }));

beforeAll(() => withTexts('host'));

describe('the usage of an account', () => {
  it('says how much is used of what, and when a period begins again', async () => {
    const wrapper = mountWithTexts(UsageSection, {});
    await flushPromises();
    const lines = wrapper.findAll('li').map((line) => line.text());
    expect(lines).toHaveLength(3);
    expect(lines[0]).toContain('2 of 100');
    expect(lines[1]).toContain('1,500, without a limit');
    expect(lines[2]).toMatch(/7 of 120\s+· starts again on .*2026/);
  });
});
