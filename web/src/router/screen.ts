import type { RouteLocationNormalized, RouteRecordRaw } from 'vue-router';

/** Requires a signed-in host; others sign in first and return. */
const beforeEnter = async (to: RouteLocationNormalized) =>
  (await import('@/session/guard')).admit(to);

export const screenRoutes: RouteRecordRaw[] = [
  {
    path: '/screen/:run',
    name: 'screen',
    component: () => import('@/screen/ScreenPage.vue'),
    props: true,
    beforeEnter,
    meta: { area: 'screen', title: 'screen.title' },
  },
];
