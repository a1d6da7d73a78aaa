import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

import type { Plugin } from 'vite';

const COMPRESSIBLE = /\.(js|css|html|svg|json|webmanifest|txt)$/;
const WORTHWHILE_BYTES = 500;

/** Writes `.br` and `.gz` beside each built file that compresses well. */
export function precompress(): Plugin {
  let directory = 'dist';
  return {
    name: 'quizrun-precompress',
    apply: 'build',
    configResolved(config) {
      directory = join(config.root, config.build.outDir);
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      async handler() {
        // Also called after a failed build, whose own error must be shown.
        const names = await readdir(directory, { recursive: true }).catch(() => []);
        await Promise.all(
          names
            .filter((name) => COMPRESSIBLE.test(name))
            .map((name) => compress(join(directory, name))),
        );
      },
    },
  };
}

async function compress(path: string): Promise<void> {
  const { size, mtimeMs } = await stat(path);
  if (size < WORTHWHILE_BYTES) return;
  const done = await stat(`${path}.br`).catch(() => null);
  if (done && done.mtimeMs >= mtimeMs) return; // from the previous build
  const content = await readFile(path);
  const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  await writeFile(`${path}.br`, await promisify(brotliCompress)(content, { params: quality }));
  await writeFile(`${path}.gz`, await promisify(gzip)(content, { level: 9 }));
}
