import type { HtmlTagDescriptor, Plugin } from 'vite';

/** The chunk that every page needs after the entry. */
const NEXT = 'src/main.ts';

/** Preloads the application in parallel with the entry. */
export function preload(): Plugin {
  return {
    name: 'quizrun-preload',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_, { bundle }) {
        const chunks = Object.values(bundle ?? {}).filter((file) => file.type === 'chunk');
        const next = chunks.find((chunk) => chunk.facadeModuleId?.endsWith(NEXT));
        if (!next) throw new Error(`There is no chunk of ${NEXT}.`);
        const entries = new Set(
          chunks.filter((chunk) => chunk.isEntry).map((chunk) => chunk.fileName),
        );
        const scripts = [next.fileName, ...next.imports].filter((file) => !entries.has(file));
        const styles = [...(next.viteMetadata?.importedCss ?? [])];
        return [
          ...scripts.map((file) => link('modulepreload', file)),
          ...styles.map((file) => link('stylesheet', file)),
        ];
      },
    },
  };
}

function link(rel: string, file: string): HtmlTagDescriptor {
  return { tag: 'link', attrs: { rel, crossorigin: true, href: `/${file}` }, injectTo: 'head' };
}
