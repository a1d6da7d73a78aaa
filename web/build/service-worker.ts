import { createHash } from 'node:crypto';

import type { Plugin, Rolldown } from 'vite';

const PLACE = '__FILES__';
const WORKER = 'sw.js';
/**
 * Players can open the client offline; host pages and the connection test need a network anyway.
 */
const LEFT_OUT = /\/(host|screen|connection-test)(\/|\.json$)/;
/** The fonts of every page. KaTeX and its fonts are loaded on demand. */
const FONT = /^(?!.*KaTeX).*\.woff2$/;
const FORMULAS = /\/katex/i;

/** Provides the service worker with the list of built files. */
export function serviceWorker(): Plugin {
  return {
    name: 'quizrun-service-worker',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const worker = bundle[WORKER];
        if (worker?.type !== 'chunk') throw new Error(`There is no ${WORKER}.`);
        if (worker.imports.length) throw new Error(`${WORKER} must stay one file.`);
        const paths = filesOf(bundle).map((file) => `/${file}`);
        const version = createHash('sha256').update(paths.join()).digest('hex').slice(0, 12);
        worker.code = worker.code.replace(PLACE, JSON.stringify({ version, paths }));
      },
    },
  };
}

function filesOf(bundle: Rolldown.OutputBundle): string[] {
  const found = new Set(Object.keys(bundle).filter((file) => FONT.test(file)));
  const visit = (file: string): void => {
    const chunk = bundle[file];
    if (chunk?.type !== 'chunk' || found.has(file)) return;
    const { facadeModuleId: module } = chunk;
    if (module && (LEFT_OUT.test(module) || FORMULAS.test(module))) return;
    found.add(file);
    for (const css of chunk.viteMetadata?.importedCss ?? []) found.add(css);
    for (const next of [...chunk.imports, ...chunk.dynamicImports]) visit(next);
  };
  for (const [file, chunk] of Object.entries(bundle))
    if (chunk.type === 'chunk' && chunk.isEntry && file !== WORKER) visit(file);
  return [...found].sort();
}
