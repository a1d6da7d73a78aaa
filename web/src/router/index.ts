/** The client's routes; each area has its own file. */
import { readonly, ref } from 'vue';
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router';

import { loadAreas, type Area } from '@/i18n';

import { playerRoutes } from './player';

declare module 'vue-router' {
  interface RouteMeta {
    /** The area whose texts the page needs. */
    area: Area;
    /** Message key of the title; without one, the product's name is used. */
    title?: string;
    /** Whether the page shows connection problems itself. */
    live?: boolean;
  }
}

const elsewhere: RouteRecordRaw = {
  path: '/:path(.*)*',
  component: () => import('@/components/NotFound.vue'),
  meta: { area: 'common', title: 'common.not_found.title' },
};

/** Routes of hosts and the big screen, loaded on demand, so that players do not load them. */
const later: RouteRecordRaw = {
  path: '/:of(host|screen|inbox)/:rest(.*)*',
  name: 'later',
  component: {},
  meta: { area: 'common' },
  beforeEnter: async ({ fullPath }) => {
    const [{ hostRoutes }, { screenRoutes }] = await Promise.all([
      import('./host'),
      import('./screen'),
    ]);
    router.removeRoute('later');
    for (const route of [...hostRoutes, ...screenRoutes]) router.addRoute(route);
    return fullPath;
  },
};

export const router = createRouter({
  history: createWebHistory(),
  routes: [...playerRoutes, later, elsewhere],
});

router.beforeResolve(async (to) => {
  await loadAreas('common', to.meta.area);
});

/** Storage key for the URL that was reloaded because its page failed to load. */
const RELOADED = 'quizrun.reloaded';

const missing = ref(false);

/** Whether a page could not be loaded even after a reload, so that there is no network. */
export const pageMissing = readonly(missing);

/** After a deployment, an open page reloads to get the new version's chunks. */
router.onError((_error, to) => {
  if (sessionStorage.getItem(RELOADED) === to.fullPath) {
    missing.value = true;
    return;
  }
  sessionStorage.setItem(RELOADED, to.fullPath);
  location.assign(to.fullPath);
});

router.afterEach((_to, _from, failure) => {
  if (!failure) sessionStorage.removeItem(RELOADED);
});
