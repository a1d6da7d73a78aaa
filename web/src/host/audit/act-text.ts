/** Texts of acts. A newer server may record unknown ones. */
import { hasText } from '@/i18n';
import { useI18n } from '@/i18n/use';

import type { ActView } from '../types';

const SHOWN_ID_CHARS = 8;

export function useActText() {
  const { t } = useI18n();

  const known = (key: string, code: string): string => (hasText(key) ? t(key) : code);

  return {
    action: (act: ActView): string => known(`audit.acts.${act.action}`, act.action),
    outcome: (act: ActView): string =>
      act.outcome === 'done' ? t('audit.done') : t('audit.refused', { code: act.outcome }),
    /** Who acted; `me` is the id of the reader's account. */
    actor: (act: ActView, me: string | undefined): string => {
      if (act.operator) return t('audit.operator', { name: act.operator });
      if (!act.account_id) return t('audit.unknown');
      const name = act.account_id === me ? t('audit.you') : (act.name ?? t('audit.deleted'));
      return act.api_token ? t('audit.by_token', { name }) : name;
    },
    /** What was changed: its kind, and enough of its id to tell it from others. */
    target: (act: ActView): string => {
      if (!act.target_kind || !act.target_id) return '';
      const kind = known(`audit.kinds.${act.target_kind}`, act.target_kind);
      return `${kind} ${act.target_id.slice(0, SHOWN_ID_CHARS)}`;
    },
  };
}
