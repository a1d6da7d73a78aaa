/** Draws pictures for questions in the browser and uploads them as a host would. */
import type { BrowserContext } from '@playwright/test';

const flag = (
  ground: string,
): string => `<body style="margin:0"><svg viewBox="0 0 12 6" style="display:block;width:100vw">
  <path d="M0 0h12v6H0z" fill="${ground}"/><path d="m0 0 6 3-6 3zM12 0 6 3l6 3z"/>
  <path d="m0 0 12 6M12 0 0 6" stroke="#ffb81c" stroke-width="1.1"/></svg>`;

/** Upload the flag of Jamaica, with its own background or another; return its URL. */
export async function uploadFlag(
  context: BrowserContext,
  url: string,
  ground = '#007749',
): Promise<{ url: string; alt: string }> {
  const page = await context.newPage();
  await page.setViewportSize({ width: 960, height: 480 });
  await page.setContent(flag(ground));
  const buffer = await page.screenshot();
  await page.close();
  const answer = await context.request.post(`${url}/api/v1/media`, {
    headers: { 'content-type': 'image/png' },
    data: buffer,
  });
  if (!answer.ok()) throw new Error(await answer.text());
  const { url: address } = (await answer.json()) as { url: string };
  return { url: address, alt: 'A gold diagonal cross between green and black' };
}

const GROUNDS = { green: '#007749', purple: '#7a2048', blue: '#1f4fa3' };

/** Upload three variants as options. */
export async function uploadFlags(
  context: BrowserContext,
  url: string,
): Promise<{ url: string; alt: string }[]> {
  const uploaded = [];
  for (const [name, ground] of Object.entries(GROUNDS))
    uploaded.push({ ...(await uploadFlag(context, url, ground)), alt: `A cross on ${name}` });
  return uploaded;
}
