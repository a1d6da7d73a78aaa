/**
 * The language of a quiz, which may differ from the page's. It determines pronunciation,
 * hyphenation, direction, number formats, and the labels for true and false.
 */

const RIGHT_TO_LEFT = new Set('ar arc ckb dv fa he iw ks nqo prs ps sd syr ug ur yi'.split(' '));
const RIGHT_TO_LEFT_SCRIPTS = new Set([
  'adlm',
  'arab',
  'hebr',
  'mand',
  'nkoo',
  'rohg',
  'syrc',
  'thaa',
]);

/** Labels for true and false by language. */
const TRUTH: Record<string, string> = {
  ar: 'صح|خطأ',
  bg: 'Вярно|Невярно',
  ca: 'Vertader|Fals',
  cs: 'Pravda|Nepravda',
  da: 'Sandt|Falsk',
  de: 'Wahr|Falsch',
  el: 'Σωστό|Λάθος',
  en: 'True|False',
  es: 'Verdadero|Falso',
  et: 'Õige|Vale',
  eu: 'Egia|Gezurra',
  fa: 'درست|نادرست',
  fi: 'Tosi|Epätosi',
  fr: 'Vrai|Faux',
  gl: 'Verdadeiro|Falso',
  he: 'נכון|לא נכון',
  hi: 'सही|गलत',
  hr: 'Točno|Netočno',
  hu: 'Igaz|Hamis',
  id: 'Benar|Salah',
  it: 'Vero|Falso',
  ja: '正しい|間違い',
  ko: '참|거짓',
  la: 'Verum|Falsum',
  lt: 'Tiesa|Netiesa',
  lv: 'Patiesi|Aplami',
  nb: 'Sant|Usant',
  nl: 'Waar|Niet waar',
  nn: 'Sant|Usant',
  no: 'Sant|Usant',
  pl: 'Prawda|Fałsz',
  pt: 'Verdadeiro|Falso',
  ro: 'Adevărat|Fals',
  ru: 'Верно|Неверно',
  sk: 'Pravda|Nepravda',
  sl: 'Drži|Ne drži',
  sr: 'Тачно|Нетачно',
  sv: 'Sant|Falskt',
  tr: 'Doğru|Yanlış',
  uk: 'Правильно|Неправильно',
  ur: 'صحیح|غلط',
  vi: 'Đúng|Sai',
  zh: '正确|错误',
  'zh-hant': '正確|錯誤',
  'zh-tw': '正確|錯誤',
  'zh-hk': '正確|錯誤',
};

/** Attributes for an element that contains quiz texts. */
export interface TextAttributes {
  /** Absent when unknown. */
  lang?: string;
  dir: 'rtl' | 'auto';
}

/** The tag in canonical form; `null` if `Intl` rejects it, though the server accepts it. */
export function languageTag(tag: string | null | undefined): string | null {
  try {
    return tag ? (Intl.getCanonicalLocales(tag)[0] ?? null) : null;
  } catch {
    return null;
  }
}

/**
 * In a right-to-left language all lines are right-to-left, even those that begin with a Latin word
 * or a number. Otherwise the direction is detected per text.
 */
export function textAttributes(tag: string): TextAttributes {
  const [language = '', script = ''] = tag.toLowerCase().split('-');
  const rtl = script.length === 4 ? RIGHT_TO_LEFT_SCRIPTS.has(script) : RIGHT_TO_LEFT.has(language);
  return { lang: tag, dir: rtl ? 'rtl' : 'auto' };
}

/** The labels for true and false in this language; `null` when unknown. */
export function truthWords(tag: string): readonly [yes: string, no: string] | null {
  const lower = tag.toLowerCase();
  const [language = '', second = ''] = lower.split('-');
  const words = TRUTH[`${language}-${second}`] ?? TRUTH[language];
  const [yes, no] = words?.split('|') ?? [];
  return yes && no ? [yes, no] : null;
}
