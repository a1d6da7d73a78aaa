/** Tracks how far a page's clock has been synchronized with the server's. */
import { expect, type Page } from '@playwright/test';

const ROUNDS = 5;
const SYNC_ANSWER = /^43.*"t0":/;

/** Call before opening the page; the returned function waits for all rounds of `sync`. */
export function clockOf(page: Page): { settled: () => Promise<void> } {
  let rounds = 0;
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      if (SYNC_ANSWER.test(String(payload))) rounds += 1;
    }),
  );
  return {
    settled: () => expect.poll(() => rounds, 'rounds of sync').toBeGreaterThanOrEqual(ROUNDS),
  };
}
