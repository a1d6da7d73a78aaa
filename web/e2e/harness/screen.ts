/** The big screen, by what it shows. */
import { expect, type BrowserContext, type Locator, type Page } from '@playwright/test';

export class Screen {
  constructor(readonly page: Page) {}

  /** In the browser of the signed-in host. */
  static async open(context: BrowserContext, url: string, runId: string): Promise<Screen> {
    const screen = new Screen(await context.newPage());
    await screen.page.goto(`${url}/screen/${runId}`);
    return screen;
  }

  heading(name: string | RegExp): Locator {
    return this.page.getByRole('heading', { name });
  }

  /** What is shown, without what is only said to screen readers. */
  get main(): Locator {
    return this.page.getByRole('main');
  }

  get players(): Locator {
    return this.page.getByTestId('players');
  }

  get answered(): Locator {
    return this.page.getByTestId('answered');
  }

  option(text: string): Locator {
    return this.page.getByTestId('options').getByRole('listitem').filter({ hasText: text });
  }

  sees(question: string): Promise<void> {
    return expect(this.heading(question)).toBeVisible();
  }
}
