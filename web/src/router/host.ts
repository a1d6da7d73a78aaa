import type { RouteLocationNormalized, RouteRecordRaw } from 'vue-router';

import { accountSections } from '@/host/account/sections';
import { loadAreas } from '@/i18n';

declare module 'vue-router' {
  interface RouteMeta {
    /** A full-screen page with its own header. */
    bare?: boolean;
  }
}

/** Requires a signed-in host; others sign in first and return. */
const beforeEnter = async (to: RouteLocationNormalized) =>
  (await import('@/session/guard')).admit(to);

export const hostRoutes: RouteRecordRaw[] = [
  {
    path: '/host',
    component: () => import('@/host/HostFrame.vue'),
    meta: { area: 'host' },
    children: [
      {
        path: '',
        name: 'host',
        component: () => import('@/host/LandingPage.vue'),
        meta: { area: 'host', title: 'host.landing.page' },
      },
      {
        path: 'sign-in',
        name: 'sign-in',
        component: () => import('@/host/AccountPage.vue'),
        props: { mode: 'sign-in' },
        meta: { area: 'host', title: 'host.account.sign_in' },
      },
      {
        path: 'sign-up',
        name: 'sign-up',
        component: () => import('@/host/AccountPage.vue'),
        props: { mode: 'sign-up' },
        meta: { area: 'host', title: 'host.account.sign_up' },
      },
      {
        path: 'signed-in',
        name: 'signed-in',
        component: () => import('@/host/SignedInPage.vue'),
        meta: { area: 'host', title: 'host.signed_in.title' },
      },
      {
        path: '/inbox',
        name: 'inbox',
        component: () => import('@/host/inbox/InboxPage.vue'),
        meta: { area: 'host', title: 'host.inbox.title' },
      },
      {
        path: 'forgot-password',
        name: 'forgot-password',
        component: () => import('@/host/links/ForgotPasswordPage.vue'),
        meta: { area: 'host', title: 'host.forgot.title' },
      },
      {
        path: 'reset-password',
        name: 'reset-password',
        component: () => import('@/host/links/ResetPasswordPage.vue'),
        meta: { area: 'host', title: 'host.reset.title_choosing' },
      },
      {
        path: 'verify-email',
        name: 'verify-email',
        component: () => import('@/host/links/VerifyEmailPage.vue'),
        meta: { area: 'host', title: 'host.verify.page' },
      },
      {
        path: 'invitation',
        name: 'invitation',
        component: () => import('@/host/sharing/InvitationPage.vue'),
        meta: { area: 'host', title: 'host.invitation.page' },
      },
      {
        path: 'teams',
        name: 'teams',
        component: () => import('@/host/teams/TeamsPage.vue'),
        beforeEnter,
        meta: { area: 'host', title: 'host.teams.title' },
      },
      {
        path: 'admin',
        name: 'admin',
        component: () => import('@/host/admin/AdminPage.vue'),
        beforeEnter,
        meta: { area: 'host', title: 'host.admin.title' },
      },
      {
        path: 'account',
        name: 'account',
        component: () => import('@/host/account/AccountFrame.vue'),
        redirect: { name: 'account-profile' },
        beforeEnter,
        meta: { area: 'host' },
        children: accountSections.map(({ id, title, load }) => ({
          path: id,
          name: `account-${id}`,
          component: load,
          meta: { area: 'host' as const, title },
        })),
      },
      {
        path: 'quizzes',
        name: 'quizzes',
        component: () => import('@/host/library/LibraryPage.vue'),
        beforeEnter,
        meta: { area: 'host', title: 'host.library.title' },
      },
      {
        path: 'quizzes/:quiz',
        name: 'editor',
        component: () => import('@/host/editor/EditorPage.vue'),
        props: true,
        // the previews use components of the player and the big screen
        beforeEnter: [beforeEnter, () => loadAreas('player', 'extras', 'screen')],
        meta: { area: 'host', title: 'host.editor.page', bare: true },
      },
      {
        path: 'runs',
        name: 'runs',
        component: () => import('@/host/runs/RunsPage.vue'),
        beforeEnter,
        meta: { area: 'host', title: 'host.runs.title' },
      },
      {
        path: 'runs/:run',
        name: 'console',
        component: () => import('@/host/console/ConsolePage.vue'),
        props: true,
        beforeEnter: [beforeEnter, () => loadAreas('moderation')],
        meta: { area: 'host', title: 'host.console.page', bare: true },
      },
      {
        path: 'runs/:run/rehearsal',
        name: 'rehearsal',
        component: () => import('@/host/rehearsal/RehearsalPage.vue'),
        props: true,
        beforeEnter: [beforeEnter, () => loadAreas('moderation')],
        meta: { area: 'host', title: 'host.rehearsal.page', bare: true },
      },
      {
        path: 'runs/:run/report',
        name: 'report',
        component: () => import('@/host/report/ReportPage.vue'),
        props: true,
        beforeEnter,
        meta: { area: 'host', title: 'host.report.page' },
      },
      {
        path: 'quizzes/:quiz/runs',
        name: 'comparison',
        component: () => import('@/host/report/ComparisonPage.vue'),
        props: ({ params, query }) => ({
          quiz: params.quiz,
          runIds: [query.run ?? []].flat().filter((run) => run !== null),
        }),
        beforeEnter,
        meta: { area: 'host', title: 'host.report.compare.title' },
      },
    ],
  },
];
