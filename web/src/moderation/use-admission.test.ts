import { beforeAll, expect, it, vi } from 'vitest';
import { effectScope } from 'vue';

import { withTexts } from '@/testing/mount';
import { toasts } from '@/ui/toasts';

import { letBack } from './api';
import { useAdmission } from './use-admission';

vi.mock('./api', () => ({
  letBack: vi.fn(() => Promise.resolve()),
  removedPlayers: () => Promise.resolve({ items: [] }),
}));

beforeAll(() => withTexts('moderation'));

it('withdraws the offer to undo a removal once the player has been let back in', async () => {
  const scope = effectScope();
  const admission = scope.run(() =>
    useAdmission(
      () => 'run',
      () => false,
    ),
  )!;
  admission.toldRemoved('ada', 'Ada');
  await admission.back('rudy');
  expect(toasts.value.map((shown) => shown.text)).toEqual(['Ada was removed.']);
  await admission.back('ada');
  expect(toasts.value).toEqual([]);
  expect(letBack).toHaveBeenLastCalledWith('run', 'ada');
  scope.stop();
});
