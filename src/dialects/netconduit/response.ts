/** What the helpers of a result make: the inner wrapper, which travels as it is. */
export interface ResponseWrapper {
  readonly success: true;
  readonly data?: unknown;
  readonly message?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly pagination?: Pagination;
}

/** Where in a longer list a page lies. */
export interface Pagination {
  readonly total: number;
  readonly page: number;
  readonly page_size: number;
  readonly total_pages: number;
  readonly has_next: boolean;
  readonly has_prev: boolean;
}

/** Makes results as netconduit's `Response` does; on other wires they are ordinary maps. */
export interface ResponseHelper {
  /** A value, with metadata beside it unless that is empty. */
  (data: unknown, options?: { readonly metadata?: ResponseWrapper["metadata"] }): ResponseWrapper;
  /** Something was done; data that is null and a message that is empty are left out. */
  ok(data?: unknown, message?: string): ResponseWrapper;
  /** One page of a list that has `total` entries in all. */
  withPagination(
    data: readonly unknown[],
    total: number,
    options?: { readonly page?: number; readonly pageSize?: number },
  ): ResponseWrapper;
}

/**
 * Results with something beside the data. A handler that returns a plain value needs no helper.
 *
 * @example
 * server.procedure("users.list", { params }, ({ page, pageSize }) =>
 *   response.withPagination(pageOf(page, pageSize), users.length, { page, pageSize }),
 * );
 */
export const response: ResponseHelper = Object.freeze(
  Object.assign(
    (data: unknown, options: Parameters<ResponseHelper>[1] = {}): ResponseWrapper => {
      const { metadata = {} } = options;
      const named = Object.keys(metadata).length > 0;
      return { success: true, data: data ?? null, ...(named && { metadata }) };
    },
    { ok, withPagination },
  ),
);

function ok(data?: unknown, message = ""): ResponseWrapper {
  const some = data !== undefined && data !== null;
  return { success: true, ...(some && { data }), ...(message !== "" && { message }) };
}

function withPagination(
  data: readonly unknown[],
  total: number,
  { page = 1, pageSize = 10 }: NonNullable<Parameters<ResponseHelper["withPagination"]>[2]> = {},
): ResponseWrapper {
  const pagination: Pagination = {
    total,
    page,
    page_size: pageSize,
    // A page without entries would make infinitely many of them.
    total_pages: pageSize > 0 ? Math.ceil(total / pageSize) : 0,
    has_next: page * pageSize < total,
    has_prev: page > 1,
  };
  return { success: true, data, pagination };
}
