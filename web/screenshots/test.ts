/** The e2e `test` with a room full of guests. */
import { test as base } from '../e2e/harness/test.ts';
import { Guests } from './guests.ts';

export { CUT, expect, PHONE } from '../e2e/harness/test.ts';

export const test = base.extend<{ guests: Guests }>({
  guests: async ({ stack }, use) => {
    const guests = new Guests(stack.url());
    await use(guests);
    guests.leave();
  },
});
