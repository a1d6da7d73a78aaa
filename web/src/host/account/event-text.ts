/** Descriptions of account events. A newer server may log unknown ones. */
import { hasText } from '@/i18n';
import { useI18n } from '@/i18n/use';

import type { EventView } from '../types';

export function useEventText(): (event: EventView) => string {
  const { t } = useI18n();
  return ({ kind, details }) => {
    const key = `host.my_account.activity.kinds.${kind}`;
    return t(hasText(key) ? key : 'host.my_account.activity.kinds.other', details);
  };
}
