/** KaTeX with its styles and fonts from our own server, as a separate chunk. */
import 'katex/dist/katex.min.css';

export { default } from 'katex';
