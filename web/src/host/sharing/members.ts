/** Requests about members and invitations, the same for quizzes, runs and teams. */
import { api } from '@/api/client';
import type { Kind, Right } from '@/control/rights';
import type { components } from '@/protocol/http';
import { ask } from '@/session/ask';

type Schemas = components['schemas'];
export type Members = Schemas['Members'];
export type MemberView = Schemas['MemberView'];
export type InvitationView = Schemas['InvitationView'];
export type NewInvitation = Schemas['NewInvitation'];

/** What is shared: a quiz, a run or a team. */
export interface Target {
  kind: Kind;
  id: string;
  title: string;
}

interface Calls {
  members: (id: string) => Promise<Members>;
  /** Without an address, the link is only shown. */
  invite: (id: string, right: Right, email: string | null) => Promise<NewInvitation>;
  revoke: (id: string, invitation_id: string) => Promise<unknown>;
  remove: (id: string, account_id: string) => Promise<unknown>;
}

const QUIZ: Calls = {
  members: (quiz_id) =>
    ask(() => api.GET('/api/v1/quizzes/{quiz_id}/members', { params: { path: { quiz_id } } })),
  invite: (quiz_id, right, email) =>
    ask(() =>
      api.POST('/api/v1/quizzes/{quiz_id}/invitations', {
        params: { path: { quiz_id } },
        body: { right, email },
      }),
    ),
  revoke: (quiz_id, invitation_id) =>
    ask(() =>
      api.DELETE('/api/v1/quizzes/{quiz_id}/invitations/{invitation_id}', {
        params: { path: { quiz_id, invitation_id } },
      }),
    ),
  remove: (quiz_id, account_id) =>
    ask(() =>
      api.DELETE('/api/v1/quizzes/{quiz_id}/members/{account_id}', {
        params: { path: { quiz_id, account_id } },
      }),
    ),
};

const RUN: Calls = {
  members: (run_id) =>
    ask(() => api.GET('/api/v1/runs/{run_id}/members', { params: { path: { run_id } } })),
  invite: (run_id, right, email) =>
    ask(() =>
      api.POST('/api/v1/runs/{run_id}/invitations', {
        params: { path: { run_id } },
        body: { right: right as Schemas['RunInvitationRequest']['right'], email },
      }),
    ),
  revoke: (run_id, invitation_id) =>
    ask(() =>
      api.DELETE('/api/v1/runs/{run_id}/invitations/{invitation_id}', {
        params: { path: { run_id, invitation_id } },
      }),
    ),
  remove: (run_id, account_id) =>
    ask(() =>
      api.DELETE('/api/v1/runs/{run_id}/members/{account_id}', {
        params: { path: { run_id, account_id } },
      }),
    ),
};

const TEAM: Calls = {
  members: (team_id) =>
    ask(() => api.GET('/api/v1/teams/{team_id}/members', { params: { path: { team_id } } })),
  invite: (team_id, right, email) =>
    ask(() =>
      api.POST('/api/v1/teams/{team_id}/invitations', {
        params: { path: { team_id } },
        body: { right: right as Schemas['TeamView']['right'], email },
      }),
    ),
  revoke: (team_id, invitation_id) =>
    ask(() =>
      api.DELETE('/api/v1/teams/{team_id}/invitations/{invitation_id}', {
        params: { path: { team_id, invitation_id } },
      }),
    ),
  remove: (team_id, account_id) =>
    ask(() =>
      api.DELETE('/api/v1/teams/{team_id}/members/{account_id}', {
        params: { path: { team_id, account_id } },
      }),
    ),
};

export const CALLS: Record<Kind, Calls> = { quiz: QUIZ, run: RUN, team: TEAM };
