/** The repository root. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PROGRAMS = join(ROOT, '.venv', 'bin');
export const PYTHON = join(PROGRAMS, 'python');
export const QUIZRUN = join(PROGRAMS, 'quizrun');
