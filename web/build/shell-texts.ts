import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Plugin } from 'vite';

const NAME = 'virtual:shell-texts';
const FOUND = `\0${NAME}`;
/** Shown before the application has loaded, or if it cannot be loaded. */
const KEYS = {
  pin: ['entry.title', 'entry.lead', 'entry.pin', 'entry.next', 'entry.host'].map(inPlayer),
  join: ['join.question', 'join.nickname', 'join.go', 'join.pin'].map(inPlayer),
  failed: ['common.not_loaded', 'common.try_again'],
};
const AREAS = ['player', 'common'];

function inPlayer(key: string): string {
  return `player.${key}`;
}

interface Texts {
  [key: string]: string | Texts;
}

/** Inlines the few texts of the shell in all languages, taken from the locale files. */
export function shellTexts(): Plugin {
  let locales = '';
  return {
    name: 'quizrun-shell-texts',
    configResolved(config) {
      locales = join(config.root, 'src/locales');
    },
    resolveId: (id) => (id === NAME ? FOUND : null),
    load(id) {
      if (id !== FOUND) return null;
      const all = readdirSync(locales, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => {
          const texts = Object.fromEntries(
            AREAS.map((area) => {
              const path = join(locales, name, `${area}.json`);
              this.addWatchFile(path);
              return [area, JSON.parse(readFileSync(path, 'utf8')) as Texts];
            }),
          );
          const chosen = Object.entries(KEYS).map(([form, keys]) => [
            form,
            keys.map((key) => at(texts, key)),
          ]);
          return [name, Object.fromEntries(chosen)];
        });
      return `export default ${JSON.stringify(Object.fromEntries(all))}`;
    },
  };
}

function at(texts: Texts, key: string): string {
  const found = key
    .split('.')
    .reduce<string | Texts | undefined>(
      (inside, part) => (typeof inside === 'object' ? inside[part] : undefined),
      texts,
    );
  if (typeof found !== 'string') throw new Error(`There is no text ${key}.`);
  return found;
}
