/** Languages offered for a quiz, used by screen readers and for fonts. */
const TAGS = [
  'ar',
  'bg',
  'ca',
  'cs',
  'da',
  'de',
  'el',
  'en',
  'es',
  'et',
  'eu',
  'fa',
  'fi',
  'fr',
  'ga',
  'he',
  'hi',
  'hr',
  'hu',
  'id',
  'is',
  'it',
  'ja',
  'ko',
  'lt',
  'lv',
  'nb',
  'nl',
  'pl',
  'pt',
  'ro',
  'ru',
  'sk',
  'sl',
  'sr',
  'sv',
  'sw',
  'ta',
  'tr',
  'uk',
  'ur',
  'vi',
  'zh',
];

/** Sorted by name in the reader's language; always includes the quiz's own. */
export function languageChoices(reader: string, own: string): { value: string; label: string }[] {
  const names = new Intl.DisplayNames(reader, { type: 'language', fallback: 'code' });
  const tags = TAGS.includes(own) ? TAGS : [...TAGS, own];
  return tags
    .map((value) => ({ value, label: nameOf(names, value) }))
    .sort((one, other) => one.label.localeCompare(other.label, reader));
}

function nameOf(names: Intl.DisplayNames, tag: string): string {
  try {
    return names.of(tag) ?? tag;
  } catch {
    return tag; // accepted by the server, unknown to the browser
  }
}
