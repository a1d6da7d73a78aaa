/** Refusals, from HTTP and from sockets alike: a stable code that texts exist for. */
import type { ErrorCode } from '@/protocol/codes';
import type { components } from '@/protocol/http';

export type FieldProblem = components['schemas']['ProblemDetail'];

/** `offline`: no connection. `timeout`: no reply in time. */
export type ClientCode = ErrorCode | 'offline' | 'timeout';

export class ApiError extends Error {
  constructor(
    readonly code: ClientCode,
    message: string,
    readonly status = 0,
    readonly retryable = false,
    readonly problems: FieldProblem[] = [],
  ) {
    super(message);
    this.name = 'ApiError';
  }

  /** What is wrong with a field of the request, in the server's words. */
  at(field: string): string | undefined {
    return this.problems.find((problem) => problem.field === field)?.message;
  }
}

/** The error that a refused response means, by its problem document or else by its status. */
export function refusalIn(response: Response, body: unknown): ApiError {
  const problem = (typeof body === 'object' && body !== null ? body : {}) as Partial<
    components['schemas']['Problem']
  >;
  return new ApiError(
    problem.code ?? (response.status >= 500 ? 'unavailable' : 'internal'),
    problem.detail ?? response.statusText,
    response.status,
    problem.retryable ?? response.status >= 500,
    problem.problems ?? [],
  );
}
