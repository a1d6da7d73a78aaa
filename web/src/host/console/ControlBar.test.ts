import { beforeAll, describe, expect, it } from 'vitest';

import { controlsOf, type Command } from '@/control/controls';
import { hostState } from '@/control/testing';
import type { HostState } from '@/live/state';
import { mountWithTexts, withTexts } from '@/testing/mount';

import ControlBar from './ControlBar.vue';

beforeAll(() => withTexts('host'));

function bar(state: HostState, busy: Command | null = null) {
  const wrapper = mountWithTexts(ControlBar, {
    state,
    controls: controlsOf(state),
    busy,
    locked: state.locked,
    keys: true,
    reading: false,
  });
  return { wrapper, primary: () => wrapper.get<HTMLButtonElement>('.primary') };
}

describe('the control bar', () => {
  it('has the next step as its large button', async () => {
    const { wrapper, primary } = bar(hostState());
    expect(primary().text()).toContain('Start');
    await primary().trigger('click');
    expect(wrapper.emitted('command')).toEqual([['start']]);
    expect(bar(hostState({}, 0)).primary().text()).toContain('End question now');
    expect(
      bar(hostState({ paused: true }, 0))
        .primary()
        .text(),
    ).toContain('Resume');
    const reveal = { phase: 'reveal' as const };
    expect(bar(hostState(reveal, 0)).primary().text()).toContain('Next question');
    expect(bar(hostState(reveal, 2)).primary().text()).toContain('Show final results');
  });

  it('is disabled during the countdown and while a command is pending', () => {
    expect(bar(hostState({ phase: 'starting' })).primary().element.disabled).toBe(true);
    expect(bar(hostState({ phase: 'reveal' }, 0), 'next').primary().element.disabled).toBe(true);
  });

  it('offers to pause only in timed phases', () => {
    expect(bar(hostState()).wrapper.text()).not.toContain('Pause');
    expect(bar(hostState({}, 0)).wrapper.text()).toContain('Pause');
    expect(bar(hostState({ paused: true }, 0)).wrapper.text()).not.toContain('Pause');
  });

  it('locks and unlocks', () => {
    expect(bar(hostState()).wrapper.text()).not.toContain('Unlock');
    expect(bar(hostState({ locked: true })).wrapper.text()).toContain('Unlock');
  });
});
