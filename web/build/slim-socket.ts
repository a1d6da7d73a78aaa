import type { Plugin } from 'vite';

/**
 * Unused modules of the Socket.IO client, by package. A test checks them against the installed
 * packages' imports.
 */
export const UNUSED: Record<string, Record<string, string>> = {
  // no gateway supports WebTransport, and polling uses XMLHttpRequest
  'engine.io-client/': {
    './webtransport.js': 'export class WT {}',
    './transports/webtransport.js': 'export class WT {}',
    './transports/polling-fetch.js': 'export class Fetch {}',
  },
  // no message is binary
  'socket.io-parser/': {
    './binary.js': 'export const deconstructPacket = null, reconstructPacket = null;',
    './is-binary.js': 'export const isBinary = () => false, hasBinary = () => false;',
  },
};
const PREFIX = '\0unused:';

/** Removes the unused modules from the built client. */
export function slimSocket(): Plugin {
  return {
    name: 'quizrun-slim-socket',
    apply: 'build',
    enforce: 'pre',
    resolveId(id, importer = '') {
      const home = Object.keys(UNUSED).find((name) => importer.includes(`/${name}`));
      return home && id in (UNUSED[home] ?? {}) ? `${PREFIX}${home}${id}` : null;
    },
    load(id) {
      if (!id.startsWith(PREFIX)) return null;
      const [home = '', file = ''] = id.slice(PREFIX.length).split(/(?<=\/)(?=\.\/)/);
      return UNUSED[home]?.[file] ?? null;
    },
  };
}
