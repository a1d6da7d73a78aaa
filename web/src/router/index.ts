/** The addresses of the client; each area has its own file of routes. */
import { readonly, ref } from 'vue';
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router';

import { loadAreas, type Area } from '@/i18n';

import { playerRoutes } from './player';

declare module 'vue-router' {
  interface RouteMeta {
    /** Whose texts the page needs. */
    area: Area;
    /** A key of its title; the title alone is the product's name. */
    title?: string;
    /** Whether it says itself when the connection is away. */
    live?: boolean;
  }
}

const elsewhere: RouteRecordRaw = {
  path: '/:path(.*)*',
  component: () => import('@/components/NotFound.vue'),
  meta: { area: 'common', title: 'common.not_found.title' },
};

/** Whatever begins like a page of hosts or a big screen: players load none of their addresses. */
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

/** The address that was loaded anew because its page could not be. */
const RELOADED = 'quizrun.reloaded';

const missing = ref(false);

/** Whether a page could not be loaded, even after a reload: there is no network. */
export const pageMissing = readonly(missing);

/** So that a page which was open while a new version was installed fetches that one. */
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
