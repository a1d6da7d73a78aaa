import type { RouteRecordRaw } from 'vue-router';

export const screenRoutes: RouteRecordRaw[] = [
  {
    path: '/screen/:run',
    name: 'screen',
    component: () => import('@/screen/ScreenPage.vue'),
    props: true,
    meta: { area: 'screen', title: 'screen.title' },
  },
];
