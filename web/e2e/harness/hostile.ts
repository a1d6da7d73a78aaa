/** Malicious and oversized input. */
import { expect, type Locator, type Page } from '@playwright/test';

export const SCRIPT = '<script>window.hacked = 1</script>';
export const IMAGE = '<img src=x onerror="window.hacked = 1">';
export const HUNDRED_KB = 'word '.repeat(20_000);

/** Paste as with Ctrl+V, subject to the field's limits. */
export async function paste(field: Locator, text: string): Promise<void> {
  await field.focus();
  await field.page().keyboard.insertText(text);
}

/** Paste 100 KB into each field of a page; no field may keep more than the longest allowed text. */
export async function pasteEverywhere(part: Locator | Page, longest = 2_000): Promise<number> {
  const fields = await part
    .locator('input:not([type=radio], [type=checkbox], [type=file]), textarea')
    .all();
  for (const field of fields) {
    await paste(field, HUNDRED_KB);
    expect((await field.inputValue()).length).toBeLessThanOrEqual(longest);
  }
  return fields.length;
}

/** Assert that no injected script has run. */
export async function isUntouched(...pages: Page[]): Promise<void> {
  for (const page of pages) expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
}
