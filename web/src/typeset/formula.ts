/** Formulas, set by KaTeX, which is loaded with its style when the first one is shown. */

import type Katex from 'katex';

/** Bounds of what an author can make a browser do: nothing endless, nothing larger than a screen. */
const BOUNDS = {
  maxExpand: 200,
  maxSize: 8,
  strict: false,
  /** No links, no pictures, no attributes. */
  trust: false,
  throwOnError: true,
} as const;

let katex: Promise<typeof Katex> | undefined;

/** The formula as an element, or `null` where it is none, or where KaTeX cannot be loaded. */
export async function typeset(tex: string, block: boolean): Promise<HTMLElement | null> {
  try {
    katex ??= import('./katex').then((module) => module.default);
    const { render } = await katex;
    const made = document.createElement('span');
    // macros last for one formula
    render(tex, made, { ...BOUNDS, displayMode: block, macros: {} });
    return made;
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ParseError')) katex = undefined;
    return null;
  }
}
