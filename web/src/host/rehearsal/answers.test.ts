import { describe, expect, it } from 'vitest';

import { answerFor, delayFor, type Asked, type Key } from './answers';

/** Returns the numbers in a cycle. */
function turns(...numbers: number[]): () => number {
  let at = 0;
  return () => numbers[at++ % numbers.length] ?? 0;
}

/** Many different random generators. */
function seeds(): (() => number)[] {
  return Array.from({ length: 200 }, (_, seed) => {
    let state = seed + 1;
    return () => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    };
  });
}

const ABC = ['a', 'b', 'c'];
const single: [Asked, Key] = [
  { type: 'single', options: ABC },
  { options: ABC, solution: [1] },
];
const multiple: [Asked, Key] = [
  { type: 'multiple', options: ABC },
  { options: ABC, solution: [0, 2] },
];
/** Shown as c, a, b; the right order is a, b, c. */
const order: [Asked, Key] = [
  { type: 'order', options: ['c', 'a', 'b'] },
  { options: ['c', 'a', 'b'], solution: [1, 2, 0] },
];
const number: [Asked, Key] = [
  { type: 'number' },
  { options: null, solution: { value: 8.3, tolerance: 1 } },
];
const text: [Asked, Key] = [
  { type: 'text' },
  { options: null, solution: { accepted: ['Condensation', 'Condensing'] } },
];
const boolean: [Asked, Key] = [{ type: 'boolean' }, { options: null, solution: [0] }];

describe('a bot that knows the answer', () => {
  it.each([
    ['single', single, 1],
    ['multiple', multiple, [0, 2]],
    ['boolean', boolean, 0],
    ['order', order, [1, 2, 0]],
    ['number', number, 8.3],
    ['text', text, 'Condensation'],
  ] as const)('is right: %s', (_, [asked, key], right) => {
    for (const random of seeds()) expect(answerFor(asked, key, 1, random)).toEqual(right);
  });

  it('finds the right order by the texts, however they are shuffled', () => {
    const [, key] = order;
    const other: Asked = { type: 'order', options: ['b', 'c', 'a'] };
    expect(answerFor(other, key, 1, turns(0))).toEqual([2, 0, 1]);
  });
});

describe('a bot that does not know the answer', () => {
  it('picks a wrong option', () => {
    const picked = seeds().map((random) => answerFor(...single, 0, random));
    expect(new Set(picked)).toEqual(new Set([0, 2]));
    for (const random of seeds()) expect(answerFor(...boolean, 0, random)).toBe(1);
  });

  it('picks one option too many or too few, but at least one', () => {
    const one: [Asked, Key] = [multiple[0], { options: ABC, solution: [1] }];
    for (const [asked, key] of [multiple, one])
      for (const random of seeds()) {
        const picks = answerFor(asked, key, 0, random) as number[];
        expect(picks).not.toEqual(key.solution);
        expect(picks.length).toBeGreaterThan(0);
        expect(picks.every((at) => at >= 0 && at < ABC.length)).toBe(true);
        expect(picks).toEqual([...new Set(picks)].sort());
      }
  });

  it('swaps two neighbours of an order', () => {
    for (const random of seeds()) {
      const given = answerFor(...order, 0, random) as number[];
      expect(given).not.toEqual([1, 2, 0]);
      expect([...given].sort()).toEqual([0, 1, 2]);
    }
  });

  it('misses a number by more than the tolerance, and misspells a text', () => {
    for (const random of seeds()) {
      expect(Math.abs((answerFor(...number, 0, random) as number) - 8.3)).toBeGreaterThan(1);
      const given = answerFor(...text, 0, random) as string;
      expect(given).toHaveLength('Condensation'.length - 1);
    }
    const short: Key = { options: null, solution: { accepted: ['né'] } };
    expect(answerFor(text[0], short, 0, turns(0.5))).toBe('nénéx');
  });
});

describe('any bot', () => {
  it('ignores slides and answers polls at random', () => {
    expect(answerFor({ type: 'slide' }, undefined, 1, turns(0.5))).toBeNull();
    const polled = seeds().map((random) =>
      answerFor({ type: 'poll', options: ABC }, { options: ABC, solution: null }, 1, random),
    );
    expect(new Set(polled)).toEqual(new Set([0, 1, 2]));
  });

  it.each([single, multiple, boolean, order, number, text])(
    'it answers in the right shape where nothing is known of the question',
    (asked) => {
      for (const random of seeds()) {
        const given = answerFor(asked, undefined, 0.5, random);
        const list = asked.type === 'multiple' || asked.type === 'order';
        if (list) expect(Array.isArray(given)).toBe(true);
        else expect(typeof given).toBe(asked.type === 'text' ? 'string' : 'number');
      }
    },
  );
});

describe('a bot’s delay', () => {
  it('is within the time limit, and never long', () => {
    for (const random of seeds())
      for (const limit_ms of [5_000, 20_000, 240_000])
        for (const speed of [0, 0.5, 1]) {
          const delay_ms = delayFor(limit_ms, speed, random);
          expect(delay_ms).toBeGreaterThanOrEqual(900);
          expect(delay_ms).toBeLessThanOrEqual(Math.min(limit_ms * 0.7, 9_000));
        }
  });

  it('is shorter for quick bots', () => {
    expect(delayFor(20_000, 1, turns(0.5))).toBeLessThan(delayFor(20_000, 0, turns(0.5)));
  });
});
