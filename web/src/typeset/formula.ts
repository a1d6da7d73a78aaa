/** Renders formulas with KaTeX, which is loaded with the first one. */

import type Katex from 'katex';

/** Limits on authors' input: no endless expansion, nothing larger than a screen. */
const BOUNDS = {
  maxExpand: 200,
  maxSize: 8,
  strict: false,
  /** No links, images, or attributes. */
  trust: false,
  throwOnError: true,
} as const;

let katex: Promise<typeof Katex> | undefined;

/** The rendered formula, or `null` if it is invalid or KaTeX cannot be loaded. */
export async function typeset(tex: string, block: boolean): Promise<HTMLElement | null> {
  try {
    katex ??= import('./katex').then((module) => module.default);
    const { render } = await katex;
    const made = document.createElement('span');
    // macros do not leak into other formulas
    render(tex, made, { ...BOUNDS, displayMode: block, macros: {} });
    return made;
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ParseError')) katex = undefined;
    return null;
  }
}
