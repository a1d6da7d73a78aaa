/** Page object for a player. */
import { expect, type Locator, type Page } from '@playwright/test';

export class Player {
  constructor(
    readonly page: Page,
    private readonly url: string,
  ) {}

  /** Open `/join/{pin}`, as the QR code does. */
  async follow(pin: string): Promise<void> {
    await this.page.goto(`${this.url}/join/${pin}`);
  }

  async join(pin: string, nickname: string): Promise<this> {
    await this.follow(pin);
    await this.nickname.fill(nickname);
    await this.page.getByRole('button', { name: 'Join', exact: true }).click();
    await expect(this.heading('You’re in!')).toBeVisible();
    return this;
  }

  get nickname(): Locator {
    return this.page.getByLabel('Nickname');
  }

  heading(name: string | RegExp): Locator {
    return this.page.getByRole('heading', { name });
  }

  tile(text: string): Locator {
    return this.page.getByRole('group', { name: 'Answers' }).getByRole('button', { name: text });
  }

  sees(question: string): Promise<void> {
    return expect(this.heading(question)).toBeVisible();
  }

  pick(text: string): Promise<void> {
    return this.tile(text).click();
  }

  async pickAll(...texts: string[]): Promise<void> {
    for (const text of texts) await this.pick(text);
    await this.page.getByRole('button', { name: `Send ${texts.length}` }).click();
  }

  async type(label: 'Your number' | 'Your answer', text: string): Promise<void> {
    await this.page.getByLabel(label).fill(text);
    await this.page.getByRole('button', { name: 'Send' }).click();
  }

  /** Put the rows in this order by tapping each and then its place, and submit. */
  async order(...texts: string[]): Promise<void> {
    const rows = this.page.getByRole('group', { name: 'Answers' }).getByRole('listitem');
    for (const [place, text] of texts.entries()) {
      if ((await this.rows()).indexOf(text) === place) continue;
      await rows.filter({ hasText: text }).click();
      await rows.nth(place).click();
    }
    expect(await this.rows()).toEqual(texts);
    await this.send();
  }

  /** Like `order`, by dragging with the mouse. */
  async drag(...texts: string[]): Promise<void> {
    for (const [place, text] of texts.entries()) {
      const from = (await this.rows()).indexOf(text);
      if (from !== place) await this.#dragRow(from, place);
    }
    expect(await this.rows()).toEqual(texts);
    await this.send();
  }

  async #dragRow(from: number, to: number): Promise<void> {
    const grips = this.page.getByRole('group', { name: 'Answers' }).locator('li bdi');
    await grips.nth(from).scrollIntoViewIfNeeded();
    const [start, end] = [await grips.nth(from).boundingBox(), await grips.nth(to).boundingBox()];
    if (!start || !end) throw new Error('There are no rows to drag.');
    const { mouse } = this.page;
    await mouse.move(start.x + start.width / 2, start.y + start.height / 2);
    await mouse.down();
    await mouse.move(start.x + start.width / 2, end.y + end.height / 2, { steps: 8 });
    await mouse.up();
  }

  async rows(): Promise<string[]> {
    return this.page.getByRole('group', { name: 'Answers' }).locator('li bdi').allInnerTexts();
  }

  send(): Promise<void> {
    return this.page.getByRole('button', { name: 'Send' }).click();
  }

  /** The visible content, without screen reader announcements. */
  get main(): Locator {
    return this.page.getByRole('main');
  }

  get lockedIn(): Locator {
    return this.main.getByText('Locked in');
  }

  isLockedIn(): Promise<void> {
    return expect(this.lockedIn).toBeVisible();
  }

  /** The seconds shown in the timer ring. */
  async secondsLeft(): Promise<number> {
    return Number(await this.page.getByRole('timer').innerText());
  }

  get reconnecting(): Locator {
    return this.page.getByText('Reconnecting…');
  }
}
