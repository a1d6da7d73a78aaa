import { describe, expect, it } from 'vitest';

import { ApiError } from '@/api/problem';

import { usePages, type Page } from './pages';

/** A fake server whose replies are released by the test. */
function bench() {
  const asked: { offset: number; answer: (page: Page<string> | Error) => void }[] = [];
  const pages = usePages<string>(
    (offset) =>
      new Promise((resolve, reject) =>
        asked.push({
          offset,
          answer: (page) => (page instanceof Error ? reject(page) : resolve(page)),
        }),
      ),
    (item) => item,
  );
  return { asked, pages };
}

describe('a paginated list', () => {
  it('grows page by page until complete', async () => {
    const { asked, pages } = bench();
    const first = pages.reload();
    expect(pages.total.value).toBeNull();
    asked[0]?.answer({ items: ['a', 'b'], total: 3 });
    await first;
    expect(pages.hasMore.value).toBe(true);
    const second = pages.more();
    expect(asked[1]?.offset).toBe(2);
    asked[1]?.answer({ items: ['c'], total: 3 });
    await second;
    expect(pages.items.value).toEqual(['a', 'b', 'c']);
    expect(pages.hasMore.value).toBe(false);
  });

  it('shows no duplicates when items were added at the front', async () => {
    const { asked, pages } = bench();
    const first = pages.reload();
    asked[0]?.answer({ items: ['a', 'b'], total: 3 });
    await first;
    const second = pages.more();
    asked[1]?.answer({ items: ['b', 'c'], total: 4 });
    await second;
    expect(pages.items.value).toEqual(['a', 'b', 'c']);
  });

  it('accepts only the reply to the latest request', async () => {
    const { asked, pages } = bench();
    const slow = pages.reload();
    const quick = pages.reload();
    asked[1]?.answer({ items: ['new'], total: 1 });
    await quick;
    asked[0]?.answer({ items: ['old'], total: 1 });
    await slow;
    expect(pages.items.value).toEqual(['new']);
    expect(pages.busy.value).toBe(false);
  });

  it('keeps its items when reloading fails', async () => {
    const { asked, pages } = bench();
    const first = pages.reload();
    asked[0]?.answer({ items: ['a'], total: 1 });
    await first;
    const second = pages.reload();
    asked[1]?.answer(new ApiError('offline', 'no', 0, true));
    await second;
    expect(pages.error.value).toBe('offline');
    expect(pages.items.value).toEqual(['a']);
  });
});
