/** KaTeX with its style and typefaces, which our own server has: one chunk of their own. */
import 'katex/dist/katex.min.css';

export { default } from 'katex';
