/** Text to speech with the device's voices. */

/** Whether this browser supports speech synthesis. */
export function canSpeak(): boolean {
  return 'speechSynthesis' in window && 'SpeechSynthesisUtterance' in window;
}

/** Read texts in sequence, replacing current speech. `done` is called unless it is stopped. */
export function speak(texts: readonly string[], language: string, done: () => void): void {
  stop();
  const spoken = texts.filter((text) => text.trim());
  const voice = voiceFor(language);
  for (const [index, text] of spoken.entries()) {
    const utterance = new SpeechSynthesisUtterance(text);
    utterance.lang = language;
    if (voice) utterance.voice = voice;
    const last = index === spoken.length - 1;
    // stopping is reported as an error, too
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

/**
 * A voice for the language, preferably of the same region; `undefined` leaves it to the browser.
 */
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
