/** Mounts components in tests with the real English texts. */
import { mount } from '@vue/test-utils';
import type { Component } from 'vue';
import { createMemoryHistory, createRouter } from 'vue-router';

import { loadAreas, useLocale, type Area } from '@/i18n';

export const ENGLISH_AREAS: Area[] = ['common', 'errors', 'player', 'extras'];

/** Load the texts of these areas; await this before the first `mountWithTexts`. */
export async function withTexts(...areas: Area[]): Promise<void> {
  await loadAreas(...ENGLISH_AREAS, ...areas);
  await useLocale('en');
}

/** `mount` with texts and a catch-all router. */
export function mountWithTexts(component: Component, props: Record<string, unknown>) {
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/:path(.*)*', name: 'join', component: { template: '<i />' } }],
  });
  return mount(component, {
    props,
    global: { plugins: [router] },
    attachTo: document.body,
  });
}
