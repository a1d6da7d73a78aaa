import { readFileSync } from 'node:fs';

import type { Plugin } from 'vite';

/** What only style sheets bring: Vite's list of licences knows scripts alone. */
const BESIDE_SCRIPTS = ['@fontsource-variable/gabarito'];

/** Adds to Vite's file of licences what is shipped and is no script. */
export function notices(fileName: string): Plugin {
  return {
    name: 'quizrun-notices',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const file = bundle[fileName];
        if (file?.type !== 'asset') this.error(`Vite did not write ${fileName}.`);
        file.source = [String(file.source), ...BESIDE_SCRIPTS.map(notice)].join('\n');
      },
    },
  };
}

function notice(name: string): string {
  const home = new URL(`../node_modules/${name}/`, import.meta.url);
  const { version, license } = JSON.parse(readFileSync(new URL('package.json', home), 'utf8')) as {
    version: string;
    license: string;
  };
  const text = readFileSync(new URL('LICENSE', home), 'utf8').trim();
  return `## ${name} - ${version} (${license})\n\n${text}\n`;
}
