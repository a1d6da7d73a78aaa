/** Reading aloud by the voices of the device. */

/** Whether this browser has any speech at all. */
export function canSpeak(): boolean {
  return 'speechSynthesis' in window && 'SpeechSynthesisUtterance' in window;
}

/** Read texts one after the other, instead of what is being read; `done` unless it is stopped. */
export function speak(texts: readonly string[], language: string, done: () => void): void {
  stop();
  const spoken = texts.filter((text) => text.trim());
  const voice = voiceFor(language);
  for (const [index, text] of spoken.entries()) {
    const utterance = new SpeechSynthesisUtterance(text);
    utterance.lang = language;
    if (voice) utterance.voice = voice;
    const last = index === spoken.length - 1;
    // stopping is told as an error, too
    utterance.onerror = ({ error }) => {
      if (error !== 'canceled' && error !== 'interrupted') done();
    };
    if (last) utterance.onend = done;
    speechSynthesis.speak(utterance);
  }
  if (!spoken.length) done();
}

export function stop(): void {
  speechSynthesis.cancel();
}

/** A voice of the language, of the same country if there is one; the browser's choice without. */
function voiceFor(language: string): SpeechSynthesisVoice | undefined {
  const wanted = language.toLowerCase();
  const [base] = wanted.split('-');
  const voices = speechSynthesis.getVoices();
  const tag = (voice: SpeechSynthesisVoice): string => voice.lang.toLowerCase().replace('_', '-');
  return (
    voices.find((voice) => tag(voice) === wanted) ??
    voices.find((voice) => tag(voice).split('-')[0] === base)
  );
}
