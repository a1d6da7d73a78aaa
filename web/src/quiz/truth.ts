/** "True" and "False" in the language of a quiz, which need not be that of who plays it. */
const WORDS: Readonly<Record<string, readonly [yes: string, no: string]>> = {
  ar: ['صحيح', 'خطأ'],
  cs: ['Pravda', 'Nepravda'],
  da: ['Sandt', 'Falsk'],
  de: ['Wahr', 'Falsch'],
  en: ['True', 'False'],
  es: ['Verdadero', 'Falso'],
  fa: ['درست', 'نادرست'],
  fi: ['Totta', 'Tarua'],
  fr: ['Vrai', 'Faux'],
  he: ['נכון', 'לא נכון'],
  it: ['Vero', 'Falso'],
  ja: ['正しい', '間違い'],
  nl: ['Waar', 'Niet waar'],
  pl: ['Prawda', 'Fałsz'],
  pt: ['Verdadeiro', 'Falso'],
  ru: ['Верно', 'Неверно'],
  sv: ['Sant', 'Falskt'],
  tr: ['Doğru', 'Yanlış'],
  uk: ['Правда', 'Неправда'],
  zh: ['正确', '错误'],
};

/** The words for true and false; those of the page, `own`, where the language has none here. */
export function truthWords(
  language: string | null | undefined,
  own: readonly [yes: string, no: string],
): readonly [yes: string, no: string] {
  return WORDS[(language ?? '').slice(0, 2).toLowerCase()] ?? own;
}
