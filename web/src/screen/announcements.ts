/** Screen reader announcements of the big screen. */
import { askedText, plainText } from '@/quiz/plain';
import { announce } from '@/ui/announcer';
import type { HostState } from '@/live/state';

import type { View } from './view';

type Translate = (key: string, named?: Record<string, unknown>) => string;

export function announceView(view: View, state: HostState, t: Translate): void {
  const text = textOf(view, state, t);
  if (text) announce(text);
}

function textOf(view: View, state: HostState, t: Translate): string | null {
  const { question, reveal, outcome } = state;
  switch (view) {
    case 'countdown':
      return t('screen.starting');
    case 'reading':
    case 'question':
      if (!question) return null;
      return `${t('screen.question_of', {
        number: question.question + 1,
        count: question.question_count,
      })}. ${askedText(question)}`;
    case 'break':
      return t('screen.break.title');
    case 'end':
      return t('screen.end.title');
    case 'counting':
      return t('screen.time_up');
    case 'solution':
      return reveal?.explanation
        ? `${t('screen.solution')}. ${plainText(reveal.explanation)}`
        : t('screen.solution');
    case 'standings':
      return t('screen.standings');
    case 'podium': {
      const winner = outcome?.podium[0]?.nickname;
      return winner ? t('screen.podium.winner', { name: winner }) : t('screen.podium.title');
    }
    default:
      return null;
  }
}
