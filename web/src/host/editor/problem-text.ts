/** Messages for the problems of a draft. */
import { useI18n } from '@/i18n/use';

import type { DraftProblem } from './validate';

export function useProblemText(): (problem: DraftProblem) => string {
  const { t, n } = useI18n();
  return ({ key, params = {}, message }) => {
    if (key === 'server') return t('host.problem.server', { message: message ?? '' });
    const shown = Object.entries(params).map(([name, value]): [string, string] => [
      name,
      typeof value === 'number' ? n(value) : value,
    ]);
    return t(`host.problem.${key}`, Object.fromEntries(shown));
  };
}
