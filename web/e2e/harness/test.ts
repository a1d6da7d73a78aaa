/**
 * `test` with common fixtures: the stack, a host, and visitors whose pages are checked for errors.
 */
import {
  test as base,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from '@playwright/test';

import { Host } from './host.ts';
import { Player } from './player.ts';
import { SlowPath } from './slow-path.ts';
import { Stack } from './stack.ts';

export { expect } from '@playwright/test';

export const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
};
export const DESKTOP: BrowserContextOptions = { viewport: { width: 1280, height: 720 } };

export const DEVICES = [
  ['a phone', PHONE],
  ['a computer', {}],
] as const;

/** Browser errors while the network is cut. */
export const CUT = /net::ERR_|WebSocket connection|Failed to load resource/;

/** A host and the browser context they are signed in to. */
export interface Hosting {
  host: Host;
  context: BrowserContext;
}

interface Fixtures {
  stack: Stack;
  /** Opens a slow path to the first gateway, with the given delay in each direction. */
  slowPath: (delay_ms: number) => Promise<SlowPath>;
  visitors: Visitors;
  hosting: Hosting;
}

export const test = base.extend<Fixtures>({
  stack: async ({}, use) => {
    await use(new Stack());
  },
  slowPath: async ({ stack }, use) => {
    const opened: SlowPath[] = [];
    await use(async (delay_ms) => {
      const path = await SlowPath.open(stack.url(), delay_ms);
      opened.push(path);
      return path;
    });
    for (const path of opened) await path.close();
  },
  // depends on `slowPath` so that paths close after the pages
  visitors: async ({ browser, stack, slowPath: _ }, use) => {
    const visitors = new Visitors(
      (options) => browser.newContext({ ...DESKTOP, ...options }),
      stack,
    );
    await use(visitors);
    await visitors.leave();
  },
  hosting: async ({ visitors, stack }, use) => {
    const context = await visitors.context();
    await use({ host: await Host.signUp(context, stack.url()), context });
  },
});

/** Creates browser contexts and fails the test on page errors. */
export class Visitors {
  readonly #contexts: BrowserContext[] = [];
  readonly #faults: string[] = [];
  /** Browsers log the reply to a signed-out session request as an error. */
  readonly #tolerated = [/401 \(Unauthorized\)/];

  constructor(
    private readonly open: (options: BrowserContextOptions) => Promise<BrowserContext>,
    private readonly stack: Stack,
  ) {}

  async context(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await this.open(options);
    this.#contexts.push(context);
    context.on('weberror', (error) => this.#fault(String(error.error())));
    context.on('console', (message) => {
      if (message.type() === 'error') this.#fault(message.text());
    });
    return context;
  }

  async page(options: BrowserContextOptions = {}): Promise<Page> {
    return (await this.context(options)).newPage();
  }

  async player(options: BrowserContextOptions = {}, url = this.stack.url()): Promise<Player> {
    return new Player(await this.page(options), url);
  }

  /** A page whose service worker has cached the client. */
  async installed(options: BrowserContextOptions = {}): Promise<Page> {
    const page = await this.page({ ...options, serviceWorkers: 'allow' });
    await page.goto(this.stack.url());
    await page.evaluate(() => navigator.serviceWorker.ready);
    return page;
  }

  /** A phone that has cached the client and is now offline. */
  async offline(): Promise<Page> {
    this.tolerate(CUT);
    const page = await this.installed(PHONE);
    await page.context().setOffline(true);
    await page.reload();
    return page;
  }

  /** Ignore errors that the test causes on purpose. */
  tolerate(...patterns: RegExp[]): void {
    this.#tolerated.push(...patterns);
  }

  async leave(): Promise<void> {
    for (const context of this.#contexts) await context.close();
    base.expect(this.#faults, 'faults in the pages').toEqual([]);
  }

  #fault(text: string): void {
    if (!this.#tolerated.some((pattern) => pattern.test(text))) this.#faults.push(text);
  }
}
