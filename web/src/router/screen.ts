import type { RouteLocationNormalized, RouteRecordRaw } from 'vue-router';

/** For the run's host; who is not signed in signs in first and comes back. */
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
