/** Saves files from the browser. */

const RELEASE_MS = 60_000;
const MOST_CHARS = 80;

export function saveFile(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // some browsers read the URL later
  setTimeout(() => URL.revokeObjectURL(url), RELEASE_MS);
}

/** A name valid on every file system. */
export function fileName(title: string, extension: string): string {
  const plain = title
    .normalize('NFC')

    .replace(/[\u0000-\u001f\u007f<>:"/\\|?*]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^\.+|\.+$/g, '');
  return `${Array.from(plain).slice(0, MOST_CHARS).join('') || 'quiz'}.${extension}`;
}
